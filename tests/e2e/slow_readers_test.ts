import assert from "node:assert/strict";
import {
  connectControl,
  type ControlClient,
} from "../../src/control/client.ts";
import { makeDisk } from "../../src/inventory/disk.ts";
import { residentMegabytes } from "../bench/process_figures.ts";
import { datagram } from "../support/announcements.ts";
import { Daemon } from "../support/daemon.ts";
import { eventually } from "../support/eventually.ts";
import { sendAll } from "../support/hostile_peer.ts";
import { type Host, lanTest } from "../support/lan.ts";
import { hasClients } from "../support/plug.ts";

/** One datagram, and twice as many events each time that all are exchanged. */
const DISKS = 40;
const ANNOUNCEMENTS = 1_250;
/** Sent at once, which is less than may wait; then the one who reads is waited for. */
const BATCH = 115;
const EVENTS = 2 * DISKS * ANNOUNCEMENTS;
/** The kernel may drop some where the machine is busy. */
const LEAST_EVENTS = 0.9 * EVENTS;
const DEAF = 20;
/** It is some 35 where all read; 20 copies of all events would be 700. */
const MAX_GROWTH_MB = 60;

const LOG = "/run/log";

lanTest({
  name: "who does not read costs diskd nothing",
  hosts: ["alpha", "beta"],
}, async ({ alpha, beta }, t) => {
  await t.step("events", () => dropsWhoIsDeaf(alpha, beta));
  await t.step("the log", () => losesWhatNobodyReads(alpha, beta));
});

async function dropsWhoIsDeaf(alpha: Host, beta: Host): Promise<void> {
  await using daemon = await Daemon.start(alpha, {
    quiet: true,
    args: ["--no-history"],
  });
  const path = alpha.path(daemon.socket);
  await using reader = await connectControl([path]);
  const progress = { events: 0 };
  const reading = countEvents(reader, progress);
  const deaf = await Promise.all(
    Array.from({ length: DEAF }, () => startDeafWatch(path)),
  );
  await hasClients(daemon, 1 + DEAF);
  const pid = await daemon.process.pid();
  await sendAll(beta, announcements(0, 100));
  const before = residentMegabytes(pid);
  for (let sent = 100; sent < ANNOUNCEMENTS; sent += BATCH) {
    await sendAll(beta, announcements(sent, sent + BATCH));
    const least = 0.9 * 2 * DISKS * (sent + BATCH);
    await eventually(() => assert.ok(progress.events >= least));
  }
  const { clients } = await daemon.call("status", {});
  assert.equal(clients.dropped, DEAF);
  const growth = residentMegabytes(pid) - before;
  assert.ok(growth < MAX_GROWTH_MB, `it grew by ${growth} MB`);
  for (const conn of deaf) conn.close();
  await reader.close();
  assert.equal(await reading, null);
  assert.ok(progress.events >= LEAST_EVENTS, `${progress.events} events`);
}

/** Settles at the end, with why the daemon ended it. */
async function countEvents(
  reader: ControlClient,
  progress: { events: number },
): Promise<unknown> {
  try {
    for await (const _event of reader.watch()) progress.events++;
    return null;
  } catch (error) {
    return error;
  }
}

async function startDeafWatch(path: string): Promise<Deno.UnixConn> {
  const conn = await Deno.connect({ transport: "unix", path });
  const request = '{"jsonrpc":"2.0","id":1,"method":"watch"}\n';
  await conn.write(new TextEncoder().encode(request));
  return conn;
}

/** Its standard error is a pipe that it holds open itself, so it is full at 64 KiB. */
async function losesWhatNobodyReads(alpha: Host, beta: Host): Promise<void> {
  const script = `mkfifo ${LOG}; exec diskd --daemon 2<>${LOG}`;
  await using process = alpha.spawn(["sh", "-c", script]);
  const socket = [alpha.path("/run/diskd/control.sock")];
  await eventually(() => answers(socket));
  await sendAll(beta, announcements(ANNOUNCEMENTS, 2 * ANNOUNCEMENTS));
  const text = await readUntil(alpha.path(LOG), / lines=\d+\n/);
  const lines = text.trimEnd().split("\n");
  const lost = Number(/log lines were lost.* lines=(\d+)$/m.exec(text)?.[1]);
  assert.match(lines[0]!, / (ready|attached|host-up) /);
  // Nobody waits for the daemon here, so the kernel drops more.
  assert.ok(lines.length + lost >= EVENTS / 2, `${lines.length} + ${lost}`);
  assert.ok(lines.length < EVENTS / 10, `${lines.length} lines were kept`);
  await sendAll(beta, announcements(2 * ANNOUNCEMENTS, 3 * ANNOUNCEMENTS));
  // Nobody reads its last words.
  const { code } = await process.stop("SIGTERM", 5_000);
  assert.equal(code, 0);
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
function announcements(from: number, to: number): Uint8Array[] {
  return Array.from({ length: to - from }, (_, index) => {
    const seq = from + index + 1;
    const disks = Array.from(
      { length: DISKS },
      (_, i) => makeDisk({ device: `/dev/${i}`, uuid: `${seq % 2}-${i}` }),
    );
    const about = { id: "b".repeat(32), host: "many", every: 3_600 };
    return datagram({ ...about, seq, rev: seq, disks });
  });
}
