import assert from "node:assert/strict";
import { join } from "node:path";
import {
  InstallMachine,
  ReleaseFiles,
  servingReleases,
  type Shell,
} from "../support/installing.ts";
import { needs } from "../support/needs.ts";
import { type Outcome, run } from "../support/process.ts";
import { PROJECT } from "../support/program.ts";

const SCRIPT = await Deno.readTextFile(join(PROJECT, "packaging/install.sh"));

/** Without systemd, below the prefix. */
const FILES = [
  "bin/diskd",
  "share/bash-completion/completions/diskd",
  "share/diskd/manifest",
  "share/doc/diskd/licences.txt",
  "share/fish/vendor_completions.d/diskd.fish",
  "share/man/man1/diskd.1",
  "share/man/man5/diskd.yaml.5",
  "share/man/man8/diskd.8",
  "share/zsh/site-functions/_diskd",
];

const UNITS = [
  "/etc/systemd/system/diskd.service",
  "/etc/systemd/system/diskd-web.service",
];

/** Somebody who is not root. */
const UID = 65534;

interface Scene {
  readonly machine: InstallMachine;
  readonly release: ReleaseFiles;
  /** Installs from GitHub, that is, from a server with this release. */
  install(
    words?: readonly string[],
    options?: Parameters<InstallMachine["install"]>[2],
  ): Promise<Outcome>;
}

interface SceneOptions {
  readonly downloader?: "curl" | "wget" | null;
  readonly change?: (name: string) => Response | undefined;
  /** The public key in the script. */
  readonly key?: () => string;
}

const NEEDED = {
  root: true,
  programs: [
    ..."unshare setpriv mount dash busybox curl wget minisign".split(" "),
    ..."systemd-sysusers userdel shellcheck".split(" "),
  ],
};

for (const shell of ["dash", "busybox"] as const) {
  Deno.test({
    ...needs(
      `install.sh in ${shell} installs a release and removes it`,
      NEEDED,
    ),
    async fn(t) {
      await t.step("without systemd", () => installsWithoutSystemd(shell));
      await t.step("with systemd", () => installsUnits(shell));
      await t.step("as a user", () => installsAsUser(shell));
      await t.step("elsewhere", () => installsElsewhere(shell));
      await t.step("an upgrade", () => upgrades(shell));
      await t.step("a unit that was changed", () => keepsChangedUnit(shell));
      await t.step("and its state", () => purges(shell));
      await t.step("not what others changed", () => leavesChanged(shell));
      await t.step("from a directory", () => installsFromDirectory(shell));
      await t.step("with a signature", () => checksSignature(shell));
      await t.step("on each architecture", () => choosesBinary(shell));
      await t.step("the firewall", () => namesFirewall(shell));
    },
  });

  Deno.test({
    ...needs(`install.sh in ${shell} installs all or nothing`, NEEDED),
    async fn(t) {
      for (const [name, refusal] of Object.entries(REFUSALS)) {
        await t.step(name, () => refuses(shell, refusal));
      }
      await t.step("a forged signature", () => refusesForgedSignature(shell));
      await t.step("no place for the last file", () => takesBack(shell));
      await t.step("a script cut short", () => ignoresCutScript(shell));
    },
  });
}

Deno.test({
  ...needs("install.sh is clean for shellcheck, and has a short help", NEEDED),
  async fn() {
    const env = { PATH: Deno.env.get("PATH")! };
    const script = join(PROJECT, "packaging/install.sh");
    assert.deepEqual(
      await run(["shellcheck", "--shell=sh", script], { env }),
      { code: 0, signal: null, stdout: "", stderr: "" },
    );
    const help = await run(["dash", script, "--help"], { env });
    assert.equal(help.code, 0);
    const options = new Set(
      SCRIPT.matchAll(/^\s+(--[\w-]+(?: \| -+[\w-]+)*)\)/gm)
        .flatMap(([, names]) => names!.split(" | "))
        .filter((name) => name.startsWith("--")),
    );
    assert.ok(options.size >= 5);
    for (const option of options) assert.match(help.stdout, RegExp(option));
  },
});

async function scene(
  shell: Shell,
  { downloader, change, key }: SceneOptions,
  act: (scene: Scene) => Promise<void>,
): Promise<void> {
  await using machine = await InstallMachine.make(
    downloader === undefined ? { shell } : { shell, downloader },
  );
  await using release = await ReleaseFiles.make("0.9.0");
  await using server = servingReleases([release], change);
  await act({
    machine,
    release,
    install: (words, options) =>
      machine.install(scriptOf(server.origin, key?.()), words, options),
  });
}

/** The script of a project that has its releases there. */
function scriptOf(origin: string, key = ""): string {
  const script = SCRIPT
    .replace("HOME_PAGE=https://github.com/OWNER/diskd", `HOME_PAGE=${origin}`)
    .replace("PUBLIC_KEY=''", `PUBLIC_KEY='${key}'`);
  assert.notEqual(script, SCRIPT);
  return script;
}

function succeeded(outcome: Outcome): Outcome {
  assert.equal(outcome.code, 0, outcome.stderr);
  return outcome;
}

function installsWithoutSystemd(shell: Shell): Promise<void> {
  return scene(shell, {}, async ({ machine, release, install }) => {
    const before = await machine.everything();
    const { stdout, stderr } = succeeded(await install());
    assert.match(
      stdout,
      /^Verified: the SHA-256 sums of 8 files; they are not signed\.$/m,
    );
    assert.match(
      stdout,
      /^diskd 0\.9\.0 is installed: \/usr\/local\/bin\/diskd$/m,
    );
    assert.match(stdout, /^ {2}diskd --daemon /m);
    assert.match(stderr, /is not encrypted/);
    const after = await machine.everything();
    const made = [...after.keys()].filter((path) => !before.has(path));
    assert.deepEqual(
      made.filter((path) => after.get(path) !== "folder").sort(),
      FILES.map((file) => `/usr/local/${file}`),
    );
    assert.equal(
      await machine.read("/usr/local/bin/diskd"),
      await release.read(`diskd-0.9.0-linux-${Deno.build.arch}`),
    );
    assert.equal(await modeOf(machine, "/usr/local/bin/diskd"), 0o755);
    assert.equal(
      await modeOf(machine, "/usr/local/share/man/man1/diskd.1"),
      0o644,
    );
    assert.equal(
      await machine.read("/usr/local/share/zsh/site-functions/_diskd"),
      "# for zsh, of 0.9.0\n",
    );
    const removed = succeeded(await install(["--uninstall"]));
    assert.match(removed.stdout, /^diskd is removed from \/usr\/local\.$/m);
    assert.deepEqual(await machine.everything(), before);
    const again = await install(["--uninstall"]);
    assert.equal(again.code, 1);
    assert.match(again.stderr, /nothing to remove/);
  });
}

function installsUnits(shell: Shell): Promise<void> {
  return scene(shell, {}, async ({ machine, release, install }) => {
    await machine.systemd("is-enabled*) exit 1 ;;");
    const before = await machine.everything();
    const { stdout } = succeeded(await install());
    assert.match(stdout, /^ {2}systemctl enable --now diskd$/m);
    assert.deepEqual(await machine.asked(), [
      "daemon-reload",
      "try-restart diskd.service diskd-web.service",
      "is-enabled --quiet diskd.service",
    ]);
    assert.equal(
      await machine.read("/etc/systemd/system/diskd.service"),
      await release.read("diskd.service"),
    );
    assert.match(await machine.read("/etc/passwd"), /^diskd:/m);
    succeeded(await install(["--uninstall"]));
    assert.deepEqual(await machine.asked(), [
      "disable --now --quiet diskd.service diskd-web.service",
      "daemon-reload",
    ]);
    assert.deepEqual(await machine.everything(), before);
    assert.match(await machine.read("/etc/passwd"), /^diskd:/m);
  });
}

function installsAsUser(shell: Shell): Promise<void> {
  return scene(shell, {}, async ({ machine, install }) => {
    await machine.systemd();
    const before = await machine.everything();
    const refused = await install([], { uid: UID });
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /only root may install to \/usr\/local/);
    const prefix = ["--prefix", machine.path("/home/.local")];
    const { stdout } = succeeded(await install(prefix, { uid: UID }));
    assert.match(stdout, RegExp(`^  ${prefix[1]}/bin/diskd --daemon `, "m"));
    for (const file of FILES) {
      assert.ok(await machine.has(`/home/.local/${file}`), file);
    }
    assert.deepEqual(await machine.asked(), []);
    const state = machine.path("/home/.local/state/diskd");
    await Deno.mkdir(state, { recursive: true });
    await Deno.chown(join(state, ".."), UID, UID);
    await Deno.chown(state, UID, UID);
    const words = ["--uninstall", "--purge", ...prefix];
    succeeded(await install(words, { uid: UID }));
    await Deno.remove(join(state, ".."));
    await Deno.remove(join(state, "../..")).catch(() => {});
    assert.deepEqual(await machine.everything(), before);
  });
}

function installsElsewhere(shell: Shell): Promise<void> {
  return scene(shell, {}, async ({ machine, install }) => {
    await machine.systemd();
    succeeded(await install(["--prefix", "/usr/local/disks"]));
    for (const unit of UNITS) {
      const text = await machine.read(unit);
      assert.match(text, /^ExecStart=\/usr\/local\/disks\/bin\/diskd /m);
      assert.match(text, /^ExecPaths=\/usr\/local\/disks\/bin\/diskd /m);
    }
    await machine.asked();
    // A service does not see that folder.
    const { stderr } = succeeded(await install(["--prefix", "/root/disks"]));
    assert.match(stderr, /no unit for systemd/);
    assert.match(await machine.read(UNITS[0]!), /local\/disks/);
    assert.deepEqual(await machine.asked(), []);
  });
}

async function upgrades(shell: Shell): Promise<void> {
  await using machine = await InstallMachine.make({ shell });
  await using old = await ReleaseFiles.make("0.9.0");
  await using latest = await ReleaseFiles.make("0.9.1");
  await using server = servingReleases([old, latest]);
  await machine.systemd();
  const before = await machine.everything();
  const script = scriptOf(server.origin);
  const first = await machine.install(script, ["--version", "v0.9.0"]);
  assert.match(succeeded(first).stdout, /^diskd 0\.9\.0 is installed/m);
  // Something that a later version does not have.
  const manifest = "/usr/local/share/diskd/manifest";
  const obsolete = "/usr/local/share/man/man1/diskd-old.1";
  await Deno.writeTextFile(machine.path(obsolete), "");
  await Deno.writeTextFile(
    machine.path(manifest),
    `${"0".repeat(64)}  ${obsolete}\n`,
    { append: true },
  );
  await machine.asked();
  const second = await machine.install(script);
  assert.match(succeeded(second).stdout, /^diskd 0\.9\.1 is installed/m);
  assert.doesNotMatch(second.stdout, /enable/);
  assert.deepEqual(await machine.asked(), [
    "daemon-reload",
    "try-restart diskd.service diskd-web.service",
    "is-enabled --quiet diskd.service",
  ]);
  assert.match(await machine.read("/usr/local/bin/diskd"), /0\.9\.1/);
  assert.ok(!await machine.has(obsolete));
  assert.ok(!await machine.has(`${UNITS[0]}.old`));
  succeeded(await machine.install(script, ["--uninstall"]));
  assert.deepEqual(await machine.everything(), before);
}

function keepsChangedUnit(shell: Shell): Promise<void> {
  return scene(shell, {}, async ({ machine, install }) => {
    await machine.systemd();
    await Deno.writeTextFile(machine.path(UNITS[0]!), "# by hand\n");
    const { stderr } = succeeded(await install());
    assert.match(stderr, /diskd\.service had been changed, and is .*\.old now/);
    assert.equal(await machine.read(`${UNITS[0]}.old`), "# by hand\n");
    assert.match(await machine.read(UNITS[0]!), /^ExecStart=/m);
  });
}

function purges(shell: Shell): Promise<void> {
  return scene(shell, {}, async ({ machine, install }) => {
    await machine.systemd();
    const before = await machine.everything();
    succeeded(await install());
    for (const folder of ["/var/lib/diskd", "/run/diskd", "/etc/diskd"]) {
      await Deno.mkdir(machine.path(folder));
      await Deno.writeTextFile(machine.path(`${folder}/file`), "");
    }
    succeeded(await install(["--uninstall"]));
    assert.ok(await machine.has("/var/lib/diskd/file"));
    const { stdout } = succeeded(await install(["--uninstall", "--purge"]));
    assert.match(stdout, /^\/etc\/diskd stays/m);
    assert.doesNotMatch(await machine.read("/etc/passwd"), /^diskd:/m);
    await Deno.remove(machine.path("/etc/diskd"), { recursive: true });
    assert.deepEqual(await machine.everything(), before);
  });
}

function leavesChanged(shell: Shell): Promise<void> {
  return scene(shell, {}, async ({ machine, install }) => {
    succeeded(await install());
    const page = "/usr/local/share/man/man1/diskd.1";
    const other = "/usr/local/share/man/man8/other.8";
    await Deno.writeTextFile(machine.path(page), "changed\n");
    await Deno.writeTextFile(machine.path(other), "");
    const { stderr } = succeeded(await install(["--uninstall"]));
    assert.match(stderr, /man1\/diskd\.1 stays/);
    assert.equal(await machine.read(page), "changed\n");
    assert.ok(await machine.has(other));
    assert.ok(!await machine.has("/usr/local/bin"));
  });
}

function installsFromDirectory(shell: Shell): Promise<void> {
  const options = { downloader: null };
  return scene(shell, options, async ({ machine, release, install }) => {
    const { stderr } = await install();
    assert.match(stderr, /neither curl nor wget is installed/);
    const from = ["--from", release.path];
    assert.equal(succeeded(await install(from)).stderr, "");
    const wrong = await install([...from, "--version", "0.9.1"]);
    assert.equal(wrong.code, 1);
    assert.match(wrong.stderr, /the release there is 0\.9\.0, not 0\.9\.1/);
    assert.match(await machine.read("/usr/local/bin/diskd"), /0\.9\.0/);
  });
}

function checksSignature(shell: Shell): Promise<void> {
  let key = "";
  const options: SceneOptions = {
    key: () => key,
    // As on a machine with another downloader than the usual.
    downloader: shell === "dash" ? "wget" : "curl",
  };
  return scene(shell, options, async ({ machine, release, install }) => {
    key = await release.sign();
    const without = succeeded(await install());
    assert.match(without.stdout, /not the signature, because minisign is not/);
    await machine.link("minisign");
    const { stdout, stderr } = succeeded(await install());
    assert.match(
      stdout,
      /8 files; and the signature of the sums, with minisign/,
    );
    assert.equal(stderr, "");
  });
}

/** A release without the binary of the other cannot be confused. */
async function choosesBinary(shell: Shell): Promise<void> {
  for (
    const [machineName, other] of [
      ["x86_64", "aarch64"],
      ["aarch64", "x86_64"],
    ]
  ) {
    await scene(shell, {}, async ({ machine, release, install }) => {
      const uname =
        `case $1 in -m) echo ${machineName} ;; *) echo Linux ;; esac`;
      await machine.program("uname", uname);
      await release.remove(`diskd-0.9.0-linux-${other}`);
      await release.sum();
      succeeded(await install());
    });
  }
}

function namesFirewall(shell: Shell): Promise<void> {
  return scene(shell, {}, async ({ machine, install }) => {
    await machine.program("ufw", "echo Status: inactive");
    await machine.program("firewall-cmd", "exit 252");
    assert.doesNotMatch(succeeded(await install()).stdout, /32003/);
    await machine.program("ufw", "echo Status: active");
    assert.match(
      succeeded(await install()).stdout,
      /^ {2}ufw allow 32003\/udp$/m,
    );
    await machine.program("firewall-cmd", "echo running");
    assert.match(
      succeeded(await install()).stdout,
      /^ {2}firewall-cmd --permanent --add-port=32003\/udp && firewall-cmd --reload$/m,
    );
  });
}

interface Refusal extends SceneOptions {
  /** What is wrong. */
  readonly prepare?: (scene: Scene) => Promise<void>;
  readonly words?: readonly string[];
  /** Default 1. */
  readonly code?: number;
  readonly says: RegExp;
}

const BINARY = `diskd-0.9.0-linux-${Deno.build.arch}`;

const REFUSALS: Readonly<Record<string, Refusal>> = {
  "a forged binary": {
    prepare: ({ release }) => release.write(BINARY, "#!/bin/sh\nexit\n"),
    says: /diskd-0\.9\.0-linux-\w+ is forged or damaged/,
  },
  "a forged man page": {
    prepare: ({ release }) => release.write("diskd.8", "forged"),
    says: /diskd\.8 is forged or damaged/,
  },
  "a truncated binary": {
    change: (name) => name === BINARY ? new Response("#!/bin/sh\n") : undefined,
    says: /is forged or damaged/,
  },
  "sums that are no sums": {
    prepare: ({ release }) => release.write("SHA256SUMS", "<html></html>\n"),
    says: /SHA256SUMS names no binary for/,
  },
  "sums that lack a file": {
    prepare: async ({ release }) => {
      const sums = await release.read("SHA256SUMS");
      await release.write("SHA256SUMS", sums.replace(/^.* diskd\.8\n/m, ""));
    },
    says: /SHA256SUMS does not name diskd\.8/,
  },
  "sums cut short": {
    prepare: async ({ release }) => {
      const sums = await release.read("SHA256SUMS");
      await release.write("SHA256SUMS", sums.slice(0, -70));
    },
    says: /SHA256SUMS does not name/,
  },
  "sums of two versions": {
    prepare: async ({ release }) => {
      const sums = await release.read("SHA256SUMS");
      const other = sums.replaceAll("0.9.0", "0.9.1");
      await release.write("SHA256SUMS", sums + other);
    },
    says: /SHA256SUMS names several versions/,
  },
  "a file that is not there": {
    prepare: ({ release }) => release.remove("diskd.service"),
    says: /cannot get .*\/diskd\.service; nothing was installed/,
  },
  "a release that is not there": {
    words: ["--version", "0.9.9"],
    says: /cannot get .*\/download\/v0\.9\.9\/SHA256SUMS/,
  },
  "a binary that does not run": {
    prepare: async ({ release }) => {
      await release.write(BINARY, "#!/bin/sh\necho too old; exit 1\n");
      await release.sum();
    },
    says: /does not run here: too old/,
  },
  "another architecture": {
    prepare: ({ machine }) =>
      machine.program(
        "uname",
        "case $1 in -m) echo riscv64 ;; *) echo Linux ;; esac",
      ),
    says: /not built for riscv64, only for x86_64 and aarch64/,
  },
  "32-bit programs": {
    prepare: ({ machine }) => machine.program("getconf", "echo 32"),
    says: /the programs of this system are 32-bit/,
  },
  "another system": {
    prepare: ({ machine }) => machine.program("uname", "echo FreeBSD"),
    says: /runs on Linux only, and this is FreeBSD/,
  },
  "musl": {
    prepare: ({ machine }) =>
      machine.program("ldd", "echo 'musl libc (x86_64)' >&2; exit 1"),
    says: /this system has musl/,
  },
  "a package": {
    prepare: ({ machine }) =>
      Deno.writeTextFile(
        machine.path("/usr/lib/systemd/system/diskd.service"),
        "",
      ),
    says: /a package has installed diskd/,
  },
  "a relative prefix": {
    words: ["--prefix", "usr"],
    code: 2,
    says: /--prefix is usr, expected an absolute path/,
  },
  "a prefix that systemd would misread": {
    words: ["--prefix", "/usr/local/%h"],
    code: 2,
    says: /--prefix is \/usr\/local\/%h/,
  },
  "a prefix that is a file": {
    words: ["--prefix", "/etc/passwd"],
    says: /\/etc\/passwd is not a directory/,
  },
  "an unknown word": { words: ["--frm"], code: 2, says: /unknown argument/ },
  "a flag without its value": {
    words: ["--version"],
    code: 2,
    says: /--version needs a value/,
  },
  "a purge of what is installed": {
    words: ["--purge"],
    code: 2,
    says: /--purge goes with --uninstall/,
  },
};

function refuses(shell: Shell, refusal: Refusal): Promise<void> {
  return scene(shell, refusal, async (scene) => {
    await refusal.prepare?.(scene);
    await scene.machine.systemd();
    const before = await scene.machine.everything();
    const { code, stdout, stderr } = await scene.install(refusal.words);
    assert.match(stderr, refusal.says);
    assert.equal(code, refusal.code ?? 1, stderr);
    assert.equal(stdout.includes("installed"), false);
    assert.deepEqual(await scene.machine.everything(), before);
    assert.deepEqual(await scene.machine.asked(), []);
  });
}

function refusesForgedSignature(shell: Shell): Promise<void> {
  let key = "";
  return scene(shell, { key: () => key }, async (scene) => {
    const { machine, release, install } = scene;
    await machine.link("minisign");
    key = await release.sign();
    const before = await machine.everything();
    const signature = await release.read("SHA256SUMS.minisig");
    // By somebody else.
    await release.sign();
    assert.match((await install()).stderr, /signature of SHA256SUMS is forged/);
    // Of something else.
    await release.write("SHA256SUMS.minisig", signature);
    await release.write("diskd.8", "forged");
    const sums = await release.read("SHA256SUMS");
    await release.write("SHA256SUMS", sums.replace(/^./, "0"));
    assert.match((await install()).stderr, /signature of SHA256SUMS is forged/);
    // By nobody.
    await release.remove("SHA256SUMS.minisig");
    assert.match((await install()).stderr, /cannot get .*SHA256SUMS\.minisig/);
    assert.deepEqual(await machine.everything(), before);
  });
}

/** Copies that are there already are taken back when a later one fails. */
function takesBack(shell: Shell): Promise<void> {
  return scene(shell, {}, async ({ machine, install }) => {
    await machine.systemd();
    const cp = (await Deno.readLink(machine.path("/bin/cp"))).replace(
      /busybox$/,
      "busybox cp",
    );
    await machine.program(
      "cp",
      `case $3 in *diskd-web.service.new) echo half >"$3"; echo 'No space left' >&2; exit 1 ;; esac\nexec ${cp} "$@"`,
    );
    const before = await machine.everything();
    const { code, stderr } = await install();
    assert.equal(code, 1);
    assert.match(stderr, /No space left/);
    assert.deepEqual(await machine.everything(), before);
    assert.deepEqual(await machine.asked(), []);
  });
}

/** As `curl | sh` leaves it where the connection breaks. */
function ignoresCutScript(shell: Shell): Promise<void> {
  return scene(shell, {}, async ({ machine }) => {
    await machine.systemd();
    const before = await machine.everything();
    const end = SCRIPT.trimEnd().length;
    const lines = [...SCRIPT.matchAll(/\n/g)].map(({ index }) => index);
    const cuts = [
      ...lines.filter((_, number) => number % 40 === 0),
      // Within the last line, each character.
      ...Array.from({ length: 16 }, (_, back) => end - 1 - back),
    ];
    for (const cut of cuts) {
      const part = SCRIPT.slice(0, cut);
      const { stdout, stderr } = await machine.install(part, ["--help"]);
      assert.equal(stdout, "", part.slice(-20));
      assert.doesNotMatch(stderr, /install\.sh:/, part.slice(-20));
    }
    const whole = await machine.install(SCRIPT.slice(0, end), ["--help"]);
    assert.match(succeeded(whole).stdout, /^Installs diskd/);
    assert.deepEqual(await machine.everything(), before);
  });
}

async function modeOf(machine: InstallMachine, path: string): Promise<number> {
  return (await Deno.stat(machine.path(path))).mode! & 0o777;
}
