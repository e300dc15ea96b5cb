import type { Handlers } from "../control/handlers.ts";
import type {
  AnnounceView,
  ForgetParams,
  ForgetView,
  ImportParams,
  ImportView,
  InterfaceRow,
  LocalhostView,
  PingView,
  RefreshView,
  StatusView,
} from "../control/views.ts";
import { compareDisks } from "../inventory/change.ts";
import type { Disk } from "../inventory/disk.ts";
import type { Host } from "../inventory/host.ts";
import { shownDisks } from "../inventory/place.ts";
import type { Peer } from "../peer/peer.ts";
import { V1_VERSION } from "../peer/v1_hosts.ts";
import type { Watch } from "../probe/watch.ts";
import { VERSION } from "../version.ts";
import type { Clock } from "./clocks.ts";
import type { ControlSockets } from "./control_sockets.ts";
import type { Engine } from "./engine.ts";
import type { FarPeers } from "./far_peers.ts";
import { Finder } from "./find.ts";
import { forgetByName, forgettablePast } from "./forget.ts";
import type { HistoryAnswers } from "./history_answers.ts";
import type { HistoryKeeper } from "./history_keeper.ts";
import type { Hub } from "./hub.ts";
import type { IdentityKeeper } from "./identity_keeper.ts";
import type { ListRows } from "./list_rows.ts";
import { sayNewcomers } from "./say_newcomers.ts";
import { remarkOn } from "./remark_answers.ts";
import type { RemarkKeeper } from "./remark_keeper.ts";
import { exported } from "../inventory/remarks.ts";
import { remarkCounts, sayRemarks } from "./say_remarks.ts";
import type { ReplayGuardKeeper } from "./replay_guard_keeper.ts";
import type { Network } from "./network.ts";
import type { Notices } from "./notices.ts";
import type { OverdueWatch } from "./overdue.ts";
import type { RunningConfig } from "./running_config.ts";
import type { ScanLoop } from "./scan_loop.ts";
import { pause } from "../system/within.ts";

/** The parts of the daemon used for answers. */
export interface HandlerParts {
  readonly peer: Peer;
  readonly engine: Engine;
  readonly network: Network;
  readonly farPeers: Pick<
    FarPeers,
    "view" | "problems" | "sent" | "sendErrors"
  >;
  /** `null`: none is configured. */
  readonly hub: Pick<Hub, "view" | "problems"> | null;
  readonly scans: ScanLoop;
  readonly rows: ListRows;
  readonly clock: Clock;
  readonly sockets: Pick<ControlSockets, "counts" | "problems">;
  readonly keys: () => StatusView["keys"];
  /** How changes of this host's devices and mounts are noticed. */
  readonly watch: Pick<Watch, "devices" | "mounts" | "problems">;
  readonly running: Pick<RunningConfig, "view" | "reload">;
  readonly identity: Pick<IdentityKeeper, "problems">;
  readonly remarks: Pick<RemarkKeeper, "problems" | "flush">;
  readonly history: HistoryKeeper;
  readonly past: HistoryAnswers;
  readonly notices: Pick<Notices, "view" | "problems" | "test">;
  readonly overdue: OverdueWatch;
  /** The last datagrams accepted from each host. */
  readonly replayGuard: Pick<ReplayGuardKeeper, "problems" | "flush">;
}

/** Creates the handlers of the control socket. */
export function makeHandlers(parts: HandlerParts): Handlers {
  const { rows, engine } = parts;
  const startedAt = parts.clock.now();
  const pinger = new Pinger(parts);
  const { past } = parts;
  const finder = new Finder({
    inventory: parts.peer.inventory,
    rows,
    past,
    clock: parts.clock,
  });
  return {
    list: (params) => rows.listInTurns(params),
    where: ({ name }) => finder.where(name),
    find: (params) => finder.find(params),
    hosts: () => rows.inTurns(rows.eachHost()),
    names: () => rows.names(),
    localhost: () => localhost(parts),
    status: () => status(parts, startedAt),
    reload: () => parts.running.reload(),
    refresh: () => refresh(parts),
    announce: () => announce(parts),
    ping: () => pinger.ping(),
    history: (params) => past.history(params),
    export: (params) => past.page(params),
    import: (params) => importAll(params, { ...parts, past }),
    duplicates: () => rows.inTurns(rows.eachDuplicate()),
    forget: (params) => forget(params, parts),
    remark: (params) =>
      remarkOn(params, {
        finder,
        inventory: parts.peer.inventory,
        say: (remark) => engine.remark(remark),
        keep: () => parts.remarks.flush(),
      }),
    remarks() {
      const { remarks } = parts.peer;
      return rows.inTurns(
        remarks.proven(remarks.counting.all()).map(exported),
      );
    },
    overdue: (params) => parts.overdue.list(params),
    notify: () => parts.notices.test(),
    watch: engine.watch,
  };
}

/** Without a history, what was said of disks can be imported all the same. */
async function importAll(
  { rows, remarks = [] }: ImportParams,
  { past, engine }: Pick<HandlerParts, "engine"> & {
    readonly past: Pick<HistoryAnswers, "merge">;
  },
): Promise<ImportView> {
  const merged = rows.length === 0 && remarks.length > 0
    ? { added: 0, extended: 0, known: 0, skipped: 0 }
    : await past.merge({ rows });
  return { ...merged, remarks: engine.takeRemarks(remarks) };
}

async function forget(
  params: ForgetParams,
  { peer: { inventory }, rows, clock, history, overdue }: HandlerParts,
): Promise<ForgetView> {
  const past = forgettablePast(history);
  const parts = { inventory, rows, clock, past };
  const view = await forgetByName(params, parts);
  if (!params.dryRun) overdue.forget(params.name, view);
  return view;
}

function localhost(parts: HandlerParts): LocalhostView {
  const { peer } = parts;
  const { key: { id }, name } = peer.identity;
  return {
    host: name,
    hostId: id,
    uniqueHost: peer.inventory.uniqueName({ id, name }),
    version: VERSION,
    addresses: peer.inventory.self.addresses,
    interfaces: interfaces(parts),
  };
}

function interfaces({ network }: HandlerParts): InterfaceRow[] {
  return network.interfaces.map(({ name, address, isInUse, problem }) => ({
    name,
    address,
    joined: isInUse,
    problem,
  }));
}

async function status(
  parts: HandlerParts,
  startedAt: number,
): Promise<StatusView> {
  const { peer, network, clock } = parts;
  const { received, own, copies, rejected } = peer.counters;
  const { clients, served, turnedAway, delayed, dropped } =
    parts.sockets.counts;
  return {
    version: VERSION,
    hostId: peer.identity.key.id,
    host: peer.identity.name,
    uniqueHost: peer.inventory.uniqueName(peer.inventory.self),
    uptimeSeconds: Math.floor((clock.now() - startedAt) / 1000),
    pid: Deno.pid,
    interfaces: interfaces(parts),
    site: peer.inventory.site,
    peers: parts.farPeers.view,
    hub: parts.hub?.view ?? null,
    group: network.to.group,
    port: network.to.port,
    config: await parts.running.view(),
    keys: parts.keys(),
    ...parts.rows.troubles(),
    more: parts.rows.moreTroubles(),
    unread: parts.engine.unread,
    newcomers: sayNewcomers({ inventory: peer.inventory, clock }),
    scan: scanStatus(parts),
    datagrams: {
      sent: network.sent + parts.farPeers.sent,
      sendErrors: network.sendErrors + parts.farPeers.sendErrors,
      received,
      own,
      copies,
      rejected,
    },
    ...peer.inventory.counts(),
    remarks: remarkCounts(peer.remarks),
    forgotten: { ...peer.inventory.forgotten },
    leftOut: parts.engine.leftOut,
    clients: {
      now: clients,
      served,
      turnedAway,
      delayed,
      watching: parts.engine.watching,
      dropped: Object.values(dropped).reduce((sum, n) => sum + n, 0),
    },
    history: parts.history.view,
    overdue: parts.overdue.overdue,
    notify: parts.notices.view,
    problems: [
      ...parts.identity.problems,
      ...parts.sockets.problems,
      ...parts.history.problems,
      ...parts.replayGuard.problems,
      ...parts.remarks.problems,
      ...sayRemarks(peer.remarks),
      ...parts.overdue.problems,
      ...parts.notices.problems,
      ...parts.watch.problems,
      ...network.problems,
      ...parts.farPeers.problems,
      ...parts.hub?.problems ?? [],
      ...parts.engine.problems,
      ...parts.engine.unread,
      ...parts.engine.twins,
    ],
  };
}

function scanStatus({ scans, clock, peer, watch }: HandlerParts) {
  const last = scans.last;
  return {
    at: last === null ? null : clock.timeOfDay(last.at),
    ok: last?.result.ok ?? false,
    durationMs: last === null ? null : Math.round(last.result.durationMs),
    disks: shownDisks(peer.inventory.self).length,
    problems: scans.problems,
    deviceEvents: watch.devices,
    mountEvents: watch.mounts,
  };
}

async function refresh({ scans, peer }: HandlerParts): Promise<RefreshView> {
  const before = peer.inventory.self.disks;
  const { ok, disks, durationMs, problems } = await scans.now();
  const after = peer.inventory.self.disks;
  return {
    ok,
    listed: disks !== null,
    durationMs: Math.round(durationMs),
    disks: after.length,
    ...countDifferences(before, after),
    problems,
  };
}

function countDifferences(before: readonly Disk[], after: readonly Disk[]) {
  const { attached, detached, changed, mounted, unmounted } = compareDisks(
    before,
    after,
  );
  const otherwise = new Set([
    ...changed,
    ...[...mounted, ...unmounted].map(({ disk }) => disk),
  ]);
  return {
    attached: attached.length,
    detached: detached.length,
    changed: otherwise.size,
  };
}

function announce(
  { engine, network, peer, scans }: HandlerParts,
): AnnounceView {
  engine.announce();
  const inUse = network.interfaces.filter(({ isInUse }) => isInUse);
  return {
    interfaces: new Set(inUse.map(({ name }) => name)).size,
    datagrams: scans.last === null ? 0 : peer.announcementDatagrams,
    disks: peer.inventory.self.disks.length,
  };
}

/** Allowed travel time of answers to a ping. */
const PING_SLACK_MS = 150;

/** Dependencies of a ping. */
interface PingerParts {
  readonly engine: Pick<Engine, "ask">;
  readonly peer: Peer;
  readonly clock: Clock;
}

/** Asks all hosts, waits, and reports the answers. Concurrent pings are merged. */
export class Pinger {
  readonly #parts: PingerParts;
  #running: Promise<PingView> | null = null;

  constructor(parts: PingerParts) {
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
    const waitMs = peer.longestAnswerMs + PING_SLACK_MS;
    await pause(waitMs);
    const heard = peer.takeAnswers();
    const answers = [...heard].map(([id, { at, address }]) => {
      const host = peer.inventory.host(id);
      return {
        host: host?.name ?? id,
        hostId: id,
        uniqueHost: host ? peer.inventory.uniqueName(host) : id,
        address,
        afterMs: Math.round(at - askedAt),
      };
    });
    const silent = [...peer.inventory.hosts()]
      .filter((host) => this.#shouldAnswer(host) && !heard.has(host.id))
      .map((host) => ({
        host: host.name,
        hostId: host.id,
        uniqueHost: peer.inventory.uniqueName(host),
        address: host.addresses[0] ?? null,
      }));
    const durationMs = Math.round(clock.now() - askedAt);
    return { answers, silent, durationMs };
  }

  /** Hosts of this LAN that were heard, said no goodbye, and know questions. */
  #shouldAnswer(host: Host): boolean {
    const { id, liveness, isRemembered, version } = host;
    const { self } = this.#parts.peer.inventory;
    return host.farSite === null && id !== self.id && liveness !== "gone" &&
      !isRemembered &&
      version !== V1_VERSION;
  }
}
