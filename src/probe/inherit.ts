import type { Device } from "./device.ts";

/** Disk, partition, RAID, encryption, volume, thin pool: more is not stacked. */
const MAX_STACKED = 8;

type Hardware = Pick<Device, "model" | "serial" | "wwn" | "tran" | "rm">;

/**
 * Gives partitions and volumes the model, serial number, WWN, transport and
 * `rm` of what they lie on, where they have none of their own: a partition is
 * found by the serial number of its disk. What lies on several devices gets
 * only that in which all of them agree.
 */
export function inheritHardware(devices: readonly Device[]): Device[] {
  const byName = new Map(devices.map((device) => [device.kname, device]));
  // One round for each layer, instead of recursion: parents may come after
  // their children, and what a program prints may even say that they are in a ring.
  for (let round = 0; round < MAX_STACKED; round++) {
    if (!inheritOnce(byName)) break;
  }
  return [...byName.values()];
}

/** True when something changed. */
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

/** `null` where the parents add nothing. */
function inheritFrom(
  parents: readonly Device[],
  device: Device,
): Hardware | null {
  if (parents.length === 0) return null;
  const pick = <Key extends keyof Hardware>(key: Key) =>
    device[key] ?? agreedValue(parents, key);
  const inherited: Hardware = {
    model: pick("model"),
    serial: pick("serial"),
    wwn: pick("wwn"),
    tran: pick("tran"),
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
