import { compareNatural } from "../../src/text/natural.ts";
import { inSteps } from "../support/lan.ts";
import { ANYTHING } from "../support/check_outcome.ts";
import { asRoot } from "../support/host.ts";
import { configure } from "../support/keys.ts";
import { copyOf } from "../support/loop_disk.ts";
import { ALLOW_ALL, type MountSite, mountTest } from "../support/mount_site.ts";
import { makeMember, type Member } from "../support/signatures.ts";

mountTest({
  name: "diskd mount mounts the one disk that is meant, or none",
  hosts: ["alpha", "beta", "gamma"],
}, async (site, t) => {
  await inSteps(t, site, {
    "not known": isNotKnown,
    "several disks": severalDisks,
    "a clone": isCloned,
    "swap": isSwap,
    "LUKS, RAID, LVM": areMembers,
    "ssh: in the configuration": isMapped,
    "not attached now": isGone,
    "a silent host": isSilent,
    "no daemon here": hasNoDaemon,
  });
});

async function isNotKnown(site: MountSite): Promise<void> {
  await site.plug("alpha", "backup-2019");
  const notKnown = { code: 1, stderr: /backup-2918.* mean backup-2019\?/ };
  await site.refuses("beta", "mount backup-2918", notKnown);
  await site.refuses("beta", "unmount backup-2918", notKnown);
  await site.refuses("beta", "locate backup-2918", notKnown);
  await site.refuses("beta", "mount", { code: 2, stderr: /Expected a name/ });
}

/** Of one host, and of two. */
async function severalDisks(site: MountSite): Promise<void> {
  const [first, second] = [
    await site.plug("alpha", "photos"),
    await site.plug("alpha", "photos"),
  ];
  // The kernel gives any numbers.
  const devices = [first.device, second.device].sort(compareNatural);
  await site.refuses("beta", "mount photos", {
    code: 5,
    stderr: new RegExp(`alpha .*${devices.join(".*")}[^]*UUID`),
  });
  await site.check("beta", ["mount", second.uuid!], { stdout: /photos\n$/ });
  // Another disk has the name, so it gets a longer one.
  await site.check("beta", ["mount", first.uuid!], {
    stdout: new RegExp(`/photos-${first.uuid!.slice(0, 8)}\n$`),
  });
  const folder = "alpha:/run/media/diskd/photos";
  await site.hasMounts([folder, `${folder}-${first.uuid!.slice(0, 8)}`]);
  await site.check("beta", ["unmount", first.uuid!], ANYTHING);
  await site.hasMounts([folder]);
  await site.check("beta", ["unmount", second.uuid!], ANYTHING);
  await site.hasMounts([]);
}

async function isCloned(site: MountSite): Promise<void> {
  const original = await site.plug("alpha", "clone");
  const copy = await copyOf(original, site.host("gamma"));
  await site.host("gamma").attach(copy);
  await site.isKnown("gamma", copy);
  const severalHosts = {
    code: 5,
    stderr: /several hosts at once: [^]*--host gamma/,
  };
  await site.refuses("beta", "mount clone", severalHosts);
  await site.refuses("beta", "mount clone --dry-run", severalHosts);
  await site.refuses("beta", "locate clone", severalHosts);
  await site.refuses("beta", ["open", original.uuid!], severalHosts);
  await site.refuses("beta", "mount clone --host delta", {
    code: 4,
    stderr: /delta/,
  });
  await site.check("beta", "mount clone --host gamma --at /mnt/c", {
    stdout: /^\/mnt\/c\n$/,
    stderr: /gamma/,
  });
  const gamma = ["beta:/mnt/c", "gamma:/run/media/diskd/clone"];
  await site.hasMounts(gamma);
  const { hostId } = await site.daemon("alpha").call("localhost", {});
  await site.check("beta", ["mount", "clone", "--host", hostId], {
    stdout: /^alpha:/,
  });
  await site.hasMounts(["alpha:/run/media/diskd/clone", ...gamma]);
  await site.check("beta", "unmount clone --host alpha", ANYTHING);
  await site.hasMounts(gamma);
  await site.check("beta", "unmount clone --host gamma", ANYTHING);
  await site.hasMounts([]);

  // ssh leads to the other host that has it.
  await configure(site.host("beta"), "ssh: {alpha: gamma}\n");
  await site.refuses("beta", "mount clone --host alpha --at /mnt/c", {
    code: 6,
    stderr: /ssh gamma leads to gamma/,
  });
  await configure(site.host("gamma"), 'locate: {allow: ["*"]}\n');
  await site.refuses("beta", "locate clone --host alpha", {
    code: 6,
    stderr: /ssh gamma leads to gamma/,
  });
  await configure(site.host("gamma"), ALLOW_ALL);
  await configure(site.host("beta"), ALLOW_ALL);

  // Twice on one host, nothing tells them apart.
  await site.pull("gamma", copy);
  await site.host("alpha").attach(copy);
  await site.isKnown("alpha", copy);
  const twice = { code: 5, stderr: new RegExp(copy.device) };
  const here = ["mount", "--here", original.uuid!];
  for (const dryRun of [[], ["--dry-run"]]) {
    const there = ["mount", "clone", "--host", "alpha", ...dryRun];
    await site.refuses("beta", there, twice);
    await site.refuses("beta", ["locate", ...there.slice(1)], twice);
    await site.refuses("alpha", [...here, ...dryRun], twice);
  }
  await site.pull("alpha", copy);
}

async function isSwap(site: MountSite): Promise<void> {
  const refused = { code: 6, stderr: /swap space/ };
  await site.refuses("beta", "mount alpha", refused);
  await site.refuses("alpha", "mount alpha --at /mnt/swap", refused);
}

const IS_MEMBER: Readonly<Record<Member, RegExp>> = {
  LUKS: /encrypted with LUKS[^]*cryptsetup open/,
  RAID: /member of a RAID[^]*mdadm/,
  LVM: /physical volume of LVM[^]*vgchange/,
};

async function areMembers(site: MountSite): Promise<void> {
  const alpha = site.host("alpha");
  for (const what of ["LUKS", "RAID", "LVM"] as const) {
    const disk = await alpha.disk({ type: "raw" });
    await makeMember(disk, what);
    await alpha.attach(disk);
    await site.isKnown("alpha", disk);
    const refused = { code: 6, stderr: IS_MEMBER[what] };
    const mount = ["mount", disk.device, "--host", "alpha"];
    await site.refuses("beta", mount, refused);
    await site.pull("alpha", disk);
  }
}

/** The name that a host announces need not be the one that ssh knows. */
async function isMapped(site: MountSite): Promise<void> {
  const [alpha, beta] = [site.host("alpha"), site.host("beta")];
  const hosts = await asRoot(beta, "cat /etc/hosts");
  const renamed = hosts.replace(/ alpha$/m, " alpha.example.org");
  await Deno.writeTextFile(beta.path("/etc/hosts"), renamed);
  const failed = {
    code: 7,
    stderr: /ssh could not connect to alpha \(alpha\.lan\)[^]*ssh: \{/,
  };
  await configure(beta, `${ALLOW_ALL}ssh: {alpha: alpha.lan}\n`);
  await site.refuses("beta", "mount backup-2019", failed);
  const map = 'ssh: {alpha: "root@alpha.example.org"}\n';
  await configure(beta, ALLOW_ALL + map);
  const known = site.ssh.knownHosts([alpha])
    .replace("alpha", "alpha.example.org");
  await asRoot(beta, `echo '${known.trim()}' >>~/.ssh/known_hosts`);
  await site.check("beta", "open backup-2019", { stdout: /./, stderr: /^/ });
  await site.hasMounts([
    "alpha:/run/media/diskd/backup-2019",
    "beta:/run/diskd-open/backup-2019",
  ]);
  await site.check("beta", "unmount backup-2019", ANYTHING);
  await site.hasMounts([]);
  // A name that leads to another host than the one that has the disk.
  await configure(beta, `${ALLOW_ALL}ssh: {alpha: gamma}\n`);
  await site.refuses("beta", "mount backup-2019", { code: 1, stderr: /gamma/ });
  await configure(beta, ALLOW_ALL);
  await Deno.writeTextFile(beta.path("/etc/hosts"), hosts);
}

async function isGone(site: MountSite): Promise<void> {
  const disk = await site.plug("alpha", "pulled");
  await site.pull("alpha", disk);
  const gone = { code: 4, stderr: /pulled is unplugged; until .* in alpha/ };
  await site.refuses("beta", "mount pulled", gone);
  await site.refuses("beta", "open pulled", gone);
  await site.refuses("beta", "locate pulled", gone);
  await site.refuses("alpha", ["locate", "--here", disk.uuid!], {
    code: 4,
    stderr: /alpha/,
  });
  await site.refuses("alpha", ["mount", "--here", disk.uuid!], {
    code: 4,
    stderr: /alpha/,
  });
}

async function isSilent(site: MountSite): Promise<void> {
  await site.plug("gamma", "on-gamma");
  const { process } = site.daemon("gamma");
  await process.stop("SIGKILL");
  await site.site.sees("beta", ["gamma", "stale"]);
  const silent = { code: 4, stderr: /on-gamma.* gamma.* silent/ };
  await site.refuses("beta", "mount on-gamma", silent);
  await site.refuses("beta", "open on-gamma", silent);
  await site.refuses("beta", "locate on-gamma", silent);
}

/** Neither where it is typed, nor on the host of the disk. */
async function hasNoDaemon(site: MountSite): Promise<void> {
  const noDaemon = { code: 3, stderr: /diskd --daemon/ };
  await site.refuses("gamma", "mount backup-2019", noDaemon);
  await site.refuses("gamma", "unmount backup-2019", noDaemon);
  await site.refuses("gamma", "locate backup-2019", noDaemon);
  const { process } = site.daemon("alpha");
  await process.stop("SIGKILL");
  await site.refuses("beta", "mount backup-2019", noDaemon);
}
