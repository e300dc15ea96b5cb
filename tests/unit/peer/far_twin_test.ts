import assert from "node:assert/strict";
import { writeEnvelope } from "../../../src/codec/envelope.ts";
import type { Effect } from "../../../src/peer/effect.ts";
import {
  announcement,
  datagramOf,
  signedDatagrams,
} from "../../support/announcements.ts";
import { hostKey } from "../../support/host_keys.ts";
import { virtualPeer } from "../../support/virtual_peer.ts";

const me = hostKey("me");
const BOOT = 1_000;
const NOW = 100_000;
const EVERY_SECONDS = 30;

/** A host that hears through a hub what is said with its own key. */
function cloned() {
  const peer = virtualPeer("me", {
    identity: { key: me, name: "me", version: "0", boot: BOOT },
    announceIntervalMs: EVERY_SECONDS * 1_000,
  });
  const address = "192.168.1.1";
  peer.setOwnNetworks([
    { address, prefixLength: 24, device: "eth0", via: address },
  ]);
  peer.join(0);
  peer.scanned([], 0);
  for (let now = 0; now < NOW; now += 100) peer.tick(now);
  const receive = (datagram: Uint8Array, now = NOW): Effect[] => {
    const bytes = writeEnvelope({ site: "away", from: "192.0.2.7" }, datagram);
    return peer.receiveHub(bytes, { id: me.id, site: "away" }, now);
  };
  const hear = (what: Parameters<typeof datagramOf>[1], now = NOW): Effect[] =>
    receive(datagramOf(me, { host: "me", every: EVERY_SECONDS, ...what }), now);
  return { peer, hear, receive };
}

for (const boot of [BOOT - 1, BOOT + 1]) {
  Deno.test(`a twin with boot ${boot} is told once it goes on to speak, until it is silent`, () => {
    const { peer, hear } = cloned();
    assert.deepEqual(hear({ boot, seq: 7 }), []);
    assert.equal(peer.farTwin(NOW), null);
    const told = { kind: "twin", address: "192.0.2.7@away" };
    assert.deepEqual(hear({ boot, seq: 8 }), [told]);
    assert.equal(peer.farTwin(NOW), "192.0.2.7@away");
    assert.deepEqual(hear({ boot, seq: 9 }, NOW + 30_000), []);
    assert.equal(peer.farTwin(NOW + 120_000), "192.0.2.7@away");
    assert.equal(peer.farTwin(NOW + 120_001), null);
    assert.deepEqual(hear({ boot, seq: 10 }, NOW + 130_000), [told]);
    hear({ boot, seq: 11, bye: true }, NOW + 130_001);
    assert.equal(peer.farTwin(NOW + 130_001), null);
  });
}

Deno.test("what this host said comes back, also from an earlier run, and is no twin", () => {
  const { peer, hear, receive } = cloned();
  for (const seq of [7, 7, 6, 7]) hear({ boot: BOOT - 1, seq });
  for (let i = 0; i < 3; i++) {
    const [said] = peer.wholeAnnouncement(EVERY_SECONDS * 1_000)!;
    assert.deepEqual(receive(said!), []);
  }
  assert.equal(peer.farTwin(NOW), null);
});

Deno.test("only who has the key is a twin", () => {
  const { peer, receive } = cloned();
  const { id, publicKey: key } = me;
  for (const seq of [1, 2, 3]) {
    const said = announcement({ id, key, boot: BOOT + 1, seq });
    const [forged] = signedDatagrams(said, hostKey("other"));
    assert.deepEqual(receive(forged!), []);
  }
  assert.equal(peer.farTwin(NOW), null);
  assert.equal(peer.counters.rejected["bad-signature"], 3);
});
