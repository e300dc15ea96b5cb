/**
 * How long it takes until another host knows:
 *
 *     deno task bench:latency [--json] [--rounds N]
 *
 * alpha and beta are hosts of the LAN in a box, the disk is a loop device that
 * is plugged into alpha. Timed is from before `losetup`, `mount`, `umount` or
 * the signal is run until beta's daemon answers `where` or `hosts` otherwise,
 * asked each millisecond. With loss, nftables drops each fifth datagram that
 * reaches a host. Measures the source, or the binary that `DISKD_BIN` names.
 */
import assert from "node:assert/strict";
import { parseArgs } from "node:util";
import { connectControl } from "../../src/control/client.ts";
import type { ControlClient } from "../../src/control/client.ts";
import { VERSION } from "../../src/version.ts";
import { Daemon } from "../support/daemon.ts";
import { eventually } from "../support/eventually.ts";
import { Firewall } from "../support/firewall.ts";
import { HotDisk } from "../support/hot_disk.ts";
import { type Host, Lan } from "../support/lan.ts";
import { needs } from "../support/needs.ts";
import { pause } from "./daemon_on_lan.ts";
import { idleFigures } from "./idle.ts";
import { percentile } from "./statistics.ts";

/** A row of the table. */
export interface LatencyRow {
  readonly what: string;
  /** ms. */
  readonly samples: readonly number[];
  readonly goal: { readonly median?: number; readonly p99?: number } | null;
}

const LABEL = "traveller";
const MOUNT_POINT = "/run/traveller";
const PAUSE_MS = 1;
const GIVE_UP_MS = 60_000;
/** Between two rounds: the repeats of the last change are over by then, as for a user. */
const REST_MS = 1_200;

async function measureHotPlug(
  rounds: number,
  { lossy }: { lossy: boolean },
): Promise<LatencyRow[]> {
  await using lan = await Lan.create({ hosts: ["alpha", "beta"] });
  const [alpha, beta] = [lan.host("alpha"), lan.host("beta")];
  if (lossy) {
    const loss = { drop: "some", percent: 20 } as const;
    for (const host of lan.hosts) await new Firewall(host).refuse(loss);
  }
  await using disk = await HotDisk.create({ type: "ext4", label: LABEL });
  await using _there = await Daemon.start(alpha);
  await using observer = await Daemon.start(beta);
  await using client = await connectControl([beta.path(observer.socket)]);
  await alpha.run(["mkdir", "-p", MOUNT_POINT]);
  const times = { attach: [], mount: [], unmount: [], detach: [] } as Record<
    string,
    number[]
  >;
  const until = (what: Seen) => seenBy(client, what);
  for (let round = 0; round < rounds; round++) {
    times.attach!.push(
      await timed(() => disk.plugInto(alpha), until("attached")),
    );
    await rest();
    const mount = ["mount", disk.device, MOUNT_POINT];
    times.mount!.push(await timed(() => run(alpha, mount), until("mounted")));
    await rest();
    const unmount = ["umount", MOUNT_POINT];
    times.unmount!.push(
      await timed(() => run(alpha, unmount), until("unmounted")),
    );
    await rest();
    times.detach!.push(await timed(() => disk.pull(), until("detached")));
    await rest();
  }
  const goal = lossy ? { p99: 1_500 } : { median: 50, p99: 200 };
  const circumstances = lossy ? "20 % loss" : "no loss";
  return Object.entries(times).map(([what, samples]) => ({
    what: `${what}, ${circumstances}`,
    samples,
    goal,
  }));
}

async function measureStop(rounds: number): Promise<LatencyRow> {
  await using lan = await Lan.create({ hosts: ["alpha", "beta"] });
  await using observer = await Daemon.start(lan.host("beta"));
  await using client = await connectControl([
    observer.host.path(observer.socket),
  ]);
  const samples: number[] = [];
  const alphaIs = async (state: string) =>
    (await client.call("hosts", {})).some((row) =>
      row.host === "alpha" && row.state === state
    );
  for (let round = 0; round < rounds; round++) {
    await using daemon = await Daemon.start(lan.host("alpha"));
    await until(() => alphaIs("up"));
    samples.push(
      await timed(() => daemon.process.kill("SIGTERM"), () => alphaIs("gone")),
    );
    await daemon.process.outcome;
  }
  return { what: "clean stop", samples, goal: { median: 300, p99: 300 } };
}

type Seen = "attached" | "detached" | "mounted" | "unmounted";

function seenBy(client: ControlClient, what: Seen): () => Promise<boolean> {
  return async () => {
    const rows = await client.call("where", { name: LABEL });
    const [row] = rows.filter(({ state }) => state === "attached");
    const isMounted = row?.mounts.length === 1;
    switch (what) {
      case "attached":
        return row !== undefined;
      case "detached":
        return row === undefined;
      case "mounted":
        return isMounted;
      case "unmounted":
        return row !== undefined && !isMounted;
    }
  };
}

/** ms from before `act` until `isSeen`. */
async function timed(
  act: () => Promise<void>,
  isSeen: () => Promise<boolean>,
): Promise<number> {
  const startedAt = performance.now();
  const acting = act();
  const seenAt = until(isSeen).then(() => performance.now());
  await acting;
  return await seenAt - startedAt;
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  await eventually(async () => assert.ok(await isTrue()), {
    timeoutMs: GIVE_UP_MS,
    pauseMs: PAUSE_MS,
  });
}

async function run(host: Host, argv: readonly string[]): Promise<void> {
  const { code, stderr } = await host.run(argv);
  assert.equal(code, 0, stderr);
}

function rest(): Promise<void> {
  return pause(REST_MS);
}

function verdict({ samples, goal }: LatencyRow): string {
  if (goal === null) return "";
  const misses = [
    ...over("median", percentile(samples, 50), goal.median),
    ...over("p99", percentile(samples, 99), goal.p99),
  ];
  return misses.length === 0 ? "met" : `missed: ${misses.join(", ")}`;
}

function over(name: string, value: number, most: number | undefined): string[] {
  return most === undefined || value <= most ? [] : [`${name} > ${most} ms`];
}

function table(rows: readonly LatencyRow[]): string {
  const cells = [
    ["what", "rounds", "min", "median", "p99", "goal"],
    ...rows.map((row) => [
      row.what,
      `${row.samples.length}`,
      ...[0, 50, 99].map((p) => `${percentile(row.samples, p).toFixed(1)} ms`),
      verdict(row),
    ]),
  ];
  const widths = cells[0]!.map((_, i) =>
    Math.max(...cells.map((row) => row[i]!.length))
  );
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, i) => cell.padEnd(widths[i]!)).join(" | ")} |\n`;
  const [heading, ...body] = cells.map(line);
  return heading! + line(widths.map((width) => "-".repeat(width))) +
    body.join("");
}

if (import.meta.main) {
  const { values } = parseArgs({
    args: Deno.args,
    options: {
      json: { type: "boolean", default: false },
      rounds: { type: "string", default: "50" },
    },
  });
  const wanted = { lan: true, programs: ["nft", "udevadm", "findmnt"] };
  if (needs("bench:latency", wanted).ignore) Deno.exit(1);
  const rounds = Number(values.rounds);
  const program = Deno.env.get("DISKD_BIN") ?? "source";
  console.error(`Measuring diskd ${VERSION}, ${program}, ${rounds} rounds`);
  const rows = [
    ...await measureHotPlug(rounds, { lossy: false }),
    ...await measureHotPlug(rounds, { lossy: true }),
    await measureStop(rounds),
  ];
  const idle = await idleFigures();
  console.log(
    values.json
      ? JSON.stringify({ program, version: VERSION, rows, idle }, null, 2)
      : `${table(rows)}\n${idle.map(({ text }) => `${text}\n`).join("")}`,
  );
}
