import assert from "node:assert/strict";
import { checkCommands, checkOutcome } from "../support/check_outcome.ts";
import { DEFAULT_SOCKET } from "../support/daemon.ts";
import { parseDocument } from "../support/json_contract.ts";
import { type Host, inSteps, lanTest } from "../support/lan.ts";
import { PROJECT } from "../support/program.ts";

const FILE = "/etc/diskd/config.yaml";

/** Of a file with four mistakes, and one that is right. */
const WRONG_FILE = `port: 99999
scanIntervall: 5
ttl: 3
hostName: ""
interfaces: [eth0, 3]
`;
const PROBLEMS = [
  `${FILE} line 2: unknown key "scanIntervall", did you mean scanInterval?`,
  `${FILE} line 1: port is 99999, expected a whole number from 1 to 65535`,
  `${FILE} line 4: hostName is "", expected a name of 1 to 64 characters`,
  `${FILE} line 5: interfaces is ["eth0",3], expected interface names`,
];

lanTest({
  name: "diskd refuses a wrong configuration, and says what is wrong",
  hosts: ["alpha"],
}, async ({ alpha }, t) => {
  await Deno.mkdir(alpha.path("/etc/diskd"), { recursive: true });
  await inSteps(t, alpha, {
    "in the file": refusesFile,
    "in the environment": refusesEnvironment,
    "in flags": refusesFlags,
    "in all of them": tellsEverything,
    "config check": checksFiles,
  });
});

lanTest({
  name: "diskd takes flags before environment before file before defaults",
  hosts: ["alpha"],
}, async ({ alpha }) => {
  const start = ["diskd", "--daemon"];
  const env = { DISKD_HOST_NAME: "variable" };
  assert.equal(await nameOf(alpha, start), "alpha");
  // The commands look for the socket in the file, too.
  await configure(alpha, "hostName: file\nsocket: /run/elsewhere.sock\n");
  assert.equal(await nameOf(alpha, start), "file");
  assert.equal(await nameOf(alpha, start, env), "variable");
  const flag = [...start, "--host-name", "flag"];
  assert.equal(await nameOf(alpha, flag, env), "flag");
});

async function refusesFile(host: Host): Promise<void> {
  await configure(host, WRONG_FILE);
  const outcome = await host.run(["diskd", "--daemon"]);
  checkOutcome(outcome, {
    code: 2,
    stderr: /^Cannot use the configuration, 4 problems:\n(.+\n){4}$/,
  }, "a daemon with a wrong file");
  for (const problem of PROBLEMS) {
    assert.ok(outcome.stderr.includes(`\n  ${problem}`), outcome.stderr);
  }
  assert.throws(
    () => Deno.lstatSync(host.path(DEFAULT_SOCKET)),
    Deno.errors.NotFound,
  );
  for (
    const [text, problem] of [
      ["port: [1\n", / line \d: not YAML: /],
      ["- port: 1\n", /: the file is a list, expected a map/],
      ["a: 1\n---\nb: 2\n", /: the file is more than one document/],
    ] as const
  ) {
    await configure(host, text);
    const { code, stderr } = await host.run(["diskd", "--daemon"]);
    assert.equal(code, 2);
    assert.match(stderr, problem);
  }
  await Deno.remove(host.path(FILE));
  await checkCommands(host, [
    ["--daemon --config /etc/diskd/none.yaml", {
      code: 2,
      stderr: /: \/etc\/diskd\/none\.yaml: cannot be read: there is no such/,
    }],
  ]);
}

async function refusesEnvironment(host: Host): Promise<void> {
  for (
    const [name, value, problem] of [
      ["DISKD_PORT", "http", 'DISKD_PORT: port is "http", expected a whole'],
      ["DISKD_TTL", "0", "DISKD_TTL: ttl is 0, expected a whole number from 1"],
      ["DISKD_SCANINTERVAL", "5", "did you mean DISKD_SCAN_INTERVAL?"],
      ["DISKD_PROT", "5", "did you mean DISKD_PORT?"],
      ["DISKD_CONFIG", "/etc/diskd/none.yaml", "cannot be read"],
    ] as const
  ) {
    const env = { [name]: value };
    const outcome = await host.run(["diskd", "--daemon"], { env });
    checkOutcome(outcome, { code: 2, stderr: /^Cannot use the conf/ }, name);
    assert.ok(outcome.stderr.includes(problem), outcome.stderr);
  }
}

async function refusesFlags(host: Host): Promise<void> {
  const refused = (stderr: RegExp) => ({ code: 2, stderr });
  await checkCommands(host, [
    ["--daemon --group 10.0.0.1", refused(/flag --group: .*"10\.0\.0\.1"/)],
    ["--daemon --announce-interval 3weeks", refused(/"3weeks", expected sec/)],
    ["--daemon --scan-interval 50ms", refused(/"50ms", .*at least 100ms/)],
    ["--daemon --log-level loud", refused(/expected one of error, warn, info/)],
    ["--daemon --socket diskd.sock", refused(/expected an absolute path/)],
    ["--daemon --port", refused(/Expected input for flag --port/)],
    ["--daemon --prot 1", refused(/Unknown flag --prot; did you mean --port/)],
  ]);
}

async function tellsEverything(host: Host): Promise<void> {
  await configure(host, "port: 0\n");
  const argv = ["diskd", "--daemon", "--ttl", "x"];
  const outcome = await host.run(argv, { env: { DISKD_LOG_FORMAT: "xml" } });
  checkOutcome(outcome, {
    code: 2,
    stderr: new RegExp(
      `^Cannot use the configuration, 3 problems:\n  ${FILE} line 1: port .*\n` +
        "  environment variable DISKD_LOG_FORMAT: .*\n  flag --ttl: .*\n$",
    ),
  }, argv.join(" "));
}

async function checksFiles(host: Host): Promise<void> {
  await configure(host, WRONG_FILE);
  const other = "/etc/diskd/other.yaml";
  await Deno.writeTextFile(host.path(other), "scan-interval: 5m\n");
  const example = `${PROJECT}/packaging/config.example.yaml`;
  await Deno.copyFile(example, host.path("/etc/diskd/example.yaml"));
  await checkCommands(host, [
    ["config check", { code: 2, stderr: /^Cannot use .*, 4 problems:\n/ }],
    [`config check ${other}`, {
      stdout: /^\/etc\/diskd\/other\.yaml is valid; [^]*scanInterval +5m\n/,
    }],
    ["config check /etc/diskd/example.yaml", { stdout: / is valid; / }],
  ]);
  const { code, stdout, stderr } = await host.run(
    ["diskd", "config", "check", "--json"],
  );
  assert.deepEqual([code, stderr], [2, ""]);
  const verdict = parseDocument("config check", stdout);
  const { ok, file, config, problems } = verdict;
  assert.deepEqual([ok, file, config], [false, FILE, null]);
  assert.deepEqual(problems.map(({ place, key }) => [place, key]), [
    [`${FILE} line 2`, "scanIntervall"],
    [`${FILE} line 1`, "port"],
    [`${FILE} line 4`, "hostName"],
    [`${FILE} line 5`, "interfaces"],
  ]);
}

async function configure(host: Host, text: string): Promise<void> {
  await Deno.mkdir(host.path("/etc/diskd"), { recursive: true });
  await Deno.writeTextFile(host.path(FILE), text);
}

/** What a host goes by when its daemon is started so. */
async function nameOf(
  host: Host,
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  await using daemon = host.spawn(argv, { env });
  await daemon.waitForLog(/ ready /, 30_000);
  const asked = await host.run(["diskd", "localhost", "--json"]);
  checkOutcome(asked, { stdout: /./ }, "localhost --json");
  assert.equal((await daemon.stop()).code, 0);
  return parseDocument("localhost", asked.stdout).host;
}
