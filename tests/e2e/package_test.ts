import assert from "node:assert/strict";
import { makeDeb } from "../../packaging/tasks/deb.ts";
import { VERSION } from "../../src/version.ts";
import { checkOutcome } from "../support/check_outcome.ts";
import { DEBIAN_ARCHIVE, DebianChroot } from "../support/debian_chroot.ts";
import { eventually } from "../support/eventually.ts";
import { type Host, inSteps, lanTest } from "../support/lan.ts";
import { attachNew } from "../support/plug.ts";
import { standIn } from "../support/stand_in.ts";
import { checkUnit } from "../support/systemd_unit.ts";

/** From source a small program is packaged, which does nothing. */
const BINARY = Deno.env.get("DISKD_BIN");

/** Files that dpkg, passwd and the tests keep for themselves. */
const NOT_OURS =
  /^\/(?:var\/lib\/dpkg|var\/log|etc\/\.pwd\.lock$|etc\/(?:passwd|group|g?shadow)-$|run\/systemd)/;

/** systemctl's place in the chroot, and what it was asked. */
const SYSTEMCTL = "/usr/bin/systemctl";
const ASKED = "/var/log/systemctl";

interface Given {
  readonly host: Host;
  readonly debian: DebianChroot;
  /** Packages: an older one, and the one of now. */
  readonly old: string;
  readonly now: string;
  /** What there was before the first was installed. */
  readonly before: Map<string, string>;
}

lanTest({
  name: "the .deb is installed, upgraded, removed and purged without a trace",
  programs: [DEBIAN_ARCHIVE, "dpkg-deb", "lintian", "man", "systemd-analyze"],
  hosts: ["alpha"],
}, async ({ alpha }, t) => {
  const folder = Deno.makeTempDirSync({ prefix: "diskd-packages-" });
  try {
    const old = await makeDeb(standIn(folder, { version: "0.0.9" }));
    const binary = BINARY === undefined ? {} : { binary: BINARY };
    const now = await makeDeb(standIn(folder, binary));
    const debian = await DebianChroot.unpack(alpha);
    const before = debian.files();
    await inSteps(t, { host: alpha, debian, old, now, before }, {
      "without systemd: a user, and the daemon enabled": isInstalled,
      "upgraded: state and changes stay, the daemon restarts": isUpgraded,
      "policy-rc.d: nothing is started": asksPolicy,
      "lintian has no remark about the program": hasCleanProgram,
      "the program finds disks, alone and as a daemon": finds,
      "manual pages and completions are found": isDocumented,
      "systemd has no remark about the units": hasUnits,
      "removed: it stops, and the state stays": isRemoved,
      "purged: the rest is gone": isPurged,
    });
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

/** Runs dpkg, which has no question; `stderr`: what it warns of. */
async function dpkg(
  debian: DebianChroot,
  [option, what]: readonly [option: string, what: string],
  stderr?: RegExp,
): Promise<void> {
  const outcome = await debian.run(["dpkg", option, what]);
  checkOutcome(outcome, { stdout: /^/, stderr }, `dpkg ${option} ${what}`);
}

async function install(
  debian: DebianChroot,
  deb: string,
  stderr?: RegExp,
): Promise<void> {
  Deno.copyFileSync(deb, debian.path("/run/diskd.deb"));
  await dpkg(debian, ["--install", "/run/diskd.deb"], stderr);
  Deno.removeSync(debian.path("/run/diskd.deb"));
}

function exists(debian: DebianChroot, path: string): boolean {
  return debian.files().has(path);
}

async function isInstalled({ debian, old, before }: Given): Promise<void> {
  await install(debian, old, /^(?:Creating (?:group|user) 'diskd' .*\n){2}$/);
  const user = await debian.run(["getent", "passwd", "diskd"]);
  checkOutcome(user, { stdout: /:\/var\/lib\/diskd:.*nologin\n$/ }, "getent");
  const wanted = [...debian.files().keys()]
    .filter((path) =>
      path.startsWith("/etc/systemd/") && path.endsWith(".service") &&
      !before.has(path)
    );
  assert.deepEqual(wanted, [
    "/etc/systemd/system/multi-user.target.wants/diskd.service",
  ]);
  const { mode, uid } = Deno.statSync(debian.path("/etc/diskd"));
  assert.deepEqual([mode! & 0o777, uid], [0o755, 0]);
}

/** Stands for a systemd that runs, with the daemon alone enabled. */
function pretendSystemd(debian: DebianChroot): void {
  Deno.mkdirSync(debian.path("/run/systemd/system"), { recursive: true });
  Deno.writeTextFileSync(
    debian.path(SYSTEMCTL),
    `#!/bin/sh
case "$*" in
*is-enabled*" diskd.service"*) echo enabled ;;
*is-*) exit 1 ;;
*) echo "$*" >>${ASKED} ;;
esac
`,
    { mode: 0o755 },
  );
}

/** What systemctl was told since this was asked last. */
function told(debian: DebianChroot): string[] {
  const text = Deno.readTextFileSync(debian.path(ASKED));
  Deno.writeTextFileSync(debian.path(ASKED), "");
  return text.trimEnd().split("\n").map((line) =>
    line.replace(/ ?--(?:quiet|system) ?/g, "")
  );
}

/** Files of the admin and of the daemon, which an upgrade keeps. */
const KEPT = {
  "/var/lib/diskd/history": "old",
  "/etc/diskd/config.yaml": "ttl: 3\n",
  "/etc/ufw/applications.d/diskd": "[diskd]\nports=32004/udp\n",
} as const;

function checkKept(debian: DebianChroot): void {
  for (const [path, text] of Object.entries(KEPT)) {
    assert.equal(Deno.readTextFileSync(debian.path(path)), text, path);
  }
}

async function isUpgraded({ debian, now }: Given): Promise<void> {
  pretendSystemd(debian);
  Deno.mkdirSync(debian.path("/var/lib/diskd"));
  for (const [path, text] of Object.entries(KEPT)) {
    Deno.writeTextFileSync(debian.path(path), text);
  }
  await install(debian, now);
  checkKept(debian);
  assert.deepEqual(told(debian), [
    "daemon-reload",
    "restart diskd.service",
    "try-restart diskd-web.service",
  ]);
  const query = ["dpkg-query", "--show", "--showformat=${Version}", "diskd"];
  assert.equal((await debian.run(query)).stdout, `${VERSION}-1`);
}

async function asksPolicy({ debian, now }: Given): Promise<void> {
  const policy = debian.path("/usr/sbin/policy-rc.d");
  Deno.writeTextFileSync(policy, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  await install(debian, now, /^(?:.*policy-rc.d returned 101, .*\n)+$/);
  Deno.removeSync(policy);
  assert.deepEqual(told(debian), ["daemon-reload"]);
}

/** Packages of the stand-in are judged as a whole in tests/slow. */
async function hasCleanProgram({ host, now }: Given): Promise<void> {
  if (BINARY === undefined) return;
  const checks = "binaries,libraries/embedded";
  const lintian = ["lintian", "--fail-on=warning,error", "-C", checks, now];
  const { code, stdout, stderr } = await host.run(lintian);
  assert.deepEqual([code, stdout], [0, ""], stderr);
}

async function finds({ host, debian }: Given): Promise<void> {
  if (BINARY === undefined) {
    checkOutcome(await debian.run(["diskd"]), {}, "the program in its place");
    return;
  }
  await attachNew(host, { type: "ext4", label: "packaged" });
  const scan = await debian.run(["diskd", "scan"]);
  checkOutcome(scan, { stdout: /packaged/, stderr: /^/ }, "scan");
  await using daemon = debian.spawn(["diskd", "--daemon"]);
  await daemon.waitForLog(/ ready /, 30_000);
  await eventually(async () => {
    const where = await debian.run(["diskd", "where", "packaged"]);
    checkOutcome(where, { stdout: /^packaged is on / }, "where");
  });
  await daemon.stop();
  // The daemon of root leaves to root what belonged to the user.
  await debian.run(["chown", "-R", "diskd:", "/var/lib/diskd"]);
}

async function isDocumented({ host, debian }: Given): Promise<void> {
  const pages = `${debian.folder}/usr/share/man`;
  for (
    const [section, name] of [[1, "diskd"], [5, "diskd.yaml"], [8, "diskd"]]
  ) {
    const man = ["man", "-M", pages, "-w", String(section), String(name)];
    const stdout = new RegExp(`/man${section}/${name}\\.${section}\\.gz\n$`);
    checkOutcome(await host.run(man), { stdout }, man.join(" "));
  }
  const bash = await debian.run([
    "bash",
    "-c",
    ". /usr/share/bash-completion/bash_completion\n" +
    // It says by this code that it has found and loaded something.
    "_completion_loader diskd; [ $? = 124 ] && complete -p diskd",
  ]);
  checkOutcome(bash, { stdout: /-F _diskd diskd/ }, "bash");
  assert.ok(exists(debian, "/usr/share/zsh/vendor-completions/_diskd"));
  assert.ok(exists(debian, "/usr/share/fish/vendor_completions.d/diskd.fish"));
}

/** The exposure that each has at most, in tenths. */
const THRESHOLDS = { "diskd.service": 21, "diskd-web.service": 21 } as const;

async function hasUnits({ debian }: Given): Promise<void> {
  for (const [name, threshold] of Object.entries(THRESHOLDS)) {
    const path = debian.path(`/usr/lib/systemd/system/${name}`);
    const text = Deno.readTextFileSync(path);
    assert.match(text, /^ExecStart=\/usr\/bin\/diskd /m);
    assert.match(text, /^Documentation=man:diskd\(\d\) https:/m);
    assert.doesNotMatch(text, /\/usr\/local|\/etc\/systemd/);
    await checkUnit(name, { text, threshold, started: "/usr/bin/diskd" });
  }
}

async function isRemoved({ debian }: Given): Promise<void> {
  await dpkg(debian, ["--remove", "diskd"]);
  assert.deepEqual(told(debian), [
    "stop diskd-metrics.timer diskd-web.service diskd.service",
    "daemon-reload",
  ]);
  checkKept(debian);
  assert.ok(!exists(debian, "/usr/bin/diskd"));
}

async function isPurged({ debian, before }: Given): Promise<void> {
  // What else the admin put there is not a file that diskd would know of.
  const key = debian.path("/etc/diskd/key");
  Deno.writeTextFileSync(key, "");
  await dpkg(
    debian,
    ["--purge", "diskd"],
    /directory '\/etc\/diskd' not empty/,
  );
  Deno.removeSync(key);
  Deno.removeSync(debian.path("/etc/diskd"));
  Deno.removeSync(debian.path(SYSTEMCTL));
  const ours = (files: Map<string, string>) =>
    Object.fromEntries([...files].filter(([path]) => !NOT_OURS.test(path)));
  assert.deepEqual(ours(debian.files()), ours(before));
}
