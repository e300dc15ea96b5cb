import type { Config } from "../config/settings.ts";
import { splitAddress } from "../inventory/far_address.ts";
import type { Peer } from "../peer/peer.ts";
import { readSecretFile } from "../store/secret_file.ts";
import { reasonOf } from "../system/reason.ts";
import type { System } from "../system/system.ts";
import type { Clock } from "./clocks.ts";
import type { Engine } from "./engine.ts";
import { Hub, type HubLink } from "./hub.ts";
import type { Log } from "./log.ts";

/** A seed of nsc(1) and nk(1) is shorter; comments may stand before it. */
const MAX_NKEY_FILE_BYTES = 4_096;

interface HubParts {
  readonly engine: Engine;
  readonly peer: Peer;
  readonly clock: Clock;
}

interface MakeHubOptions {
  readonly config: Config;
  readonly system: System;
  readonly log: Log;
  readonly uid: number | null;
}

/** The hub of the configuration; `null`: there is none. */
export function makeHub(
  { config, system, log, uid }: MakeHubOptions,
  { engine, peer, clock }: HubParts,
): Hub | null {
  const { natsServers: servers, natsBucket: bucket, site } = config;
  if (servers.length === 0 || site === null) return null;
  return new Hub({
    servers,
    bucket,
    site,
    isWatching: config.natsWatch,
    everyMs: () => config.announceIntervalMs,
    open: () => open(config, { system, uid, name: peer.identity.key.id }),
    id: () => peer.identity.key.id,
    address: () => addressOf(peer),
    mark: () => peer.listMark,
    announcement: (everyMs) => peer.wholeAnnouncement(everyMs),
    goodbye: () => peer.goodbye(),
    others: () => [...peer.inventory.hosts()].slice(1).map(({ id }) => id),
    nearList: (id) => peer.nearList(id),
    receive: engine.receiveHub,
    system,
    clock,
    log,
  });
}

/** For hosts elsewhere: a link-local one is of no use there. */
function addressOf({ inventory: { self } }: Peer): string | null {
  return self.addresses.map((one) => splitAddress(one).plain)
    .find((one) => !one.includes("%")) ?? null;
}

async function open(
  config: Config,
  { system, uid, name }: {
    readonly system: Pick<System, "readText">;
    readonly uid: number | null;
    readonly name: string;
  },
): Promise<HubLink> {
  const { natsServers, natsNkeyFile, natsCaFile, natsBucket, natsDomain } =
    config;
  const nkeySeed = natsNkeyFile === null ? null : readSeed(natsNkeyFile, uid);
  const ca = natsCaFile === null ? null : system.readText(natsCaFile);
  if (natsCaFile !== null && ca === null) {
    throw new Error(`${natsCaFile}, the nats.caFile, is not there`);
  }
  const { NatsLink } = await import("../transport/nats_link.ts");
  try {
    return await NatsLink.open({
      servers: natsServers,
      nkeySeed,
      ca,
      bucket: natsBucket,
      domain: natsDomain,
      name,
    });
  } catch (error) {
    throw new Error(sayNoConnection(reasonOf(error), config));
  }
}

/** With the file that may be wrong. */
function sayNoConnection(
  reason: string,
  { natsNkeyFile, natsCaFile }: Config,
): string {
  if (/authorization|authentication/i.test(reason)) {
    return natsNkeyFile === null
      ? `${reason}; the server wants a key, nats.nkeyFile`
      : `${reason}; the server does not know the key in ${natsNkeyFile}`;
  }
  if (/altnames/i.test(reason)) {
    return `${reason}; name the server as its certificate does, not by address`;
  }
  if (/before secure tls/i.test(reason)) {
    // Not every version of the runtime says why.
    const authority = natsCaFile ?? "the system's authorities";
    return `no TLS with the server (${reason}): its certificate may be of an ` +
      `authority that is not in ${authority}, for another name, or past its ` +
      `time; the log of the server has the reason`;
  }
  if (/certificate|unknownissuer|tls/i.test(reason)) {
    return natsCaFile === null
      ? `${reason}; perhaps nats.caFile is needed`
      : `${reason}; is ${natsCaFile} of the authority of the server?`;
  }
  return reason;
}

/** Reads the seed of an NKey, `SU...`. */
function readSeed(path: string, uid: number | null): Uint8Array {
  const found = readSecretFile(path, {
    uid,
    maxBytes: MAX_NKEY_FILE_BYTES,
    noun: "key",
    expected: "the seed of an NKey of a user, which begins with SU",
    whenMissing: "make one with: nk -gen user",
  });
  if (found.kind !== "text") throw new Error(`${path} ${found.reason}`);
  const seed = /^SU[A-Z2-7]{56}$/m.exec(found.text)?.[0];
  if (seed === undefined) {
    throw new Error(
      `${path} has no line that begins with SU, the seed of an NKey of a user`,
    );
  }
  return new TextEncoder().encode(seed);
}
