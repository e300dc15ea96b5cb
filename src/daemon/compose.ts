/**
 * The composition root: turns a configuration into named tasks. All parts of
 * the daemon are created here and passed to their users; there are no globals.
 */
import type { Trust } from "../codec/trust.ts";
import type { Config } from "../config/settings.ts";
import type { Handlers } from "../control/handlers.ts";
import type { StatusView } from "../control/views.ts";
import type { Peer } from "../peer/peer.ts";
import { createScanner } from "../probe/scan.ts";
import { Watch } from "../probe/watch.ts";
import { within } from "../system/within.ts";
import { FarSocket } from "../transport/far_socket.ts";
import { openMulticast } from "../transport/multicast.ts";
import { VERSION } from "../version.ts";
import type { Clock } from "./clocks.ts";
import { ControlSockets } from "./control_sockets.ts";
import { logPrograms } from "./debugging.ts";
import { Engine, type EngineOptions } from "./engine.ts";
import { type HandlerParts, makeHandlers } from "./handlers.ts";
import type { Endpoint } from "./endpoints.ts";
import { FarPeers } from "./far_peers.ts";
import type { Hub } from "./hub.ts";
import { askingHandlers, HubAnswers } from "./hub_questions.ts";
import { makeHub } from "./make_hub.ts";
import { HistoryKeeper } from "./history_keeper.ts";
import { HostName } from "./host_name.ts";
import { ProblemLog } from "./log.ts";
import { Network } from "./network.ts";
import { OverdueWatch } from "./overdue.ts";
import { ScanLoop } from "./scan_loop.ts";
import type { Task } from "./tasks.ts";
import { textStyle } from "./text_style.ts";
import { type KeptOptions, type KeptParts, makeKept } from "./make_kept.ts";

/** Longest wait for the first scan before the daemon reports ready. */
const FIRST_SCAN_MS = 500;

interface ComposeOptions extends KeptOptions {
  /** Called when another daemon, root's if `isPrivileged`, speaks for this host. */
  readonly onYield?: (isPrivileged: boolean) => void;
  /** Compares the configuration with its file, and reads that again. */
  readonly running: HandlerParts["running"];
  /** Called once everything is running. */
  readonly onReady: () => Promise<void> | void;
}

export interface Daemon {
  /** In starting order. */
  readonly tasks: readonly Task[];
  /** Applies new keys, and settings that may change at run time. */
  reconfigure(
    config: Config,
    trust: Trust,
    endpoints?: readonly Endpoint[],
  ): Promise<void>;
  /** The link of an interface returned. */
  linkReturned(name: string): void;
}

/** Creates the daemon without starting it. */
export async function composeDaemon(options: ComposeOptions): Promise<Daemon> {
  const kept = await makeKept(options);
  const engine: Engine = makeEngine(options, kept, {
    send: (datagrams, via) => network.send(datagrams, via),
    sendFar: (datagrams, to) => farPeers.send(datagrams, to),
    onSaid: () => hub?.said(),
    onHostSaid: (id) => hub?.hostSaid(id),
  });
  const scanning = makeScans(options, engine);
  const { scans } = scanning;
  const network = makeNetwork(options, { ...kept, engine, scans });
  const farPeers = makeFarPeers(options, { ...kept, engine });
  const hub = makeHub(options, { ...kept, engine });
  let keys = keysView(options);
  const parts = {
    ...kept,
    engine,
    network,
    farPeers,
    hub,
    ...scanning,
    hostName: makeHostName(options, engine),
    keys: () => keys,
  };
  return {
    tasks: makeTasks(options, parts),
    reconfigure(config, trust, endpoints = []) {
      keys = keysView({ config, trust });
      return reconfigure(parts, { config, trust, endpoints });
    },
    linkReturned: (name) => network.linkReturned(name),
  };
}

type Parts =
  & KeptParts
  & ReturnType<typeof makeScans>
  & { readonly hostName: HostName }
  & { readonly farPeers: FarPeers; readonly hub: Hub | null }
  & Pick<HandlerParts, "engine" | "network" | "keys">;

function keysView(
  { config, trust }: Pick<ComposeOptions, "config" | "trust">,
): StatusView["keys"] {
  const { keysMode: mode, keysEncrypt: encrypt } = config;
  return { mode, encrypt: trust.hasKeys && encrypt, key: trust.keyId };
}

function makeEngine(
  { log, onYield }: ComposeOptions,
  kept: KeptParts,
  { onHostSaid, ...sending }:
    & Pick<EngineOptions, "send" | "sendFar" | "onSaid">
    & { readonly onHostSaid: (id: string) => void },
): Engine {
  const { peer, clock, rows, history, replayGuard } = kept;
  return new Engine({
    peer,
    clock,
    rows,
    log,
    ...sending,
    onYield,
    keepIdentity(changed) {
      kept.identity.keep(changed);
      history.identityChanged();
    },
    onAccepted(accepted) {
      onHostSaid(accepted.id);
      replayGuard.note(accepted);
      history.noteHosts();
      // Its host may have proved a shared key.
      kept.remarks.changed();
    },
    beforeTelling: replayGuard.flush,
    onChange: (change) => history.take(change),
    onBytes: (bytes) => history.received(bytes),
    isTight: () => history.isTight,
    onLeftOut: (host) => history.leaveOut(host),
    onFirstList: (host) => history.tellWhole(host),
    hasPlenty: () => history.hasPlenty,
    onSummary(host, events) {
      history.tellWhole(host);
      kept.notices.leftOut(host, events);
      kept.overdue.changed();
    },
    onTold(change, isListed) {
      kept.notices.changed(change, isListed);
      kept.overdue.changed();
    },
    onRemark() {
      kept.remarks.changed();
      kept.overdue.changed();
    },
  });
}

/** The parts that scan this host's disks, and trigger scans. */
function makeScans({ config, system, log }: ComposeOptions, engine: Engine) {
  const programs = logPrograms(system, log);
  let { ports } = config;
  const scanner = createScanner(programs, {
    slotOf: (port) => Object.hasOwn(ports, port) ? ports[port]! : null,
    onDisks: (disks) => engine.scanned(disks, { goesOn: true }),
    onProblems: (found) => scans.tellProblems(found),
  });
  const scans = new ScanLoop({
    scan: (request) => scanner.scan(request),
    noticing: () => watch,
    now: system.now,
    intervalMs: config.scanIntervalMs,
    onResult: ({ disks }) => engine.scanned(disks),
    log,
  });
  const watchProblems = new ProblemLog(
    log,
    "changes are noticed at once again",
  );
  const watch = new Watch(programs, {
    // udev's events are in its database too, so no medium needs to be read.
    onDevice: ({ source, kname }) =>
      source === "kernel" ? scans.deviceChanged(kname) : scans.changed(),
    onMounts: () => scans.changed(),
    onState() {
      watchProblems.tell(watch.problems);
      scans.noticingChanged();
    },
  });
  const setPorts = (named: Config["ports"]) => {
    ports = named;
    scans.changed();
  };
  return { scans, watch, setPorts };
}

function makeHostName(
  { config, system, log }: ComposeOptions,
  engine: Engine,
): HostName {
  return new HostName({
    configured: config.hostName,
    machineName: system.hostname,
    onChange(host) {
      log.info("this host has another name", { host });
      engine.configure({ name: host });
    },
  });
}

function makeNetwork(
  { config, system, log }: ComposeOptions,
  { engine, scans, peer, history, overdue }: {
    readonly engine: Engine;
    readonly scans: ScanLoop;
    readonly peer: Peer;
    readonly history: HistoryKeeper;
    readonly overdue: OverdueWatch;
  },
): Network {
  return new Network({
    open: () => openMulticast(config, engine.receive),
    interfaces: system.interfaces,
    choice: config,
    to: config,
    clocks: system,
    // This host is the first.
    others: () => [...peer.inventory.hosts()].slice(1),
    isFlooded: () => peer.isFlooded(system.now()),
    onChange: (networks, ask) => engine.networkChanged(networks, ask),
    onWake() {
      history.clockSet();
      engine.beginLife(system.wallClock());
      overdue.awoken();
      scans.noticingChanged();
    },
    log,
  });
}

function makeFarPeers(
  { config, system, log }: ComposeOptions,
  { engine, peer, clock }: {
    readonly engine: Engine;
    readonly peer: Peer;
    readonly clock: Clock;
  },
): FarPeers {
  return new FarPeers({
    choice: config,
    port: config.port,
    hostName: () => peer.identity.name,
    isNear: (address) => peer.isInNetwork(address),
    isInOnlyNetwork: (address) => peer.isInOnlyNetwork(address),
    receive: engine.receiveFar,
    use: (settings) => engine.relay(settings),
    states: () => peer.peers,
    openSocket: (options) => new FarSocket(options),
    system,
    clock,
    log,
  });
}

function makeTasks(options: ComposeOptions, parts: Parts): Task[] {
  const { identity, names, replayGuard, history, watch, scans } = parts;
  return [
    // First, because it detects another running daemon.
    controlTask(options, parts),
    task("identity", {
      start: () => identity.start(),
      stop: () => identity.stop(),
    }),
    task("names", {
      start: () => names.start(),
      stop: () => names.stop(),
    }),
    task("remarks", { stop: () => parts.remarks.flush() }),
    task("replay guard", {
      start: () => replayGuard.start(),
      stop: () => replayGuard.stop(),
    }),
    // Before anything is scanned or heard, which is compared with the known
    // state.
    task("history", {
      async start() {
        await history.start();
        parts.engine.rememberHosts();
      },
    }),
    task("notices", {
      start: () => parts.overdue.start(),
      stop() {
        parts.overdue.stop();
        parts.notices.stop();
      },
    }),
    // Ends after the goodbye and the history, because a program may take a
    // while to end.
    task("watch end", { stop: () => watch.stop() }),
    task("history end", { stop: () => history.stop() }),
    task("network", {
      start: () => parts.network.start(),
      stop: () => parts.network.stop(),
    }),
    // Its socket closes after the goodbye.
    task("peers", {
      start: () => parts.farPeers.start(),
      stop: () => parts.farPeers.stop(),
    }),
    task("protocol", { stop: () => parts.engine.stop() }),
    task("hub", {
      start: () => parts.hub?.start(),
      stop: () => parts.hub?.stop(),
    }),
    task("host name", {
      start: () => parts.hostName.start(),
      stop: () => parts.hostName.stop(),
    }),
    task("scans", {
      start: () => firstScan(scans),
      stop: () => scans.stop(),
    }),
    // Starting programs delays the start, so the first scan comes before.
    task("watch", { start: () => watch.start() }),
    task("ready", { start: options.onReady }),
  ];
}

async function reconfigure(
  parts: Parts,
  { config, trust, endpoints = [] }: Pick<
    ComposeOptions,
    "config" | "trust" | "endpoints"
  >,
): Promise<void> {
  const { log, scans, setPorts, engine, network, hostName } = parts;
  parts.notices.configure(endpoints);
  parts.overdue.configure(config);
  log.configure({ level: config.logLevel, format: config.logFormat });
  scans.setInterval(config.scanIntervalMs);
  setPorts(config.ports);
  engine.configure({ announceIntervalMs: config.announceIntervalMs });
  hostName.configure(config.hostName);
  engine.trust(trust);
  await network.use(config);
  await parts.farPeers.use(config);
}

function controlTask(
  { config, system, log, running }: ComposeOptions,
  parts:
    & Omit<HandlerParts, "sockets" | "running" | "hub">
    & Pick<Parts, "replayGuard" | "hub">,
): Task {
  const sockets = new ControlSockets(log);
  return task("control", {
    start: () =>
      sockets.start({
        config,
        readText: system.readText,
        serve: {
          greeting: () =>
            `diskd ${VERSION} on ${parts.peer.identity.name}; type help`,
          handlers: withHub(
            makeHandlers({ ...parts, sockets, running }),
            parts.hub,
          ),
          text: textStyle(system.wallClock),
          beforeTelling: parts.replayGuard.flush,
          onFailure: (error, method) =>
            log.error("a command failed, which is a bug in diskd", {
              method,
              error: String(error),
            }),
        },
        checkBeside: parts.replayGuard.check,
      }),
    stop: () => sockets.stop(),
  });
}

/** A host that watches a hub answers those that do not; the others ask. */
function withHub(handlers: Handlers, hub: Hub | null): Handlers {
  if (hub === null) return handlers;
  if (!hub.isWatching) {
    return askingHandlers(handlers, {
      ask: (question) => hub.ask(question),
      onFailure: (reason) => hub.askFailed(reason),
    });
  }
  hub.answerWith(new HubAnswers(handlers));
  return handlers;
}

/** Scans, but does not wait for a slow disk. */
async function firstScan(scans: ScanLoop): Promise<void> {
  await within(FIRST_SCAN_MS, scans.now());
}

function task(
  name: string,
  { start = () => {}, stop = () => {} }: Partial<Task>,
): Task {
  return { name, start, stop };
}
