import assert from "node:assert/strict";
import type { HostInfo } from "../../../src/inventory/host.ts";
import { Inventory } from "../../../src/inventory/inventory.ts";
import type { RememberedHost } from "../../../src/inventory/restore.ts";

const EVERY_MS = 30_000;
const [A, B, X, V] = ["10.0.0.11", "10.1.0.11", "10.0.0.99", "10.0.0.200"];
const LINK_LOCAL = "169.254.7.7";

Deno.test("the address that a host was heard from last comes first, and a host on one LAN changes back and forth", () => {
  const lan = new Lan();
  lan.hear("beta", [A]);
  assert.deepEqual(lan.of("beta"), [A]);
  lan.hear("beta", [X]);
  assert.deepEqual(lan.of("beta"), [X, A]);
  lan.hear("beta", [A]);
  assert.deepEqual(lan.of("beta"), [A, X]);
  lan.hear("beta", [A]);
  lan.hear("beta", [A]);
  lan.hear("beta", [A]);
  assert.deepEqual(lan.of("beta"), [A]);
});

Deno.test("the addresses of a host on two LANs keep their order, whichever is heard first, and when a copy is lost", () => {
  const lan = new Lan();
  lan.hear("beta", [A, B]);
  for (const heard of [[B, A], [A, B], [B], [A, B], [A], [B, A]]) {
    lan.hear("beta", heard);
    assert.deepEqual(lan.of("beta"), [A, B], heard.join());
  }
});

Deno.test("a new IPv4 address comes first, also if the announcement was heard over IPv6 before", () => {
  const ipv6 = "fe80::7%eth0";
  const lan = new Lan();
  lan.hear("beta", [ipv6, A]);
  assert.deepEqual(lan.of("beta"), [A, ipv6]);
  lan.hear("beta", [ipv6, X]);
  assert.deepEqual(lan.of("beta"), [X, A, ipv6]);
  lan.hear("beta", [ipv6, A]);
  assert.deepEqual(lan.of("beta"), [A, X, ipv6]);
  const other = new Lan();
  other.hear("gamma", [A, B, ipv6]);
  for (const heard of [[ipv6, B, A], [ipv6, B], [ipv6, A, B], [B, ipv6]]) {
    other.hear("gamma", heard);
    assert.deepEqual(other.of("gamma"), [A, B, ipv6], heard.join());
  }
});

Deno.test("a site that two announcements did not come from goes behind another one", () => {
  const [lie, away] = ["11.0.7.7@nowhere", "10.8.0.2@away"];
  const lan = new Lan();
  lan.hear("beta", [away]);
  lan.hear("beta", [lie, away]);
  assert.deepEqual(lan.of("beta"), [lie, away]);
  lan.hear("beta", [away]);
  lan.hear("beta", [away]);
  assert.deepEqual(lan.of("beta"), [away, lie]);
});

Deno.test("a host whose only address another one has stays at the site where it was heard", () => {
  const away = "10.8.0.2@away";
  const lan = new Lan();
  lan.hear("beta", [away]);
  lan.hear("gamma", [away]);
  lan.pass(4);
  assert.deepEqual(lan.of("beta"), []);
  assert.equal(lan.inventory.host("beta")?.farSite, "away");
  assert.deepEqual(lan.inventory.whereIs({ id: "beta" }), {
    address: null,
    site: "away",
  });
  lan.hear("beta", [A]);
  assert.equal(lan.inventory.host("beta")?.farSite, null);
  lan.hear("gamma", [away]);
  lan.inventory.restore({ hosts: [remember("delta", [away])], past: [] });
  assert.deepEqual(lan.of("delta"), []);
  assert.equal(lan.inventory.host("delta")?.farSite, "away");
});

Deno.test("an address is not floating because a host that has it is said to be elsewhere too", () => {
  const lan = new Lan();
  lan.hear("alpha", [A]);
  lan.hear("alpha", ["10.8.0.2@away"]);
  lan.hear("beta", [A, "11.0.7.7@nowhere"]);
  assert.deepEqual(lan.of("beta"), [A, "11.0.7.7@nowhere"]);
});

Deno.test("of two LANs the one that two announcements did not come through goes behind", () => {
  const lan = new Lan();
  lan.hear("beta", [A, B]);
  lan.hear("beta", [B]);
  lan.hear("beta", [B]);
  assert.deepEqual(lan.of("beta"), [B, A]);
  lan.hear("beta", [B, A]);
  lan.hear("beta", [A, B]);
  assert.deepEqual(lan.of("beta"), [B, A]);
});

Deno.test("a new address that is heard as a copy comes before the one that it replaces", () => {
  const lan = new Lan();
  lan.hear("beta", [A, "fe80::1%eth0"]);
  lan.hear("beta", ["fe80::1%eth0", X]);
  assert.deepEqual(lan.of("beta"), [X, A, "fe80::1%eth0"]);
  lan.hear("beta", [X, B, "fe80::1%eth0"]);
  assert.deepEqual(lan.of("beta"), [X, B, A, "fe80::1%eth0"]);
});

Deno.test("the parts of a long announcement count as one", () => {
  const lan = new Lan();
  lan.hear("beta", [A, B]);
  lan.hear("beta", [A, B]);
  lan.hear("beta", [B]);
  const announcedAt = lan.now;
  for (const now of [1, 2, 3].map((ms) => announcedAt + ms)) {
    lan.announce("beta", B, { now, announcedAt });
    assert.deepEqual(lan.of("beta"), [A, B]);
  }
});

Deno.test("an address that another host speaks from is no longer that of the earlier one, up or not", () => {
  for (const state of ["up", "stale", "gone"]) {
    const lan = new Lan();
    lan.hear("beta", [A]);
    if (state === "gone") lan.inventory.applyGoodbye("beta", lan.now);
    if (state === "stale") lan.pass(4);
    lan.hear("gamma", [A]);
    assert.deepEqual(lan.of("beta"), [], state);
    assert.deepEqual(lan.of("gamma"), [A], state);
    lan.inventory.applyGoodbye("gamma", lan.now);
    assert.deepEqual(lan.of("beta"), [], state);
    lan.hear("beta", [X]);
    assert.deepEqual(lan.of("beta"), [X], state);
  }
});

Deno.test("two hosts that exchange their addresses have each the other's", () => {
  const lan = new Lan();
  lan.hear("beta", [A]);
  lan.hear("gamma", [X]);
  lan.hear("beta", [X]);
  assert.deepEqual([lan.of("beta"), lan.of("gamma")], [[X, A], []]);
  lan.hear("gamma", [A]);
  assert.deepEqual([lan.of("beta"), lan.of("gamma")], [[X], [A]]);
});

Deno.test("an address that moves between hosts comes last where it is, and is nowhere else", () => {
  const lan = new Lan();
  lan.hear("beta", [V, A]);
  lan.hear("gamma", [X]);
  lan.hear("gamma", [V, X]);
  assert.deepEqual([lan.of("beta"), lan.of("gamma")], [[A], [X, V]]);
  lan.hear("beta", [A]);
  lan.hear("gamma", [V, X]);
  assert.deepEqual([lan.of("beta"), lan.of("gamma")], [[A], [X, V]]);
  lan.hear("gamma", [X]);
  lan.hear("beta", [A, V]);
  assert.deepEqual([lan.of("beta"), lan.of("gamma")], [[A, V], [X]]);
});

Deno.test("two daemons of a machine, which speak from one address in turn, both have it", () => {
  const lan = new Lan();
  for (let turn = 0; turn < 3; turn++) {
    lan.hear("beta", [A, B]);
    lan.hear("gamma", [A, B]);
  }
  assert.deepEqual([lan.of("beta"), lan.of("gamma")], [[A, B], [A, B]]);
});

Deno.test("a link-local address comes last, however it is written and whichever was heard last", () => {
  const forms = [LINK_LOCAL, "fe80::1%eth0", "fe80::1", "FE9A::2%eth0"];
  for (const address of [...forms, "febf::1%br-lan"]) {
    const lan = new Lan();
    lan.hear("beta", [address, A]);
    assert.deepEqual(lan.of("beta"), [A, address]);
    lan.hear("beta", [address]);
    assert.deepEqual(lan.of("beta"), [A, address]);
  }
  for (const address of ["169.25.4.1", "fec0::1", "2001:db8::fe80:1"]) {
    const lan = new Lan();
    lan.hear("beta", [A]);
    lan.hear("beta", [address]);
    assert.deepEqual(lan.of("beta"), [address, A]);
  }
});

Deno.test("a remembered host has its addresses in their order until it is heard, then the new one first", () => {
  const lan = new Lan([remember("beta", [A, B])]);
  assert.deepEqual(lan.of("beta"), [A, B]);
  lan.hear("beta", [X]);
  assert.deepEqual(lan.of("beta")[0], X);
});

Deno.test("a remembered host loses an address that another host speaks from", () => {
  const lan = new Lan([remember("beta", [A, B])]);
  lan.hear("gamma", [A]);
  assert.deepEqual(lan.of("beta"), [B]);
});

Deno.test("takeRedescribed() tells each host with other addresses or another name, once", () => {
  const lan = new Lan();
  const taken = () => [...lan.inventory.takeRedescribed()].map(({ id }) => id);
  lan.hear("beta", [A]);
  lan.hear("gamma", [X]);
  assert.deepEqual(taken(), ["beta", "gamma"]);
  lan.hear("beta", [A]);
  lan.hear("gamma", [X]);
  assert.deepEqual(taken(), []);
  lan.hear("gamma", [A]);
  assert.deepEqual(taken().sort(), ["beta", "gamma"]);
  lan.announce("gamma", A, { name: "delta" });
  assert.deepEqual(taken(), ["gamma"]);
  lan.hear("epsilon", [V]);
  lan.inventory.forget("epsilon");
  assert.deepEqual(taken(), []);
});

Deno.test("no other host has an address of this one that it had before, and this one keeps its own", () => {
  const lan = new Lan([remember("beta", [A, B])]);
  lan.inventory.setOwnAddresses([LINK_LOCAL, A]);
  assert.deepEqual(lan.of("beta"), [B]);
  assert.deepEqual(lan.of("alpha"), [A, LINK_LOCAL]);
  lan.hear("gamma", [A]);
  assert.deepEqual(lan.of("alpha"), [A, LINK_LOCAL]);
  lan.inventory.setOwnAddresses([X]);
  assert.deepEqual(lan.of("alpha"), [X]);
  const again = new Inventory(info("alpha"));
  again.setOwnAddresses([A]);
  again.restore({ hosts: [remember("beta", [A])], past: [] });
  assert.deepEqual(again.host("beta")?.addresses, []);
});

Deno.test("a host has room at an address that many had before", () => {
  const lan = new Lan();
  lan.hear("beta", [B]);
  for (let i = 0; i < 16; i++) lan.hear(`host ${i}`, [A]);
  lan.hear("beta", [A]);
  assert.equal(lan.of("beta")[0], A);
  assert.equal(lan.inventory.forgotten.addresses, 0);
});

/** Hosts as heard by alpha; each announcement comes an interval after the last. */
class Lan {
  readonly inventory = new Inventory(info("alpha"));
  now = 0;

  constructor(hosts: readonly RememberedHost[] = []) {
    this.inventory.restore({ hosts, past: [] });
  }

  /** An announcement comes from these addresses, one ms after the other. */
  hear(id: string, [first, ...copies]: readonly string[]): void {
    this.now += EVERY_MS;
    this.announce(id, first!);
    for (const [index, address] of copies.entries()) {
      this.inventory.heardAlsoFrom(id, address, this.now + index + 1);
    }
  }

  announce(
    id: string,
    address: string,
    { name = id, ...times }: {
      name?: string;
      now?: number;
      announcedAt?: number;
    } = {},
  ): void {
    const host = { ...info(id), name };
    this.inventory.applyAnnouncement(host, [], {
      address,
      now: this.now,
      ...times,
    });
  }

  pass(intervals: number): void {
    this.now += intervals * EVERY_MS;
    this.inventory.expire(this.now);
  }

  of(id: string): readonly string[] {
    return this.inventory.host(id)?.addresses ?? [];
  }
}

function info(id: string): HostInfo {
  return { id, name: id, version: "0.1.0", everyMs: EVERY_MS };
}

function remember(id: string, addresses: readonly string[]): RememberedHost {
  const heardAt = -600_000;
  return { ...info(id), addresses, heardAt, liveness: "stale", disks: [] };
}
