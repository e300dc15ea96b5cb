import { MAX_DATAGRAM_BYTES } from "../../src/codec/announcement.ts";
import { Keyring } from "../../src/codec/keyring.ts";
import { writeRemarks } from "../../src/codec/remark_datagram.ts";
import { signRemark } from "../../src/codec/remark_signature.ts";
import { NONCE_BYTES } from "../../src/codec/sealed.ts";
import { SIGNATURE_LINE_BYTES } from "../../src/codec/signature_line.ts";
import { type Trust, TRUST_EVERYBODY } from "../../src/codec/trust.ts";
import { writeAnnouncement } from "../../src/codec/write_datagram.ts";
import { EARLIEST_MS } from "../../src/inventory/remark.ts";
import { Peer } from "../../src/peer/peer.ts";
import { announcement } from "../support/announcements.ts";
import { realKey, signedBy } from "../support/host_keys.ts";
import { UNLIMITED } from "../support/rate_limits.ts";
import { type Benchmark, type Figure, figure } from "./figure.ts";
import { madeUpDisks } from "./made_up_hosts.ts";
import { median } from "./statistics.ts";

const DISKS = 5;
/** Of each kind, made ahead. */
const DATAGRAMS = 4_000;
const RUNS = 5;
const HOST = "10.0.0.1";
const LIAR = "10.0.0.66";
/** What all hosts of a LAN send together in a second, at rest and at most. */
const RATES = [50, 500];

/** A datagram, and what it is kept apart by. */
type Makes = (number: number) => Uint8Array;

const host = realKey("host");
const liar = realKey("liar");

/** What a datagram of each kind costs, from its bytes to what it changes, in one process. */
export const proofs: Benchmark = {
  name: "proofs",
  needsLan: false,
  measure() {
    const known = microseconds(signed, HOST);
    const shares = RATES.map((rate) =>
      figure(`share of a core of ${rate} announcements a second`, "of 100", {
        samples: [median(known) * rate / 1e4],
      })
    );
    return Promise.resolve([
      cost("verify and take in an announcement", known),
      ...shares,
      cost(
        "the same with a shared key",
        microseconds(wrapped(SHARED), HOST, SHARED),
      ),
      cost("the same encrypted", microseconds(wrapped(SEALED), HOST, SEALED)),
      cost("sign an announcement", signing()),
      cost("refuse garbage", microseconds(() => NOISE, LIAR)),
      cost("refuse what is unsigned", microseconds(message, LIAR)),
      cost("refuse another key", microseconds(otherKey, LIAR)),
      cost("refuse a forged signature", microseconds(forged, LIAR)),
      cost("refuse a replay", microseconds(() => REPLAYED, LIAR)),
      cost("take in 3 remarks in a datagram", microseconds(remarks, HOST)),
      cost("hear 3 known remarks", microseconds(() => SAID, LIAR)),
      cost(
        "refuse 3 remarks with a forged signature",
        microseconds(forgedRemarks, LIAR),
      ),
    ]);
  },
};

const SHARED = keyring(false);
const SEALED = keyring(true);
const NOISE = Uint8Array.from({ length: 600 }, (_, i) => i * 37 % 256);
const REPLAYED = signed(0);

/** Of one of a thousand disks, each time later. */
function remarks(number: number, sender = host): Uint8Array {
  const said = [0, 1, 2].map((i) => {
    const remark = signRemark({
      subject: `uuid ${number % 1_000}`,
      field: ["note", "name", "label"][i]!,
      value: "drawer 3, top shelf",
      at: EARLIEST_MS + number,
      host: "host",
    }, host);
    return { remark, isProven: false };
  });
  const { id, publicKey: key } = host;
  const [bytes] = writeRemarks({ id, key }, said, {
    maxBytes: MAX_DATAGRAM_BYTES - SIGNATURE_LINE_BYTES,
  });
  return signedBy(sender, bytes!);
}

const SAID = remarks(0);

function forgedRemarks(number: number): Uint8Array {
  return remarks(number, liar);
}

function cost(what: string, samples: readonly number[]): Figure {
  return figure(what, "us", { samples });
}

/** What a host says that has one list. */
function message(number: number, key = host): Uint8Array {
  const [bytes] = writeAnnouncement(
    announcement({
      id: host.id,
      key: key.publicKey,
      boot: 1,
      seq: number + 1,
      rev: 1,
      disks: madeUpDisks(DISKS),
    }),
    { maxBytes: MAX_DATAGRAM_BYTES - SIGNATURE_LINE_BYTES },
  );
  return bytes!;
}

function signed(number: number): Uint8Array {
  return signedBy(host, message(number));
}

function wrapped(trust: Trust): Makes {
  return (number) => trust.protect(signed(number));
}

function otherKey(number: number): Uint8Array {
  return signedBy(liar, message(number, liar));
}

function forged(number: number): Uint8Array {
  return signedBy(liar, message(number + DATAGRAMS));
}

/** Microseconds a datagram, for a host that has heard the first of them. */
function microseconds(
  make: Makes,
  address: string,
  trust: Trust = TRUST_EVERYBODY,
): number[] {
  const datagrams = Array.from({ length: DATAGRAMS }, (_, i) => make(i + 1));
  return Array.from({ length: RUNS }, () => {
    const peer = listener(trust);
    peer.receive(trust.protect(signed(0)), HOST, 0);
    peer.receive(trust.protect(SAID), HOST, 0);
    const startedAt = performance.now();
    datagrams.forEach((bytes, i) => peer.receive(bytes, address, 2_000 + i));
    return (performance.now() - startedAt) * 1_000 / DATAGRAMS;
  });
}

function signing(): number[] {
  const bytes = message(1);
  return Array.from({ length: RUNS }, () => {
    const startedAt = performance.now();
    for (let i = 0; i < DATAGRAMS; i++) signedBy(host, bytes);
    return (performance.now() - startedAt) * 1_000 / DATAGRAMS;
  });
}

function listener(trust: Trust): Peer {
  return new Peer({
    identity: { key: realKey("me"), name: "me", version: "0", boot: 1 },
    pastBoot: 0,
    announceIntervalMs: 30_000,
    random: () => 0.5,
    freshKey: () => realKey("fresh"),
    rateLimits: UNLIMITED,
    trust,
  });
}

function keyring(encrypt: boolean): Keyring {
  return new Keyring({
    secrets: [new Uint8Array(32).fill(1)],
    require: true,
    encrypt,
    freshNonce: () => crypto.getRandomValues(new Uint8Array(NONCE_BYTES)),
  });
}
