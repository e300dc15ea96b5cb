/** What the daemon knows, and the parts that store it. */
import { Ed25519 } from "../codec/host_key.ts";
import type { Trust } from "../codec/trust.ts";
import { speaksOn } from "../config/interfaces.ts";
import type { Config } from "../config/settings.ts";
import { limitsFor } from "../inventory/limits.ts";
import type { Inventory } from "../inventory/inventory.ts";
import { Peer } from "../peer/peer.ts";
import { mostRemotes } from "../peer/remotes.ts";
import { openHistory } from "../store/history/open_history.ts";
import { freshHostKey, hostKeyPath } from "../store/host_key_file.ts";
import {
  type IdentityFile,
  identityPath,
  openIdentity,
} from "../store/identity.ts";
import { ReplayGuard } from "../store/replay_guard.ts";
import {
  acceptedPaths,
  expectedPath,
  historyPath,
  namesPath,
  remarksPath,
} from "../store/state_path.ts";
import type { System } from "../system/system.ts";
import { maySendPrivileged } from "../transport/privileged_port.ts";
import { VERSION } from "../version.ts";
import { Clock } from "./clocks.ts";
import type { Endpoint } from "./endpoints.ts";
import { HistoryAnswers } from "./history_answers.ts";
import { HistoryKeeper, sizeOfFiles } from "./history_keeper.ts";
import { IdentityKeeper } from "./identity_keeper.ts";
import { ListRows } from "./list_rows.ts";
import { type Log } from "./log.ts";
import { NameKeeper } from "./name_keeper.ts";
import { Notices } from "./notices.ts";
import { OverdueWatch } from "./overdue.ts";
import { postJson } from "./post_json.ts";
import { RemarkKeeper } from "./remark_keeper.ts";
import { ReplayGuardKeeper } from "./replay_guard_keeper.ts";

export interface KeptOptions {
  readonly config: Config;
  /** The keys of the configuration, already read. */
  readonly trust: Trust;
  /** Those of the setting `notify`, with their secrets. Default: none. */
  readonly endpoints?: readonly Endpoint[];
  readonly system: System;
  readonly log: Log;
  /** The user of this process; `null` if unknown. */
  readonly uid: number | null;
  /** The default socket of this user's daemon. */
  readonly defaultSocket: string | null;
}

export type KeptParts = Awaited<ReturnType<typeof makeKept>>;

/** The known state, and the parts that store it. */
export async function makeKept(options: KeptOptions) {
  const { system, log } = options;
  const clock = new Clock(system);
  const file = await readIdentity(options);
  const guard = readReplayGuard(options);
  const peer = makePeer(options, { identity: file, guard });
  const { inventory } = peer;
  const rows = new ListRows(inventory, clock);
  const history = makeHistory(options, { inventory, clock, was: file.was });
  const past = new HistoryAnswers({ keeper: history, inventory, clock });
  const endpoints = options.endpoints ?? [];
  const notices = new Notices({
    ...{ endpoints, inventory, clock, system, log },
    post: postJson,
  });
  return {
    log,
    system,
    clock,
    identity: new IdentityKeeper({ file, log }),
    names: makeNames(options, { inventory, clock }),
    remarks: makeRemarks(options, inventory),
    peer,
    rows,
    history,
    past,
    notices,
    overdue: makeOverdue(options, { inventory, clock, rows, past, notices }),
    replayGuard: new ReplayGuardKeeper({ guard, now: system.now, log }),
  };
}

function makeOverdue(
  { config, defaultSocket, system, log }: KeptOptions,
  { notices, ...known }: {
    readonly inventory: Inventory;
    readonly clock: Clock;
    readonly rows: ListRows;
    readonly past: HistoryAnswers;
    readonly notices: Notices;
  },
): OverdueWatch {
  const { socket, stateDir, expect, announceIntervalMs } = config;
  return new OverdueWatch({
    ...known,
    expect,
    announceIntervalMs,
    path: expectedPath(stateDir, { socket, defaultSocket }),
    readText: system.readText,
    tell: (disk, told) => notices.overdue(disk, told),
    log,
  });
}

function readIdentity(
  { config, system, uid, defaultSocket }: KeptOptions,
): Promise<IdentityFile> {
  const { socket, stateDir } = config;
  const sockets = { socket, defaultSocket };
  return openIdentity({
    path: identityPath(stateDir, sockets),
    keyPath: hostKeyPath(stateDir, sockets),
    uid,
    machine: { name: system.hostname(), macs: networkCards() },
    readText: system.readText,
    wallClock: system.wallClock,
  });
}

/** Hardware addresses of the network cards that have an address, but for virtual ones. */
function networkCards(): string[] {
  const macs = Deno.networkInterfaces()
    .filter(({ name }) => speaksOn(name, []))
    .map(({ mac }) => mac);
  return [...new Set(macs)].filter((mac) => mac !== NO_CARD).sort();
}

/** Of the loopback and of tunnels. */
const NO_CARD = "00:00:00:00:00:00";

function makeHistory(
  { config, system, defaultSocket, log }: KeptOptions,
  known: {
    readonly inventory: Inventory;
    readonly clock: Clock;
    readonly was: readonly string[];
  },
): HistoryKeeper {
  const { socket, stateDir, noHistory } = config;
  const path = historyPath(stateDir, { socket, defaultSocket });
  const open = () =>
    openHistory({
      path,
      keepDays: config.historyKeepDays,
      maxMegabytes: config.historyMaxMegabytes,
      wallClock: system.wallClock,
    });
  return new HistoryKeeper({
    ...known,
    open: noHistory ? null : open,
    // Recent changes are in the log beside it.
    size: () => sizeOfFiles([path, `${path}-wal`]),
    log,
  });
}

/** Reads what earlier runs knew, before anything can be heard. */
function makeNames(
  { config: { socket, stateDir }, defaultSocket, system, log }: KeptOptions,
  known: { readonly inventory: Inventory; readonly clock: Clock },
): NameKeeper {
  const path = namesPath(stateDir, { socket, defaultSocket });
  return new NameKeeper({ ...known, path, readText: system.readText, log });
}

function makeRemarks(
  { config: { socket, stateDir }, defaultSocket, log }: KeptOptions,
  { remarks }: Pick<Inventory, "remarks">,
): RemarkKeeper {
  const path = remarksPath(stateDir, { socket, defaultSocket });
  return new RemarkKeeper({ remarks, path, signatures: new Ed25519(), log });
}

/** Datagrams accepted by earlier runs. Read before anything can be heard. */
function readReplayGuard(
  { config, defaultSocket, system }: KeptOptions,
): ReplayGuard {
  const { socket, stateDir, limitsHosts: hosts } = config;
  const paths = acceptedPaths(stateDir, { socket, defaultSocket });
  return new ReplayGuard({
    ...paths,
    most: mostRemotes({ hosts }),
    wallClock: system.wallClock,
  });
}

function makePeer(
  { config, trust, system }: KeptOptions,
  { identity, guard }: {
    readonly identity: IdentityFile;
    readonly guard: ReplayGuard;
  },
): Peer {
  return new Peer({
    identity: {
      key: identity.key,
      boot: identity.boot,
      name: config.hostName ?? system.hostname(),
      version: VERSION,
    },
    pastBoot: identity.pastBoot,
    accepted: guard.marks,
    limits: limitsFor({ hosts: config.limitsHosts, disks: config.limitsDisks }),
    isPrivileged: maySendPrivileged(),
    announceIntervalMs: config.announceIntervalMs,
    random: system.random,
    freshKey: freshHostKey,
    trust,
    wallTime: (now) => system.wallClock() + now - system.now(),
  });
}
