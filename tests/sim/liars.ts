import { writeAnnouncement } from "../../src/codec/write_datagram.ts";
import { makeDisk } from "../../src/inventory/disk.ts";
import { datagram } from "../support/announcements.ts";
import type { Dice } from "./dice.ts";

/** Liars have addresses of their own: who forges a host's can only be stopped with keys. */
export const LIARS_NETWORK = "10.0.7.";

/** What all disks of a lie are stamped with. */
export const LIE_STAMP = 666_000_000_000;

/** Where one of them floods the LAN from. */
export const FLOODER = `${LIARS_NETWORK}200`;

/** How far somebody is who is lied about. */
export interface Victim {
  readonly id: string;
  readonly boot: number;
}

/** How somebody says to be another one. */
export type Lie = "boot" | "seq" | "bye" | "last boot";

/** One can be made to take a fresh id a few times only, so one of so many says that he cannot be surpassed. */
export const LAST_BOOT_EVERY = 10;

export function lieOf(number: number): Lie {
  const lies = ["boot", "seq", "bye"] as const;
  return number % LAST_BOOT_EVERY === 0
    ? "last boot"
    : lies[number % lies.length]!;
}

const { MAX_SAFE_INTEGER } = Number;

/** What a liar says in the name of a host, the `number`th time. */
export function lieAbout(
  { id, boot }: Victim,
  { lie, number }: { readonly lie: Lie; readonly number: number },
): Uint8Array {
  const boots = { "seq": boot, "last boot": MAX_SAFE_INTEGER };
  const [datagram] = writeAnnouncement({
    id,
    host: "liar",
    version: null,
    boot: { boot: boot + 1_000, bye: boot + 1_000, ...boots }[lie],
    seq: MAX_SAFE_INTEGER - 1_000 + number,
    rev: number,
    every: 20,
    ask: false,
    bye: lie === "bye",
    disks: [makeDisk({ device: "/dev/lie", label: "lie", size: LIE_STAMP })],
  });
  return datagram!;
}

/** Garbage, and hosts that do not exist, from one address. */
export function floodFromOne(dice: Dice): Uint8Array[] {
  return Array.from(
    { length: 250 },
    (_, i) => i % 5 > 0 ? dice.bytes(20) : inventedHost(dice),
  );
}

function inventedHost(dice: Dice): Uint8Array {
  const id = `invented-${dice.whole(0, 1e6)}`;
  const ask = dice.chance(0.1);
  return datagram({ id, host: id, version: null, every: 60, ask });
}
