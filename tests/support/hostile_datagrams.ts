import type { Announcement } from "../../src/codec/announcement.ts";
import { makeDisk } from "../../src/inventory/disk.ts";
import { datagram, datagramOf } from "./announcements.ts";
import type { HostKey } from "../../src/codec/host_key.ts";
import { realKey, signedBy } from "./host_keys.ts";
import type { Victim } from "./hostile_site.ts";

/** From 0 to below 1. */
type Random = () => number;

const FIXTURES = new URL("../fixtures/v1/", import.meta.url);
const VERSION_1 = ["05-mixed-missing", "07-number-like", "s04-empty-strings"];

/** Hosts that do not exist, enough that a damaged digit often makes another one of them. */
const FORGED_HOSTS = 50;
/** More than diskd has room for. */
const MANY_HOSTS = 100_000;
/** Digits of `seq` and `rev`, so that they can be counted up in place. */
const FIRST_SEQ = 10_000_000;

const NOISE_BYTES = 64 * 1024;
const MAX_NOISE_BYTES = 1_500;

/**
 * Noise, announcements that came to harm on their way, and beginnings of long
 * lists that never end. Endless, and the same for the same `random`.
 */
export function* hostileVersion2(random: Random): Generator<Uint8Array> {
  const noise = makeNoise(random);
  const forged = Array.from({ length: FORGED_HOSTS }, (_, i) => forgedHost(i));
  const starts = ["", "diskd:", 'diskd:#{"v":2,'].map(encode);
  const kinds = [
    ...starts.map((start) => () => new Uint8Array([...start, ...noise()])),
    () => damaged(forged[below(FORGED_HOSTS, random)]!.next(), random),
    () => damaged(forged[below(FORGED_HOSTS, random)]!.next(), random),
    () => firstPart(below(MANY_HOSTS, random)),
  ];
  while (true) yield kinds[below(kinds.length, random)]!();
}

/** What came to harm on its way from a host of 0.01. Endless too. */
export function* hostileVersion1(random: Random): Generator<Uint8Array> {
  const real = VERSION_1.map((name) =>
    Deno.readFileSync(new URL(`${name}.bin`, FIXTURES))
  );
  while (true) yield damaged(real[below(real.length, random)]!, random);
}

/** A datagram of a host that does not exist. */
export function forgedDatagram(id: string, seq = FIRST_SEQ): Uint8Array {
  const disks = Array.from({ length: 6 }, (_, i) =>
    makeDisk({
      device: `/dev/sd${i}`,
      uuid: `8261f666-0000-4000-8000-00000000000${i}`,
      label: `forged "${i}" \u{1f4be}`,
      type: "ext4",
      size: 4_000_787_030_016,
      mounts: [`/mnt/${i}`],
    }));
  const host = `host \u{1f4be}`;
  return datagramOf(realKey(id), {
    host,
    boot: 1_790_000_000_000,
    seq,
    rev: seq,
    every: 3_600,
    disks,
  });
}

/** One of thousands, of a host that says nothing else. */
function firstPart(number: number): Uint8Array {
  const members = `"id":"part-${number}","boot":1,"seq":1,"every":60`;
  return encode(`diskd:#{"v":2,${members},"part":[1,4096]}\n[]\n`);
}

/** Each of its datagrams says something new, so none can be passed over unread. */
function forgedHost(number: number): { next(): Uint8Array } {
  const bytes = forgedDatagram(String(number).padStart(32, "f"));
  const text = new TextDecoder("latin1").decode(bytes);
  const places = [`"seq":${FIRST_SEQ}`, `"rev":${FIRST_SEQ}`]
    .map((member) => text.indexOf(member) + '"seq":'.length);
  let seq = FIRST_SEQ;
  return {
    next() {
      const digits = encode(`${++seq}`);
      for (const place of places) bytes.set(digits, place);
      return bytes;
    },
  };
}

/** Some bytes are others, or its end is lost, or both. */
function damaged(real: Uint8Array, random: Random): Uint8Array {
  const isCut = random() < 0.3;
  const bytes = real.slice(0, isCut ? below(real.length, random) : undefined);
  for (let left = below(4, random); left > 0 && bytes.length > 0; left--) {
    bytes[below(bytes.length, random)] = below(256, random);
  }
  return bytes;
}

/** Pieces of one block of random bytes: a fresh one each time takes longer than to send it. */
function makeNoise(random: Random): () => Uint8Array {
  const block = Uint8Array.from(
    { length: NOISE_BYTES },
    () => below(256, random),
  );
  return () => {
    const from = below(NOISE_BYTES - MAX_NOISE_BYTES, random);
    return block.subarray(from, from + below(MAX_NOISE_BYTES, random));
  };
}

/** A whole number from 0 to below `end`. */
function below(end: number, random: Random): number {
  return Math.floor(random() * end);
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

const STOLEN = makeDisk({ device: "/dev/sda1", label: "stolen" });

/** Says in the name of a host that it has another disk than it has, changed as told. */
export function lieAbout(
  { id, name, boot, seq, rev }: Victim,
  changes: Partial<Announcement> = {},
): Uint8Array {
  return datagram({
    id,
    host: name,
    boot,
    seq,
    rev: rev + 1,
    disks: [STOLEN],
    ...changes,
  });
}

/** A host that does not exist, with one disk. It signs what it says. */
export function inventedHost(
  number: number,
  changes: Partial<Announcement> = {},
): Uint8Array {
  const name = `invented-${number}`;
  const disks = [STOLEN];
  return datagramOf(realKey(name), {
    host: name,
    every: 3_600,
    disks,
    ...changes,
  });
}

/** Rows of a part that is as full as it gets. */
const ROWS = Array.from({ length: 70 }, (_, i) => `[null,null,"${i}"]`);

/** Parts of a list of thousands that never gets whole, signed by this host if it has a key. */
export function loneParts(
  { id, boot, seq }: Pick<Victim, "id" | "boot" | "seq">,
  { from = 1, count, key }: {
    readonly from?: number;
    readonly count: number;
    readonly key?: HostKey;
  },
): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => {
    const members = `"id":"${id}","boot":${boot},"seq":${seq},"every":60`;
    const proof = key ? `"key":"${key.publicKey}",` : "";
    const part = `"part":[${from + i},4096]`;
    const bytes = new TextEncoder().encode(
      `diskd:#{"v":2,${proof}${members},${part}}\n[${ROWS}]\n`,
    );
    return key ? signedBy(key, bytes) : bytes;
  });
}
