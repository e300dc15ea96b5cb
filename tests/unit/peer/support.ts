import type { Disk } from "../../../src/inventory/disk.ts";
import { PROBE_GAP_MS, PROBES } from "../../../src/peer/probing.ts";
import { START_WAIT_MS } from "../../../src/peer/timing.ts";
import { type VirtualHost, VirtualLan } from "../../support/virtual_lan.ts";

export function twoHosts() {
  const lan = new VirtualLan();
  return { lan, alpha: lan.host("alpha"), beta: lan.host("beta") };
}

/** After this time a host has announced itself that joined with a list. */
export const STARTED_MS = START_WAIT_MS + PROBES * PROBE_GAP_MS + 1;

/** Joins, and has its first scan at once. */
export function start(
  lan: VirtualLan,
  host: VirtualHost,
  disks: readonly Disk[],
): void {
  lan.do(host, host.peer.join(lan.now));
  lan.do(host, host.peer.scanned(disks, lan.now));
}

/** A datagram of somebody who does not say who asks. */
export function question(): Uint8Array {
  return new TextEncoder().encode(
    'diskd:#{"v":2,"boot":0,"seq":0,"every":1,"ask":true}\n[]\n',
  );
}

export function placeOf(host: VirtualHost, name: string): string | undefined {
  const [place] = host.peer.inventory.where(name).found;
  return place && `${place.host.name} ${place.state}`;
}

export function hostNames(host: VirtualHost): string[] {
  return [...host.peer.inventory.hosts()].map(({ name }) => name);
}
