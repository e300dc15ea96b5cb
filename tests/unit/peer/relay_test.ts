import assert from "node:assert/strict";
import { openEnvelope } from "../../../src/codec/envelope.ts";
import { siteOf } from "../../../src/inventory/far_address.ts";
import type { PeerOptions } from "../../../src/peer/peer.ts";
import { type SiteHost, VirtualSites } from "../../support/virtual_sites.ts";

/** The hosts that it knows to be up, and where. */
function known(host: SiteHost): string {
  return [...host.peer.inventory.hosts()]
    .filter(({ liveness }) => liveness === "up")
    .map((one) => {
      const site = siteOf(one);
      return site === null ? one.name : `${one.name}@${site}`;
    }).sort().join(" ");
}

/** Two sites with a relay and another host each. */
function twoSites(options: Partial<PeerOptions> = {}) {
  const sites = new VirtualSites();
  const a1 = sites.host("a1", ["home"], options);
  const ar = sites.host("ar", ["home"], options);
  const b1 = sites.host("b1", ["away"], options);
  const br = sites.host("br", ["away"], options);
  return { sites, a1, ar, b1, br };
}

/** Those that passed between sites, without words that only say somebody is there. */
function crossings({ wire }: VirtualSites): string[] {
  return wire.filter(({ to }) => to.startsWith("far "))
    .flatMap(({ from, to, bytes }) => {
      const envelope = openEnvelope(bytes);
      if (envelope.format === "rejected") return ["bad envelope"];
      if (envelope.datagram.length === 0) return [];
      return [`${from} ${to} ${new TextDecoder().decode(envelope.datagram)}`];
    });
}

Deno.test("Relay lets all hosts of two sites know each other within a second", () => {
  const { sites, a1, ar, b1, br } = twoSites();
  sites.join({ home: ar, away: br });
  sites.start(a1, ar, b1, br);
  sites.run(1_000);
  assert.equal(known(a1), "a1 ar b1@away br@away");
  assert.equal(known(ar), "a1 ar b1@away br@away");
  assert.equal(known(b1), "a1@home ar@home b1 br");
});

Deno.test("Relay that is switched on later asks its network", () => {
  const { sites, a1, ar, b1, br } = twoSites();
  sites.start(a1, ar, b1, br);
  sites.run(10_000);
  sites.join({ home: ar, away: br });
  sites.run(1_000);
  assert.equal(known(a1), "a1 ar b1@away br@away");
  assert.equal(known(b1), "a1@home ar@home b1 br");
});

Deno.test("Relay tells what it knows as soon as a tunnel carries again", () => {
  const { sites, a1, ar, b1, br } = twoSites();
  sites.passes = ({ to }) => !to.startsWith("far ");
  sites.join({ home: ar, away: br });
  sites.start(a1, ar, b1, br);
  sites.run(11_000);
  assert.equal(known(a1), "a1 ar");
  assert.equal(ar.peer.peers[0]?.isReached, false);
  sites.passes = () => true;
  sites.run(4_500);
  assert.equal(known(a1), "a1 ar b1@away br@away");
  assert.equal(known(b1), "a1@home ar@home b1 br");
  assert.equal(ar.peer.peers[0]?.isReached, true);
});

Deno.test("Relay tells a host that starts later of other sites at once", () => {
  const { sites, a1, ar, b1, br } = twoSites();
  sites.join({ home: ar, away: br });
  sites.start(ar, b1, br);
  sites.run(5_000);
  sites.start(a1);
  sites.run(1_500);
  assert.equal(known(a1), "a1 ar b1@away br@away");
});

Deno.test("Relay tells a host that asks soon after another one too", () => {
  const { sites, a1, ar, b1, br } = twoSites({ announceIntervalMs: 300_000 });
  sites.join({ home: ar, away: br });
  sites.start(ar, b1, br);
  sites.run(20_000);
  sites.start(a1);
  sites.run(3_000);
  const a2 = sites.host("a2", ["home"]);
  sites.start(a2);
  sites.run(8_000);
  assert.equal(known(a2), "a1 a2 ar b1@away br@away");
});

Deno.test("Relay tells its own network the name of the site", () => {
  const { sites, a1, ar, b1, br } = twoSites();
  sites.join({ home: ar, away: br });
  sites.start(a1, ar, b1, br);
  sites.run(1_000);
  assert.equal(a1.peer.inventory.site, "home");
  assert.equal(b1.peer.inventory.site, "away");
});

Deno.test("Relay passes a goodbye on", () => {
  const { sites, a1, ar, b1, br } = twoSites();
  sites.join({ home: ar, away: br });
  sites.start(a1, ar, b1, br);
  sites.run(5_000);
  sites.do(a1, a1.peer.bye());
  sites.hosts.delete("a1");
  sites.run(100);
  assert.equal(known(b1), "ar@home b1 br");
});

Deno.test("Relay joins the spokes of a hub", () => {
  const sites = new VirtualSites();
  const [hub, h1] = [sites.host("hub", ["hub"]), sites.host("h1", ["hub"])];
  const [ar, a1] = [sites.host("ar", ["home"]), sites.host("a1", ["home"])];
  const [br, b1] = [sites.host("br", ["away"]), sites.host("b1", ["away"])];
  sites.relay(hub, "hub", [ar, br]);
  sites.relay(ar, "home", [hub]);
  sites.relay(br, "away", [hub]);
  sites.start(hub, h1, ar, a1, br, b1);
  sites.run(2_000);
  assert.equal(known(a1), "a1 ar b1@away br@away h1@hub hub@hub");
  assert.equal(known(b1), "a1@home ar@home b1 br h1@hub hub@hub");
  const before = sites.wire.length;
  const b2 = sites.host("b2", ["away"]);
  sites.start(b2);
  sites.run(1_500);
  assert.equal(known(b2), "a1@home ar@home b1 b2 br h1@hub hub@hub");
  assert.ok(sites.wire.length - before < 100);
});

Deno.test("Relay passes each datagram once, whatever loops there are", () => {
  const sites = new VirtualSites();
  const relays = {
    home: sites.host("ar", ["home"]),
    away: sites.host("br", ["away"]),
    far: sites.host("cr", ["far"]),
  };
  sites.join(relays);
  sites.start(...Object.values(relays));
  sites.run(3_000);
  sites.wire.length = 0;
  sites.run(120_000);
  const crossed = crossings(sites);
  assert.equal(new Set(crossed).size, crossed.length);
  assert.ok(crossed.length > 10);
});

Deno.test("Two relays of a site pass each datagram once, and one suffices", () => {
  const { sites, a1, ar, b1, br } = twoSites();
  const as = sites.host("as", ["home"]);
  sites.relay(ar, "home", [br]);
  sites.relay(as, "home", [br]);
  sites.relay(br, "away", [ar, as]);
  sites.start(a1, ar, as, b1, br);
  sites.run(60_000);
  assert.equal(known(b1), "a1@home ar@home as@home b1 br");
  assert.equal(known(a1), "a1 ar as b1@away br@away");
  sites.hosts.delete("ar");
  sites.run(300_000);
  assert.equal(known(b1), "a1@home as@home b1 br");
  assert.equal(known(a1), "a1 as b1@away br@away");
});

Deno.test("Relay without peers joins its own networks", () => {
  const sites = new VirtualSites();
  const relay = sites.host("relay", ["lan", "vlan"]);
  const [a, b] = [sites.host("a", ["lan"]), sites.host("b", ["vlan"])];
  sites.start(a, b, relay);
  sites.run(1_000);
  assert.equal(known(a), "a relay");
  sites.do(
    relay,
    relay.peer.relay({ isOn: true, site: null, peers: [] }, sites.now),
  );
  sites.run(40_000);
  assert.equal(known(a), "a b relay");
  assert.equal(known(b), "a b relay");
});

Deno.test("Relay joins hosts with IPv4 alone and with IPv6 alone, and repeats nothing for those with both", () => {
  const sites = new VirtualSites();
  const relay = sites.host("relay", ["lan", "lan/6"]);
  const four = sites.host("four", ["lan"]);
  const both = sites.host("both", ["lan", "lan/6"]);
  sites.do(
    relay,
    relay.peer.relay({ isOn: true, site: null, peers: [] }, sites.now),
  );
  sites.start(four, both, relay);
  sites.run(60_000);
  const isPassedOn = () =>
    sites.wire.some(({ bytes }) =>
      openEnvelope(bytes).format === "envelope" &&
      new TextDecoder().decode(bytes.subarray(0, 4)) === "dskr"
    );
  assert.equal(isPassedOn(), false);
  const six = sites.host("six", ["lan/6"]);
  sites.start(six);
  sites.run(45_000);
  assert.equal(known(four), "both four relay six");
  assert.equal(known(six), "both four relay six");
});

Deno.test("Relay carries remarks to other sites, also those made while they were apart", () => {
  const { sites, a1, ar, b1, br } = twoSites();
  sites.start(a1, ar, b1, br);
  sites.run(2_000);
  const said = { subject: "uuid 1", field: "note", value: "drawer 3" };
  sites.do(a1, a1.peer.remark(said, sites.now));
  sites.run(60_000);
  sites.join({ home: ar, away: br });
  sites.run(60_000);
  assert.equal(b1.peer.remarks.find("uuid 1", "note")?.value, "drawer 3");
  sites.do(
    b1,
    b1.peer.remark({ ...said, value: "shelf" }, sites.now),
  );
  sites.run(500);
  assert.equal(a1.peer.remarks.find("uuid 1", "note")?.value, "shelf");
});

Deno.test("Peer takes no envelope of who is neither a peer nor near", () => {
  const { sites, a1, ar, b1, br } = twoSites();
  sites.join({ home: ar, away: br });
  sites.start(a1, ar, b1, br);
  sites.run(1_000);
  const { bytes } = sites.wire.findLast(({ to }) => to === "far ar")!;
  ar.peer.receiveFar(bytes, "10.9.9.9", sites.now);
  assert.equal(ar.peer.counters.rejected["no-peer"], 1);
  a1.peer.receive(bytes, "10.9.9.9", sites.now);
  assert.equal(a1.peer.counters.rejected["no-peer"], 1);
});

Deno.test("Peer shows a host that it hears itself as near, whatever a relay says", () => {
  const { sites, a1, ar, b1, br } = twoSites();
  sites.join({ home: ar, away: br });
  sites.start(a1, ar, b1, br);
  sites.run(5_000);
  const [network, address] = [...a1.on][0]!;
  assert.equal(network, "home");
  // It moves: the same host, on the other network.
  (a1.on as Map<string, string>).delete("home");
  (a1.on as Map<string, string>).set("away", "192.168.184.99");
  a1.peer.setOwnNetworks([{
    address: "192.168.184.99",
    prefixLength: 24,
    device: "eth0",
    via: "192.168.184.99",
  }]);
  sites.do(a1, a1.peer.join(sites.now));
  sites.run(90_000);
  assert.equal(known(b1), "a1 ar@home b1 br");
  assert.equal(known(ar), "a1@away ar b1@away br@away");
  assert.notEqual(address, undefined);
});
