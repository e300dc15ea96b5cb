/**
 * Run before the tests, the demo and the benchmarks: installs the programs
 * that they use and fetches the packages that diskd uses, because the hosts of
 * the LAN in a box have no way out. Says what it cannot do, and goes on: the
 * tests that lack something say so themselves.
 */
import { DEBIAN_ARCHIVE, makeDebianArchive } from "./debian_chroot.ts";
import {
  BASH_COMPLETION,
  CHROMIUM,
  isImportable,
  isInstalled,
} from "./needs.ts";
import { PROJECT } from "./program.ts";
import { SFTP_SERVER, SSHD } from "./ssh_lan.ts";
import { POLKITD, UDEVD, UDISKSD } from "./udisks.ts";

interface Requirement {
  /** Its name on Debian and what derives from it. */
  readonly package: string;
  /** Programs that are looked for. */
  readonly programs?: readonly string[];
  /** A module of Python that is looked for. */
  readonly python?: string;
}

const REQUIREMENTS: readonly Requirement[] = [
  { package: "iproute2", programs: ["ip"] },
  { package: "nftables", programs: ["nft"] },
  { package: "xorriso", programs: ["xorriso"] },
  { package: "udev", programs: ["udevadm", UDEVD] },
  { package: "util-linux", programs: ["unshare", "nsenter", "lsblk", "blkid"] },
  { package: "bsdutils", programs: ["script"] },
  { package: "mount", programs: ["mount", "losetup"] },
  { package: "e2fsprogs", programs: ["mkfs.ext4", "debugfs"] },
  { package: "dosfstools", programs: ["mkfs.vfat"] },
  { package: "xfsprogs", programs: ["mkfs.xfs"] },
  { package: "btrfs-progs", programs: ["mkfs.btrfs"] },
  { package: "faketime", programs: ["faketime"] },
  { package: "cryptsetup-bin", programs: ["cryptsetup"] },
  { package: "openssh-client", programs: ["ssh", "ssh-keygen"] },
  { package: "openssh-server", programs: [SSHD] },
  { package: "openssh-sftp-server", programs: [SFTP_SERVER] },
  { package: "sshfs", programs: ["sshfs"] },
  { package: "fuse3", programs: ["fusermount3"] },
  { package: "udisks2", programs: ["udisksctl", UDISKSD] },
  { package: "polkitd", programs: [POLKITD] },
  { package: "dbus", programs: ["dbus-daemon"] },
  { package: "sudo", programs: ["sudo"] },
  { package: "procps", programs: ["ps"] },
  { package: "bubblewrap", programs: ["bwrap"] },
  { package: "fdisk", programs: ["sfdisk"] },
  { package: "ledmon", programs: ["ledctl"] },
  { package: "mandoc", programs: ["mandoc"] },
  { package: "man-db", programs: ["man", "groff"] },
  { package: "socat", programs: ["socat"] },
  { package: "dnsmasq-base", programs: ["dnsmasq"] },
  { package: "udhcpc", programs: ["udhcpc"] },
  {
    package: "systemd",
    programs: [
      "systemd-analyze",
      "systemd-sysusers",
      "systemd-tmpfiles",
      "journalctl",
    ],
  },
  { package: "prometheus", programs: ["promtool"] },
  { package: "librsvg2-bin", programs: ["rsvg-convert"] },
  { package: "chromium-headless-shell", programs: [CHROMIUM] },
  { package: "acl", programs: ["setfacl"] },
  { package: "nats-server", programs: ["nats-server"] },
  { package: "nginx-light", programs: ["nginx"] },
  { package: "caddy", programs: ["caddy"] },
  { package: "openssl", programs: ["openssl"] },
  { package: "curl", programs: ["curl"] },
  { package: "bash-completion", programs: [BASH_COMPLETION] },
  { package: "wget", programs: ["wget"] },
  { package: "dash", programs: ["dash"] },
  { package: "busybox", programs: ["busybox"] },
  { package: "minisign", programs: ["minisign"] },
  { package: "shellcheck", programs: ["shellcheck"] },
  { package: "passwd", programs: ["userdel"] },
  { package: "zsh", programs: ["zsh"] },
  { package: "fish", programs: ["fish"] },
  { package: "binutils", programs: ["readelf"] },
  { package: "nix-bin", programs: ["nix-instantiate"] },
  { package: "patchelf", programs: ["patchelf"] },
  { package: "shellcheck", programs: ["shellcheck"] },
  { package: "python3-yaml", python: "yaml" },
  { package: "dpkg", programs: ["dpkg-deb"] },
  { package: "mmdebstrap", programs: ["mmdebstrap"] },
  {
    package: "debian-archive-keyring",
    programs: ["/usr/share/keyrings/debian-archive-keyring.gpg"],
  },
  { package: "lintian", programs: ["lintian"] },
  { package: "rpm", programs: ["rpmbuild"] },
  { package: "rpmlint", programs: ["rpmlint"] },
  { package: "cpio", programs: ["cpio"] },
];

/** Another apt-get may be at work. */
const APT_LOCK_TIMEOUT_SECONDS = 120;

function missingPackages(): string[] {
  return REQUIREMENTS
    .filter(({ programs = [], python }) =>
      !programs.every(isInstalled) ||
      (python !== undefined && !isImportable(python))
    )
    .map((requirement) => requirement.package);
}

function installMissing(): void {
  const missing = missingPackages();
  if (missing.length === 0) return;
  const obstacle = obstacleToInstalling();
  if (obstacle) {
    return shout(`${obstacle}. Missing here: ${missing.join(" ")}`);
  }
  console.error(`Installing ${missing.join(" ")} ...`);
  // Only lists of packages that are old or absent need the network twice.
  const installed = aptGet(["install", ...missing], "null");
  if (!installed) {
    aptGet(["update"], "inherit");
    aptGet(["install", ...missing], "inherit");
  }
  const still = missingPackages();
  if (still.length > 0) {
    shout(`apt-get could not install ${still.join(" ")}`);
  }
}

function obstacleToInstalling(): string | null {
  if (Deno.uid() !== 0) return "Only root can install programs";
  if (!isInstalled("apt-get")) return "There is no apt-get to install with";
  return null;
}

function aptGet(args: readonly string[], stderr: "inherit" | "null"): boolean {
  const lock = `DPkg::Lock::Timeout=${APT_LOCK_TIMEOUT_SECONDS}`;
  return new Deno.Command("apt-get", {
    args: ["-qq", "-y", "--no-install-recommends", "-o", lock, ...args],
    env: { DEBIAN_FRONTEND: "noninteractive" },
    stdin: "null",
    stdout: "null",
    stderr,
  }).outputSync().success;
}

/** With a binary to test, nothing is fetched. */
function cacheProgram(): void {
  if (Deno.env.get("DISKD_BIN")) return;
  const { success } = new Deno.Command(Deno.execPath(), {
    args: ["cache", "--quiet", `${PROJECT}/main.ts`],
    stdout: "null",
    stderr: "inherit",
  }).outputSync();
  if (!success) shout("The packages of main.ts could not be fetched");
}

/** Packages are installed in it. */
async function cacheDebian(): Promise<void> {
  if (isInstalled(DEBIAN_ARCHIVE) || !isInstalled("mmdebstrap")) return;
  if (Deno.uid() !== 0) return shout("Only root can make a Debian to test in");
  console.error("Making a Debian to install packages in ...");
  try {
    await makeDebianArchive();
  } catch (error) {
    shout(String(error));
  }
}

function shout(problem: string): void {
  console.error(`NOT SET UP: ${problem}. Tests that need it are skipped.`);
}

if (import.meta.main) {
  installMissing();
  cacheProgram();
  await cacheDebian();
}
