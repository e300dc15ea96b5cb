import { writeRemarks } from "../../src/codec/remark_datagram.ts";
import { signRemark } from "../../src/codec/remark_signature.ts";
import type { LoadSite } from "./load_site.ts";
import { hostileVersion1, hostileVersion2 } from "./hostile_datagrams.ts";
import { MAX_PAYLOAD_BYTES, type RawDatagram } from "./raw_socket.ts";
import { seededRandom } from "./seeded_random.ts";
import {
  numberedKey,
  signedText,
  type SigningKey,
  unsignedText,
  withSignature,
} from "./signed_text.ts";

/** What mallory floods the LAN with. */
export interface Flood {
  /** Datagrams a second. */
  readonly rate: number;
  /** Makes so many, or fewer, which are then said again and again. */
  readonly datagrams: (site: LoadSite, count: number) => RawDatagram[];
}

/** What everybody can send who is on the LAN, as fast as it goes. */
const FAST = 20_000;
const SEED = 20_190_714;

/** Networks in which forged senders are. */
const NETWORKS = ["10.66", "10.67", "172.16"];

/** Mallory has addresses enough, so that no flood suffers from what another one did. */
function liar(number: number): string {
  return `10.70.0.${number}`;
}

/** One in so many of the hostile mixture is in the format of 0.01. */
const VERSION_1_IN = 15;
/** Hosts of a liar who makes keys. */
const STRANGERS = 1_000;
/** Later than whatever a host has said: (boot, seq) is fresh. */
const LATER = 1_000_000;
const EVERY = 60;
/** Datagrams of a list that always differs. */
const PARTS_OF_CHANGING = 8;

/** Each as fast as it goes, beside a hundred honest hosts. */
export const KINDS: Readonly<Record<string, Flood>> = {
  garbage: {
    rate: FAST,
    datagrams: (site) =>
      say(10_000, site.mallory.address, noise(seededRandom(SEED))),
  },
  "garbage from the addresses of honest hosts": {
    rate: FAST,
    datagrams: (site) =>
      spoof(site, say(10_000, "", noise(seededRandom(SEED)))),
  },
  "damaged, from everywhere": {
    rate: FAST,
    datagrams: (site, count) => damaged(site.mallory.address, count),
  },
  unsigned: {
    rate: FAST,
    datagrams: (site, count) =>
      say(count, site.mallory.address, (i) => {
        const { key, said, rows } = strange(i);
        return unsignedText(key, said, rows);
      }),
  },
  "signed by strangers": {
    rate: FAST,
    datagrams: (site, count) =>
      say(count, site.mallory.address, signedByStranger),
  },
  "signed by strangers, from everywhere": {
    rate: FAST,
    datagrams: (_site, count) => {
      const random = seededRandom(SEED);
      return say(count, "", signedByStranger)
        .map(({ bytes }) => ({ source: anyAddress(random), bytes }));
    },
  },
  replays: {
    rate: FAST,
    datagrams: ({ mallory, crowd }) =>
      crowd.said.map(({ bytes }) => ({ source: mallory.address, bytes })),
  },
  "replays from the addresses of who said them": {
    rate: FAST,
    datagrams: ({ crowd }) => [...crowd.said],
  },
  "forged for honest hosts": {
    rate: FAST,
    datagrams: (site, count) =>
      forged(site, count)
        .map(({ bytes }) => ({ source: site.mallory.address, bytes })),
  },
  "forged for honest hosts, from their addresses": {
    rate: FAST,
    datagrams: forged,
  },
};

/** What the table of limits is about: at its rate, and at ten times it. All is signed, but what cannot be. */
export const COSTLY: Readonly<Record<string, Flood>> = {
  "a host whose list differs each time": {
    rate: 20 * PARTS_OF_CHANGING,
    datagrams: (_site, count) => say(count, liar(1), changingList),
  },
  "780 mount points, changing": {
    rate: 20,
    datagrams: (_site, count) => say(count, liar(2), manyMounts),
  },
  "YAML of 60 kB": {
    rate: 20,
    datagrams: (_site, count) =>
      say(Math.min(count, 200), liar(3), (i) => yaml(i, 60_000)),
  },
  "YAML of 1.6 kB": {
    rate: 900,
    datagrams: (_site, count) =>
      say(Math.min(count, 9_000), liar(4), (i) => yaml(i, 1_450)),
  },
  "32 hosts with 4,096 disks": {
    rate: 500,
    datagrams: (_site, count) => say(count, liar(5), fullHost),
  },
  "labels of U+0001": {
    rate: 500,
    datagrams: (_site, count) =>
      say(count, "", longLabels).map(({ bytes }, i) => ({
        source: `10.66.0.${1 + hostOfPart(i) % 4}`,
        bytes,
      })),
  },
  "goodbyes of invented hosts": {
    rate: 1_000,
    datagrams: (_site, count) =>
      say(count, liar(6), (i) =>
        signedText(costlyKey(GOODBYES + i), {
          boot: LATER,
          seq: 1,
          every: EVERY,
          bye: true,
        }, [])),
  },
  "new remarks of a host": {
    rate: 150,
    datagrams: (_site, count) => say(count, liar(8), newRemarks),
  },
  questions: {
    rate: 10,
    datagrams: () =>
      say(1, liar(7), () =>
        new TextEncoder().encode(
          'diskd:#{"v":2,"boot":0,"seq":0,"every":1,"ask":true}\n[]\n',
        )),
  },
};

function say(
  count: number,
  source: string,
  bytes: (number: number) => Uint8Array,
): RawDatagram[] {
  return Array.from({ length: count }, (_, i) => ({ source, bytes: bytes(i) }));
}

/** As if the honest hosts had said them, in turn. */
function spoof({ crowd }: LoadSite, said: RawDatagram[]): RawDatagram[] {
  const { hosts } = crowd;
  return said.map(({ bytes }, i) => ({
    source: hosts[i % hosts.length]!.address,
    bytes,
  }));
}

function noise(random: () => number): () => Uint8Array {
  return () => Uint8Array.from({ length: 600 }, () => random() * 256);
}

/** Every second one comes from `source`, the others from anywhere. */
export function damaged(source: string, count: number): RawDatagram[] {
  const random = seededRandom(SEED);
  const kinds = [hostileVersion1(random), hostileVersion2(random)] as const;
  return Array.from({ length: count }, (_, i) => ({
    source: i % 2 === 0 ? source : anyAddress(random),
    bytes: kinds[i % VERSION_1_IN === 0 ? 0 : 1].next().value!
      .slice(0, MAX_PAYLOAD_BYTES),
  }));
}

function anyAddress(random: () => number): string {
  const network = NETWORKS[Math.floor(random() * NETWORKS.length)];
  const byte = () => 1 + Math.floor(random() * 254);
  return `${network}.${byte()}.${byte()}`;
}

const strangers = new Map<number, SigningKey>();

function stranger(number: number): SigningKey {
  const known = strangers.get(number);
  if (known !== undefined) return known;
  const key = numberedKey(number);
  strangers.set(number, key);
  return key;
}

/** Each time something new, of one of a thousand hosts. */
function strange(i: number) {
  const number = i % STRANGERS;
  const said = { host: `s${number}`, boot: LATER, seq: i + 1, every: EVERY };
  const rows = [[`8261f666-${i}`, `stolen-${i}`, "/dev/sda1"]];
  return { key: stranger(number), said, rows };
}

function signedByStranger(i: number): Uint8Array {
  const { key, said, rows } = strange(i);
  return signedText(key, said, rows);
}

/** The right id and key, and numbers that are fresh; the signature alone is wrong. */
function forged(site: LoadSite, count: number): RawDatagram[] {
  const { hosts } = site.crowd;
  const random = seededRandom(SEED);
  const said = say(count, "", (i) => {
    const { key, name, labels } = hosts[i % hosts.length]!;
    const signature = Uint8Array.from({ length: 64 }, () => random() * 256);
    // Below the order of the curve, or it would be refused at once.
    signature[63]! &= 0x0f;
    return withSignature(
      unsignedText(
        key,
        { host: name, boot: 1, seq: LATER + i, rev: LATER, every: EVERY },
        [...labels.map((label) => [null, label, "/dev/lie"])],
      ),
      signature,
    );
  });
  return spoof(site, said);
}

/** What the first key of each is. */
const [CHANGING, MOUNTS, REMARKS] = [1, 2, 3];
const [FULL, LONG, GOODBYES] = [100, 200, 1_000];

/** Of hosts that are none of the strangers of other floods. */
function costlyKey(number: number): SigningKey {
  return stranger(STRANGERS + number);
}

const ROWS_OF_CHANGING = 20;

/** Parts of a list that has nothing in common with the one before. */
function changingList(i: number): Uint8Array {
  const list = Math.floor(i / PARTS_OF_CHANGING);
  const part = i % PARTS_OF_CHANGING;
  const rows = Array.from({ length: ROWS_OF_CHANGING }, (_, row) => {
    const name = `${list}-${part}-${row}`;
    return [`uuid-${name}`, `l${name}`, `/dev/sd${name}`];
  });
  return signedText(costlyKey(CHANGING), {
    boot: LATER,
    seq: list + 1,
    part: [part + 1, PARTS_OF_CHANGING],
    every: EVERY,
  }, rows);
}

function manyMounts(i: number): Uint8Array {
  const mounts = Array.from({ length: 780 }, (_, at) => `/m/${i % 10}${at}`);
  const rows = [["uuid", "mounted", "/dev/sda1", { type: "ext4", mounts }]];
  return signedText(
    costlyKey(MOUNTS),
    { boot: LATER, seq: i + 1, every: EVERY },
    rows,
  );
}

/** Of ever new disks; now and then the host says that it is there. */
function newRemarks(i: number): Uint8Array {
  const key = costlyKey(REMARKS);
  if (i % 50 === 0) {
    return signedText(key, { boot: LATER, seq: i + 1, every: EVERY }, []);
  }
  const remarks = [0, 1, 2].map((n) => {
    const [subject, value] = [`uuid r${i}-${n}`, `r${i}-${n}`];
    const at = 1_800_000_000_000 + i;
    const said = { subject, field: "name", value, at, host: "liar" };
    return { remark: signRemark(said, key), isProven: false };
  });
  const who = { id: key.id, key: key.publicKey };
  const [bytes] = writeRemarks(who, remarks, { maxBytes: 1_000 });
  return withSignature(bytes!, key.sign(bytes!));
}

/** Another list each time, as a host of 0.01 writes it. */
function yaml(i: number, bytes: number): Uint8Array {
  let text = "diskd:---\n";
  for (let row = 0; text.length < bytes; row++) {
    text +=
      `- - 8261f666-${i}-${row}\n  - label ${i} ${row}\n  - /dev/sd${row}\n`;
  }
  return new TextEncoder().encode(text);
}

const ROWS_A_PART = 32;
const PARTS_OF_FULL = 4_096 / ROWS_A_PART;

/** Whose part it is, where each host says its list once before the next one does. */
function hostOfPart(i: number): number {
  return Math.floor(i / PARTS_OF_FULL) % 64;
}

/** Parts of the lists of 32 hosts that have as many disks as a host may have. */
function fullHost(i: number): Uint8Array {
  const parts = 4_096 / ROWS_A_PART;
  const host = Math.floor(i / parts) % 32;
  const part = i % parts;
  const rows = Array.from({ length: ROWS_A_PART }, (_, row) => [
    null,
    `f${host}-${part}-${row}`,
    `/dev/sd${part}-${row}`,
  ]);
  return signedText(costlyKey(FULL + host), {
    boot: LATER,
    seq: 1 + Math.floor(i / parts / 32),
    part: [part + 1, parts],
    every: EVERY,
  }, rows);
}

/** Texts that are six times as long in JSON. */
function longLabels(i: number): Uint8Array {
  const parts = 128;
  const host = Math.floor(i / parts) % 64;
  const part = i % parts;
  // As it is on the wire, one byte each: a control character in YAML, not in JSON.
  const rows = Array.from({ length: 4 }, (_, row) => [
    null,
    `${part}-${row}`.padEnd(30, "\u0001"),
    `/dev/sd${part}-${row}`,
  ]);
  return signedText(costlyKey(LONG + host), {
    boot: LATER,
    seq: 1 + Math.floor(i / parts / 64),
    part: [part + 1, parts],
    every: EVERY,
  }, rows);
}
