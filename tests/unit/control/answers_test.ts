import assert from "node:assert/strict";
import { type Answer, Answers } from "../../../src/control/answers.ts";
import {
  type Access,
  ALL,
  Encoded,
  type Handlers,
  Streamed,
} from "../../../src/control/handlers.ts";
import { RpcError } from "../../../src/control/jsonrpc.ts";
import {
  MAX_NAME_BYTES,
  METHOD_NAMES,
} from "../../../src/control/parameters.ts";
import { diskRow, FakeDaemon, NOBODY, PLAIN_TEXT } from "./support.ts";

/** Answers of a fake daemon, and what it was asked and what failed. */
function setUp(changed: Partial<Handlers> = {}, access: Access = ALL) {
  const daemon = new FakeDaemon(changed);
  const failures: string[] = [];
  const answers = new Answers({
    handlers: daemon.handlers,
    text: PLAIN_TEXT,
    access,
    onFailure: (error, asked) => failures.push(`${asked}: ${error}`),
  });
  return { answers, asked: daemon.asked, failures };
}

async function jsonOf(answers: Answers, request: object) {
  const { chunks } = await answers.toJson(
    JSON.stringify({ jsonrpc: "2.0", ...request }),
  );
  const text = decode(chunks);
  assert.equal(text.indexOf("\n"), text.length - 1);
  return JSON.parse(text);
}

async function textOf(answers: Answers, line: string): Promise<string> {
  return decode((await answers.toText(line)).chunks);
}

function decode(chunks: readonly Uint8Array[]): string {
  return chunks.map((chunk) => new TextDecoder().decode(chunk)).join("");
}

Deno.test("a streamed list is one line of JSON, and as text a table for each 4 MiB", async () => {
  const listOf = (labels: readonly string[]) => {
    async function* parts() {
      for (const label of labels) {
        const row = JSON.stringify(diskRow({ label }));
        yield await Promise.resolve(new TextEncoder().encode(row));
      }
    }
    return { list: () => new Streamed<never>(parts()) };
  };
  const read = async ({ chunks, rest }: Answer) =>
    decode([...chunks, ...await Array.fromAsync(rest ?? [])]);
  const request = '{"jsonrpc":"2.0","id":7,"method":"list"}';
  for (const labels of [[], ["a"], ["a", "b", "c"]]) {
    const { answers } = setUp(listOf(labels));
    const { id, result } = JSON.parse(
      await read(await answers.toJson(request)),
    );
    assert.equal(id, 7);
    assert.deepEqual(
      result.map(({ label }: { label: string }) => label),
      labels,
    );
    const text = await read(await answers.toText("list"));
    assert.equal(text.split("\n").indexOf(""), labels.length);
    assert.ok(text.endsWith("\n"));
  }
  const { answers } = setUp(listOf(Array(5).fill("x".repeat(2_200_000))));
  const text = await read(await answers.toText("list"));
  assert.equal(text.split("\n").filter((line) => line !== "").length, 5);
});

Deno.test("Answers.toJson() answers with the id that it was given", async () => {
  const { answers } = setUp();
  for (const id of [1, "a b", null, -0.5]) {
    assert.deepEqual(await jsonOf(answers, { id, method: "names" }), {
      jsonrpc: "2.0",
      id,
      result: ["backup-2019"],
    });
  }
});

Deno.test("Answers calls beforeTelling once an answer is made, and before it is told", async () => {
  const steps: string[] = [];
  const { handlers } = new FakeDaemon({
    names: async () => {
      await Promise.resolve();
      steps.push("made");
      return [];
    },
  });
  const answers = new Answers({
    handlers,
    text: PLAIN_TEXT,
    access: ALL,
    onFailure: () => {},
    beforeTelling: () => steps.push("beforeTelling"),
  });
  await jsonOf(answers, { id: 1, method: "names" });
  steps.push("told");
  assert.deepEqual(steps, ["made", "beforeTelling", "told"]);
});

Deno.test("Answers.toJson() gives parameters to the handler", async () => {
  const { answers, asked } = setUp();
  const { result } = await jsonOf(answers, {
    id: 1,
    method: "where",
    params: { name: " backup-2019" },
  });
  assert.deepEqual(result, []);
  assert.deepEqual(asked, ["where  backup-2019"]);
});

Deno.test("Answers.toJson() puts a result that is JSON already into the answer as it is", async () => {
  const json = '[{"host" : "Ünï"}]';
  const { answers } = setUp({ list: () => new Encoded(json) });
  const { chunks } = await answers.toJson(
    '{"jsonrpc":"2.0","id":1,"method":"list"}',
  );
  assert.equal(decode(chunks), `{"jsonrpc":"2.0","id":1,"result":${json}}\n`);
});

Deno.test("Answers.toJson() waits for a handler that takes its time", async () => {
  const { answers } = setUp({
    ping: async () => await Promise.resolve(NOBODY),
  });
  const { result } = await jsonOf(answers, { id: 1, method: "ping" });
  assert.deepEqual(result, NOBODY);
});

Deno.test("Answers.toJson() does what a notification asks and says nothing", async () => {
  const { answers, asked } = setUp();
  const { chunks, then } = await answers.toJson(
    '{"jsonrpc":"2.0","method":"announce"}',
  );
  assert.deepEqual({ chunks, then }, { chunks: [], then: "go-on" });
  assert.deepEqual(asked, ["announce"]);
  const wrong = await answers.toJson('{"jsonrpc":"2.0","method":"lits"}');
  assert.deepEqual(wrong.chunks, []);
});

const REFUSED: readonly [string, object, number, RegExp][] = [
  [
    "an unknown method",
    { method: "lits" },
    -32601,
    /unknown method "lits"; known are list, where/,
  ],
  [
    "a method of every object",
    { method: "toString" },
    -32601,
    /unknown method/,
  ],
  [
    "where without a name",
    { method: "where" },
    -32602,
    /"name" must be a string, found nothing/,
  ],
  [
    "where with a number",
    { method: "where", params: { name: 1 } },
    -32602,
    /found a number/,
  ],
  [
    "where with an empty name",
    { method: "where", params: { name: "" } },
    -32602,
    /the name is empty/,
  ],
  [
    "a name of more bytes than are allowed",
    {
      method: "where",
      params: { name: "\u00fc".repeat(MAX_NAME_BYTES / 2 + 1) },
    },
    -32602,
    /1026 bytes, at most 1024/,
  ],
  [
    "a parameter that there is none of",
    { method: "list", params: { hosts: "a" } },
    -32602,
    /unknown parameter "hosts", expected "all", "devices", "mounted", "host"/,
  ],
  [
    "a parameter where there is none",
    { method: "hosts", params: { host: "a" } },
    -32602,
    /unknown parameter "host", expected none/,
  ],
  [
    "a choice that is neither true nor false",
    { method: "list", params: { mounted: "no" } },
    -32602,
    /"mounted" must be true or false, found a string/,
  ],
  [
    "the history of nothing",
    { method: "history", params: { name: "" } },
    -32602,
    /name is empty/,
  ],
  [
    "the history of a host without a name",
    { method: "history", params: { host: "" } },
    -32602,
    /"host" must be the name or id of a host/,
  ],
  [
    "a time that is none",
    { method: "history", params: { since: "2d" } },
    -32602,
    /"since" must be a time like 2026-01-31T12:00:00Z/,
  ],
  [
    "more rows than are given",
    { method: "history", params: { limit: 501 } },
    -32602,
    /"limit" must be a whole number from 1 to 500/,
  ],
  [
    "a page of an export that there cannot be",
    { method: "export", params: { after: -1 } },
    -32602,
    /"after" must be a whole number/,
  ],
  [
    "rows that are none",
    { method: "import", params: { rows: {} } },
    -32602,
    /"rows" must be an array, found an object/,
  ],
  [
    "a parameter to watch",
    { method: "watch", params: { host: "a" } },
    -32602,
    /unknown parameter "host"/,
  ],
];

for (const [what, request, code, message] of REFUSED) {
  Deno.test(`Answers.toJson() refuses ${what} with ${code}`, async () => {
    const { answers, asked, failures } = setUp();
    const { id, error } = await jsonOf(answers, { id: 5, ...request });
    assert.equal(id, 5);
    assert.equal(error.code, code);
    assert.match(error.message, message);
    assert.deepEqual([...asked, ...failures], []);
  });
}

Deno.test("Answers.toJson() takes a name at the limit", async () => {
  const { answers } = setUp();
  const name = "a".repeat(MAX_NAME_BYTES);
  const { result } = await jsonOf(answers, {
    id: 1,
    method: "where",
    params: { name },
  });
  assert.deepEqual(result, []);
});

Deno.test("Answers.toJson() gives history, export and import what they are asked", async () => {
  const { answers, asked } = setUp();
  const params = { name: "x", host: "h", since: "2026-01-31T00:00Z", limit: 1 };
  await jsonOf(answers, { id: 1, method: "history", params });
  await jsonOf(answers, { id: 2, method: "history" });
  await jsonOf(answers, { id: 3, method: "export", params: { after: 7 } });
  await jsonOf(answers, { id: 4, method: "import", params: { rows: [1] } });
  assert.deepEqual(asked, [
    `history ${JSON.stringify(params)}`,
    "history {}",
    'export {"after":7}',
    "import 1",
  ]);
});

Deno.test("Answers.toJson() tells an error that a handler means, and does not report it", async () => {
  const { answers, failures } = setUp({
    refresh: () => {
      throw new RpcError(-32000, "a scan is under way");
    },
  });
  const { error } = await jsonOf(answers, { id: 1, method: "refresh" });
  assert.deepEqual(error, { code: -32000, message: "a scan is under way" });
  assert.deepEqual(failures, []);
});

Deno.test("Answers.toJson() tells and reports an error that nobody meant", async () => {
  const { answers, failures } = setUp({
    refresh: () => Promise.reject(new TypeError("x is undefined")),
  });
  const { error } = await jsonOf(answers, { id: 1, method: "refresh" });
  assert.deepEqual(error, { code: -32603, message: "x is undefined" });
  assert.deepEqual(failures, ["refresh: TypeError: x is undefined"]);
});

Deno.test("Answers.toJson() answers watch with null and goes on to watch", async () => {
  const { answers } = setUp();
  const { chunks, then } = await answers.toJson(
    '{"jsonrpc":"2.0","id":3,"method":"watch"}',
  );
  assert.equal(decode(chunks), '{"jsonrpc":"2.0","id":3,"result":null}\n');
  assert.equal(then, "watch");
});

Deno.test("Answers.toText() answers with lines and one empty line", async () => {
  const rows = [diskRow(), diskRow({ device: "/dev/sdc" })];
  const { answers } = setUp({ list: () => rows });
  assert.equal(
    await textOf(answers, "list"),
    "alpha /dev/sdb1\nalpha /dev/sdc\n\n",
  );
});

Deno.test("Answers.toText() answers with the empty line alone where there is nothing to show", async () => {
  const { answers } = setUp();
  assert.equal(await textOf(answers, "hosts"), "\n");
});

Deno.test("Answers.toText() lets no empty line into an answer, as that ends it", async () => {
  const { answers } = setUp({
    list: () => [diskRow({ device: "a\n\n\nb\n" })],
  });
  assert.equal(await textOf(answers, "list"), "alpha a\nb\n\n");
});

Deno.test("Answers.toText() reads a result that is JSON already", async () => {
  const { answers } = setUp({
    list: () => new Encoded(JSON.stringify([diskRow()])),
  });
  assert.equal(await textOf(answers, "list"), "alpha /dev/sdb1\n\n");
});

Deno.test("Answers.toText() looks for a label with spaces", async () => {
  const { answers, asked } = setUp();
  await textOf(answers, "WHERE my label");
  assert.deepEqual(asked, ["find my label"]);
});

Deno.test("Answers lets list choose, by parameters and by options behind the word", async () => {
  const { answers, asked } = setUp();
  const params = { all: true, mounted: false };
  await jsonOf(answers, { id: 1, method: "list", params });
  await jsonOf(answers, { id: 1, method: "list" });
  await textOf(answers, "list --all --unmounted");
  await textOf(answers, "list  --MOUNTED ");
  assert.deepEqual(asked, [
    "list all,true mounted,false",
    "list",
    "list all,true mounted,false",
    "list mounted,true",
  ]);
});

Deno.test("Answers.toText() refreshes, pings, then lists for scan", async () => {
  const { answers, asked } = setUp();
  assert.equal(await textOf(answers, "scan"), "alpha /dev/sdb1\n\n");
  assert.deepEqual(asked, ["refresh", "ping", "list"]);
});

Deno.test("Answers.toText() tells what went wrong", async () => {
  const { answers, failures } = setUp();
  assert.equal(
    await textOf(answers, "status"),
    "error: the clock is broken\n\n",
  );
  assert.deepEqual(failures, ["status: Error: the clock is broken"]);
  assert.equal(
    await textOf(answers, `where ${"x".repeat(1025)}`),
    "error: the name has 1025 bytes, at most 1024 are allowed\n\n",
  );
  assert.equal(
    await textOf(answers, "lits"),
    'unknown command "lits"; did you mean "list"? type help\n\n',
  );
});

Deno.test("Answers.toText() says nothing to a blank line", async () => {
  const { answers } = setUp();
  assert.equal(await textOf(answers, "  "), "");
});

Deno.test("Answers.toText() ends at quit and exit, and watches at watch and debug", async () => {
  const { answers } = setUp();
  for (const word of ["quit", "exit"]) {
    assert.equal((await answers.toText(word)).then, "quit");
  }
  for (const word of ["watch", "debug"]) {
    assert.equal((await answers.toText(word)).then, "watch");
  }
});

const FOR_READING: Access = { kind: "read", elsewhere: "/run/x/all.sock" };

const CHANGING = [
  "reload",
  "refresh",
  "announce",
  "ping",
  "import",
  "forget",
  "remark",
  "notify",
] as const;

for (const method of CHANGING) {
  Deno.test(`Answers.toJson() does not ${method} on a socket for reading, and names the other one`, async () => {
    const { answers, asked } = setUp({}, FOR_READING);
    const { error } = await jsonOf(answers, { id: 1, method });
    assert.equal(error.code, -32001);
    assert.equal(
      error.message,
      `${method} changes something, but this socket is read-only; use /run/x/all.sock, as its owner or as root`,
    );
    // Nor where no answer is wanted.
    await answers.toJson(JSON.stringify({ jsonrpc: "2.0", method }));
    assert.deepEqual(asked, []);
  });
}

Deno.test("Answers.toJson() answers every other method on a socket for reading", async () => {
  const status = () => Promise.reject(new RpcError(-1, "asked"));
  const { answers } = setUp({ status }, FOR_READING);
  const reading = METHOD_NAMES.filter((one) =>
    !CHANGING.some((changing) => changing === one)
  );
  assert.equal(reading.length, METHOD_NAMES.length - CHANGING.length);
  for (const method of reading) {
    const params = ["where", "find"].includes(method) ? { name: "x" } : {};
    const { error } = await jsonOf(answers, { id: 1, method, params });
    assert.equal(error?.message, method === "status" ? "asked" : undefined);
  }
  const watch = '{"jsonrpc":"2.0","id":3,"method":"watch"}';
  assert.equal((await answers.toJson(watch)).then, "watch");
});

Deno.test("Answers.toText() refuses a command on a socket for reading before its first half is done", async () => {
  const { answers, asked, failures } = setUp({}, FOR_READING);
  assert.equal(
    await textOf(answers, "scan"),
    "error: refresh changes something, but this socket is read-only; use /run/x/all.sock, as its owner or as root\n\n",
  );
  assert.match(await textOf(answers, "ANNOUNCE"), /^error: announce changes/);
  assert.equal(await textOf(answers, "list"), "alpha /dev/sdb1\n\n");
  assert.deepEqual([...asked, ...failures], ["list"]);
});

Deno.test("Answers.toText() shows in help what a socket for reading does, and no more", async () => {
  const { answers } = setUp({}, FOR_READING);
  const words = (await textOf(answers, "help")).trim().split("\n")
    .map((line) => line.split(" ")[0]);
  assert.deepEqual(words, [
    "list",
    "ls",
    "where",
    "history",
    "duplicates",
    "hosts",
    "localhost",
    "status",
    "watch",
    "debug",
    "help",
    "quit",
    "exit",
  ]);
});
