import type { Device } from "./device.ts";

/** Greatest depth: disk, partition, RAID, encryption, volume, thin pool. */
const MAX_STACKED = 8;

type Hardware = Pick<
  Device,
  "model" | "serial" | "wwn" | "tran" | "port" | "rm"
>;

/**
 * Gives partitions and volumes missing values of model, serial number, WWN,
 * transport and `rm` from the devices below, so that a partition is found by
 * the serial number of its disk. A device on several others gets only the
 * values common to all.
 */
export function inheritHardware(devices: readonly Device[]): Device[] {
  const byName = new Map(devices.map((device) => [device.kname, device]));
  // One round for each layer, instead of recursion: parents may come after
  // their children, and the output of a program may even contain a cycle.
  for (let round = 0; round < MAX_STACKED; round++) {
    if (!inheritOnce(byName)) break;
  }
  return [...byName.values()];
}

/** Returns whether anything changed. */
function inheritOnce(byName: Map<string, Device>): boolean {
  let changed = false;
  for (const device of byName.values()) {
    const parents = device.parents.flatMap((name) => byName.get(name) ?? []);
    const inherited = inheritFrom(parents, device);
    if (inherited === null) continue;
    byName.set(device.kname, { ...device, ...inherited });
    changed = true;
  }
  return changed;
}

/** `null` if the parents add nothing. */
function inheritFrom(
  parents: readonly Device[],
  device: Device,
): Hardware | null {
  const pick = <Key extends keyof Hardware>(key: Key) =>
    device[key] ?? agreedValue(parents, key);
  const inherited: Hardware = {
    model: pick("model"),
    serial: pick("serial"),
    wwn: pick("wwn"),
    tran: pick("tran"),
    port: pick("port"),
    rm: pick("rm"),
  };
  const keys = Object.keys(inherited) as (keyof Hardware)[];
  return keys.some((key) => inherited[key] !== device[key]) ? inherited : null;
}

function agreedValue<Key extends keyof Hardware>(
  parents: readonly Device[],
  key: Key,
): Device[Key] | null {
  const value = parents[0]?.[key] ?? null;
  return parents.every((parent) => parent[key] === value) ? value : null;
}
