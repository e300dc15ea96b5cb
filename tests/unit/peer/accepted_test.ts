import assert from "node:assert/strict";
import { makeDisk } from "../../../src/inventory/disk.ts";
import type { Accepted, Effect } from "../../../src/peer/effect.ts";
import { Peer } from "../../../src/peer/peer.ts";
import { MAX_REMOTES, Remotes } from "../../../src/peer/remotes.ts";
import {
  announcement,
  datagram,
  FIRST,
  signedDatagrams,
} from "../../support/announcements.ts";
import { hostKey, TEST_SIGNATURES } from "../../support/host_keys.ts";

const backup = makeDisk({ device: "/dev/sdb1", label: "backup-2019" });

Deno.test("each announcement that is accepted is told before the changes that it brings, and whether it is news", () => {
  const peer = peerOf();
  const said = [
    datagram({ id: "beta", disks: [backup] }),
    datagram({ id: "beta", seq: 2, disks: [backup] }),
    datagram({ id: "beta", seq: 3, rev: 2 }),
    datagram({ id: "beta", boot: 2, rev: 2 }),
    datagram({ id: "beta", bye: true, boot: 2, seq: 2, rev: 2 }),
  ];
  const effects = said.map((bytes) => peer.receive(bytes, "10.0.0.2", 0));
  assert.deepEqual(effects.map(kinds), [
    ["accepted", "host-up", "attached"],
    ["accepted"],
    ["accepted", "detached"],
    ["accepted"],
    ["accepted", "host-gone"],
  ]);
  assert.deepEqual(effects.map(([first]) => first), [
    accepted({ seq: 1, isNews: true }),
    accepted({ seq: 2, isNews: false }),
    accepted({ seq: 3, isNews: true }),
    accepted({ boot: 2, seq: 1, isNews: true }),
    accepted({ boot: 2, seq: 2, isNews: true }),
  ]);
});

Deno.test("of an announcement in many parts the first is told, and of copies and what is rejected none", () => {
  const peer = peerOf();
  const disks = Array.from(
    { length: 50 },
    (_, i) => makeDisk({ device: `/dev/disk${i}`, label: "x".repeat(100) }),
  );
  const about = { ...FIRST, id: "beta", disks };
  const parts = signedDatagrams(announcement(about));
  assert.ok(parts.length > 2);
  const heard = [...parts, parts[0]!, datagram({ id: "beta", boot: 0 })]
    .flatMap((bytes) => peer.receive(bytes, "10.0.0.2", 0));
  assert.equal(heard.filter(({ kind }) => kind === "accepted").length, 1);
});

Deno.test("what an earlier run accepted is old, whoever sends it, and only what is above it is taken in", () => {
  const peer = peerOf([{ id: "beta", boot: 5, seq: 7 }]);
  for (const [boot, seq] of [[5, 7], [5, 6], [4, 100]] as const) {
    for (const address of ["10.0.0.2", "10.0.0.66"]) {
      const bytes = datagram({ id: "beta", boot, seq, disks: [backup] });
      assert.deepEqual(peer.receive(bytes, address, 0), []);
    }
  }
  assert.deepEqual(peer.counters.rejected, { old: 6 });
  assert.deepEqual(peer.inventory.where("backup-2019").found, []);
  const next = datagram({ id: "beta", boot: 5, seq: 8, disks: [backup] });
  const effects = peer.receive(next, "10.0.0.2", 0);
  assert.deepEqual(kinds(effects), ["accepted", "host-up", "attached"]);
});

Deno.test("of what earlier runs accepted no more is taken than there is room for: what came last", () => {
  const accepted = Array.from(
    { length: MAX_REMOTES + 10 },
    (_, i) => ({ id: `host-${i}`, boot: 1, seq: 1 }),
  );
  const remotes = new Remotes(accepted, () => false);
  assert.equal(remotes.get("host-10").boot, 1);
  assert.equal(remotes.get("host-9").boot, -1);
});

Deno.test("at the limit of senders the half of those that are not listed is forgotten that was heard first", () => {
  const remotes = new Remotes([], (id) => id === "host-0");
  for (let i = 0; i < MAX_REMOTES; i++) {
    const remote = remotes.get(`host-${i}`);
    remote.boot = 1;
    remote.acceptedAt = i;
  }
  remotes.get("one more");
  const kept = (i: number) => remotes.partsOf(`host-${i}`) > 0;
  assert.deepEqual([0, 1, 10_000, 10_001].map(kept), [
    true,
    false,
    false,
    true,
  ]);
});

Deno.test("at the limit of senders those known for days are forgotten last", () => {
  const old = { id: "old", boot: 7, seq: 1, days: 2 };
  const remotes = new Remotes([old], () => false);
  for (let i = 0; i < 3 * MAX_REMOTES; i++) {
    remotes.get(`invented-${i}`).acceptedAt = i;
  }
  assert.equal(remotes.get("old").boot, 7);
});

Deno.test("goodbyes of invented hosts are not remembered, and push out nobody", () => {
  const peer = peerOf([{ id: "beta", boot: 5, seq: 7 }]);
  peer.receive(datagram({ id: "gamma" }), "10.0.0.3", 0);
  const goodbye = (id: string) => datagram({ id, bye: true });
  for (let i = 0; i < MAX_REMOTES + 500; i++) {
    const effects = peer.receive(goodbye(`invented-${i}`), "10.0.0.66", 20 * i);
    assert.deepEqual(kinds(effects), []);
  }
  const now = 20 * (MAX_REMOTES + 500);
  const replay = datagram({ id: "beta", boot: 5, seq: 7, disks: [backup] });
  assert.deepEqual(peer.receive(replay, "10.0.0.2", now), []);
  assert.equal(peer.counters.rejected["unknown-host"], MAX_REMOTES + 500);
  assert.equal(peer.counters.rejected.old, 1);
  const bye = datagram({ id: "beta", boot: 5, seq: 8, bye: true });
  assert.deepEqual(kinds(peer.receive(bye, "10.0.0.2", now)), ["accepted"]);
});

function peerOf(accepted?: Iterable<Accepted>): Peer {
  return new Peer({
    identity: {
      key: hostKey("alpha"),
      name: "alpha",
      version: "0.1.0",
      boot: 1,
    },
    pastBoot: 0,
    announceIntervalMs: 30_000,
    random: () => 0.5,
    freshKey: () => hostKey("fresh"),
    signatures: TEST_SIGNATURES,
    accepted,
  });
}

function accepted(
  { boot = 1, seq, isNews }: { boot?: number; seq: number; isNews: boolean },
): Effect {
  return { kind: "accepted", id: "beta", boot, seq, isNews };
}

function kinds(effects: readonly Effect[]): string[] {
  return effects.map((effect) =>
    effect.kind === "change" ? effect.change.event : effect.kind
  );
}
