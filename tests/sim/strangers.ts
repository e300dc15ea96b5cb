import { makeDisk } from "../../src/inventory/disk.ts";
import { signedDatagrams } from "../support/announcements.ts";
import { hostKey } from "../support/host_keys.ts";
import type { Dice } from "./dice.ts";

const encoder = new TextEncoder();

/** A datagram that no host of ours sent and that says nothing. `real` is one that was sent. */
export function garbage(dice: Dice, real: Uint8Array | null): Uint8Array {
  const kinds = [
    () => dice.bytes(dice.whole(0, 200)),
    () => encoder.encode(`diskd:${text(dice)}`),
    () => encoder.encode(`diskd:#{"v":2,${text(dice)}}\n[]`),
    () => encoder.encode(`diskd:#{"v":3,"id":"x","boot":1,"seq":1}\n[]`),
    () => Uint8Array.of(...encoder.encode("diskd:"), ...dice.bytes(40)),
    () => real?.slice(0, dice.whole(0, real.length - 3)) ?? new Uint8Array(),
  ];
  return dice.pick(kinds)();
}

/** Announcements of hosts that nobody has ever seen, of all kinds of lengths. */
export function flood(dice: Dice): Uint8Array[] {
  return Array.from({ length: 10 }, () => announcement(dice)).flat();
}

function announcement(dice: Dice): Uint8Array[] {
  const name = `stranger-${dice.whole(0, 40)}`;
  const number = dice.whole(1, 1_000);
  const disks = Array.from(
    { length: dice.pick([0, 1, 5, 30]) },
    (_, i) =>
      makeDisk({
        device: `/dev/${name}${i}`,
        label: "x".repeat(dice.whole(1, 100)),
      }),
  );
  return signedDatagrams({
    id: name,
    key: hostKey(name).publicKey,
    host: name,
    version: null,
    boot: 1,
    seq: number,
    rev: number,
    every: dice.pick([1, 10, 60]),
    ask: dice.chance(0.2),
    bye: dice.chance(0.2),
    disks,
  });
}

function text(dice: Dice): string {
  const characters = `[]{}",:#-~ \n\tabc0123'&*!|>%@\u0000\u00e9`;
  return Array.from(
    { length: dice.whole(0, 80) },
    () => dice.pick([...characters]),
  ).join("");
}
