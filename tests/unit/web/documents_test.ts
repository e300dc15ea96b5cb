import assert from "node:assert/strict";
import {
  DaemonUnreachable,
  RemoteFailure,
} from "../../../src/control/client.ts";
import { TooLong } from "../../../src/web/daemon_link.ts";
import { Documents } from "../../../src/web/documents.ts";
import { drivesIn } from "../../../src/render/drives.ts";
import { diskRow } from "../render/rows.ts";

type Call = { readonly method: string; readonly params: unknown };

class FakeLink {
  readonly problem = null;
  readonly calls: Call[] = [];
  readonly #waiting: PromiseWithResolvers<unknown>[] = [];

  call(method: string, params: unknown): Promise<never> {
    this.calls.push({ method, params });
    const answer = Promise.withResolvers<unknown>();
    this.#waiting.push(answer);
    return answer.promise as Promise<never>;
  }

  answer(value: unknown): void {
    this.#waiting.shift()!.resolve(value);
  }

  fail(error: Error): void {
    this.#waiting.shift()!.reject(error);
  }
}

function setUp() {
  const link = new FakeLink();
  const clock = { ms: 0 };
  const documents = new Documents({ link, now: () => clock.ms });
  const get = (target: string) =>
    documents.get(new URL(target, "http://diskd/"))!;
  return { link, clock, documents, get };
}

const text = (body: Uint8Array) => new TextDecoder().decode(body);

Deno.test("Documents asks for a document once, whoever wants it", async () => {
  const { link, clock, get } = setUp();
  const all = [1, 2, 3].map(() => get("/api/status.json"));
  link.answer({ ok: true });
  const [first] = await Promise.all(all);
  assert.equal(first!.status, 200);
  assert.equal(text(first!.body), '{\n  "ok": true\n}\n');
  assert.equal(await get("/api/status.json"), first);
  assert.equal(link.calls.length, 1);
  clock.ms = 1_000;
  void get("/api/status.json");
  assert.equal(link.calls.length, 2);
});

Deno.test("Documents knows a question again, whatever the order of its parameters", async () => {
  const { link, get } = setUp();
  const reply = get("/api/find.json?name=a&host=b");
  assert.equal(get("/api/find.json?host=b&name=a"), reply);
  assert.deepEqual(link.calls, [{
    method: "find",
    params: { name: "a", host: "b" },
  }]);
  link.answer([]);
  await reply;
});

const MAX_DOCUMENTS = 64;

Deno.test("Documents keeps so many, and so many bytes, and drops the oldest", async () => {
  const { link, get } = setUp();
  const ask = async (name: string, answer: unknown) => {
    const before = link.calls.length;
    const reply = get(`/api/where.json?name=${name}`);
    const isAsked = link.calls.length > before;
    if (isAsked) link.answer(answer);
    await reply;
    return isAsked;
  };
  for (let i = 0; i <= MAX_DOCUMENTS; i++) assert.ok(await ask(`${i}`, []));
  for (let i = 1; i <= MAX_DOCUMENTS; i++) assert.ok(!await ask(`${i}`, []));
  assert.ok(await ask("0", []));
  const huge = "x".repeat(40_000_000);
  assert.ok(await ask("huge", huge));
  assert.ok(!await ask("huge", huge));
  assert.ok(!await ask("0", []));
  assert.ok(await ask("other", huge));
  assert.ok(!await ask("other", huge));
  assert.ok(await ask("huge", []));
});

Deno.test("Documents gives nothing that is older than an event", async () => {
  const { link, documents, get } = setUp();
  const before = get("/api/hosts.json");
  documents.forget();
  // Two that come after the event wait for one further question.
  const after = [get("/api/hosts.json"), get("/api/hosts.json")];
  documents.forget();
  assert.equal(link.calls.length, 1);
  link.answer([]);
  assert.equal(text((await before).body), "[]\n");
  await Promise.resolve();
  assert.equal(link.calls.length, 2);
  link.answer([{ host: "alpha" }]);
  const [one, other] = await Promise.all(after);
  assert.equal(one, other);
  assert.equal(text(one!.body), '[\n{"host":"alpha"}\n]\n');
  assert.equal(await get("/api/hosts.json"), one);
});

Deno.test("Documents passes the parameters of list on, and selects", async () => {
  const { link, get } = setUp();
  const reply = get(
    "/api/list.json?all&host=alpha&type=ext*&tag=off*&unmounted=1",
  );
  assert.deepEqual(link.calls, [{
    method: "list",
    params: { all: true, host: "alpha", mounted: false },
  }]);
  link.answer([
    diskRow({ device: "/dev/sda1", type: "ext4", tags: ["offsite"] }),
    diskRow({ device: "/dev/sdb1", type: "ext4" }),
    diskRow({ device: "/dev/sdc1", type: "btrfs", tags: ["offsite"] }),
  ]);
  const rows = JSON.parse(text((await reply).body));
  assert.deepEqual(rows.map(({ device }: { device: string }) => device), [
    "/dev/sda1",
  ]);
});

Deno.test("Documents has the rows of list in order, or their drives", async () => {
  const { link, clock, get } = setUp();
  const read = async (target: string, rows: readonly unknown[]) => {
    clock.ms += 1_000;
    const reply = get(target);
    link.answer(rows);
    return JSON.parse(text((await reply).body));
  };
  const devices = (rows: readonly { device: string }[]) =>
    rows.map(({ device }) => device);
  const rows = ["/dev/sdc1", "/dev/sda1", "/dev/sdb1"].map((device) =>
    diskRow({ device, type: null, types: ["ext4"] })
  );
  const inOrder = ["/dev/sda1", "/dev/sdb1", "/dev/sdc1"];
  assert.deepEqual(devices(await read("/api/list.json", rows)), inOrder);
  const typed = await read("/api/list.json?type=ext4", rows);
  assert.deepEqual(devices(typed), inOrder);
  assert.deepEqual(await read("/api/list.json?type=xfs", rows), []);
  const drives = await read("/api/list.json?drives", rows);
  assert.deepEqual(
    drives,
    JSON.parse(JSON.stringify(drivesIn(rows, {
      withHidden: false,
    }))),
  );
  assert.notDeepEqual(devices(drives), inOrder);
  await read("/api/list.json?devices&mounted", []);
  assert.deepEqual(link.calls.map(({ params }) => params).slice(-2), [
    { devices: true },
    { devices: true, mounted: true },
  ]);
});

Deno.test("Documents passes on what history and overdue are asked for", async () => {
  const { link, get } = setUp();
  for (
    const [target, method, params] of [
      [
        "history.json?name=a&host=b&since=2d&limit=9",
        "history",
        { name: "a", host: "b", since: "2d", limit: 9 },
      ],
      ["history.json?name=", "history", {}],
      ["overdue.json?all=true", "overdue", { all: true }],
      ["overdue.json?all=false", "overdue", {}],
      ["overdue.json?all=0", "overdue", {}],
    ] as const
  ) {
    const reply = get(`/api/${target}`);
    assert.deepEqual(link.calls.at(-1), { method, params }, target);
    link.answer([]);
    assert.equal((await reply).status, 200);
  }
});

Deno.test("Documents says what is wrong with a question", async () => {
  const { link, get } = setUp();
  const wrong: readonly (readonly [string, RegExp])[] = [
    ["/api/where.json", /\?name= is missing/],
    ["/api/status.json?x=1", /parameter x is unknown; expected: none/],
    ["/api/overdue.json?all=yes", /all is yes, expected 1 or 0/],
    ["/api/history.json?limit=0", /limit is 0, expected a whole number/],
    ["/api/list.json?mounted&unmounted", /exclude each other/],
  ];
  for (const [target, message] of wrong) {
    const { status, body } = await get(target);
    assert.equal(status, 400, target);
    assert.match(JSON.parse(text(body)).error, message);
  }
  assert.equal(link.calls.length, 0);
});

Deno.test("Documents answers failures with a status and the reason", async () => {
  const cases: readonly (readonly [Error, number])[] = [
    [new RemoteFailure(-32602, "since is wrong"), 400],
    [new TooLong("there are more than 30000 rows"), 400],
    [new DaemonUnreachable("closed", "it ended"), 503],
  ];
  for (const [error, expected] of cases) {
    const { link, get } = setUp();
    const reply = get("/api/list.json");
    link.fail(error);
    const { status, headers, body } = await reply;
    assert.equal(status, expected);
    const later = expected === 503 ? "2" : undefined;
    assert.equal(headers?.["retry-after"], later);
    const said = JSON.parse(text(body)).error;
    assert.ok(said.startsWith(error.message));
    assert.equal(said.includes("?host="), error instanceof TooLong);
  }
});

Deno.test("Documents says what to ask for instead of what is too long", async () => {
  for (
    const [target, remedy] of [
      ["/api/list.json", "ask for a host at a time: ?host="],
      ["/api/find.json?name=a", "ask for a host at a time: ?host="],
      ["/api/hosts.json", "diskd prints them on the host, with --json"],
      ["/metrics?all=1", "ask each host for its own, without ?all"],
    ] as const
  ) {
    const { link, get } = setUp();
    const reply = get(target);
    link.fail(new TooLong("there are more than 30000 rows"));
    const { body } = await reply;
    const { error } = JSON.parse(text(body));
    assert.equal(error, `there are more than 30000 rows; ${remedy}`, target);
  }
});

Deno.test("Documents has nothing at other addresses", () => {
  const { documents } = setUp();
  for (const path of ["/api/list", "/api/toString", "/api/forget.json", "/"]) {
    assert.equal(documents.get(new URL(path, "http://diskd/")), null, path);
  }
});
