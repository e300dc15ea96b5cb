/** `diskd scan`: lists disks without a daemon. */
import type { Trust } from "../codec/trust.ts";
import type { Config } from "../config/settings.ts";
import { speaksOn } from "../config/interfaces.ts";
import type { DiskRow } from "../control/views.ts";
import type { Disk } from "../inventory/disk.ts";
import { anonymousAsk } from "../peer/announcement_writer.ts";
import { Peer } from "../peer/peer.ts";
import { createScanner } from "../probe/scan.ts";
import { deriveHostId, freshId } from "../store/identity.ts";
import { reasonOf } from "../system/reason.ts";
import type { System } from "../system/system.ts";
import { type Multicast, openMulticast } from "../transport/multicast.ts";
import { VERSION } from "../version.ts";
import { Clock } from "./clocks.ts";
import { ListRows } from "./list_rows.ts";
import { pause } from "../system/within.ts";

/** A host that has just announced itself answers a second later, plus travel time. */
const LISTEN_MS = 1_250;

/** Time until the question is repeated, against loss. */
const SECOND_ASK_MS = 150;

interface LanScan {
  readonly rows: readonly DiskRow[];
  /** What it could not see, a sentence each. */
  readonly problems: readonly string[];
}

type LanScanConfig = Pick<
  Config,
  "group" | "port" | "ttl" | "interfaces" | "hostName"
>;

interface LanScanOptions {
  readonly system: System;
  /** The keys of the configuration this user may read. */
  readonly trust: Trust;
}

/**
 * Scans this host, asks the LAN, listens for a second, and returns the disks.
 * The question is anonymous. If a daemon of this host answers, its list is used
 * for this host, because it may have more rights.
 */
export async function scanLan(
  config: LanScanConfig,
  { system, trust }: LanScanOptions,
): Promise<LanScan> {
  const clock = new Clock(system);
  const name = config.hostName ?? system.hostname();
  const peer = listeningPeer(name, { system, trust });
  const [scan, heard] = await Promise.all([
    createScanner(system).scan(),
    listen(peer, { config, system, trust }),
  ]);
  if (!heard.thisHost && scan.disks !== null) {
    const id = await deriveHostId(system.readText) ?? freshId();
    addThisHost(peer, scan.disks, { id, name, heard, system });
  }
  // Earlier times are unknown, so they are left out.
  const rows = new ListRows(peer.inventory, clock).list().decode()
    .map((row) => ({ ...row, since: null }));
  return { rows, problems: [...scan.problems, ...heard.problems] };
}

/** Receives announcements and sends nothing: its effects are not carried out. */
function listeningPeer(
  name: string,
  { system, trust }: LanScanOptions,
): Peer {
  return new Peer({
    identity: { id: freshId(), name, version: VERSION, boot: 0 },
    pastBoot: 0,
    announceIntervalMs: Infinity,
    random: system.random,
    freshId,
    trust,
  });
}

interface Heard {
  readonly addresses: readonly string[];
  /** Whether a daemon of this host answered. */
  readonly thisHost: boolean;
  readonly problems: readonly string[];
}

async function listen(
  peer: Peer,
  { config, system, trust }: LanScanOptions & {
    readonly config: LanScanConfig;
  },
): Promise<Heard> {
  const ask = () => anonymousAsk().map((datagram) => trust.protect(datagram));
  let multicast: Multicast;
  try {
    multicast = openMulticast(config, (bytes, address) => {
      peer.receive(bytes, address, system.now());
    });
  } catch (error) {
    const problem =
      `Cannot listen on UDP port ${config.port}, so other hosts are missing: ${
        reasonOf(error)
      }`;
    return { addresses: [], thisHost: false, problems: [problem] };
  }
  try {
    await multicast.use(
      system.interfaces().filter(({ name }) =>
        speaksOn(name, config.interfaces)
      ),
    );
    multicast.send(ask());
    await pause(SECOND_ASK_MS);
    multicast.send(ask());
    await pause(LISTEN_MS - SECOND_ASK_MS);
    return describe(multicast, peer);
  } finally {
    await multicast.close();
  }
}

function describe(multicast: Multicast, peer: Peer): Heard {
  const addresses = multicast.interfaces.map(({ address }) => address);
  const others = [...peer.inventory.hosts()].slice(1);
  const problems = multicast.interfaces
    .filter(({ problem }) => problem !== null)
    .map(({ name, problem }) => `Cannot use ${name}: ${problem}`);
  if (addresses.length === 0) {
    problems.push(
      "No usable network interface, so other hosts are missing",
    );
  }
  return {
    addresses,
    thisHost: others.some((host) =>
      host.addresses.some((address) => addresses.includes(address))
    ),
    problems,
  };
}

function addThisHost(
  { inventory }: Peer,
  disks: readonly Disk[],
  { id, name, heard, system }: {
    id: string;
    name: string;
    heard: Heard;
    system: System;
  },
): void {
  inventory.describeSelf({
    id,
    name,
    version: VERSION,
    everyMs: Infinity,
  });
  inventory.setOwnAddresses(heard.addresses);
  inventory.applyScan(disks, system.now());
}
