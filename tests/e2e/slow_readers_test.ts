import assert from "node:assert/strict";
import {
  connectControl,
  type ControlClient,
} from "../../src/control/client.ts";
import { makeDisk } from "../../src/inventory/disk.ts";
import { memoryOf } from "../bench/process_figures.ts";
import { datagram } from "../support/announcements.ts";
import { Daemon, DEFAULT_SOCKET } from "../support/daemon.ts";
import { eventually } from "../support/eventually.ts";
import { sendAll } from "../support/hostile_peer.ts";
import { type Host, lanTest } from "../support/lan.ts";
import { hasClients } from "../support/plug.ts";

/** Of each announcement; all are others than those of the one before. */
const DISKS = 30;
/** Sent at once, which is less than may wait; then the one who reads is waited for. */
const BATCH = 115;
/** How many there are at least. */
const EVENTS = 90_000;
/** More than it takes where the kernel drops half of them, as on a busy machine. */
const MAX_ANNOUNCEMENTS = 10_000;
const DEAF = 20;
/** It is some 35 where all read; 20 copies of all events would be 700. */
const MAX_GROWTH_MB = 60;
/** It takes a second. */
const STOP_TIMEOUT_MS = 60_000;

const LOG = "/run/log";

lanTest({
  name: "who does not read costs diskd nothing",
  hosts: ["alpha", "beta"],
}, async ({ alpha, beta }, t) => {
  const site = { alpha, beta, lists: announcements() };
  await t.step("events", () => dropsWhoIsDeaf(site));
  await t.step("the log", () => losesWhatNobodyReads(site));
});

interface Site {
  readonly alpha: Host;
  readonly beta: Host;
  /** What beta says, one after the other. */
  readonly lists: Iterator<Uint8Array>;
}

async function dropsWhoIsDeaf(site: Site): Promise<void> {
  const { alpha } = site;
  await using daemon = await Daemon.start(alpha, {
    quiet: true,
    args: ["--no-history"],
  });
  const path = alpha.path(daemon.socket);
  await using reader = await Reader.start(path);
  const deaf = await Promise.all(
    Array.from({ length: DEAF }, () => startDeafWatch(path)),
  );
  await hasClients(daemon, 1 + DEAF);
  const pid = await daemon.process.pid();
  await reader.hears(1, site);
  const before = memoryOf(pid).resident;
  await reader.hears(EVENTS, site);
  const { clients } = await daemon.call("status", {});
  assert.equal(clients.dropped, DEAF);
  const growth = memoryOf(pid).resident - before;
  assert.ok(growth < MAX_GROWTH_MB, `it grew by ${growth} MB`);
  for (const conn of deaf) conn.close();
}

/** Somebody who reads all events as they come. */
class Reader implements AsyncDisposable {
  readonly #client: ControlClient;
  /** Settles at the end, with why the daemon ended it. */
  readonly #ended: Promise<unknown>;
  events = 0;

  private constructor(client: ControlClient) {
    this.#client = client;
    this.#ended = this.#read();
  }

  static async start(path: string): Promise<Reader> {
    return new Reader(await connectControl([path]));
  }

  /** Has beta announce until so many events have come, and all that there are. */
  async hears(events: number, { beta, lists }: Site): Promise<void> {
    for (let sent = 0; this.events < events; sent += BATCH) {
      assert.ok(sent < MAX_ANNOUNCEMENTS, `${this.events} of ${sent}`);
      const batch = Array.from({ length: BATCH }, () => lists.next().value);
      await sendAll(beta, batch);
      // The answer comes behind the events that were sent before.
      await this.#client.call("status", {});
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.close();
    assert.equal(await this.#ended, null);
  }

  async #read(): Promise<unknown> {
    try {
      for await (const _event of this.#client.watch()) this.events++;
      return null;
    } catch (error) {
      return error;
    }
  }
}

async function startDeafWatch(path: string): Promise<Deno.UnixConn> {
  const conn = await Deno.connect({ transport: "unix", path });
  const request = '{"jsonrpc":"2.0","id":1,"method":"watch"}\n';
  await conn.write(new TextEncoder().encode(request));
  return conn;
}

/** Its standard error is a pipe that it holds open itself, so it is full at 64 KiB. */
async function losesWhatNobodyReads(site: Site): Promise<void> {
  const { alpha } = site;
  const script = `mkfifo ${LOG}; exec diskd --daemon 2<>${LOG}`;
  await using process = alpha.spawn(["sh", "-c", script]);
  const socket = alpha.path(DEFAULT_SOCKET);
  await eventually(() => answers([socket]));
  await keepsFewLines(socket, site);
  // Nobody reads its last words.
  const { code } = await process.stop("SIGTERM", STOP_TIMEOUT_MS);
  assert.equal(code, 0);
}

async function keepsFewLines(socket: string, site: Site): Promise<void> {
  await using reader = await Reader.start(socket);
  await reader.hears(EVENTS, site);
  const { events } = reader;
  const text = await readUntil(site.alpha.path(LOG), / lines=\d+\n/);
  const lines = text.trimEnd().split("\n");
  const lost = Number(/log lines were lost.* lines=(\d+)$/m.exec(text)?.[1]);
  assert.match(lines[0]!, / (ready|attached|host-up) /);
  // The first list has one line.
  const logged = lines.length + lost;
  assert.ok(logged > events - DISKS, `${logged} of ${events}`);
  assert.ok(lines.length < events / 10, `${lines.length} lines were kept`);
  // Until the pipe is full again.
  await reader.hears(events + BATCH * DISKS, site);
}

async function answers(socket: readonly string[]): Promise<void> {
  await using client = await connectControl(socket);
  await client.call("status", {});
}

async function readUntil(path: string, pattern: RegExp): Promise<string> {
  using file = await Deno.open(path);
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(64 * 1024);
  let text = "";
  while (!pattern.test(text)) {
    const count = await file.read(buffer);
    assert.notEqual(count, null, text);
    text += decoder.decode(buffer.subarray(0, count!), { stream: true });
  }
  return text;
}

/** Lists of which each has other disks than the one before. */
function* announcements(): Generator<Uint8Array, never> {
  for (let seq = 1;; seq++) {
    const disks = Array.from(
      { length: DISKS },
      (_, i) => makeDisk({ device: `/dev/${i}`, uuid: `${seq % 2}-${i}` }),
    );
    const about = { id: "b".repeat(32), host: "many", every: 3_600 };
    yield datagram({ ...about, seq, rev: seq, disks });
  }
}
