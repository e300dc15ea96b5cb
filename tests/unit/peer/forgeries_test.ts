import assert from "node:assert/strict";
import fc from "fast-check";
import type { HostKey } from "../../../src/codec/host_key.ts";
import { Ed25519 } from "../../../src/codec/host_key.ts";
import { Keyring } from "../../../src/codec/keyring.ts";
import { NONCE_BYTES } from "../../../src/codec/sealed.ts";
import { type Trust, TRUST_EVERYBODY } from "../../../src/codec/trust.ts";
import { makeDisk } from "../../../src/inventory/disk.ts";
import type { Liveness } from "../../../src/inventory/host.ts";
import { Peer, type PeerOptions } from "../../../src/peer/peer.ts";
import {
  DEFAULT_RATE_LIMITS,
  type RateLimits,
} from "../../../src/peer/rate_limiter.ts";
import { announcement, signedDatagrams } from "../../support/announcements.ts";
import { forgeries, withOneBitTurned } from "../../support/forgeries.ts";
import { hostKey, realKey, TEST_SIGNATURES } from "../../support/host_keys.ts";

const ALPHA = "10.0.0.1";
const MALLORY = "10.0.0.66";
const FEW = { perSecond: 1, burst: 2 };

const TRUSTS: Readonly<Record<string, Trust>> = {
  "signed": TRUST_EVERYBODY,
  "with a shared key": keyring({ encrypt: false }),
  "sealed": keyring({ encrypt: true }),
};

for (const [how, trust] of Object.entries(TRUSTS)) {
  Deno.test(`a datagram with one bit turned over is refused, ${how}`, () => {
    const bytes = trust.protect(said({ seq: 1 }));
    for (const turned of withOneBitTurned(bytes)) {
      const peer = listener({ trust });
      peer.receive(turned, ALPHA, 1);
      assert.deepEqual(
        othersOf(peer),
        [],
        new TextDecoder("latin1").decode(turned),
      );
    }
    const peer = listener({ trust });
    peer.receive(bytes, ALPHA, 1);
    assert.deepEqual(othersOf(peer), [["id-alpha", "up", "backup"]]);
  });

  Deno.test(`no forgery changes what is known of a host, ${how}`, () => {
    const liar = hostKey("liar");
    const heard = [1, 2, 3].map((seq) => said({ seq }));
    const peer = listener({ trust });
    for (const bytes of heard) peer.receive(trust.protect(bytes), ALPHA, 1);
    const before = othersOf(peer);
    let now = 5_000;
    for (const [name, forgery] of Object.entries(forgeries(heard, liar))) {
      const { bytes, refusals } = forgery;
      for (const wrapped of [bytes, trust.protect(bytes)]) {
        for (const address of [ALPHA, MALLORY]) {
          const counted = peer.counters.refused;
          peer.receive(wrapped, address, now += 1_000);
          assert.deepEqual(othersOf(peer), before, name);
          assert.equal(peer.counters.refused, counted + 1, name);
        }
      }
      const { rejected } = peer.counters;
      assert.ok(
        refusals.some((reason) => reason in rejected),
        `${name}: ${JSON.stringify(rejected)}`,
      );
    }
    peer.receive(trust.protect(said({ seq: 4, label: "new" })), ALPHA, now);
    assert.deepEqual(othersOf(peer), [["id-alpha", "up", "new"]]);
  });
}

Deno.test("a host that lacks the key hears who has one, and knows what came to harm", () => {
  const accepts = keyring({ encrypt: false, require: false, secret: 2 });
  for (const trust of [TRUST_EVERYBODY, accepts]) {
    const bytes = keyring({ encrypt: false }).protect(said({ seq: 1 }));
    for (const turned of withOneBitTurned(said({ seq: 1 }))) {
      const peer = listener({ trust });
      peer.receive(keyring({ encrypt: false }).protect(turned), ALPHA, 1);
      assert.deepEqual(othersOf(peer), []);
    }
    const peer = listener({ trust });
    peer.receive(bytes, ALPHA, 1);
    assert.deepEqual(othersOf(peer), [["id-alpha", "up", "backup"]]);
  }
});

Deno.test("a flood in the name of a host does not make it stale, and one of a host that is off keeps it up for minutes only", () => {
  const { known } = DEFAULT_RATE_LIMITS;
  const verifications = { ...known.verifications, each: FEW };
  const rateLimits: RateLimits = {
    ...DEFAULT_RATE_LIMITS,
    known: { ...known, verifications },
  };
  const peer = listener({ trust: TRUST_EVERYBODY, rateLimits });
  peer.receive(said({ seq: 1 }), ALPHA, 0);
  const lie = announcement({ id: "id-alpha", boot: 10, seq: 99 });
  const [forged] = signedDatagrams(lie, hostKey("liar"));
  const states = [];
  for (let second = 1; second <= 800; second++) {
    for (let i = 0; i < 2 * FEW.burst; i++) {
      peer.receive(forged!, ALPHA, second * 1_000);
    }
    peer.tick(second * 1_000);
    if (second % 100 === 0) states.push(othersOf(peer)[0]);
  }
  const up = ["id-alpha", "up", "backup"];
  assert.deepEqual(states.slice(0, 6), [up, up, up, up, up, up]);
  assert.deepEqual(states.at(-1), ["id-alpha", "stale", "backup"]);
});

Deno.test("one bit turned over is refused by the real signature too", () => {
  const signatures = new Ed25519();
  const key = realKey("alpha");
  const message = said({ seq: 1 });
  const signature = key.sign(message);
  assert.ok(signatures.verify(key.publicKey, message, signature));
  fc.assert(
    fc.property(
      fc.nat({ max: (message.length + signature.length) * 8 - 1 }),
      (bit) => {
        const both = new Uint8Array([...message, ...signature]);
        both[bit >> 3]! ^= 1 << (bit & 7);
        assert.ok(
          !signatures.verify(
            key.publicKey,
            both.subarray(0, message.length),
            both.subarray(message.length),
          ),
        );
      },
    ),
    { numRuns: 2_000 },
  );
});

Deno.test("any bytes, and any lines after a header, are borne and teach nothing", () => {
  const real = said({ seq: 1 });
  const text = new TextDecoder().decode(real);
  const lines = text.split("\n");
  const line = fc.oneof(
    fc.constantFrom(...lines, "#sig ", "#mac ", "#[]", "[]", "", "\r", "#sig"),
    fc.string({ maxLength: 100 }),
    fc.nat({ max: 90 }).map((length) => lines.at(-2)!.slice(0, length)),
  );
  const lists = fc.array(line, { maxLength: 8 })
    .map((parts) => [lines[0], ...parts].join("\n"))
    .filter((made) => !made.startsWith(text.trimEnd()));
  const peers = Object.values(TRUSTS).map((trust) => listener({ trust }));
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({ maxLength: 300 }),
        lists.map((made) => new TextEncoder().encode(made)),
      ),
      (bytes) => {
        for (const peer of peers) {
          peer.receive(bytes, ALPHA, 1);
          assert.deepEqual(othersOf(peer), []);
        }
      },
    ),
    { numRuns: 3_000 },
  );
});

function keyring(
  { encrypt, require = true, secret = 1 }: {
    readonly encrypt: boolean;
    readonly require?: boolean;
    readonly secret?: number;
  },
): Keyring {
  return new Keyring({
    secrets: [new Uint8Array(32).fill(secret)],
    require,
    encrypt,
    freshNonce: () => new Uint8Array(NONCE_BYTES),
  });
}

function said(
  { id = "id-alpha", seq, label = "backup" }: {
    readonly id?: string;
    readonly seq: number;
    readonly label?: string;
  },
): Uint8Array {
  const disks = [makeDisk({ device: "/dev/sdb1", label })];
  const [bytes] = signedDatagrams(
    announcement({ id, boot: 10, seq, rev: seq, disks }),
  );
  return bytes!;
}

/** A host that has heard nobody yet. */
function listener(
  options: Pick<PeerOptions, "rateLimits"> & { readonly trust: Trust },
): Peer {
  return new Peer({
    identity: { key: hostKey("id-beta"), name: "beta", version: "0", boot: 1 },
    pastBoot: 0,
    announceIntervalMs: 30_000,
    random: () => 0.5,
    freshKey: (): HostKey => hostKey("fresh"),
    signatures: TEST_SIGNATURES,
    ...options,
  });
}

/** The other hosts, with the label of their disk. */
function othersOf(
  { inventory }: Peer,
): [id: string, liveness: Liveness, label: string | null | undefined][] {
  return [...inventory.hosts()].filter(({ id }) => id !== "id-beta")
    .map(({ id, liveness, disks }) => [id, liveness, disks[0]?.label]);
}
