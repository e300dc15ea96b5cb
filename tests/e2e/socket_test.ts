import assert from "node:assert/strict";
import { checkOutcome } from "../support/check_outcome.ts";
import { Daemon, DEFAULT_SOCKET } from "../support/daemon.ts";
import { parseDocument } from "../support/json_contract.ts";
import { type Host, inSteps, lanTest, type Process } from "../support/lan.ts";
import { tellOfCrowd } from "../support/made_up_disks.ts";
import {
  attachNew,
  type DiskSite,
  hasClients,
  pullAndPlug,
} from "../support/plug.ts";

const CONNECT = ["socat", "-t30", "STDIO", `UNIX-CONNECT:${DEFAULT_SOCKET}`];

const GREETING = "diskd \\d+\\.\\d+\\.\\d+ on alpha; type help\n";
const TABLE = "HOST .*\nalpha .* two words .*\n";

const LIST_REQUEST = '{"jsonrpc":"2.0","id":1,"method":"list"}\n';
const WATCH_REQUEST = '{"jsonrpc":"2.0","id":"w","method":"watch"}\n';

/** `maxClients` of docs/json.md. */
const MAX_CLIENTS = 64;

lanTest({
  name: "diskd's socket answers whoever types or speaks JSON-RPC there",
  programs: ["socat"],
  hosts: ["alpha", "beta"],
}, async ({ alpha, beta }, t) => {
  const disk = await attachNew(alpha, { type: "ext4", label: "two words" });
  await using daemon = await Daemon.start(alpha);
  const site: DiskSite = { alpha, daemon, disk };
  await inSteps(t, alpha, {
    "text": answersText,
    "JSON-RPC": answersJson,
    "what is wrong": refusesNonsense,
  });
  await t.step("debug, for those who type", () => followsInText(site));
  await t.step("watch, in JSON", () => followsInJson(site));
  await t.step("clients gone before their answer", async () => {
    await tellOfCrowd(beta, daemon);
    await bearsDepartures(site);
  });
  await t.step("a client that does not read", () => bearsIdlers(site));
  await t.step("too many clients", () => turnsAway(site));
  await t.step("nothing of that was a mistake", () => {
    assert.doesNotMatch(daemon.process.log, /^\S+ (warn|error) /m);
  });
});

async function answersText(host: Host): Promise<void> {
  const paragraphs: readonly (readonly [typed: string, answer: string])[] = [
    ["list", TABLE],
    ["LIST\r", TABLE],
    ["  where   two words  ", TABLE],
    ["where nothing", "No disk is named nothing\\. See: diskd list\n"],
    ["hosts", "HOST .*\nalpha +up .*\n"],
    ["localhost", "host +alpha\n(.+\n)+"],
    ["status", "alpha: .*\n(.+\n)+"],
    ["refresh", "Scanned in \\d+ ms: 1 disk, no change\n"],
    ["announce", "Announced 1 disk in 1 datagram on 1 interface\n"],
    ["ping", "No other host answered within .*\n"],
    ["scan", TABLE],
    ["help", "list .*\nls .*\nwhere NAME .*\n(.+\n)+"],
    ["where", "where needs a name; type where NAME\n"],
    ["list --all --unmounted", TABLE],
    ["list --mounted", "No disk is mounted; type list to see all\n"],
    [
      "list all",
      'list takes --all, --devices, --mounted, --unmounted, found "all"\n',
    ],
    ["hosts all", 'hosts takes no argument, found "all"\n'],
    ["lits", 'unknown command "lits"; did you mean "list"\\? type help\n'],
    ["x\x1b[2J", 'unknown command "x\\\\x1b\\[2J"; type help\n'],
    // Nothing behind it is answered.
    ["quit", ""],
    ["list", ""],
  ];
  const typed = paragraphs.map(([line]) => `${line}\n`).join("");
  const answers = paragraphs.filter(([, answer]) => answer !== "")
    .map(([, answer]) => `${answer}\n`).join("");
  checkOutcome(await host.run(CONNECT, { input: typed }), {
    stdout: new RegExp(`^${GREETING}${answers}$`),
  }, "text on the socket");
}

async function answersJson(host: Host): Promise<void> {
  const [list, where, find] = await call(host, [
    { method: "list" },
    { method: "where", params: { name: "two words" } },
    { method: "find", params: { name: "TWO WORDS", host: "ALPHA" } },
  ]);
  const rows = parseDocument("list", JSON.stringify(list!.result));
  assert.deepEqual(rows.map(({ host, label }) => [host, label]), [
    ["alpha", "two words"],
  ]);
  parseDocument("where", JSON.stringify(where!.result));
  const found = parseDocument("find", JSON.stringify(find!.result));
  assert.deepEqual(found.rows.map(({ label }) => label), ["two words"]);
  assert.equal(found.verdict.kind, "attached");
  for (
    const method of [
      "hosts",
      "localhost",
      "status",
      "refresh",
      "announce",
      "ping",
    ] as const
  ) {
    const [answer] = await call(host, [{ method }]);
    parseDocument(method, JSON.stringify(answer!.result));
  }
  const [names] = await call(host, [{ method: "names" }]);
  assert.deepEqual(names!.result, [rows[0]!.uuid, "two words"].sort());
}

async function refusesNonsense(host: Host): Promise<void> {
  const cases: readonly (readonly [line: string, code: number])[] = [
    ["{", -32700],
    ['{"jsonrpc":"2.0","id":1}', -32600],
    [`[${LIST_REQUEST.trim()}]`, -32600],
    ['{"jsonrpc":"2.0","id":1,"method":"lits"}', -32601],
    ['{"jsonrpc":"2.0","id":1,"method":"where"}', -32602],
    ['{"jsonrpc":"2.0","id":1,"method":"list","params":{"x":1}}', -32602],
  ];
  for (const [line, code] of cases) {
    const { stdout } = await host.run(CONNECT, { input: `${line}\n` });
    const [, answer, rest] = stdout.split("\n");
    assert.equal(JSON.parse(answer!).error.code, code, line);
    assert.equal(rest, "", line);
  }
  checkOutcome(await host.run(CONNECT, { input: "x".repeat(65_537) }), {
    stdout: new RegExp(`^${GREETING}error: the line is longer .*\n\n$`),
  }, "an endless line");
}

async function followsInText(
  { alpha, daemon, disk }: DiskSite,
): Promise<void> {
  await using socat = alpha.spawn(CONNECT, { stdin: "piped" });
  await socat.write("debug\n");
  await socat.waitForLog(/following events, quit ends it\n\n$/);
  await pullAndPlug(daemon, disk);
  const line = (event: string) =>
    `\\d\\d \\w+ [\\d:]+Z  ${event}  +alpha  ${disk.device}  two words\n`;
  const events = `${line("unplugged")}${line("attached")}`;
  await socat.waitForLog(new RegExp(`\n\n${events}$`));
  await socat.write("list\n");
  await socat.waitForLog(new RegExp(`\n${TABLE}\n$`));
  await socat.write("quit\n");
  await hasClients(daemon, 0);
}

async function followsInJson({ alpha, daemon, disk }: DiskSite): Promise<void> {
  await using socat = alpha.spawn(CONNECT, { stdin: "piped" });
  await socat.write(WATCH_REQUEST);
  await socat.waitForLog(/\{"jsonrpc":"2.0","id":"w","result":null\}\n$/);
  await pullAndPlug(daemon, disk);
  await socat.waitForLog(/"attached".*\n$/);
  const notices = messages(socat).slice(1);
  assert.deepEqual(notices.map(({ method }) => method), ["event", "event"]);
  const events = notices.map(({ params }) =>
    parseDocument("watch", JSON.stringify(params))
  );
  assert.deepEqual(
    events.map(({ event, label }) => [event, label]),
    [["detached", "two words"], ["attached", "two words"]],
  );
  // It goes without a word while it is told things.
  await socat.stop("SIGKILL");
  await pullAndPlug(daemon, disk);
  await hasClients(daemon, 0);
}

/** They ask for more than a socket holds, and go. */
async function bearsDepartures({ alpha, daemon }: DiskSite): Promise<void> {
  for (let i = 0; i < 20; i++) {
    for (const asked of ["list\n", LIST_REQUEST, `${LIST_REQUEST}list\n`]) {
      const conn = await connect(alpha);
      await conn.write(new TextEncoder().encode(asked.repeat(1 + i % 3)));
      if (i % 2 === 0) await conn.read(new Uint8Array(100));
      conn.close();
    }
  }
  await hasClients(daemon, 0);
  assert.ok((await daemon.call("list", {})).length > 900);
}

async function bearsIdlers({ alpha, daemon }: DiskSite): Promise<void> {
  using idler = await connect(alpha);
  await idler.write(new TextEncoder().encode(LIST_REQUEST.repeat(50)));
  await hasClients(daemon, 1);
  const { code, stdout } = await daemon.run(["where", "two words"]);
  assert.equal(code, 0);
  assert.match(stdout, /^two words is on alpha, /);
}

async function turnsAway({ alpha, daemon }: DiskSite): Promise<void> {
  await hasClients(daemon, 0);
  {
    using clients = new DisposableStack();
    for (let i = 0; i < MAX_CLIENTS; i++) {
      const conn = clients.use(await connect(alpha));
      // Its greeting: only now it is counted.
      await conn.read(new Uint8Array(100));
    }
    checkOutcome(await daemon.run(["list"]), {
      code: 3,
      stderr: /\(busy: diskd serves 64 clients at once; .*\)/,
    }, "list with too many clients");
  }
  await hasClients(daemon, 0);
  const { clients } = await daemon.call("status", {});
  assert.ok(clients.turnedAway >= 1);
}

interface Message {
  readonly id?: number | string;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
}

/** Sends requests, and gives the answers in their order. */
async function call(
  host: Host,
  requests: readonly { readonly method: string; readonly params?: unknown }[],
): Promise<Message[]> {
  const input = requests.map((request, id) =>
    `${JSON.stringify({ jsonrpc: "2.0", id, ...request })}\n`
  ).join("");
  const { stdout } = await host.run(CONNECT, { input });
  const answers = stdout.trimEnd().split("\n").slice(1)
    .map((line): Message => JSON.parse(line));
  return answers.sort((a, b) => Number(a.id) - Number(b.id));
}

/** All that came behind the greeting. */
function messages(process: Process): Message[] {
  const lines = process.log.trimEnd().split("\n").slice(1);
  return lines.map((line) => JSON.parse(line));
}

function connect(host: Host): Promise<Deno.UnixConn> {
  const path = host.path(DEFAULT_SOCKET);
  return Deno.connect({ transport: "unix", path });
}
