import assert from "node:assert/strict";
import { COMMANDS } from "../../../src/control/commands.ts";
import { runCommandLine } from "../../../src/cli/app.ts";
import {
  DaemonUnreachable,
  RemoteFailure,
} from "../../../src/control/client.ts";
import { INVALID_PARAMS } from "../../../src/control/jsonrpc.ts";
import { bareVerdict } from "../../../src/daemon/verdict.ts";
import { EXIT, EXIT_CODES } from "../../../src/system/exit_code.ts";
import { Project } from "../../lint/project.ts";
import { PROJECT } from "../../support/program.ts";
import { ago, diskRow, hostRow, STATUS } from "../render/rows.ts";
import {
  type FakeContext,
  fakeContext,
  type FakeOptions,
} from "./fake_context.ts";

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly context: FakeContext;
}

async function run(line: string, options: FakeOptions = {}): Promise<Ran> {
  const context = fakeContext(options);
  const args = line.split(" ").filter((word) => word !== "");
  const code = await runCommandLine(args, context);
  return {
    code,
    stdout: context.stdout.text,
    stderr: context.stderr.text,
    context,
  };
}

const TABLE =
  "HOST   DEVICE     LABEL        UUID                                " +
  "  TYPE  SIZE  MOUNTED  STATE\n" +
  "alpha  /dev/sdb1  backup-2019  8261f666-2f3c-4b5e-9a0e-1d2c3b4a5f60  ext4  3.6T  /mnt/b   -\n";

Deno.test("list prints a table, and says nothing else", async () => {
  const { code, stdout, stderr } = await run("list", {
    answers: { list: [diskRow()] },
  });
  assert.deepEqual([code, stdout, stderr], [0, TABLE, ""]);
});

Deno.test("list --json prints the rows as one document, a line each", async () => {
  const rows = [diskRow(), diskRow({ label: "\x9b" })];
  for (const line of ["list --json", "--json list"]) {
    const { code, stdout } = await run(line, { answers: { list: rows } });
    assert.equal(code, 0);
    assert.deepEqual(JSON.parse(stdout), rows);
    assert.equal(stdout.split("\n").length, 5);
    assert.ok(stdout.includes("\\u009b"));
  }
});

Deno.test("list of one host says on a terminal why others may be missing", async () => {
  const status = { ...STATUS, problems: ["nothing comes back on eth0"] };
  const rows = [diskRow(), diskRow({ device: "/dev/sdc1" })];
  const said = async (line: string, list = rows, isTerminal = true) =>
    (await run(line, { answers: { list, status }, isTerminal })).stderr;
  assert.equal(await said("list"), "nothing comes back on eth0\n");
  assert.equal(await said("list --json"), "");
  assert.equal(await said("list", rows, false), "");
  assert.equal(await said("list", [...rows, diskRow({ hostId: "b" })]), "");
});

Deno.test("list says why there is nothing, and not on standard output", async () => {
  const before = await run("list", { answers: { list: [], status: STATUS } });
  assert.deepEqual([before.code, before.stdout, before.stderr], [
    0,
    "",
    "No disk is known yet: the first scan has not finished.\n",
  ]);
  const scan = { ...STATUS.scan, at: ago(1), ok: false };
  const after = await run("list --json", {
    answers: { list: [], status: { ...STATUS, scan } },
  });
  assert.equal(after.stdout, "[]\n");
  assert.equal(
    after.stderr,
    "No disk is known: none on this host, and no other " +
      "host was heard. The last scan could not read everything. See: diskd status\n",
  );
});

Deno.test("list asks for what its flags choose", async () => {
  const asked: unknown[] = [];
  const answers = {
    list(params: object) {
      asked.push(params);
      return [diskRow()];
    },
  };
  await run("list", { answers });
  await run("list --all", { answers });
  await run("list --mounted", { answers });
  await run("--json list --unmounted --all", { answers });
  assert.deepEqual(asked, [
    {},
    { all: true },
    { mounted: true },
    { all: true, mounted: false },
  ]);
  const none = await run("list --unmounted", {
    answers: { list: [], status: { ...STATUS, disks: 1 } },
  });
  assert.deepEqual([none.code, none.stderr], [
    0,
    "Every known disk is in use. See: diskd list\n",
  ]);
});

Deno.test("list refuses flags that cannot be followed before it asks anybody, and says what else to type", async () => {
  const isTerminal = true;
  const cases: readonly (readonly [string, FakeOptions, RegExp])[] = [
    ["list --mounted --unmounted", {}, /exclude each other/],
    ["list --watch", {}, /needs a terminal; .*: diskd watch\n$/],
    [
      "list --watch",
      { isTerminal, env: { TERM: "dumb" } },
      /needs a terminal; .*: diskd watch\n$/,
    ],
    [
      "list --watch --json",
      { isTerminal },
      /no JSON; .*: diskd watch --json\n$/,
    ],
  ];
  for (const [line, options, said] of cases) {
    const { code, stdout, stderr, context } = await run(line, options);
    assert.deepEqual([code, stdout], [2, ""], line);
    assert.match(stderr, said);
    assert.deepEqual(context.connections, []);
  }
});

Deno.test("where takes several words for one name with spaces", async () => {
  const asked: string[] = [];
  const answers = {
    where: ({ name }: { name: string }) => {
      asked.push(name);
      return [diskRow()];
    },
  };
  await run("where My Disk", { answers });
  await run("where -- -x y", { answers });
  assert.deepEqual(asked, ["My Disk", "-x y"]);
});

Deno.test("where refuses a name of nothing but spaces before it asks anybody", async () => {
  const context = fakeContext({});
  assert.equal(await runCommandLine(["where", " "], context), 2);
  assert.equal(
    context.stderr.text,
    "where needs a name; see: diskd list\n",
  );
});

Deno.test("announce says so where there is no interface to speak on", async () => {
  const { code, stderr } = await run("announce", {
    answers: { announce: { interfaces: 0, datagrams: 1, disks: 2 } },
  });
  assert.equal(code, 0);
  assert.match(stderr, /no usable interface/);
});

Deno.test("--color always colours a pipe, and never does not colour a terminal", async () => {
  const isColoured = async (line: string, options: FakeOptions = {}) => {
    const answers = { hosts: [hostRow()] };
    const { stdout } = await run(line, { answers, ...options });
    return stdout.includes("\x1b[1m");
  };
  const isTerminal = true;
  assert.equal(await isColoured("hosts"), false);
  assert.equal(await isColoured("hosts", { isTerminal }), true);
  assert.equal(await isColoured("hosts --color always"), true);
  const env = { NO_COLOR: "1" };
  assert.equal(await isColoured("hosts --color=always", { env }), true);
  assert.equal(await isColoured("hosts --color auto"), false);
  const without = [
    "--color never hosts",
    "--no-color hosts",
    "hosts --color always --no-color",
  ];
  for (const line of without) {
    assert.equal(await isColoured(line, { isTerminal }), false, line);
  }
  const wrong = await run("hosts --color blue");
  assert.match(wrong.stderr, /--color is blue, expected one of auto, always/);
});

Deno.test("help, completions and quit offer no flags that do nothing there", async () => {
  for (const name of ["help", "completions", "quit"]) {
    const { stdout } = await run(`${name} --help`);
    assert.match(stdout, /Options:\n {2}-h, --help/);
  }
});

Deno.test("status is a health check: it exits with 8 while there is a problem", async () => {
  const of = async (known: Partial<typeof STATUS>, line = "status") => {
    const status = { ...STATUS, ...known };
    return (await run(line, { answers: { status } })).code;
  };
  assert.equal(await of({}), 0);
  assert.equal(await of({ duplicates: 1 }), 0);
  assert.equal(await of({ problems: ["x"] }), 8);
  assert.equal(await of({ problems: ["x"] }, "status --json"), 8);
  const scan = { ...STATUS.scan, problems: ["x"] };
  assert.equal(await of({ scan }), 8);
  const disk = {
    host: "beta",
    hostId: "b",
    uniqueHost: "beta",
    device: "/dev/sdc",
    label: null,
  };
  assert.equal(await of({ unreadable: [disk] }), 8);
});

Deno.test("a word that resembles no command is not taken for one", async () => {
  const far = await run("foo");
  assert.equal(far.stderr, "diskd: Unknown command foo\nSee: diskd help\n");
  const near = await run("lst");
  assert.match(near.stderr, /Unknown command lst; did you mean list\?/);
  const loud = await run("WHERE x");
  assert.match(loud.stderr, /Unknown command WHERE; did you mean where\?/);
  const version = await run("version");
  assert.match(version.stderr, /command version; did you mean --version\?/);
});

Deno.test("where exits with 0 for one host, and shows all that is known", async () => {
  const { code, stdout, stderr } = await run("where backup-2019", {
    answers: { where: [diskRow()] },
  });
  assert.equal(code, 0);
  assert.ok(
    stdout.startsWith(
      "backup-2019 is on alpha, /dev/sdb1, mounted on /mnt/b\n  type   ext4",
    ),
  );
  assert.equal(stderr, "");
});

Deno.test("where shows what lies on a drive", async () => {
  const drive = diskRow({ device: "/dev/sdb", label: "S1", hidden: "parts" });
  const verdict = bareVerdict("attached");
  const { stdout } = await run("where S1", {
    answers: { find: { rows: [drive], verdict, contents: [diskRow()] } },
  });
  assert.deepEqual(
    stdout.split("\n").filter((line) => line.startsWith("  holds")),
    ["  holds  /dev/sdb1, backup-2019, ext4, 3.6T, mounted on /mnt/b"],
  );
});

Deno.test("where exits with 0 where a host that is silent had it last", async () => {
  const rows = [
    diskRow({ state: "stale", seenAt: ago(99) }),
    diskRow({ state: "detached", host: "beta", hostId: "b" }),
  ];
  const { code } = await run("where x", { answers: { where: rows } });
  assert.equal(code, 0);
});

Deno.test("where exits with 0 for several devices of one host", async () => {
  const rows = [diskRow(), diskRow({ device: "/dev/sdc1" })];
  const answers = { where: rows };
  const { code, stdout } = await run("where x", { answers });
  assert.equal(code, 0);
  assert.ok(stdout.startsWith("HOST"));
  const shown = await run("where x --no-color", {
    answers,
    isTerminal: true,
    columns: 80,
  });
  assert.match(shown.stdout, /^x: 2 disks on 1 host\nHOST /);
});

Deno.test("where exits with 1 for what is not known, and says what is near", async () => {
  const names = ["backup-2018", "My Disk", "music"];
  const answers = { where: [], names };
  const near = await run("where backup-2019", { answers });
  assert.deepEqual([near.code, near.stdout, near.stderr], [
    1,
    "",
    "No disk is named backup-2019. Did you mean backup-2018?\n",
  ]);
  const part = await run("where disk", { answers });
  assert.equal(
    part.stderr,
    "No disk is named disk. Did you mean My Disk?\n",
  );
  const far = await run("where \x1bphotos --json", { answers });
  assert.deepEqual([far.code, far.stdout, far.stderr], [
    1,
    "[]\n",
    "No disk is named \\x1bphotos. See: diskd list\n",
  ]);
});

Deno.test("where exits with 4 for what is not attached now", async () => {
  const row = diskRow({ state: "detached", seenAt: ago(7200) });
  const { code, stdout } = await run("where x", { answers: { where: [row] } });
  assert.equal(code, 4);
  assert.ok(stdout.startsWith(
    "backup-2019 is in alpha, which was shut down today 10:00Z (or only its diskd was stopped)\n",
  ));
});

Deno.test("where exits with 5 for what is attached to several hosts", async () => {
  const rows = [
    diskRow(),
    diskRow({ host: "be\nta", hostId: "b" }),
    diskRow({ host: "gamma", hostId: "c", state: "stale" }),
  ];
  const { code, stderr } = await run("where x", { answers: { where: rows } });
  assert.equal(code, 5);
  assert.equal(
    stderr,
    "Attached to several hosts at once: alpha, be\\x0ata\n" +
      "It is a copy, such as a clone or a snapshot, or storage that these hosts share.\n",
  );
});

Deno.test("where exits with 1 for the beginning of several UUIDs, and lists these", async () => {
  const rows = [diskRow({ uuid: "8261-a" }), diskRow({ uuid: "8261-b" })];
  const ran = await run("where 8261", { answers: { where: rows } });
  assert.equal(ran.code, 1);
  assert.match(ran.stdout, /^HOST .*\n.* 8261-a .*\n.* 8261-b .*\n$/);
  assert.match(ran.stderr, /^8261 is a part .* of 2 disks: 8261-a, 8261-b\./);
});

Deno.test("duplicates prints a table, and a sentence beside it where there are none", async () => {
  const disks = [diskRow(), diskRow({ host: "beta" })];
  const reason = "clone" as const;
  const row = { kind: "uuid" as const, value: "u", reason, disks };
  const some = await run("duplicates", { answers: { duplicates: [row] } });
  assert.deepEqual([some.code, some.stderr], [0, ""]);
  assert.match(some.stdout, /^A clone .*\nHOST .*\nalpha .*\nbeta .*\n$/);
  const none = await run("duplicates", { answers: { duplicates: [] } });
  assert.deepEqual([none.code, none.stdout, none.stderr], [
    0,
    "",
    "No two devices share a UUID, label or other identifier.\n",
  ]);
});

const REFRESH = {
  ok: true,
  listed: true,
  durationMs: 1,
  disks: 2,
  attached: 0,
  detached: 0,
  changed: 0,
  problems: [],
};

Deno.test("every view is printed as JSON as the daemon gave it", async () => {
  const localhost = {
    host: "alpha",
    hostId: "9f0c",
    uniqueHost: "alpha",
    version: "0.1.0",
    addresses: [],
    interfaces: [],
  };
  const refresh = REFRESH;
  const answers = {
    hosts: [hostRow()],
    localhost,
    status: STATUS,
    refresh,
    announce: { interfaces: 1, datagrams: 1, disks: 2 },
    ping: { answers: [], silent: [], durationMs: 9 },
  };
  for (const [method, view] of Object.entries(answers)) {
    const { code, stdout } = await run(`${method} --json`, { answers });
    assert.equal(code, 0, method);
    assert.deepEqual(JSON.parse(stdout), view, method);
  }
});

Deno.test("refresh says on standard error what could not be read", async () => {
  const refresh = { ...REFRESH, ok: false, problems: ["no\x1b"] };
  const { code, stdout, stderr } = await run("refresh", {
    answers: { refresh },
  });
  assert.equal(code, 0);
  assert.match(stdout, /^Scanned in 1 ms, but not everything could be read: /);
  assert.equal(stderr, "no\\x1b\n");
});

Deno.test("refresh fails where the devices cannot be listed", async () => {
  const refresh = {
    ...REFRESH,
    ok: false,
    listed: false,
    problems: ["lsblk failed"],
  };
  const { code, stdout, stderr } = await run("refresh", {
    answers: { refresh },
  });
  assert.equal(code, EXIT.failed);
  assert.match(stdout, /^The scan failed after 1 ms: /);
  assert.equal(stderr, "lsblk failed\n");
});

const EVENT = {
  event: "attached",
  at: "2026-03-01T12:00:00Z",
  host: "alpha",
  hostId: "9f0c",
  uniqueHost: "alpha",
  device: "/dev/sdb1",
  uuid: null,
  label: "x",
  mount: null,
  from: null,
  fromId: null,
  uniqueFrom: null,
  serial: null,
  fromDevice: null,
  changes: [],
  leftOut: 0,
  remark: null,
};

Deno.test("watch and debug print a line an event", async () => {
  const events = [EVENT, { ...EVENT, event: "detached" }];
  const text = await run("debug", { events });
  assert.match(
    text.stdout,
    /^01 Mar 12:00:00Z {2}attached .*\n01 Mar 12:00:00Z {2}unplugged .*\n$/,
  );
  const json = await run("watch --json", { events });
  const lines = json.stdout.trimEnd().split("\n");
  assert.deepEqual(lines.map((line) => JSON.parse(line)), events);
});

Deno.test("watch ends when nobody reads any more", async () => {
  const context = fakeContext({ events: [EVENT, EVENT, EVENT] });
  context.stdout.isClosed = true;
  assert.equal(await runCommandLine(["watch"], context), 0);
  assert.equal(context.stdout.text.split("\n").length, 2);
});

Deno.test("commands exit with 3 where no daemon answers, and say what to type", async () => {
  const unreachable = new DaemonUnreachable("not-found", "no diskd; start it");
  const { code, stdout, stderr } = await run("hosts", { unreachable });
  assert.deepEqual([code, stdout, stderr], [
    3,
    "",
    "diskd: no diskd; start it\nWithout a daemon: diskd scan\n",
  ]);
});

Deno.test("commands exit with 2 for what the daemon finds wrong with the arguments", async () => {
  const where = () => {
    throw new RemoteFailure(INVALID_PARAMS, "where needs a name");
  };
  const { code, stdout, stderr } = await run("where x", { answers: { where } });
  assert.deepEqual([code, stdout, stderr], [
    2,
    "",
    "diskd: the daemon reports: where needs a name\n",
  ]);
});

Deno.test("commands exit with 3 where the daemon does not know what they ask, and say what to do", async () => {
  const { code, stdout, stderr } = await run("where x");
  assert.deepEqual([code, stdout, stderr], [
    3,
    "",
    "diskd: the daemon is an older diskd without this command\n" +
    "Restart the daemon, so that both are the same version.\n",
  ]);
});

Deno.test("commands exit with 2 for wrong arguments, and say what is wrong", async () => {
  const cases: readonly (readonly [string, string])[] = [
    ["lisst", "Unknown command lisst; did you mean list?\nSee: diskd help\n"],
    ["constructor", "Unknown command constructor\nSee: diskd help\n"],
    [
      "list --jsn",
      "Unknown flag --jsn; did you mean --json?\nSee: diskd help list\n",
    ],
    [
      "list --constructor",
      "Unknown flag --constructor\nSee: diskd help list\n",
    ],
    [
      "list --nocolor",
      "Unknown flag --nocolor; did you mean --no-color?\nSee: diskd help list\n",
    ],
    [
      "--no-color list --no-color",
      "--no-color is given twice, expected once\nSee: diskd help list\n",
    ],
    ["list -x", "Unknown flag -x\nSee: diskd help list\n"],
    ["hosts more", "Unexpected word more\nSee: diskd help hosts\n"],
    ["where", "Expected a name\nSee: diskd help where\n"],
    [
      "list --socket",
      "Expected input for flag --socket\nSee: diskd help list\n",
    ],
    [
      "list --socket=",
      "--socket is empty, expected a value\nSee: diskd help list\n",
    ],
    [
      "scan --port=",
      "--port is empty, expected a value\nSee: diskd help scan\n",
    ],
    [
      "config chek",
      "Unknown command chek; did you mean config check?\nSee: diskd help config\n",
    ],
    [
      "key nwe",
      "Unknown command nwe; did you mean key new?\nSee: diskd help key\n",
    ],
    [
      "completions tcsh",
      "shell is tcsh, expected one of bash, zsh, fish\nSee: diskd help completions\n",
    ],
    ["--nonsense", "Unknown flag --nonsense\nSee: diskd help\n"],
  ];
  for (const [line, said] of cases) {
    const { code, stdout, stderr, context } = await run(line);
    assert.deepEqual([code, stdout, stderr], [2, "", `diskd: ${said}`], line);
    assert.deepEqual(context.connections, []);
  }
});

Deno.test("commands exit with 70 for what should not happen, and ask to report it", async () => {
  const list = () => {
    throw new Error("bo\x1bom");
  };
  const { code, stderr } = await run("list", { answers: { list } });
  assert.deepEqual([code, stderr], [
    70,
    "diskd: this is a bug, please report it: bo\\x1bom " +
    "(DISKD_LOG_LEVEL=debug shows more)\n",
  ]);
  const env = { DISKD_LOG_LEVEL: "debug" };
  const debugging = await run("list", { answers: { list }, env });
  assert.ok(debugging.stderr.includes("\n    at "));
});

Deno.test("commands try --socket, DISKD_SOCKET, the configuration file, the user's and root's", async () => {
  const answers = { hosts: [] };
  const paths = async (line: string, options: FakeOptions = {}) =>
    (await run(line, { answers, ...options })).context.connections;
  const files = { "/etc/diskd/config.yaml": "socket: /srv/s\n" };
  const env = { XDG_RUNTIME_DIR: "/run/user/5" };
  assert.deepEqual(await paths("hosts --socket /s", { files, env }), [["/s"]]);
  assert.deepEqual(await paths("--socket=/s hosts"), [["/s"]]);
  assert.deepEqual(
    await paths("hosts", { files, env: { DISKD_SOCKET: "/e" } }),
    [["/e"]],
  );
  assert.deepEqual(await paths("hosts", { uid: 5, files, env }), [
    ["/srv/s", "/run/user/5/diskd/control.sock", "/run/diskd/control.sock"],
  ]);
  assert.deepEqual(await paths("hosts"), [["/run/diskd/control.sock"]]);
});

Deno.test("colour is for terminals only, and not for all of them", async () => {
  const answers = { list: [diskRow()] };
  const isColoured = async (line: string, options: FakeOptions) =>
    (await run(line, { answers, ...options })).stdout.includes("\x1b[");
  const isTerminal = true;
  assert.equal(await isColoured("list", { isTerminal }), true);
  assert.equal(await isColoured("list", {}), false);
  assert.equal(await isColoured("list --no-color", { isTerminal }), false);
  const envs: Record<string, string>[] = [{ NO_COLOR: "1" }, { TERM: "dumb" }];
  for (const env of envs) {
    assert.equal(await isColoured("list", { isTerminal, env }), false);
  }
  assert.equal(
    await isColoured("list", { isTerminal, env: { NO_COLOR: "" } }),
    true,
  );
});

Deno.test("tables fit the terminal", async () => {
  const { stdout } = await run("list", {
    answers: { list: [diskRow({ label: "a".repeat(100) })] },
    columns: 70,
  });
  for (const line of stdout.split("\n")) assert.ok(line.length <= 70, line);
});

Deno.test("help shows every command, and what each takes", async () => {
  const program = await run("help");
  assert.equal(program.code, 0);
  for (
    const command of [
      "list, ls [NAME...]",
      "where NAME...",
      "watch, debug",
      "config check",
      "quit, exit",
    ]
  ) {
    assert.ok(program.stdout.includes(`\n  ${command} `), command);
  }
  assert.ok(!program.stdout.includes("complete-line"));
  for (const line of program.stdout.split("\n")) {
    assert.ok(line.length <= 80, line);
  }
  assert.equal((await run("--help")).stdout, program.stdout);
  const where = await run("help where");
  assert.ok(
    where.stdout.startsWith("Usage: diskd where NAME... [OPTION...]\n"),
  );
  assert.equal((await run("where --help")).stdout, where.stdout);
  assert.equal((await run("--help where")).stdout, where.stdout);
  assert.equal((await run("help nonsense")).code, 2);
  const daemon = await run("--daemon --help");
  assert.ok(daemon.stdout.includes("--announce-interval TIME"));
});

Deno.test("help shows each exit code and what it means", async () => {
  const { stdout } = await run("help");
  for (const { code, meaning } of Object.values(EXIT_CODES)) {
    const line = new RegExp(`^  ${code} +${meaning}$`, "m");
    assert.match(stdout, line);
  }
});

Deno.test("no other file of src/ numbers the exit codes", () => {
  const names = Object.keys(EXIT_CODES).join("|");
  const numbered = new RegExp(
    `\\b(${names})"?: \\d|\\b\\d+: "(${names})"`,
  );
  const files = Project.read(PROJECT).source
    .filter(({ path }) => path !== "src/system/exit_code.ts");
  assert.ok(files.length > 100);
  assert.deepEqual(files.filter(({ text }) => numbered.test(text)), []);
});

Deno.test("--version prints the version, wherever it stands", async () => {
  for (const line of ["--version", "-V", "list --version", "-d --version"]) {
    const { code, stdout } = await run(line);
    assert.equal(code, 0);
    assert.match(stdout, /^diskd \d+\.\d+\.\d+\n$/);
  }
});

Deno.test("no command, and nobody to type one: says so in two lines", async () => {
  const { code, stdout, stderr } = await run("");
  assert.deepEqual([code, stdout], [2, ""]);
  assert.match(stderr, /^diskd: Expected a command, .*\nSee: diskd help\n$/);
});

Deno.test("quit and exit mean something at the prompt only", async () => {
  for (const line of ["quit", "exit"]) {
    const { code, stderr } = await run(line);
    assert.equal(code, 2);
    assert.ok(stderr.startsWith("There is nothing to quit"));
  }
});

Deno.test("the daemon is not started from the prompt", async () => {
  const { code, stderr } = await run("--daemon", { inPrompt: true });
  assert.deepEqual([code, stderr], [
    2,
    "Start the daemon from a shell: diskd --daemon\n",
  ]);
});

Deno.test("config check tells what is wrong, and exits with 2", async () => {
  const files = { "/a.yaml": "prot: 5\n" };
  const { code, stdout, stderr } = await run("config check /a.yaml", { files });
  assert.deepEqual([code, stdout, stderr], [
    2,
    "",
    'Cannot use the configuration: /a.yaml line 1: unknown key "prot", did you mean port?\n',
  ]);
  const json = await run("config check /a.yaml --json", { files });
  assert.equal(json.code, 2);
  const verdict = JSON.parse(json.stdout);
  assert.deepEqual([verdict.ok, verdict.file, verdict.config], [
    false,
    "/a.yaml",
    null,
  ]);
  assert.deepEqual(verdict.problems, [{
    place: "/a.yaml line 1",
    key: "prot",
    message: 'unknown key "prot", did you mean port?',
  }]);
});

Deno.test("config check shows the settings, with those of the environment", async () => {
  const options = {
    files: { "/etc/diskd/config.yaml": "interfaces: [eth*, wlan0]" },
    env: { DISKD_TTL: "7", DISKD_SCAN_INTERVAL: "2m" },
  };
  const { code, stdout } = await run("config check", options);
  assert.equal(code, 0);
  const lines = stdout.split("\n").map((line) => line.trim().split(/ {2,}/));
  assert.deepEqual(lines[0], [
    "/etc/diskd/config.yaml is valid; these are the settings:",
  ]);
  const settings = new Map(lines.slice(1).map(([key, text]) => [key, text]));
  assert.equal(settings.get("ttl"), "7");
  assert.equal(settings.get("scanInterval"), "2m");
  assert.equal(settings.get("interfaces"), "eth*, wlan0");
  assert.equal(settings.get("hostName"), "the machine's");
  const none = await run("config check");
  assert.ok(none.stdout.startsWith("There is no configuration file"));
});

Deno.test("completions prints a script for each shell", async () => {
  const { brief, words } = COMMANDS.completions;
  assert.equal(words?.brief, "bash, zsh, fish");
  for (const shell of words.brief.split(", ")) {
    assert.ok(brief.includes(shell), shell);
    const { code, stdout } = await run(`completions ${shell}`);
    assert.equal(code, 0);
    assert.ok(stdout.includes(`complete-line -- ${shell}`), shell);
  }
});
