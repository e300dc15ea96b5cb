import assert from "node:assert/strict";
import {
  connectControl,
  type ControlClient,
} from "../../src/control/client.ts";
import { cpuSeconds } from "../bench/process_figures.ts";
import { percentile } from "../bench/statistics.ts";
import { Daemon } from "./daemon.ts";
import { eventually } from "./eventually.ts";
import { HonestCrowd } from "./honest_crowd.ts";
import { type Host, Lan } from "./lan.ts";
import {
  type Flooded,
  type RawFlood,
  RawPeer,
  startRawFlood,
} from "./raw_peer.ts";

const HONEST_HOSTS = 100;
const ASK_EVERY_MS = 50;
const LOOK_EVERY_MS = 1_000;
const END_TIMEOUT_MS = 300_000;
/** At longer intervals each honest host speaks within one. */
const UP_TIMEOUT_MS = 60_000;

/** What a daemon did while it was flooded. */
export interface FloodFigures {
  readonly sent: number;
  /** Datagrams a second. */
  readonly rate: number;
  /** Of 100 datagrams that were sent, so many were read. */
  readonly readShare: number;
  /** How long `where` took, ms. */
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly mostMs: number;
  /** Of one core. */
  readonly cpuShare: number;
  readonly megabytesBefore: number;
  readonly megabytesAfter: number;
  readonly megabytesPeak: number;
  /** Of datagrams that were read, those of the honest hosts too. */
  readonly receivedBytes: number;
  /** To files. */
  readonly writtenBytes: number;
  /** In each look an honest host that was not up, and how often. */
  readonly missed: Readonly<Record<string, number>>;
  readonly looks: number;
  readonly rejected: Readonly<Record<string, number>>;
  readonly problems: readonly string[];
}

/** How the honest hosts speak, see `CrowdOptions`. */
export interface LoadSiteOptions {
  readonly speakMs: number;
  readonly everySeconds: number;
  readonly prepare?: (host: Host) => Promise<void>;
  readonly daemonArgs?: readonly string[];
}

/** A daemon, a hundred honest hosts, and mallory, who floods. */
export class LoadSite implements AsyncDisposable {
  readonly daemon: Daemon;
  readonly client: ControlClient;
  readonly crowd: HonestCrowd;
  readonly mallory: Host;
  readonly #resources: AsyncDisposableStack;

  private constructor(
    parts: Pick<LoadSite, "daemon" | "client" | "crowd" | "mallory">,
    resources: AsyncDisposableStack,
  ) {
    this.daemon = parts.daemon;
    this.client = parts.client;
    this.crowd = parts.crowd;
    this.mallory = parts.mallory;
    this.#resources = resources;
  }

  static async start(options: LoadSiteOptions): Promise<LoadSite> {
    await using resources = new AsyncDisposableStack();
    const lan = resources.use(
      await Lan.create({ hosts: ["alpha", "honest", "mallory"] }),
    );
    const alpha = lan.host("alpha");
    await options.prepare?.(alpha);
    const args = options.daemonArgs;
    const daemon = resources.use(
      await Daemon.start(alpha, { quiet: true, ...args && { args } }),
    );
    const peer = resources.use(new RawPeer(lan.host("honest")));
    const crowd = resources.use(
      new HonestCrowd(peer, {
        ...options,
        count: HONEST_HOSTS,
        prefix: alpha.address.slice(0, alpha.address.lastIndexOf(".")),
      }),
    );
    const client = resources.use(
      await connectControl([alpha.path(daemon.socket)]),
    );
    const mallory = lan.host("mallory");
    const site = new LoadSite(
      { daemon, client, crowd, mallory },
      resources.move(),
    );
    await site.#allAreUp();
    return site;
  }

  /** Honest hosts that are not up just now. */
  async missed(): Promise<string[]> {
    const rows = await this.client.call("hosts", {});
    const states = new Map(rows.map(({ hostId, state }) => [hostId, state]));
    return this.crowd.hosts.filter(({ id }) => states.get(id) !== "up")
      .map(({ id, name }) => `${name} ${states.get(id)}`);
  }

  /** Floods, and asks all the time meanwhile; each answer about an honest host must be right. */
  async flood(flood: RawFlood): Promise<FloodFigures> {
    const pid = await this.daemon.process.pid();
    await this.#allAreUp();
    await using process = await startRawFlood(this.mallory, flood);
    const before = await this.#look(pid);
    const answersMs: number[] = [];
    const missed: Record<string, number> = {};
    let peak = 0;
    let looks = 0;
    let lookAt = 0;
    for (let turn = 0; process.running; turn++) {
      answersMs.push(await timed(() => this.#findsOne(turn)));
      if (performance.now() >= lookAt) {
        for (const host of await this.missed()) {
          missed[host] = (missed[host] ?? 0) + 1;
        }
        lookAt = performance.now() + LOOK_EVERY_MS;
        looks++;
        peak = Math.max(peak, residentMb(pid));
      }
      await pause(ASK_EVERY_MS);
    }
    const { code, stdout, stderr } = await process.end(END_TIMEOUT_MS);
    assert.equal(code, 0, stderr);
    const after = await this.#look(pid);
    const { sent, bytes, seconds }: Flooded = JSON.parse(stdout);
    const honest = {
      datagrams: after.honest.datagrams - before.honest.datagrams,
      bytes: after.honest.bytes - before.honest.bytes,
    };
    const received = after.received - before.received - honest.datagrams;
    const readOf1 = Math.max(0, Math.min(1, received / sent));
    return {
      sent,
      rate: sent / seconds,
      readShare: readOf1 * 100,
      p50Ms: percentile(answersMs, 50),
      p95Ms: percentile(answersMs, 95),
      p99Ms: percentile(answersMs, 99),
      mostMs: percentile(answersMs, 100),
      cpuShare: (after.cpu - before.cpu) / seconds * 100,
      megabytesBefore: before.megabytes,
      megabytesAfter: after.megabytes,
      megabytesPeak: peak,
      receivedBytes: bytes * readOf1 + honest.bytes,
      writtenBytes: after.written - before.written,
      missed,
      looks,
      rejected: difference(after.rejected, before.rejected),
      problems: after.problems,
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#resources.disposeAsync();
  }

  /** Whoever was held up, as by making what to flood with, is back. */
  async #allAreUp(): Promise<void> {
    await eventually(async () => assert.deepEqual(await this.missed(), []), {
      timeoutMs: UP_TIMEOUT_MS,
    });
  }

  async #findsOne(turn: number): Promise<void> {
    const { hosts } = this.crowd;
    const { id, name } = hosts[turn % hosts.length]!;
    const rows = await this.client.call("where", { name });
    const own = rows.filter(({ hostId }) => hostId === id);
    assert.deepEqual(own.map(({ label }) => label), [name]);
  }

  async #look(pid: number) {
    const { datagrams, problems } = await this.client.call("status", {});
    return {
      cpu: cpuSeconds(pid),
      megabytes: residentMb(pid),
      written: writtenBytes(pid),
      received: datagrams.received,
      honest: { ...this.crowd.total },
      rejected: datagrams.rejected,
      problems,
    };
  }
}

function difference(
  after: Readonly<Record<string, number>>,
  before: Readonly<Record<string, number>>,
): Record<string, number> {
  const counts = Object.entries(after)
    .map(([reason, count]) => [reason, count - (before[reason] ?? 0)] as const);
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}

/** What it handed to write(2) and its like: files in memory count as well. proc_pid_io(5). */
function writtenBytes(pid: number): number {
  const io = Deno.readTextFileSync(`/proc/${pid}/io`);
  return Number(/^wchar: (\d+)$/m.exec(io)?.[1]);
}

/** What it has in memory now. */
function residentMb(pid: number): number {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(status) ?? [];
  assert.ok(kilobytes, status);
  return Number(kilobytes) / 1024;
}

async function timed(act: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await act();
  return performance.now() - startedAt;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
