import assert from "node:assert/strict";
import { MAX_DATAGRAM_BYTES } from "../../../src/codec/announcement.ts";
import { Keyring } from "../../../src/codec/keyring.ts";
import { readDatagram } from "../../../src/codec/read_datagram.ts";
import { NONCE_BYTES } from "../../../src/codec/sealed.ts";
import { writeAnnouncement } from "../../../src/codec/write_datagram.ts";
import type { Trust } from "../../../src/codec/trust.ts";
import { makeDisk } from "../../../src/inventory/disk.ts";
import type { VirtualHost } from "../../support/virtual_lan.ts";
import { VirtualLan } from "../../support/virtual_lan.ts";
import {
  announcement,
  datagram,
  FIRST,
  signedDatagrams,
} from "../../support/announcements.ts";
import { hostNames, placeOf, question, start } from "./support.ts";
import { hostKey } from "../../support/host_keys.ts";

const backup = makeDisk({ device: "/dev/sdb1", label: "backup-2019" });
const lie = makeDisk({ device: "/dev/sdb1", label: "lie" });

const REQUIRE = keyring({ require: true });
const ACCEPT = keyring({ require: false });
const SEALED = keyring({ require: true, encrypt: true });
const ANOTHER = keyring({ require: true, secret: 2 });

Deno.test("hosts with the same key know each other, and say with which key they sign", () => {
  for (const trust of [REQUIRE, ACCEPT, SEALED]) {
    const { lan, alpha, beta } = hosts(trust, trust);
    assert.equal(placeOf(beta, "backup-2019"), "alpha attached");
    assert.equal(beta.peer.inventory.host("id-alpha")?.key, trust.keyId);
    assert.equal(beta.peer.inventory.self.key, trust.keyId);
    assert.deepEqual(beta.peer.counters.rejected, {});
    lan.do(alpha, alpha.peer.bye());
    assert.equal(beta.peer.inventory.host("id-alpha")?.liveness, "gone");
  }
});

Deno.test("a daemon without keys beside one that has some yields, and another host's probe without proof is not answered", () => {
  for (const trust of [REQUIRE, ACCEPT, SEALED]) {
    const { lan, alpha, beta } = hosts(trust, trust);
    lan.run(10_000);
    const identity = { ...alpha.peer.identity, boot: 9 };
    const second = lan.host("second", { identity, beside: alpha });
    start(lan, second, [backup]);
    lan.run(5_000);
    assert.equal(second.yielded.length > 0, true);
    assert.ok(second.sent.every(({ bytes }) => isProbe(bytes)));
    const clone = lan.host("clone", { identity });
    lan.do(clone, clone.peer.join(lan.now));
    lan.run(1_000);
    assert.equal(clone.peer.identity.key.id, identity.key.id);
    assert.ok(beta.changes.every(({ event }) => event !== "detached"));
  }
});

Deno.test("what is signed or sealed is still no longer than a datagram may be", () => {
  const disks = Array.from(
    { length: 500 },
    (_, i) => makeDisk({ device: `/dev/disk${i}` }),
  );
  for (const trust of [REQUIRE, SEALED]) {
    const { lan, alpha, beta } = hosts(trust, trust);
    lan.do(alpha, alpha.peer.scanned(disks, lan.now));
    lan.run(2_000);
    const lengths = alpha.sent.map(({ bytes }) => bytes.length);
    assert.ok(Math.max(...lengths) <= MAX_DATAGRAM_BYTES);
    assert.ok(Math.max(...lengths) > MAX_DATAGRAM_BYTES - 200);
    assert.equal(beta.peer.inventory.host("id-alpha")?.disks.length, 500);
  }
});

Deno.test("where keys are required nothing else is taken in, 0.01 among it, and it is counted why", () => {
  const { lan, alpha } = hosts(REQUIRE, REQUIRE);
  lan.run(10_000);
  const before = hostNames(alpha);
  lan.inject(datagram({ id: "new" }), "10.0.0.9");
  lan.inject(new TextEncoder().encode("diskd:--- []\n"), "10.0.0.7");
  lan.inject(ANOTHER.protect(datagram({ id: "new" })), "10.0.0.9");
  const changed = REQUIRE.protect(datagram({ id: "new" }));
  changed[30]! ^= 1;
  lan.inject(changed, "10.0.0.9");
  assert.deepEqual(hostNames(alpha), before);
  assert.deepEqual(alpha.peer.counters.rejected, {
    "bad-signature": 1,
    "unknown-key": 1,
    "unsigned": 2,
  });
});

Deno.test("with keys a question is answered only when it is signed", () => {
  for (const trust of [REQUIRE, ACCEPT]) {
    const { lan, alpha } = hosts(trust, trust);
    lan.run(10_000);
    lan.inject(datagram({ id: "new", seq: 1 }), "10.0.0.9");
    lan.run(2_000);
    alpha.sent.length = 0;
    lan.inject(question(), "10.0.0.8");
    lan.inject(datagram({ id: "new", seq: 2, ask: true }), "10.0.0.9");
    lan.run(2_000);
    assert.equal(alpha.sent.length, 0);
    lan.inject(trust.protect(question()), "10.0.0.8");
    lan.run(2_000);
    assert.equal(alpha.sent.length, 1);
    assert.ok(alpha.peer.counters.rejected["unsigned"]! >= 1);
  }
});

Deno.test("with keys nobody who does not sign makes us speak by coming back", () => {
  const { lan, alpha } = hosts(ACCEPT, ACCEPT);
  lan.run(10_000);
  alpha.sent.length = 0;
  for (let boot = 1; boot < 10; boot++) {
    lan.inject(datagram({ id: "new", boot }), "10.0.0.9");
    lan.run(500);
  }
  assert.equal(alpha.sent.length, 0);
  assert.ok(hostNames(alpha).includes("host new"));
});

Deno.test("who has the shared key cannot speak for another host", () => {
  for (const trust of [REQUIRE, ACCEPT, SEALED]) {
    const { lan, alpha, beta } = hosts(trust, trust);
    for (const boot of [1, 2, 1_000]) {
      const said = announcement({
        ...FIRST,
        id: "id-alpha",
        boot,
        seq: 99,
        disks: [lie],
      });
      const mallory = hostKey("mallory");
      const own = { ...said, key: mallory.publicKey };
      const lies = [
        ...writeAnnouncement(said),
        ...signedDatagrams(said, mallory),
        ...signedDatagrams(own, mallory),
      ];
      for (const bytes of lies) {
        lan.inject(trust.protect(bytes), alpha.address);
        lan.inject(trust.protect(bytes), "10.0.0.66");
      }
      lan.run(2_000);
    }
    assert.deepEqual(beta.peer.inventory.where("lie").found, []);
    assert.equal(placeOf(beta, "backup-2019"), "alpha attached");
    assert.deepEqual(beta.peer.counters.rejected, {
      "bad-signature": 2,
      "old": 12,
      "unsigned": 2,
      "wrong-key": 2,
    });
  }
});

Deno.test("without keys a host that signed may go on without", () => {
  const { lan, alpha, beta } = hosts(ACCEPT, ACCEPT);
  lan.do(beta, beta.peer.trust(NOBODY, lan.now));
  lan.do(alpha, alpha.peer.trust(NOBODY, lan.now));
  lan.do(alpha, alpha.peer.scanned([lie], lan.now));
  lan.run(200);
  assert.equal(placeOf(beta, "lie"), "alpha attached");
  assert.equal(beta.peer.inventory.host("id-alpha")?.key, null);
});

Deno.test("keys are exchanged without a gap: the list is told anew, signed with the new one", () => {
  const { lan, alpha, beta } = hosts(REQUIRE, REQUIRE);
  const both = keyring({ require: true, secrets: [2, 1] });
  lan.run(10_000);
  lan.do(beta, beta.peer.trust(both, lan.now));
  lan.do(alpha, alpha.peer.trust(ANOTHER, lan.now));
  lan.run(100_000);
  assert.equal(placeOf(beta, "backup-2019"), "alpha attached");
  assert.equal(beta.peer.inventory.host("id-alpha")?.key, ANOTHER.keyId);
  assert.equal(alpha.peer.inventory.self.key, ANOTHER.keyId);
  assert.deepEqual(beta.peer.counters.rejected, {});
});

Deno.test("a flood with a forged address cannot hide a host that signs", () => {
  const { lan, alpha, beta } = hosts(REQUIRE, REQUIRE);
  const garbage = new TextEncoder().encode("hello");
  lan.run(1_000);
  for (let i = 0; i < 5_000; i++) lan.inject(garbage, alpha.address);
  lan.do(alpha, alpha.peer.scanned([lie], lan.now));
  assert.equal(placeOf(beta, "lie"), "alpha attached");
  const { rejected } = beta.peer.counters;
  assert.ok(rejected["too-fast"]! > 500);
  assert.match(beta.peer.problems(lan.now).join(), /^10\.0\.0\.1 floods/);
  assert.equal(beta.peer.isFlooded(lan.now), true);
  assert.equal(beta.peer.isFlooded(lan.now + 60_000), false);
});

const NOBODY: Trust = {
  demandsProof: false,
  hasKeys: false,
  keyId: null,
  overheadBytes: 0,
  protect: (datagram) => datagram,
  verify: () => {
    throw new Error("Without keys nothing is opened");
  },
};

function hosts(ofAlpha: Trust, ofBeta: Trust) {
  const lan = new VirtualLan();
  const alpha: VirtualHost = lan.host("alpha", {
    trust: ofAlpha,
    identity: {
      key: hostKey("id-alpha"),
      name: "alpha",
      version: "0.1.0",
      boot: 5,
    },
  });
  const beta = lan.host("beta", { trust: ofBeta });
  start(lan, alpha, [backup]);
  start(lan, beta, []);
  lan.run(1_000);
  return { lan, alpha, beta };
}

function keyring(
  { require, encrypt = false, secret = 1, secrets = [secret] }: {
    require: boolean;
    encrypt?: boolean;
    secret?: number;
    secrets?: number[];
  },
): Keyring {
  const [first, ...others] = secrets.map((byte) =>
    new Uint8Array(32).fill(byte)
  );
  let nonce = 0;
  return new Keyring({
    secrets: [first!, ...others],
    require,
    encrypt,
    freshNonce: () => new Uint8Array(NONCE_BYTES).fill(++nonce),
  });
}

function isProbe(bytes: Uint8Array): boolean {
  const datagram = readDatagram(bytes);
  return datagram.format === 2 && datagram.header.probe !== undefined;
}
