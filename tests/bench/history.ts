import { Clock } from "../../src/daemon/clocks.ts";
import { HistoryWriter } from "../../src/daemon/history_writer.ts";
import { Inventory } from "../../src/inventory/inventory.ts";
import type { History } from "../../src/store/history/history.ts";
import { HistoryDb, OPEN_UNTIL } from "../../src/store/history/history_db.ts";
import { openHistory } from "../../src/store/history/open_history.ts";
import { Daemon } from "../support/daemon.ts";
import { type Host, Lan } from "../support/lan.ts";
import { pause } from "./daemon_on_lan.ts";
import { type Figure, figure, lanBenchmark } from "./figure.ts";
import { madeUpDisks } from "./made_up_hosts.ts";
import { memoryOf } from "./process_figures.ts";

const HOSTS = 1_000;
const DISKS = 10_000;
/** Of each disk; the last one has not ended. */
const SIGHTINGS = 100;
const DAY_MS = 86_400_000;
const STARTS = 5;
const RUNS = 11;
const SETTLE_MS = 3_000;
const EXPORT_TIMEOUT_MS = 300_000;
const HISTORY_FILE = "/var/lib/diskd/history.db";
const ANNOUNCE_MS = 30_000;
const ALIVE_MS = 300_000;

/** What a long memory costs. */
export const history = lanBenchmark("history", async () => [
  ...await withLongHistory(),
  await bytesADay(),
]);

async function withLongHistory(): Promise<Figure[]> {
  await using lan = await Lan.create({ hosts: ["alpha"] });
  const alpha = lan.host("alpha");
  await giveLongHistory(alpha);
  const starts: number[] = [];
  while (starts.length < STARTS) {
    const startedAt = performance.now();
    await using daemon = await Daemon.start(alpha);
    starts.push(performance.now() - startedAt);
    await daemon.stop();
  }
  await using daemon = await Daemon.start(alpha);
  const where = await milliseconds(alpha, ["diskd", "where", "disk-4321"]);
  const told = await milliseconds(alpha, ["diskd", "history", "disk-4321"]);
  await pause(SETTLE_MS);
  const memory = memoryOf(await daemon.process.pid()).resident;
  // All of it is read once, page by page.
  await alpha.run(["sh", "-c", "diskd export >/dev/null"], {
    timeoutMs: EXPORT_TIMEOUT_MS,
  });
  const { history: view } = await daemon.call("status", {});
  const of = "with a history of 10,000 disks and 1,000,000 sightings";
  return [
    figure(`start ${of}`, "ms", { samples: starts, goal: { atMost: 1_500 } }),
    figure(`memory ${of}`, "MB", { samples: [memory], goal: { atMost: 120 } }),
    figure("`diskd where` on it, as a whole process", "ms", {
      samples: where,
      goal: { atMost: 60 },
    }),
    figure("`diskd history` on it, as a whole process", "ms", {
      samples: told,
      goal: { atMost: 60 },
    }),
    figure(
      "longest hold of the daemon's loop by the history, all exported",
      "ms",
      {
        samples: [view.longestMs ?? NaN],
        goal: { atMost: 20 },
      },
    ),
  ];
}

/** By way of another folder: SQLite cannot follow the path of a file in a namespace. */
async function giveLongHistory(host: Host): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    writeLongHistory(`${folder}/history.db`);
    const path = host.path(HISTORY_FILE);
    await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { mode: 0o700 });
    await Deno.copyFile(`${folder}/history.db`, path);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function writeLongHistory(path: string): void {
  const db = HistoryDb.open(path);
  const now = Date.now();
  db.transaction(() => {
    for (let host = 0; host < HOSTS; host++) {
      db.run(
        `INSERT INTO hosts (host_id, name, version, addresses, every_ms, state, heard_at)
          VALUES (?1, ?2, '0.1.0', '["192.0.2.1"]', 30000, 'up', ?3)`,
        [`${host}`.padStart(32, "0"), `host-${host}`, now],
      );
    }
    for (let disk = 0; disk < DISKS; disk++) addDisk(db, { disk, now });
    db.run("INSERT INTO alive (only_row, at) VALUES (1, ?1)", [now]);
  });
  db.close();
}

function addDisk(
  db: HistoryDb,
  { disk, now }: { readonly disk: number; readonly now: number },
): void {
  const uuid = `8261f666-0000-4000-8000-${`${disk}`.padStart(12, "0")}`;
  const label = `disk-${disk}`;
  db.run(
    `INSERT INTO disks (name, uuid, label, type, size, folded_label)
      VALUES (?1, ?2, ?3, 'ext4', 4000787030016, ?3)`,
    [`uuid ${uuid} `, uuid, label],
  );
  for (let i = 0; i < SIGHTINGS; i++) {
    const until = now - (SIGHTINGS - 1 - i) * DAY_MS;
    const host = 1 + (i === SIGHTINGS - 1 ? disk : disk + i * 7) % HOSTS;
    db.run(
      `INSERT INTO sightings
        (disk, host, device, label, mounts, from_at, until_at)
        VALUES (?1, ?2, ?3, ?4, '["/mnt/b"]', ?5, ?6)`,
      [
        disk + 1,
        host,
        `/dev/sd${disk}`,
        label,
        until - DAY_MS / 2,
        i === SIGHTINGS - 1 ? OPEN_UNTIL : until,
      ],
    );
  }
}

async function milliseconds(
  host: Host,
  argv: readonly string[],
): Promise<number[]> {
  const samples: number[] = [];
  while (samples.length < RUNS) {
    const startedAt = performance.now();
    const { stdout, stderr } = await host.run(argv);
    samples.push(performance.now() - startedAt);
    if (stdout === "") throw new Error(`${argv.join(" ")}: ${stderr}`);
  }
  return samples;
}

/** What is written while 1,000 hosts say the same each 30 s for a day. */
async function bytesADay(): Promise<Figure> {
  const folder = await Deno.makeTempDir();
  const time = { now: 0 };
  const started = Date.now();
  const clocks = { now: () => time.now, wallClock: () => started + time.now };
  const { history, problem } = await openHistory({
    path: `${folder}/history.db`,
    keepDays: 400,
    maxMegabytes: 256,
    wallClock: clocks.wallClock,
  });
  if (history === null) throw new Error(problem ?? "no history");
  try {
    const bytes = aQuietDay(history, { clock: new Clock(clocks), time });
    const what = "bytes that the history writes a day for 1,000 quiet hosts";
    return figure(what, "MB", { samples: [bytes / 1e6] });
  } finally {
    history.close();
    await Deno.remove(folder, { recursive: true });
  }
}

function aQuietDay(
  history: History,
  { clock, time }: { readonly clock: Clock; readonly time: { now: number } },
): number {
  const writer = new HistoryWriter(history, clock);
  const everyMs = ANNOUNCE_MS;
  const self = { id: "self", name: "self", version: "0.1.0", everyMs };
  const inventory = new Inventory(self);
  const lists = Array.from({ length: HOSTS }, (_, i) => madeUpDisks(10, i));
  const announceAll = () => {
    lists.forEach((disks, i) => {
      const info = { ...self, id: `host ${i}`, name: `host-${i}` };
      const at = { address: "192.0.2.1", now: time.now };
      const { changes } = inventory.applyAnnouncement(info, disks, at);
      for (const change of changes) writer.take(change);
    });
    for (const change of inventory.expire(time.now)) writer.take(change);
    writer.settle(time.now);
    while (history.flush());
  };
  announceAll();
  time.now += ANNOUNCE_MS;
  announceAll();
  const before = bytesWritten();
  for (let passed = 0; passed < DAY_MS; passed += ANNOUNCE_MS) {
    time.now += ANNOUNCE_MS;
    announceAll();
    if (passed % ALIVE_MS === 0) history.alive(clock.wallTime(time.now));
  }
  return bytesWritten() - before;
}

/** `wchar` of proc_pid_io(5). */
function bytesWritten(): number {
  const io = Deno.readTextFileSync("/proc/self/io");
  return Number(/^wchar: (\d+)$/m.exec(io)?.[1]);
}
