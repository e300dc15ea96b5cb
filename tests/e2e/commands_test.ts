import { checkCommands, checkOutcome } from "../support/check_outcome.ts";
import { Daemon, DEFAULT_SOCKET } from "../support/daemon.ts";
import { eventually } from "../support/eventually.ts";
import { inSteps, lanTest, type LoopDisk } from "../support/lan.ts";
import { attachNew, knowsDisksOf } from "../support/plug.ts";

interface Site {
  readonly alpha: Daemon;
  /** On alpha, mounted on `/mnt`. */
  readonly mounted: LoopDisk;
}

lanTest({
  name: "diskd's commands print for people, and refuse what is wrong",
  hosts: ["alpha", "beta"],
}, async ({ alpha: host, beta: other }, t) => {
  const mounted = await attachNew(host, { type: "ext4", label: "two words" });
  const mount = ["mount", mounted.device, "/mnt"];
  checkOutcome(await host.run(mount), {}, mount.join(" "));
  await attachNew(other, { type: "ext4", label: "far" });
  await using alpha = await Daemon.start(host);
  await using _beta = await Daemon.start(other);
  await knowsDisksOf(alpha, ["alpha", "beta"]);
  const site = { alpha, mounted };
  await inSteps(t, site, {
    "what they print": printsText,
    "what other hosts answer": printsAnswers,
    "options before and after": takesOptions,
    "wrong usage": refusesWrongUsage,
    "help and version": printsHelp,
  });
});

async function printsText({ alpha, mounted }: Site): Promise<void> {
  const row = [mounted.device, "two words", mounted.uuid, "ext4", "16M", "/mnt"]
    .join(" +");
  await checkCommands(alpha.host, [
    ["list", {
      stdout:
        /^HOST +DEVICE +LABEL +UUID +TYPE +SIZE +MOUNTED +STATE\n(.+\n){2}$/,
    }],
    ["list", { stdout: new RegExp(`^alpha +${row} +-$`, "m") }],
    ["where two words", {
      stdout: new RegExp(
        `^two words is on alpha, ${mounted.device}, mounted on /mnt\n` +
          `  type +ext4, 16M\n  uuid +${mounted.uuid}\n`,
      ),
    }],
    ["hosts", { stdout: /^HOST .*\nalpha +up +1 .*\nbeta +up +1 .*\n$/ }],
    ["localhost", {
      stdout: /^host +alpha\nid +[0-9a-f]{32}\n(.+\n)*interface +eth0 192\./,
    }],
    ["status", {
      stdout:
        /^alpha: ok, running for .*, pid \d+\nnetwork +eth0 .*; 1 of 1 other host heard\ndisks +1 here, 2 known; /,
    }],
    ["list --mounted", {
      stdout: new RegExp(`^HOST .*\\nalpha +${row} .*\\n$`),
    }],
    ["list --unmounted", { stdout: /^HOST .*\nbeta .* far .*\n$/ }],
    ["list --all", { stdout: /^HOST .*\nalpha .*\nbeta .*\n$/ }],
    ["refresh", { stdout: /^Scanned in \d+ ms: 1 disk, no change\n$/ }],
    ["announce", {
      stdout: /^Announced 1 disk in 1 datagram on 1 interface\n$/,
    }],
    ["config check", { stdout: /^There is no configuration file/ }],
    ["completions bash", { stdout: /^complete -F _diskd diskd$/m }],
    ["completions zsh", { stdout: /^#compdef diskd\n/ }],
    ["completions fish", { stdout: /^complete -c diskd /m }],
  ]);
}

/** They wait a moment for answers, which on a busy machine may come too late. */
async function printsAnswers({ alpha }: Site): Promise<void> {
  await eventually(() =>
    checkCommands(alpha.host, [
      ["ping", {
        stdout:
          /^HOST .*\nbeta +192\.168\.1\.12 +\d+ ms\n1 of 1 host answered .*\n$/,
      }],
      ["scan", { stdout: /^HOST .*\nalpha .*\nbeta .*\n$/ }],
    ])
  );
}

async function takesOptions({ alpha: { host } }: Site): Promise<void> {
  await host.run(["ln", "-s", DEFAULT_SOCKET, "/run/link.sock"]);
  const isJson = { stdout: /^\[\n\{"host":"alpha",/ };
  const noDaemon = {
    code: 3,
    stderr:
      /no diskd answers on \/run\/none; .*another socket, .*--socket \/run\/none\n/,
  };
  await checkCommands(host, [
    ["--json list", isJson],
    ["list --json", isJson],
    ["--json --no-color list", isJson],
    ["--no-color list --json", isJson],
    ["--json where two words", isJson],
    ["where two --json words", isJson],
    ["--socket /run/link.sock --json list", isJson],
    ["--json list --socket=/run/link.sock", isJson],
    ["--socket /run/none list", noDaemon],
    ["--socket=/run/none list", noDaemon],
    ["list --socket /run/none", noDaemon],
    ["list --socket=/run/none --json", noDaemon],
    ["list --socket run.sock", {
      code: 2,
      stderr: /flag --socket: socket is "run\.sock", expected an absolute path/,
    }],
    ["where -- --json", { code: 1, stderr: /is named --json\./ }],
  ]);
  const env = { DISKD_SOCKET: "/run/none" };
  const named = await host.run(["diskd", "list"], { env });
  checkOutcome(named, noDaemon, "list with DISKD_SOCKET");
  const argv = ["diskd", "list", "--json", "--socket", DEFAULT_SOCKET];
  checkOutcome(await host.run(argv, { env }), isJson, argv.join(" "));
}

async function refusesWrongUsage({ alpha: { host } }: Site): Promise<void> {
  const refused = (stderr: RegExp) => ({ code: 2, stderr });
  await checkCommands(host, [
    ["lst", refused(/^diskd: Unknown command lst; did you mean list\?\nSee: /)],
    ["l\x1b[31mst", refused(/^diskd: Unknown command l\\x1b\[31mst/)],
    ["LIST", refused(/Unknown command LIST/)],
    ["--jsno", refused(/Unknown flag --jsno; did you mean --json\?/)],
    ["list --jsno", refused(/Unknown flag --jsno; .*\nSee: diskd help list\n/)],
    ["list -x", refused(/Unknown flag -x\n/)],
    ["list --port 1", refused(/Unknown flag --port/)],
    ["list --socket", refused(/Expected input for flag --socket/)],
    ["list --socket=", refused(/--socket is empty, expected a value/)],
    ["list --mounted --unmounted", refused(/exclude each other/)],
    ["list --watch", refused(/needs a terminal; .*: diskd watch\n$/)],
    ["list --json --json", refused(/--json is given twice/)],
    ["hosts everything", refused(/Unexpected word everything/)],
    ["list --host nobody", refused(/--host is nobody, expected a host with/)],
    ["where", refused(/Expected a name\nSee: diskd help where\n/)],
    [["where", ""], refused(/where needs a name/)],
    [["where", "x".repeat(2_000)], refused(/at most 1024/)],
    ["completions", refused(/Expected a shell/)],
    ["completions tcsh", refused(/expected one of bash, zsh, fish/)],
    ["config chek", refused(/did you mean config check\?\nSee: .* config\n/)],
    ["help nonsense", refused(/Unknown command nonsense/)],
    ["scan --port 99999", refused(/flag --port: port is 99999, expected/)],
    ["scan --port=", refused(/--port is empty/)],
    ["--daemon list", refused(/Unexpected word list/)],
    ["quit", refused(/nothing to quit/)],
    ["exit", refused(/nothing to quit/)],
    // Nobody is there to type at a prompt.
    [[], refused(/^diskd: Expected a command, .*\nSee: diskd help\n$/)],
    ["--no-color", refused(/^diskd: Expected a command, /)],
    [
      "key",
      refused(
        /^diskd: Expected key new or key check or key show or key reset-identity\nSee: diskd help key\n$/,
      ),
    ],
    ["config", refused(/^diskd: Expected config check\nSee: /)],
  ]);
}

async function printsHelp({ alpha: { host } }: Site): Promise<void> {
  const version = { stdout: /^diskd \d+\.\d+\.\d+\n$/ };
  const ofWhere = {
    stdout: /^Usage: diskd where NAME\.\.\. \[OPTION\.\.\.\]\n/,
  };
  const ofDaemon = { stdout: /--announce-interval TIME/ };
  const all = { stdout: COMMAND_LIST };
  await checkCommands(host, [
    ["--version", version],
    ["-V", version],
    ["list --version", version],
    ["--no-color --version", version],
    ["--help", all],
    ["-h", all],
    ["help", all],
    ["--no-color --help", all],
    ["where --help", ofWhere],
    ["--help where", ofWhere],
    ["help where", ofWhere],
    ["--daemon --help", ofDaemon],
    ["-d -h", ofDaemon],
    ["help list", {
      stdout: /^Usage: diskd list \[NAME\.\.\.\] \[OPTION[^]* --unmounted +\S/,
    }],
    ["help config check", { stdout: /^Usage: diskd config check \[FILE\]/ }],
  ]);
}

/** Each command that people type has its line. */
const COMMAND_LIST = new RegExp(
  "^Usage: diskd COMMAND [^]*\nCommands:\n" + [
    "list, ls [NAME...]",
    "where NAME...",
    "mount NAME...",
    "unmount, umount NAME...",
    "open NAME...",
    "locate NAME...",
    "history [NAME...]",
    "note NAME TEXT...",
    "name NAME NEWNAME...",
    "tag NAME +TAG -TAG...",
    "label NAME...",
    "overdue",
    "notify",
    "web",
    "metrics",
    "duplicates",
    "forget NAME...",
    "hosts",
    "localhost",
    "status",
    "watch, debug",
    "reload",
    "refresh",
    "announce",
    "ping",
    "scan",
    "doctor",
    "export",
    "import [FILE]",
    "config check",
    "key new",
    "key check",
    "key show",
    "key reset-identity",
    "completions SHELL",
    "help [COMMAND...]",
    "quit, exit",
  ].map((typed) => `  ${typed.replace(/[.[|+]/g, "\\$&")} +\\S.*\n`).join(""),
);
