import type { Announcement } from "../../src/codec/announcement.ts";
import {
  readRemarkHeader,
  readRemarks,
  writeRemarks,
} from "../../src/codec/remark_datagram.ts";
import { signRemark } from "../../src/codec/remark_signature.ts";
import { writeAnnouncement } from "../../src/codec/write_datagram.ts";
import { makeDisk } from "../../src/inventory/disk.ts";
import {
  datagram,
  datagramOf,
  signedDatagrams,
} from "../support/announcements.ts";
import { forgeries } from "../support/forgeries.ts";
import { hostKey, signedBy } from "../support/host_keys.ts";
import type { Dice } from "./dice.ts";

/** Where liars are. They know everything but the keys of others. */
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

const LIAR = hostKey("liar");

/** How a liar tries to prove that. */
const PROOFS: readonly ((said: Announcement) => Uint8Array[])[] = [
  // Not at all.
  writeAnnouncement,
  // With the signature of his own key, and that key.
  (said) => signedDatagrams({ ...said, key: LIAR.publicKey }, LIAR),
  // With the signature of his own key under the key of the host.
  (said) => signedDatagrams(said, LIAR),
];

/** What a liar says in the name of a host, the `number`th time. */
export function lieAbout(
  { id, boot }: Victim,
  { lie, number }: { readonly lie: Lie; readonly number: number },
): Uint8Array {
  const boots = { "seq": boot, "last boot": MAX_SAFE_INTEGER };
  const [datagram] = PROOFS[number % PROOFS.length]!({
    id,
    key: hostKey(id).publicKey,
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

/** What a liar makes of what a host said: he splices, turns back, and signs himself. */
export function forgedFrom(heard: readonly Uint8Array[]): Uint8Array[] {
  if (heard.length === 0) return [];
  return Object.values(forgeries(heard, LIAR)).map(({ bytes }) => bytes);
}

/**
 * What a liar makes of the remarks of hosts: he says them again, changes them,
 * and signs as himself, whom they may know as a host.
 */
export function forgedRemarks(
  heard: readonly Uint8Array[],
  { name, number }: { readonly name: string; readonly number: number },
): Uint8Array[] {
  const { id, publicKey } = LIAR;
  const read = heard.map((bytes) => readRemarkHeader(bytes))
    .filter((datagram) => datagram.format === "remarks");
  const known = read.flatMap((datagram) => readRemarks(datagram) ?? [])
    .map(({ remark }) => remark);
  const forged = known.flatMap((remark) => [
    { ...remark, value: "forged" },
    { ...remark, value: null, at: remark.at + 1_000 },
    { ...remark, subject: "uuid uuid-99" },
    { ...remark, key: publicKey },
    signRemark({ ...remark, at: Number.MAX_SAFE_INTEGER }, LIAR),
  ]);
  const own = signRemark({
    subject: `uuid uuid-${number % 3}`,
    field: "note",
    value: `lie ${number}`,
    at: 1_800_000_000_000 + number,
    host: name,
  }, LIAR);
  const said = [...forged, own]
    .map((remark) => ({ remark, isProven: true }));
  const datagrams = writeRemarks({ id, key: publicKey }, said, {
    maxBytes: 1_000,
  });
  return [...heard, ...datagrams.map((bytes) => signedBy(LIAR, bytes))];
}

/** A liar who signs as himself, with the name and the disks of another, which differ at each word. */
export function namesake(name: string, number: number): Uint8Array {
  const disks = [0, 1, 2].map((i) =>
    makeDisk({
      device: `/dev/lie${number % 7}${i}`,
      uuid: `uuid-${i}`,
      label: `disk ${number + i}`,
      size: LIE_STAMP,
    })
  );
  const [seq, rev] = [number, number];
  return datagramOf(LIAR, { host: name, boot: 1, seq, rev, every: 20, disks });
}

/** Valid signatures of a thousand new keys, each with the name of a host. */
export function thousandKeys(dice: Dice, name: string): Uint8Array[] {
  return Array.from({ length: 1_000 }, (_, i) => {
    const key = hostKey(`new-${i}-${dice.whole(0, 1e6)}`);
    return datagramOf(key, { host: name, every: 60 });
  });
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
