import assert from "node:assert/strict";
import type { Announcement } from "../../../src/codec/announcement.ts";
import { writeAnnouncement } from "../../../src/codec/write_datagram.ts";
import { makeDisk } from "../../../src/inventory/disk.ts";
import { MAX_MOVES, QUIET_MS } from "../../../src/peer/own_identity.ts";
import { CLAIM_MS, COPY_MS } from "../../../src/peer/remotes.ts";
import { DEFEND_AFTER_MS } from "../../../src/peer/timing.ts";
import type { VirtualHost, VirtualLan } from "../../support/virtual_lan.ts";
import { announcement, datagram, FIRST } from "../../support/announcements.ts";
import { hostNames, placeOf, start, twoHosts } from "./support.ts";

const backup = makeDisk({ device: "/dev/sdb1", label: "backup-2019" });
const lie = makeDisk({ device: "/dev/sdb1", label: "lie" });
const MAX = Number.MAX_SAFE_INTEGER;

const IMPOSTORS: readonly (readonly [string, Parameters<typeof lieAs>[0]])[] = [
  ["a larger boot", { boot: 1_000 }],
  ["the largest boot", { boot: MAX }],
  ["the largest seq", { boot: 1, seq: MAX }],
  ["a goodbye", { boot: 1_000, bye: true }],
];

for (const [what, said] of IMPOSTORS) {
  Deno.test(`an impostor with ${what} changes nothing that others show of a host that is up`, () => {
    const { lan, alpha, beta } = settled();
    for (let i = 0; i < 100; i++) {
      lan.inject(lieAs(said), "10.0.0.66");
      lan.run(97);
      assert.equal(placeOf(beta, "backup-2019"), "alpha attached");
      assert.deepEqual(beta.peer.inventory.where("lie").found, []);
    }
    assert.equal(alpha.peer.identity.id, "id-alpha");
    assert.ok(beta.peer.counters.rejected["impostor"]! > 90);
    assert.ok(alpha.peer.counters.rejected["our-id"]! >= 100);
  });
}

Deno.test("a host defends its id with one datagram at a time, however long its list is and busy the LAN", () => {
  const disks = Array.from(
    { length: 200 },
    (_, i) => makeDisk({ device: `/dev/disk${i}`, label: "x".repeat(100) }),
  );
  const { lan, alpha, beta } = settled(disks);
  const lists = beta.peer.inventory.host("id-alpha")?.disks;
  for (let i = 0; i < 400; i++) {
    lan.inject(datagram({ id: "busy", seq: i + 1 }), "10.0.0.9");
  }
  alpha.sent.length = 0;
  const at = lan.now;
  lan.inject(lieAs({ boot: 1_000 }), "10.0.0.66");
  lan.run(QUIET_MS - 1);
  const times = alpha.sent.map((sent) => Math.round(sent.at - at));
  assert.deepEqual(times.filter((ms) => ms <= 2_000), [...DEFEND_AFTER_MS]);
  assert.equal(beta.peer.inventory.host("id-alpha")?.disks, lists);
});

Deno.test("a host that moved to another address is believed there once its old one was silent for CLAIM_MS", () => {
  const { lan, alpha, beta } = settled();
  lan.unplug("alpha");
  const heard = (seq: number) =>
    lan.inject(datagram({ id: "id-alpha", seq, rev: 9, disks: [lie] }), B);
  heard(100);
  lan.run(CLAIM_MS - 1);
  heard(101);
  assert.equal(placeOf(beta, "lie"), undefined);
  lan.run(1);
  heard(102);
  assert.equal(placeOf(beta, "lie"), "host id-alpha attached");
  assert.deepEqual(addressesOf(beta), [B, alpha.address]);
  assert.equal(beta.peer.counters.rejected["old"], 2);
  heard(103);
  assert.equal(beta.peer.counters.rejected["impostor"], undefined);
});

Deno.test("a host that is stale, or gone, may come back from anywhere at once", () => {
  const silences: ((lan: VirtualLan, alpha: VirtualHost) => void)[] = [
    (lan) => lan.run(120_000),
    (lan, alpha) => lan.do(alpha, alpha.peer.bye()),
  ];
  for (const fallSilent of silences) {
    const { lan, alpha, beta } = settled();
    if (fallSilent.length === 1) lan.unplug("alpha");
    fallSilent(lan, alpha);
    lan.unplug("alpha");
    assert.notEqual(beta.peer.inventory.host("id-alpha")?.liveness, "up");
    lan.inject(lieAs({ boot: 2 }), B);
    assert.equal(placeOf(beta, "lie"), "alpha attached");
  }
});

Deno.test("what a second interface of a host says first is held, and counts as a copy", () => {
  const { lan, beta } = settled();
  lan.unplug("alpha");
  for (let seq = 100; seq < 110; seq++) {
    const bytes = datagram({ id: "id-alpha", seq });
    lan.inject(bytes, B);
    lan.inject(bytes, A);
    lan.run(30_000);
  }
  assert.equal(beta.peer.counters.copies, 10);
  assert.deepEqual(beta.peer.counters.rejected, {});
  assert.deepEqual(addressesOf(beta), [A, B]);
});

Deno.test("parts by a second interface are copies, also where some are lost on the first", () => {
  const { lan, beta } = settled();
  lan.unplug("alpha");
  const disks = Array.from(
    { length: 100 },
    (_, i) => makeDisk({ device: `/dev/disk${i}`, label: "x".repeat(100) }),
  );
  for (let seq = 100; seq < 105; seq++) {
    const parts = writeAnnouncement(
      announcement({ ...ALPHA, seq, rev: 7, disks }),
    );
    for (const [i, bytes] of parts.entries()) {
      lan.inject(bytes, B);
      if (i % 5 !== seq % 5) lan.inject(bytes, A);
    }
    lan.run(1_000);
  }
  assert.equal(beta.peer.inventory.host("id-alpha")?.disks.length, 100);
  assert.deepEqual(beta.peer.counters.rejected, {});
});

Deno.test("the last datagram, sent again later than another interface would, is a replay", () => {
  const { lan, alpha, beta } = settled();
  lan.unplug("alpha");
  const last = alpha.sent.at(-1)!.bytes;
  lan.run(COPY_MS + 1);
  lan.inject(last, "10.0.0.66");
  assert.equal(beta.peer.counters.rejected["old"], 1);
  assert.deepEqual(addressesOf(beta), [A]);
});

Deno.test("what somebody asks in the name of a host is not answered before he is believed", () => {
  const { lan, beta } = settled();
  lan.unplug("alpha");
  beta.sent.length = 0;
  lan.inject(lieAs({ boot: 2, ask: true }), "10.0.0.66");
  lan.run(1_400);
  assert.equal(beta.sent.length, 0);
});

Deno.test("a host that was overruled by somebody with its address raises its boot, and is believed again", () => {
  for (const said of [{ boot: 1_000 }, { boot: 1, seq: MAX }]) {
    const { lan, alpha, beta } = settled();
    lan.inject(lieAs(said), alpha.address);
    assert.equal(placeOf(beta, "lie"), "alpha attached");
    lan.run(QUIET_MS + 10);
    assert.equal(placeOf(beta, "backup-2019"), "alpha attached");
    assert.deepEqual(alpha.identities.map(({ reason }) => reason), ["raised"]);
  }
});

Deno.test("a host whose boot cannot be raised any more takes a fresh id, and not more than MAX_MOVES", () => {
  const { lan, alpha, beta } = settled();
  for (let i = 0; i < MAX_MOVES + 2; i++) {
    lan.inject(lieAs({ id: alpha.peer.identity.id, boot: MAX }), A);
    lan.run(QUIET_MS + 5_000);
  }
  assert.equal(alpha.identities.length, MAX_MOVES);
  assert.ok(alpha.identities.every(({ reason }) => reason === "moved"));
  assert.ok(hostNames(beta).includes("alpha"));
});

Deno.test("a replay that a newcomer believes is overruled by its host within 2 seconds", () => {
  const { lan, alpha } = settled();
  const captured = alpha.sent.at(-1)!.bytes;
  lan.do(alpha, alpha.peer.scanned([], lan.now));
  lan.run(10_000);
  const gamma = lan.host("gamma");
  gamma.peer.scanned([], lan.now);
  alpha.sent.length = 0;
  lan.do(gamma, gamma.peer.receive(captured, "10.0.0.66", lan.now));
  assert.equal(placeOf(gamma, "backup-2019"), "alpha attached");
  lan.inject(captured, "10.0.0.66");
  lan.run(2_001);
  assert.equal(
    gamma.peer.inventory.where("backup-2019").found[0]?.state,
    "detached",
  );
  assert.equal(alpha.peer.counters.rejected["our-id"], 1);
});

Deno.test("a host that took a fresh id does not take what it said before for another host", () => {
  const { lan, alpha } = settled();
  const captured = alpha.sent.at(-1)!.bytes;
  lan.inject(lieAs({ boot: MAX }), A);
  lan.run(10_000);
  assert.equal(alpha.peer.identity.id, "fresh-alpha");
  alpha.peer.receive(captured, "10.0.0.66", lan.now);
  assert.ok(!hostNames(alpha).slice(1).includes("alpha"));
});

Deno.test("of what a host was before the last 16 are remembered", () => {
  const { lan, alpha } = settled();
  const captured = alpha.sent.at(-1)!.bytes;
  for (let i = 0; i < 16; i++) {
    lan.inject(lieAs({ boot: alpha.peer.identity.boot + 1 }), A);
    lan.run(QUIET_MS + 10);
  }
  assert.equal(alpha.identities.length, 16);
  const later = alpha.sent.at(-1)!.bytes;
  lan.inject(lieAs({ boot: MAX }), A);
  lan.run(10_000);
  const listsItself = (bytes: Uint8Array) => {
    alpha.peer.receive(bytes, "10.0.0.66", lan.now);
    return hostNames(alpha).slice(1).includes("alpha");
  };
  assert.equal(listsItself(later), false);
  assert.equal(listsItself(captured), true);
});

Deno.test("a host that lies about many others by turns is held for each", () => {
  const { lan, alpha, beta } = twoHosts();
  const gamma = lan.host("gamma");
  for (const host of [alpha, beta, gamma]) start(lan, host, [backup]);
  lan.run(10_000);
  for (let i = 0; i < 50; i++) {
    for (const id of ["id-alpha", "id-beta", "id-gamma"]) {
      lan.inject(lieAs({ id, boot: 1_000 + i }), "10.0.0.66");
    }
    lan.run(50);
    for (const host of [alpha, beta, gamma]) {
      assert.deepEqual(host.peer.inventory.where("lie").found, []);
    }
  }
});

/** The addresses of alpha, and one more. */
const A = "10.0.0.1";
const B = "10.0.0.77";

const ALPHA = { ...FIRST, id: "id-alpha", host: "alpha" };

/** Alpha and beta, who know each other. */
function settled(disks = [backup]) {
  const { lan, alpha, beta } = twoHosts();
  start(lan, alpha, disks);
  start(lan, beta, []);
  lan.inject(datagram({ id: "busy", seq: 0 }), "10.0.0.9");
  lan.run(10_000);
  return { lan, alpha, beta };
}

function lieAs(
  said: Partial<Announcement>,
): Uint8Array {
  return datagram({ ...ALPHA, rev: 1_000, ...said, disks: [lie] });
}

function addressesOf({ peer }: VirtualHost): readonly string[] {
  return peer.inventory.host("id-alpha")?.addresses ?? [];
}
