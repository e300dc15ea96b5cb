import assert from "node:assert/strict";
import { DaemonUnreachable, EventQueue } from "../../../src/control/client.ts";
import type { EventRow } from "../../../src/control/views.ts";
import type { WebClient } from "../../../src/web/daemon_link.ts";
import { SECURITY_HEADERS } from "../../../src/web/guard.ts";
import { serveWeb } from "../../../src/web/mod.ts";
import { until } from "../../support/eventually.ts";
import {
  ask,
  closeQuietly,
  openRaw,
  readAll,
  requestText,
} from "../../support/web_client.ts";

const MAX_STREAMS = 64;

/** A daemon that answers every question with what it was told to. */
class FakeDaemon {
  rows: readonly unknown[] = [];
  #isThere = true;
  #events = new EventQueue<EventRow>(10);

  connect(): Promise<WebClient> {
    if (!this.#isThere) {
      return Promise.reject(new DaemonUnreachable("not-found", "it is away"));
    }
    const events = this.#events = new EventQueue<EventRow>(10);
    const client: unknown = {
      call: () => Promise.resolve(this.rows),
      watch: () => events.events(),
      close() {
        events.end(null);
        return Promise.resolve();
      },
    };
    return Promise.resolve(client as WebClient);
  }

  tell(event: object): void {
    void this.#events.put(event as EventRow);
  }

  leave(): void {
    this.#isThere = false;
    this.#events.end(new DaemonUnreachable("closed", "it ended"));
  }
}

interface Site {
  readonly path: string;
  readonly daemon: FakeDaemon;
}

/** Serves the page on a socket while `use` runs. */
async function serving(use: (site: Site) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "diskd-web-" });
  try {
    const path = `${folder}/page.sock`;
    const daemon = new FakeDaemon();
    const said: (string | null)[] = [];
    const end = new AbortController();
    const running = serveWeb({
      listen: { kind: "unix", path },
      rules: { names: [], token: null, isBehindProxy: false },
      connect: () => daemon.connect(),
    }, {
      signal: end.signal,
      onReady: () => {},
      onDaemon: (problem) => said.push(problem),
    });
    await until(() => said.length > 0);
    assert.deepEqual(said, [null]);
    await use({ path, daemon });
    end.abort();
    await running;
    assert.deepEqual([...Deno.readDirSync(folder)], []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("diskd web has the page and documents, and nothing at other addresses", async () => {
  await serving(async ({ path }) => {
    const statuses: Readonly<Record<string, number>> = {
      "/": 200,
      "/disk/x%00%0d%0aSet-Cookie:%20a=b": 200,
      "/page/preact.js": 200,
      "/page/../../etc/passwd": 404,
      "/page/%2e%2e/%2e%2e/etc/passwd": 404,
      "/..%2f..%2fetc%2fpasswd": 404,
      "/nothing": 404,
      "/api/forget.json": 404,
      "http://localhost/": 400,
      "//evil.example/": 400,
      "/\\evil.example/": 400,
      "*": 400,
    };
    for (const [target, expected] of Object.entries(statuses)) {
      const { status, head } = await ask(path, target);
      assert.equal(status, expected, target);
      assert.doesNotMatch(head, /set-cookie/i);
      for (const [name, value] of Object.entries(SECURITY_HEADERS)) {
        assert.ok(head.includes(`\r\n${name}: ${value}`), `${target} ${name}`);
      }
    }
    const refused = await ask(path, "/", { host: "evil.example" });
    assert.equal(refused.status, 421);
    const api = "/api/list.json?host=a%0d%0aX:%20y";
    const { status, body } = await ask(path, api);
    assert.deepEqual([status, body], [200, "[]\n"]);
  });
});

Deno.test("diskd web says what happens as it happens, and gives no document from before", async () => {
  await serving(async ({ path, daemon }) => {
    const list = async () => (await ask(path, "/api/hosts.json")).body;
    let got = "";
    const conn = await openRaw(path, requestText("/api/events"));
    void (async () => {
      for await (const text of decoded(conn)) got += text;
    })();
    await until(() =>
      got.includes('event: daemon\ndata: {"problem":null}\n\n')
    );
    const [head = ""] = got.split("\r\n\r\n");
    const expected = {
      ...SECURITY_HEADERS,
      "content-type": "text/event-stream",
      "cache-control": "no-store",
      "x-accel-buffering": "no",
    };
    for (const [name, value] of Object.entries(expected)) {
      assert.ok(head.includes(`\r\n${name}: ${value}`), name);
    }
    assert.equal(await list(), "[]\n");
    daemon.rows = [1];
    daemon.tell({ event: "attached" });
    await until(() => got.includes('event: event\ndata: {"event":"attached"}'));
    assert.equal(await list(), "[\n1\n]\n");
    daemon.leave();
    await until(() => got.includes('data: {"problem":"it ended"}'));
    assert.match(await list(), /^\{"error":"it (?:ended|is away)"\}\n$/);
    closeQuietly(conn);
  });
});

Deno.test("diskd web lets so many follow, and no more", async () => {
  await serving(async ({ path }) => {
    const asked = await Promise.all(
      Array.from(
        { length: MAX_STREAMS + 5 },
        () => openRaw(path, requestText("/api/events")),
      ),
    );
    const firsts = await Promise.all(asked.map(async (conn) => {
      const { value = "" } = await decoded(conn).next();
      return value;
    }));
    const refused = firsts.filter((text) => text.startsWith("HTTP/1.1 503 "));
    assert.equal(refused.length, 5);
    assert.match(refused[0]!, /\r\nretry-after: 10\r\n/);
    asked.forEach(closeQuietly);
    const head = requestText("/api/events").replace("GET", "HEAD");
    const text = await readAll(await openRaw(path, head));
    assert.match(text, /\r\n\r\n$/);
  });
});

/** What comes, in pieces. */
async function* decoded(conn: Deno.Conn): AsyncGenerator<string, void, void> {
  const buffer = new Uint8Array(65_536);
  try {
    for (let n; (n = await conn.read(buffer)) !== null;) {
      yield new TextDecoder().decode(buffer.subarray(0, n));
    }
  } catch {
    // It is closed.
  }
}
