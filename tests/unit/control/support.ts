import { diskRow as shownRow } from "../render/rows.ts";
import type { Handlers, TextStyle } from "../../../src/control/handlers.ts";
import {
  type ControlOptions,
  type ControlServer,
  serveControl,
} from "../../../src/control/server.ts";
import type {
  DiskRow,
  EventRow,
  PingView,
} from "../../../src/control/views.ts";
import { bareVerdict } from "../../../src/daemon/verdict.ts";

export const GREETING = "diskd 0.1.0 on alpha; type help";

/** A directory that is gone when the block that holds it is left. */
export function tempDir(): { readonly path: string } & Disposable {
  const path = Deno.makeTempDirSync({ prefix: "control_" });
  return {
    path,
    [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }),
  };
}

/** Makes the file that a daemon leaves behind when it is killed. */
export function leaveSocketFile(path: string): void {
  // Deno removes the name that it bound, so it is bound under another.
  const listener = Deno.listen({ transport: "unix", path: `${path}.bound` });
  Deno.renameSync(`${path}.bound`, path);
  listener.close();
}

export function diskRow(known: Partial<DiskRow> = {}): DiskRow {
  return shownRow({
    address: null,
    uuid: "8261f666-e6f6-4a24-9dbe-0e4d1d0c1a4d",
    mounts: [],
    seenAt: "2026-01-02T03:04:05Z",
    ...known,
  });
}

export function eventRow(device: string): EventRow {
  return {
    event: "attached",
    at: "2026-01-02T03:04:05Z",
    host: "alpha",
    hostId: "9f0c",
    uniqueHost: "alpha",
    device,
    uuid: null,
    label: null,
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
}

/** A ping that nobody answered. */
export const NOBODY: PingView = { answers: [], silent: [], durationMs: 9 };

const NO_CONFIG = { file: null, changed: [], restart: [], problem: null };

/** A daemon with one disk that does nothing by itself; `asked` tells what it was asked for. */
export class FakeDaemon {
  readonly asked: string[] = [];
  readonly watchers = new Set<(event: EventRow) => void>();
  readonly handlers: Handlers;

  constructor(changed: Partial<Handlers> = {}) {
    this.handlers = {
      remark: ({ name }) =>
        this.#note(`remark ${name}`, { disks: [], warnings: [] }),
      overdue: (params) =>
        this.#note(["overdue", ...Object.keys(params)].join(" "), []),
      notify: () => this.#note("notify", []),
      list: (params) =>
        this.#note(["list", ...Object.entries(params)].join(" "), [diskRow()]),
      where: ({ name }) =>
        this.#note(
          `where ${name}`,
          [diskRow()].filter((row) => row.label === name),
        ),
      find: ({ name, host }) =>
        this.#note(
          ["find", name, ...(host === undefined ? [] : [host])].join(" "),
          {
            rows: [diskRow()].filter((row) => row.label === name),
            verdict: bareVerdict("attached"),
            contents: [],
          },
        ),
      hosts: () => this.#note("hosts", []),
      localhost: () =>
        this.#note("localhost", {
          host: "alpha",
          hostId: "9f0c",
          uniqueHost: "alpha",
          version: "0.1.0",
          addresses: [],
          interfaces: [],
        }),
      status: () => {
        throw new Error("the clock is broken");
      },
      reload: () => this.#note("reload", NO_CONFIG),
      refresh: () =>
        this.#note("refresh", {
          ok: true,
          listed: true,
          durationMs: 3,
          disks: 1,
          attached: 0,
          detached: 0,
          changed: 0,
          problems: [],
        }),
      announce: () =>
        this.#note("announce", { interfaces: 1, datagrams: 1, disks: 1 }),
      ping: () => this.#note("ping", NOBODY),
      history: (params) => this.#note(`history ${JSON.stringify(params)}`, []),
      export: (params) =>
        this.#note(`export ${JSON.stringify(params)}`, {
          rows: [],
          next: null,
        }),
      import: ({ rows }) =>
        this.#note(`import ${rows.length}`, {
          added: rows.length,
          extended: 0,
          known: 0,
          skipped: 0,
        }),
      duplicates: () => this.#note("duplicates", []),
      forget: ({ name }) =>
        this.#note(`forget ${name}`, { hosts: [], disks: [], sightings: 0 }),
      remarks: () => this.#note("remarks", []),
      names: () => this.#note("names", ["backup-2019"]),
      watch: (onEvent) => {
        this.watchers.add(onEvent);
        return () => this.watchers.delete(onEvent);
      },
      ...changed,
    };
  }

  emit(event: EventRow): void {
    for (const onEvent of this.watchers) onEvent(event);
  }

  #note<T>(asked: string, result: T): T {
    this.asked.push(asked);
    return result;
  }
}

/** Text that shows what it was made from. */
export const PLAIN_TEXT: TextStyle = {
  answer: (method, result) => {
    const rows = "rows" in result ? result.rows : result;
    return Array.isArray(rows)
      ? rows.map((row) => `${row.host} ${row.device}`).join("\n")
      : `${method} ${JSON.stringify(result)}`;
  },
  event: ({ event, device }) => `${event} ${device}`,
};

/** What `serveControl` needs, for a socket in `dir`. */
export function controlOptions(
  dir: string,
  changed: Partial<ControlOptions> = {},
): ControlOptions {
  return {
    path: `${dir}/control.sock`,
    greeting: () => GREETING,
    handlers: new FakeDaemon().handlers,
    text: PLAIN_TEXT,
    ...changed,
  };
}

/** A server in a directory of its own, which goes with it; of a `FakeDaemon` unless told otherwise. */
export async function serve(
  changed: Partial<ControlOptions> = {},
): Promise<ControlServer> {
  await using resources = new AsyncDisposableStack();
  const { path } = resources.use(tempDir());
  const server = await serveControl(controlOptions(path, changed));
  resources.use(server);
  const kept = resources.move();
  const close = () => kept.disposeAsync();
  return {
    path: server.path,
    files: server.files,
    restore: () => server.restore(),
    get counts() {
      return server.counts;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Somebody at the other end of the socket who types. */
export class Typist implements Disposable {
  readonly conn: Deno.UnixConn;
  #unread = "";
  readonly #decoder = new TextDecoder();

  private constructor(conn: Deno.UnixConn) {
    this.conn = conn;
  }

  /** Connects, without reading the greeting. */
  static async connect(path: string): Promise<Typist> {
    return new Typist(await Deno.connect({ transport: "unix", path }));
  }

  /** Connects and reads the greeting. */
  static async greeted(path: string): Promise<Typist> {
    const typist = await Typist.connect(path);
    await typist.line();
    return typist;
  }

  async type(text: string | Uint8Array): Promise<void> {
    const bytes = typeof text === "string"
      ? new TextEncoder().encode(text)
      : text;
    for (let sent = 0; sent < bytes.length;) {
      sent += await this.conn.write(bytes.subarray(sent));
    }
  }

  /** The next line without its newline, `null` when the connection has ended. */
  async line(): Promise<string | null> {
    const buffer = new Uint8Array(64 * 1024);
    for (;;) {
      const newline = this.#unread.indexOf("\n");
      if (newline >= 0) {
        const line = this.#unread.slice(0, newline);
        this.#unread = this.#unread.slice(newline + 1);
        return line;
      }
      const count = await this.conn.read(buffer).catch(() => null);
      if (count === null) return null;
      this.#unread += this.#decoder.decode(buffer.subarray(0, count), {
        stream: true,
      });
    }
  }

  /** The lines up to an empty one. */
  async answer(): Promise<string[]> {
    const lines: string[] = [];
    for (let line; (line = await this.line());) lines.push(line);
    return lines;
  }

  /** What comes back in JSON. */
  async json(): Promise<Record<string, unknown>> {
    return JSON.parse(await this.line() ?? "null");
  }

  async ask(text: string): Promise<string[]> {
    await this.type(`${text}\n`);
    return await this.answer();
  }

  [Symbol.dispose](): void {
    this.conn.close();
  }
}
