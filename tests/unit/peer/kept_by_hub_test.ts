import assert from "node:assert/strict";
import { MAX_DATAGRAM_BYTES } from "../../../src/codec/announcement.ts";
import { openEnvelope, writeEnvelope } from "../../../src/codec/envelope.ts";
import { readDatagram, readDisks } from "../../../src/codec/read_datagram.ts";
import { makeDisk } from "../../../src/inventory/disk.ts";
import type { Effect } from "../../../src/peer/effect.ts";
import type { Peer } from "../../../src/peer/peer.ts";
import { datagramOf } from "../../support/announcements.ts";
import { hostKey } from "../../support/host_keys.ts";
import { virtualPeer } from "../../support/virtual_peer.ts";

const EVERY_MS = 30_000;
const WEEK_MS = 7 * 24 * 60 * 60_000;
const NOW = 100_000;
const PLACE = { site: "away", from: "192.0.2.7" };
const beta = hostKey("beta");
const disks = [makeDisk({ device: "/dev/sda1", uuid: "1", label: "photos" })];

function listener(isRelay = false) {
  const peer = virtualPeer("me");
  const address = "192.168.1.1";
  peer.setOwnNetworks([
    { address, prefixLength: 24, device: "eth0", via: address },
  ]);
  peer.join(0);
  peer.scanned([], 0);
  peer.relay({ isOn: isRelay, site: "home", peers: [] }, 0);
  for (let now = 0; now < NOW; now += 100) peer.tick(now);
  const hear = (
    what: Parameters<typeof datagramOf>[1],
    { keptSince, now = NOW, id = beta.id, site = "away" }: {
      readonly keptSince?: number;
      readonly now?: number;
      readonly id?: string;
      readonly site?: string;
    },
  ): Effect[] => {
    const datagram = datagramOf(beta, { host: "beta", disks, ...what });
    const bytes = writeEnvelope(PLACE, datagram);
    const effects = peer.receiveHub(bytes, { id, site, keptSince }, now);
    return [...effects, ...peer.tick(now + 2_000)];
  };
  return { peer, hear };
}

function stateOf({ inventory }: Peer) {
  return inventory.host(beta.id)?.liveness;
}

function eventsOf(effects: readonly Effect[]): string[] {
  return effects.flatMap((one) =>
    one.kind === "change" ? [one.change.event] : []
  );
}

/** Those of beta that are passed on to the LAN. */
function passedOn(effects: readonly Effect[]): string[] {
  return effects.flatMap((one) => one.kind === "send" ? one.datagrams : [])
    .flatMap((bytes) => {
      const envelope = openEnvelope(bytes);
      return envelope.format === "rejected"
        ? []
        : [new TextDecoder().decode(envelope.datagram)];
    })
    .filter((text) => text.includes(beta.id));
}

Deno.test("a host is not up because a hub keeps its list of a week ago, before it speaks", () => {
  const { peer, hear } = listener();
  const kept = hear({ seq: 1 }, { keptSince: NOW - WEEK_MS });
  assert.equal(stateOf(peer), "stale");
  assert.equal(peer.inventory.host(beta.id)!.heardAt, NOW - WEEK_MS);
  assert.deepEqual(eventsOf(kept), ["attached"]);
  const [place] = peer.inventory.where("photos").found;
  assert.equal(place!.host.name, "beta");
  const said = hear({ seq: 2 }, {});
  assert.equal(stateOf(peer), "up");
  assert.deepEqual(eventsOf(said), ["host-up"]);
});

Deno.test("a host is up whose list a hub got a moment ago, and it stays up", () => {
  const { peer, hear } = listener();
  hear({ seq: 1 }, { keptSince: NOW - EVERY_MS });
  assert.equal(stateOf(peer), "up");
  hear({ seq: 2 }, {});
  hear({ seq: 3, rev: 2 }, { keptSince: NOW - WEEK_MS });
  assert.equal(stateOf(peer), "up");
  assert.equal(peer.inventory.host(beta.id)!.heardAt, NOW);
});

Deno.test("a host that was heard stays what it is when the hub tells of it again", () => {
  const { peer, hear } = listener();
  hear({ seq: 1 }, {});
  const later = NOW + 10 * EVERY_MS;
  peer.tick(later);
  assert.equal(stateOf(peer), "stale");
  hear({ seq: 2, rev: 2 }, { keptSince: NOW + EVERY_MS, now: later });
  assert.equal(stateOf(peer), "stale");
});

Deno.test("a relay tells its LAN of a host only once it speaks, and then the whole list", () => {
  const { hear } = listener(true);
  const kept = hear({ seq: 1 }, { keptSince: NOW - WEEK_MS });
  assert.deepEqual(passedOn(kept), []);
  const said = passedOn(hear({ seq: 2 }, { now: NOW + 3_000 }));
  assert.equal(said.length, 1);
  assert.match(said[0]!, /photos/);
});

Deno.test("what a hub took for another host, or site, is rejected and counted", () => {
  const { peer, hear } = listener();
  hear({ seq: 1 }, { id: hostKey("gamma").id });
  hear({ seq: 1 }, { site: "home" });
  assert.equal(stateOf(peer), undefined);
  assert.equal(peer.counters.rejected["wrong-key"], 1);
  assert.equal(peer.counters.rejected["bad-envelope"], 1);
});

Deno.test("a list that takes several datagrams on the LAN is a single one for a hub", () => {
  const { peer } = listener();
  const many = Array.from(
    { length: 20 },
    (_, i) => makeDisk({ device: `/dev/sd${i}`, label: "x".repeat(100) }),
  );
  const effects = peer.scanned(many, NOW);
  for (let now = NOW; now < NOW + 2_000; now += 100) {
    effects.push(...peer.tick(now));
  }
  const onLan = effects.flatMap((one) =>
    one.kind === "send" ? one.datagrams : []
  );
  const ofHub = peer.wholeAnnouncement(EVERY_MS)!;
  assert(onLan.length > 1);
  assert(onLan.every(({ length }) => length <= MAX_DATAGRAM_BYTES));
  assert.equal(ofHub.length, 1);
  const read = readDatagram(ofHub[0]!);
  assert(read.format === 2);
  const list = readDisks(read);
  assert(list.format === "disks");
  assert.equal(list.disks.length, many.length);
});
