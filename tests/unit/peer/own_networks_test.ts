import assert from "node:assert/strict";
import { makeDisk } from "../../../src/inventory/disk.ts";
import { Peer } from "../../../src/peer/peer.ts";
import { type Effect } from "../../../src/peer/effect.ts";
import {
  type OwnNetwork,
  OwnNetworks,
} from "../../../src/peer/own_networks.ts";
import { datagram } from "../../support/announcements.ts";
import { question } from "./support.ts";
import { hostKey, TEST_SIGNATURES } from "../../support/host_keys.ts";

const ETH0 = {
  address: "10.0.0.1",
  prefixLength: 24,
  device: "eth0",
  via: "10.0.0.1",
};
const ALIAS = { ...ETH0, address: "172.16.0.1", prefixLength: 12 };
const ETH1 = {
  address: "192.168.1.1",
  prefixLength: 25,
  device: "eth1",
  via: "192.168.1.1",
};
const ETH0_IPV6 = {
  address: "fe80::1%eth0",
  prefixLength: 64,
  device: "eth0",
  via: "fe80::1%eth0",
};

Deno.test("OwnNetworks.viaTo() finds the interface that is in the network of an address", () => {
  const cases: [string, ReturnType<OwnNetworks["viaTo"]>][] = [
    ["10.0.0.254", ["10.0.0.1"]],
    ["10.0.1.1", "nowhere"],
    ["172.31.255.255", ["10.0.0.1"]],
    ["172.32.0.0", "nowhere"],
    ["192.168.1.127", ["192.168.1.1"]],
    ["192.168.1.128", "nowhere"],
    ["1.2.3.4", "nowhere"],
  ];
  const networks = of(ETH0, ALIAS, ETH1);
  for (const [address, via] of cases) {
    assert.deepEqual(networks.viaTo(address), via, address);
  }
  assert.deepEqual(networks.vias, ["10.0.0.1", "192.168.1.1"]);
});

Deno.test("OwnNetworks.viaTo() is everywhere for a host with one interface", () => {
  const cases = [[], [ETH0, ALIAS], [ETH0, ETH0_IPV6], [ETH0_IPV6]];
  for (const networks of cases.map((given) => of(...given))) {
    assert.equal(networks.viaTo("1.2.3.4"), "everywhere");
    assert.equal(networks.viaTo("fe80::9%eth0"), "everywhere");
  }
});

Deno.test("OwnNetworks.viaTo() knows a LAN by IPv6 from the interface, and answers there in both families", () => {
  const only6 = { ...ETH0_IPV6, address: "fe80::1%eth0.7", device: "eth0.7" };
  const vlan = { ...only6, via: only6.address };
  const networks = of(ETH0, ETH1, ETH0_IPV6, vlan);
  const cases: [string, ReturnType<OwnNetworks["viaTo"]>][] = [
    ["fe80::9%eth0", ["10.0.0.1", "fe80::1%eth0"]],
    ["10.0.0.9", ["10.0.0.1", "fe80::1%eth0"]],
    ["192.168.1.9", ["192.168.1.1"]],
    ["fe80::9%eth0.7", ["fe80::1%eth0.7"]],
    // The same address, heard on an interface that is not ours.
    ["fe80::9%eth9", "nowhere"],
  ];
  for (const [address, via] of cases) {
    assert.deepEqual(networks.viaTo(address), via, address);
  }
});

Deno.test("OwnNetworks.has() tells one link-local address on two interfaces apart", () => {
  const networks = of(ETH0, ETH0_IPV6);
  assert.ok(networks.has("fe80::1%eth0"));
  assert.ok(!networks.has("fe80::1%eth1"));
});

Deno.test("OwnNetworks.viaTo() names both interfaces that are in one network", () => {
  const second = {
    ...ETH0,
    address: "10.0.0.2",
    device: "eth1",
    via: "10.0.0.2",
  };
  assert.deepEqual(of(ETH0, second).viaTo("10.0.0.9"), [
    "10.0.0.1",
    "10.0.0.2",
  ]);
});

Deno.test("OwnNetworks.has() knows each of our addresses", () => {
  const networks = of(ETH0, ALIAS);
  assert.ok(networks.has("172.16.0.1"));
  assert.ok(!networks.has("172.16.0.2"));
});

Deno.test("a question is answered only to the LAN that it came from", () => {
  const host = settled();
  host.hear(question(), "192.168.1.9");
  const sent = host.run(2_000);
  assert.deepEqual(sent.map(({ via }) => via), [["192.168.1.1"]]);
});

Deno.test("a question from both LANs is answered to both at once", () => {
  const host = settled();
  host.hear(question(), "192.168.1.9");
  host.hear(question(), "10.0.0.9");
  const sent = host.run(2_000);
  assert.deepEqual(sent.map(({ via }) => via), [["192.168.1.1", "10.0.0.1"]]);
});

Deno.test("a question from a network that we are not in is counted and not answered", () => {
  const host = settled();
  host.hear(question(), "1.2.3.4");
  assert.deepEqual(host.run(2_000), []);
  assert.deepEqual(host.peer.counters.rejected, { "not-local": 1 });
});

Deno.test("a host that may not know us hears that only in its own LAN", () => {
  const host = settled();
  host.hear(datagram({ id: "beta" }), "10.0.0.9");
  host.hear(datagram({ id: "gamma" }), "1.2.3.4");
  assert.deepEqual(host.run(5_000).map(({ via }) => via), [["10.0.0.1"]]);
});

Deno.test("an answer to one LAN does not put off what the others are to hear", () => {
  const asked = settled();
  const quiet = settled();
  for (let i = 0; i < 25; i++) {
    asked.hear(question(), "10.0.0.9");
    asked.run(1_100);
    quiet.run(1_100);
  }
  const toAll = asked.run(15_000).filter(({ via }) => via === undefined);
  assert.equal(toAll.length, 1);
  assert.equal(quiet.run(15_000).length, 1);
});

Deno.test("a change that falls together with an answer is told everywhere", () => {
  const host = settled();
  host.hear(question(), "10.0.0.9");
  const disk = makeDisk({ device: "/dev/sdc1" });
  const sent = host.sends(host.peer.scanned([disk], host.now));
  assert.deepEqual(sent.map(({ via }) => via), [undefined]);
});

function of(...networks: OwnNetwork[]): OwnNetworks {
  const own = new OwnNetworks();
  own.set(networks);
  return own;
}

type Send = Effect & { kind: "send" };

/** A host on two LANs that has nothing to say at the moment. */
class TwoLans {
  readonly peer = new Peer({
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
  });
  now = 0;

  hear(bytes: Uint8Array, address: string): void {
    this.sends(this.peer.receive(bytes, address, this.now));
  }

  run(durationMs: number): Send[] {
    const sent: Send[] = [];
    const end = this.now + durationMs;
    while (this.peer.deadline <= end) {
      this.now = Math.max(this.now, this.peer.deadline);
      sent.push(...this.sends(this.peer.tick(this.now)));
    }
    this.now = end;
    return sent;
  }

  sends(effects: readonly Effect[]): Send[] {
    return effects.filter((effect) => effect.kind === "send");
  }
}

function settled(): TwoLans {
  const host = new TwoLans();
  host.peer.setOwnNetworks([ETH0, ETH1]);
  host.peer.join(0);
  host.peer.scanned([], 0);
  host.run(5_000);
  return host;
}
