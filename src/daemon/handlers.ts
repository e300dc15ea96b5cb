import type { Handlers } from "../control/handlers.ts";
import type { ControlCounts } from "../control/server.ts";
import type {
  LocalhostView,
  PingView,
  RefreshView,
  StatusView,
} from "../control/views.ts";
import { ANSWER_GAP_MS, longestAnswerWaitMs } from "../peer/schedule.ts";
import type { Peer } from "../peer/peer.ts";
import { VERSION } from "../version.ts";
import type { Clock } from "./clock.ts";
import type { Engine } from "./engine.ts";
import type { Network } from "./network.ts";
import type { Problems } from "./problems.ts";
import type { Rows } from "./rows.ts";
import type { ScanLoop } from "./scan_loop.ts";

/** Answers to a ping may take this long on their way. */
const PING_SLACK_MS = 150;

/** What the answers are made of. */
export interface HandlerParts {
  readonly peer: Peer;
  readonly engine: Engine;
  readonly network: Network;
  readonly scans: ScanLoop;
  readonly rows: Rows;
  readonly clock: Clock;
  readonly clients: () => ControlCounts;
  /** What came up, besides the problems of scans and of the network. */
  readonly problems: Problems;
}

/** What the daemon answers on its control socket. */
export function makeHandlers(parts: HandlerParts): Handlers {
  const { rows, engine } = parts;
  const startedAt = parts.clock.now();
  const pinger = new Pinger(parts);
  return {
    list: () => rows.list(),
    where: ({ name }) => rows.where(name),
    hosts: () => rows.hosts(),
    names: () => rows.names(),
    localhost: () => localhost(parts),
    status: () => status(parts, startedAt),
    refresh: () => refresh(parts),
    announce() {
      engine.announce();
      return { interfaces: joinedInterfaces(parts) };
    },
    ping: () => pinger.ping(),
    watch: engine.watch,
  };
}

function localhost({ peer, network }: HandlerParts): LocalhostView {
  const { id, name } = peer.identity;
  return {
    host: name,
    hostId: id,
    version: VERSION,
    addresses: peer.inventory.self.addresses,
    interfaces: network.interfaces.map(({ name, address, problem }) => ({
      name,
      address,
      joined: problem === null,
      problem,
    })),
  };
}

function status(parts: HandlerParts, startedAt: number): StatusView {
  const { peer, network, clock } = parts;
  const { received, own, copies, rejected } = peer.counters;
  const { clients, served, turnedAway, dropped } = parts.clients();
  return {
    version: VERSION,
    hostId: peer.identity.id,
    host: peer.identity.name,
    uptimeSeconds: Math.floor((clock.now() - startedAt) / 1000),
    scan: scanStatus(parts),
    datagrams: {
      sent: network.sent,
      sendErrors: network.sendErrors,
      received,
      own,
      copies,
      rejected,
    },
    ...peer.inventory.counts(),
    clients: {
      now: clients,
      served,
      turnedAway,
      dropped: Object.values(dropped).reduce((sum, n) => sum + n, 0),
    },
    problems: [...parts.problems.sentences, ...network.problems],
  };
}

function scanStatus({ scans, clock, peer }: HandlerParts) {
  const last = scans.last;
  return {
    at: last === null ? null : clock.timeOfDay(last.at),
    ok: last?.result.ok ?? false,
    durationMs: last === null ? null : Math.round(last.result.durationMs),
    disks: peer.inventory.self.disks.length,
    problems: last?.result.problems ?? [],
  };
}

async function refresh({ scans, peer }: HandlerParts): Promise<RefreshView> {
  const { ok, durationMs, problems } = await scans.now();
  return {
    ok,
    durationMs: Math.round(durationMs),
    disks: peer.inventory.self.disks.length,
    problems,
  };
}

function joinedInterfaces({ network }: HandlerParts): number {
  return network.interfaces.filter(({ problem }) => problem === null).length;
}

/** Asks, waits, and tells who answered. Two pings at once are one. */
class Pinger {
  readonly #parts: HandlerParts;
  #running: Promise<PingView> | null = null;

  constructor(parts: HandlerParts) {
    this.#parts = parts;
  }

  ping(): Promise<PingView> {
    this.#running ??= this.#ping().finally(() => this.#running = null);
    return this.#running;
  }

  async #ping(): Promise<PingView> {
    const { engine, peer, clock } = this.#parts;
    const askedAt = clock.now();
    engine.ask();
    const { hosts } = peer.inventory.counts();
    const waitMs = Math.max(ANSWER_GAP_MS, longestAnswerWaitMs(hosts));
    await new Promise((done) => setTimeout(done, waitMs + PING_SLACK_MS));
    const answers = [...peer.takeAnswers()].map(([id, at]) => {
      const host = peer.inventory.host(id);
      return {
        host: host?.name ?? id,
        hostId: id,
        address: host?.addresses[0] ?? null,
        afterMs: Math.round(at - askedAt),
      };
    });
    return { answers };
  }
}
