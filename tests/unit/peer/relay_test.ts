import assert from "node:assert/strict";
import { isEnvelope, openEnvelope } from "../../../src/codec/envelope.ts";
import { makeDisk } from "../../../src/inventory/disk.ts";
import type { PeerOptions } from "../../../src/peer/peer.ts";
import { LAN_BURST_PER_SECOND } from "../../../src/peer/timing.ts";
import { busiestSecond } from "../../sim/check_rate.ts";
import { honestKeyring, malloryKey } from "../../support/keys.ts";
import { type SiteHost, VirtualSites } from "../../support/virtual_sites.ts";

/** The hosts that it knows to be up, and where. */
function known(host: SiteHost): string {
  return [...host.peer.inventory.hosts()]
    .filter(({ liveness }) => liveness === "up")
    .map((one) => {
      const site = one.farSite;
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

Deno.test("Relay knows why what a peer says is not accepted, until it is", () => {
  const { sites, ar, br } = twoSites();
  sites.do(ar, ar.peer.trust(honestKeyring(), sites.now));
  sites.join({ home: ar, away: br });
  sites.start(ar, br);
  sites.run(1_000);
  const state = () => [ar, br].map(({ peer: { peers } }) => peers[0]!.noKey);
  assert.deepEqual(state(), ["unsigned", null]);
  assert.equal(ar.peer.peers[0]?.isReached, true);
  sites.do(br, br.peer.trust(malloryKey(), sites.now));
  sites.run(40_000);
  assert.deepEqual(state(), ["other-key", "other-key"]);
  sites.do(br, br.peer.trust(honestKeyring(), sites.now));
  sites.run(40_000);
  assert.deepEqual(state(), [null, null]);
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
  sites.run(4_000);
  assert.equal(known(a), "a b relay");
  assert.equal(known(b), "a b relay");
  const { inventory } = a.peer;
  const relays = [...inventory.hosts()].filter((one) => one.relayOf !== null);
  assert.deepEqual(relays.map(({ name, relayOf }) => `${name}:${relayOf}`), [
    "relay:",
  ]);
  assert.equal(inventory.site, null);
  assert.equal([...relay.peer.inventory.hosts()][0]!.relayOf, "");
});

Deno.test("Relay that starts last joins its networks in some seconds", () => {
  const sites = new VirtualSites();
  const relay = sites.host("relay", ["lan", "vlan"]);
  const others = [["a", "lan"], ["c", "lan"], ["b", "vlan"], ["d", "vlan"]]
    .map(([name, network]) => sites.host(name!, [network!]));
  sites.start(...others);
  sites.run(10_000);
  const settings = { isOn: true, site: null, peers: [] };
  sites.do(relay, relay.peer.relay(settings, sites.now));
  sites.start(relay);
  sites.run(4_000);
  for (const host of others) assert.equal(known(host), "a b c d relay");
});

Deno.test("Relays without peers join networks in a row", () => {
  const sites = new VirtualSites();
  const one = sites.host("one", ["a", "b"]);
  const two = sites.host("two", ["b", "c"]);
  const [a, c] = [sites.host("host-a", ["a"]), sites.host("host-c", ["c"])];
  const settings = { isOn: true, site: null, peers: [] };
  for (const relay of [one, two]) {
    sites.do(relay, relay.peer.relay(settings, sites.now));
  }
  sites.start(one, two, a, c);
  sites.run(60_000);
  for (const host of [one, two, a, c]) {
    assert.equal(known(host), "host-a host-c one two", host.name);
  }
  const late = sites.host("late", ["c"]);
  sites.start(late);
  sites.run(2_000);
  assert.equal(known(late), "host-a host-c late one two");
});

for (const families of [["vpn"], ["vpn", "vpn/6"]]) {
  Deno.test(`Peers on one network are of two sites all the same: ${families}`, () => {
    const sites = new VirtualSites();
    const a1 = sites.host("a1", ["home"]);
    const ar = sites.host("ar", ["home", ...families]);
    const b1 = sites.host("b1", ["away"]);
    const br = sites.host("br", ["away", ...families]);
    sites.join({ home: ar, away: br });
    sites.start(a1, ar, b1, br);
    sites.run(1_000);
    for (let minute = 0; minute < 4; minute++) {
      assert.equal(known(a1), "a1 ar b1@away br@away");
      assert.equal(known(ar), "a1 ar b1@away br@away");
      assert.equal(known(b1), "a1@home ar@home b1 br");
      assert.equal(known(br), "a1@home ar@home b1 br");
      sites.run(60_000);
    }
    const third = sites.host("third", families);
    sites.start(third);
    sites.run(60_000);
    assert.match(known(a1), /\bb1@away br@away third\b/);
    assert.match(known(b1), /^a1@home ar@home b1 br third\b/);
    // What a peer tells its own network of hosts of its site is not for us.
    assert.match(known(ar), /^a1 ar b1@away br@away third\b/);
    const late = sites.host("late", ["away"]);
    sites.start(late);
    sites.run(60_000);
    assert.match(known(ar), /\bbr@away late@away third\b/);
    const found = [...ar.peer.inventory.hosts()]
      .find(({ name }) => name === "late");
    assert.equal(found!.addresses.length, 1);
    assert.equal(ar.peer.counters.refused, 0);
  });
}

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
  moveTo(a1, "away", "192.168.184.99");
  sites.do(a1, a1.peer.join(sites.now));
  sites.run(90_000);
  assert.equal(known(b1), "a1 ar@home b1 br");
  assert.equal(known(ar), "a1@away ar b1@away br@away");
  assert.notEqual(address, undefined);
});

Deno.test("Relay takes nothing but envelopes from a peer: it is no host of its networks", () => {
  const { sites, a1, ar, b1, br } = twoSites();
  sites.join({ home: ar, away: br });
  sites.start(a1, ar, b1, br);
  sites.run(1_000);
  const { bytes } = sites.wire.findLast(({ from, to }) =>
    from === "b1" && to === "away"
  )!;
  ar.peer.receiveFar(bytes, br.far, sites.now);
  assert.equal(ar.peer.counters.rejected["bad-envelope"], 1);
  assert.equal(known(ar), "a1 ar b1@away br@away");
});

Deno.test("Host that moves to another site knows at once that those of the first are far", () => {
  const { sites, a1, ar, b1, br } = twoSites();
  sites.join({ home: ar, away: br });
  sites.start(a1, ar, b1, br);
  sites.run(5_000);
  moveTo(a1, "away", "192.168.184.99");
  sites.do(a1, a1.peer.join(sites.now));
  const a2 = sites.host("a2", ["home"]);
  sites.start(a2);
  sites.run(3_000);
  assert.equal(known(a1), "a1 a2@home ar@home b1 br");
});

Deno.test("Relay tells hosts on one of its networks of a host that moves to another one", () => {
  const sites = new VirtualSites();
  const relay = sites.host("relay", ["lan", "vlan"]);
  const a = sites.host("a", ["lan"]);
  const [b, c] = [sites.host("b", ["vlan"]), sites.host("c", ["vlan"])];
  sites.relay(relay, "home", []);
  sites.start(a, b, c, relay);
  sites.run(40_000);
  const [, before] = [...c.on][0]!;
  const there = [...a.on][0]![1].replace(/\d+$/, "77");
  moveTo(c, "lan", there);
  sites.do(c, c.peer.join(sites.now));
  sites.run(5_000);
  const addressesOf = ({ peer }: SiteHost) =>
    peer.inventory.host(c.peer.identity.key.id)?.addresses ?? [];
  assert.deepEqual(addressesOf(a), [there, before]);
  assert.deepEqual(addressesOf(b), [there, before]);
});

Deno.test("Relay tells all peers that ask at the same moment", () => {
  const sites = new VirtualSites();
  const relays = Array.from("abcd", (site) => sites.host(site, [site]));
  const [hub, ...spokes] = relays as [SiteHost, ...SiteHost[]];
  sites.relay(hub, "a", spokes);
  for (const spoke of spokes) sites.relay(spoke, spoke.name, [hub]);
  const others = Array.from(
    { length: 40 },
    (_, i) => sites.host(`a${i}`, ["a"], { announceIntervalMs: 600_000 }),
  );
  sites.passes = ({ to }) => !to.startsWith("far ");
  sites.start(...relays, ...others);
  sites.run(70_000);
  sites.passes = () => true;
  sites.run(6_000);
  for (const spoke of spokes) {
    assert.equal(known(spoke).split(" ").length, relays.length + 40);
  }
});

Deno.test("Relay that was switched off tells nothing that is old when it is switched on again", () => {
  const { sites, a1, ar, b1, br } = twoSites();
  sites.join({ home: ar, away: br });
  sites.start(a1, ar, b1, br);
  sites.run(5_000);
  sites.do(ar, ar.peer.relay({ isOn: false, site: "home", peers: [] }, 5_000));
  sites.passes = ({ to }) => !to.startsWith("far ");
  sites.run(5_000);
  sites.join({ home: ar, away: br });
  sites.wire.length = 0;
  sites.do(a1, a1.peer.ask(sites.now));
  sites.start(sites.host("a2", ["home"]));
  sites.run(15_000);
  const told = sites.wire.filter(({ to, bytes }) =>
    to === "home" && isEnvelope(bytes)
  );
  assert.deepEqual(told, []);
});

Deno.test("Two relays tell their network no more in a second than that may carry", () => {
  const { sites, a1, ar, b1, br } = twoSites();
  const as = sites.host("as", ["home"]);
  sites.relay(ar, "home", [br]);
  sites.relay(as, "home", [br]);
  sites.relay(br, "away", [ar, as]);
  const others = Array.from(
    { length: 12 },
    (_, i) => sites.host(`c${i}`, ["away"]),
  );
  const disks = Array.from(
    { length: 800 },
    (_, i) => makeDisk({ device: `/dev/sd${i}`, label: `disk ${i}` }),
  );
  sites.start(a1, ar, as, b1, br);
  for (const host of others) {
    sites.do(host, host.peer.join(sites.now));
    sites.do(host, host.peer.scanned(disks, sites.now));
  }
  sites.run(20_000);
  const home = sites.wire.filter(({ to }) => to === "home");
  assert.ok(home.length > 1_000);
  assert.ok(busiestSecond(home) <= LAN_BURST_PER_SECOND);
});

function moveTo(host: SiteHost, network: string, address: string): void {
  const on = host.on as Map<string, string>;
  on.clear();
  on.set(network, address);
  host.peer.setOwnNetworks([
    { address, prefixLength: 24, device: "eth0", via: address },
  ]);
}
