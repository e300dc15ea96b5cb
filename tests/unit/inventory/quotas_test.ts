/**
 * Who floods has many hosts at few addresses, or at many forged ones; what an
 * honest host has stays known.
 */
import assert from "node:assert/strict";
import type { Change } from "../../../src/inventory/change.ts";
import { type Disk, makeDisk } from "../../../src/inventory/disk.ts";
import { Inventory } from "../../../src/inventory/inventory.ts";
import { layersOf } from "../../../src/inventory/layers.ts";
import type { InventoryLimits } from "../../../src/inventory/limits.ts";

const LIMITS = { disks: 1_000, disksPerHost: 100, hostsPerAddress: 16 };

/** A small memory, with beta, an honest host with one disk, and alpha itself. */
class Site {
  readonly inventory: Inventory;
  readonly changes: Change[] = [];
  now = 0;

  constructor(limits: Partial<InventoryLimits> = LIMITS) {
    const self = { id: "alpha", name: "alpha", version: null, everyMs: 30_000 };
    this.inventory = new Inventory(self, limits);
    this.inventory.setOwnAddresses(
      ["10.0.0.1"],
      (address) => address.startsWith("10.0.0.") || address.includes("%"),
    );
    this.inventory.applyScan(disks("own", 3), 0);
    this.hear("beta", "10.0.0.2", disks("beta", 1));
  }

  hear(
    id: string,
    address: string,
    list: readonly Disk[] | null,
  ): string | null {
    const info = { id, name: id, version: "0.1.0", everyMs: 30_000 };
    const { changes, shortage } = this.inventory.applyAnnouncement(
      info,
      list,
      { address, now: this.now },
    );
    this.changes.push(...changes);
    return shortage;
  }

  /** Hosts of a liar, each with so many disks. */
  flood(
    { hosts, disksEach, addressOf, prefix = "" }: {
      readonly hosts: number;
      readonly disksEach: number;
      readonly addressOf: (i: number) => string;
      /** Of their ids. */
      readonly prefix?: string;
    },
  ): void {
    for (let i = 0; i < hosts; i++) {
      this.hear(`${prefix}liar${i}`, addressOf(i), disks(`lie${i}`, disksEach));
    }
  }

  /** Plugs a second disk into beta, and asserts that both are there. */
  betaHasTwo(): void {
    this.hear("beta", "10.0.0.2", disks("beta", 2));
    for (const label of ["beta0", "beta1"]) {
      const { found } = this.inventory.where(label);
      assert.deepEqual(
        found.map(({ host, state }) => [host.name, state]),
        [["beta", "attached"]],
        label,
      );
    }
    assert.equal(this.inventory.host("beta")?.cut, 0);
    assert.deepEqual(
      this.changes.filter(({ event }) => event === "detached"),
      [],
    );
    assert.ok([...this.inventory.present()].length <= LIMITS.disks);
  }
}

function disks(prefix: string, count: number): Disk[] {
  return Array.from(
    { length: count },
    (_, i) =>
      makeDisk({ device: `/dev/${prefix}${i}`, label: `${prefix}${i}` }),
  );
}

const TWO_ADDRESSES = (i: number) => `10.0.0.${66 + i % 2}`;

Deno.test("32 hosts at two addresses that fill the memory take nothing from an honest host, and are named", () => {
  for (const prefix of ["", "v1-"]) {
    const site = new Site({ ...LIMITS, disksOfUnproven: 600 });
    site.flood({ hosts: 32, disksEach: 100, addressOf: TWO_ADDRESSES, prefix });
    site.betaHasTwo();
    const problems = site.inventory.problems(site.now);
    for (const address of ["10.0.0.66", "10.0.0.67"]) {
      assert.ok(
        problems.some((line) => line.includes(address)),
        problems.join("\n"),
      );
    }
  }
});

Deno.test("a liar at 250 addresses, each with little, takes nothing from a host that is known", () => {
  const site = new Site();
  site.hear("server", "10.0.0.3", disks("server", 100));
  site.now = 700_000;
  site.hear("server", "10.0.0.3", null);
  site.hear("beta", "10.0.0.2", null);
  site.flood({
    hosts: 250,
    disksEach: 50,
    addressOf: (i) => `10.0.0.${4 + i}`,
  });
  assert.equal(site.inventory.host("server")?.disks.length, 100);
  site.betaHasTwo();
  site.hear("server", "10.0.0.3", disks("server", 100));
  assert.equal(site.inventory.host("server")?.disks.length, 100);
});

Deno.test("a liar in one IPv6 network, or with invented link-local addresses, is one source", () => {
  for (const prefix of ["2001:db8:0:1:", "fe80::"]) {
    const site = new Site();
    const zone = prefix === "fe80::" ? "%eth0" : "";
    site.flood({
      hosts: 200,
      disksEach: 50,
      addressOf: (i) =>
        `${prefix}${prefix === "fe80::" ? "" : ":"}${i.toString(16)}${zone}`
          .replace(":::", "::"),
    });
    site.betaHasTwo();
    const [problem = ""] = site.inventory.problems(site.now);
    assert.match(problem, /::\/64/);
  }
});

Deno.test("hosts that were up for long make room too where their source has more than its quota", () => {
  const site = new Site();
  site.flood({ hosts: 32, disksEach: 100, addressOf: TWO_ADDRESSES });
  site.now = 700_000;
  for (let i = 0; i < 32; i++) site.hear(`liar${i}`, TWO_ADDRESSES(i), null);
  site.betaHasTwo();
  assert.equal(site.hear("gamma", "10.0.0.4", disks("gamma", 100)), null);
  assert.equal(site.inventory.host("gamma")?.disks.length, 100);
});

Deno.test("what a liar left makes room at once, and an honest host that was shut down is kept", () => {
  const site = new Site();
  site.now = 700_000;
  site.hear("beta", "10.0.0.2", null);
  site.inventory.applyGoodbye("beta", site.now);
  site.flood({ hosts: 32, disksEach: 100, addressOf: TWO_ADDRESSES });
  site.now = 800_000;
  site.inventory.expire(site.now);
  for (let i = 0; i < 8; i++) {
    const list = disks(`new${i}`, 100);
    assert.equal(site.hear(`new${i}`, `10.0.0.${10 + i}`, list), null);
  }
  assert.deepEqual(
    site.inventory.where("beta0").found.map(({ host }) => host.name),
    ["beta"],
  );
});

Deno.test("what a liar left is forgotten within minutes, however long an interval it claims, and four hosts at an address are not", () => {
  const site = new Site();
  for (let i = 0; i < 4; i++) {
    site.hear(`vm${i}`, "10.0.0.5", disks(`vm${i}`, 1));
  }
  site.flood({ hosts: 32, disksEach: 10, addressOf: TWO_ADDRESSES });
  const everyMs = 86_400_000;
  for (let i = 0; i < 32; i++) {
    const info = {
      id: `liar${i}`,
      name: "x",
      version: null,
      everyMs,
    };
    const address = TWO_ADDRESSES(i);
    site.inventory.applyAnnouncement(info, null, { address, now: 0 });
  }
  for (let i = 0; i < 4; i++) site.inventory.applyGoodbye(`vm${i}`, 0);
  for (site.now = 0; site.now < 4_000_000; site.now += 60_000) {
    site.hear("beta", "10.0.0.2", null);
    site.inventory.expire(site.now);
  }
  const names = [...site.inventory.hosts()].map(({ id }) => id);
  assert.equal(names.filter((id) => id.startsWith("vm")).length, 4);
  assert.equal(names.filter((id) => id.startsWith("liar")).length, 8);
});

Deno.test("a list that is cut loses its end, of which nobody says that it left, and is read anew when there is room", () => {
  const site = new Site();
  site.flood({
    hosts: 10,
    disksEach: 100,
    addressOf: (i) => `10.0.0.${60 + i}`,
  });
  const cut = [...site.inventory.hosts()].filter(({ cut }) => cut > 0);
  assert.deepEqual(cut.map(({ cut }) => cut), [4]);
  const [{ id } = { id: "" }] = cut;
  site.hear(id, "10.0.0.69", disks("lie9", 99));
  assert.deepEqual(
    site.changes.filter(({ event }) => event === "detached"),
    [],
    "the last disk, which was cut, has left",
  );
  assert.equal(site.inventory.wantsListOf(id, site.now), false);
  assert.equal(site.inventory.wantsListOf(id, site.now + 10_000), true);
  site.inventory.applyGoodbye("liar0", site.now);
  site.now += 10_000;
  assert.equal(site.hear(id, "10.0.0.69", disks("lie9", 100)), null);
  assert.equal(site.inventory.host(id)?.cut, 0);
  assert.deepEqual(site.inventory.problems(site.now), []);
});

Deno.test("what one source may have is limited also while there is room, and each of its hosts has a little", () => {
  const site = new Site({ disks: 100_000, disksPerHost: 160 });
  site.flood({ hosts: 16, disksEach: 160, addressOf: () => "10.0.0.66" });
  site.flood({
    hosts: 16,
    disksEach: 160,
    addressOf: (i) => `2001:db8::${i}`,
    prefix: "six",
  });
  const kept = (prefix: string) =>
    [...site.inventory.hosts()].filter(({ id }) => id.startsWith(prefix))
      .map(({ disks }) => disks.length);
  assert.deepEqual(kept("liar"), [160, 160, ...Array(14).fill(10)]);
  assert.deepEqual(kept("six"), [...Array(8).fill(160), ...Array(8).fill(10)]);
  assert.match(site.inventory.problems(0).join(), /10\.0\.0\.66/);
});

Deno.test("thousands of invented hosts push out no host that is known, and a new honest one is still listed", () => {
  const site = new Site({ hosts: 500, hostsPerAddress: 16 });
  site.now = 700_000;
  site.hear("beta", "10.0.0.2", null);
  site.flood({
    hosts: 5_000,
    disksEach: 0,
    addressOf: (i) => `10.66.${i >> 8}.${i & 255}`,
  });
  site.flood({
    hosts: 600,
    disksEach: 0,
    addressOf: (i) => `10.0.0.${100 + i % 40}`,
  });
  assert.equal(site.hear("gamma", "10.0.0.4", []), null);
  assert.equal(site.hear("gamma2", "10.66.0.1", []), "too-many-hosts");
  assert.ok(site.inventory.host("beta"));
  assert.ok(site.inventory.problems(site.now).length > 0);
  assert.ok([...site.inventory.hosts()].length <= 500);
});

Deno.test("a host in whose name nobody speaks is not dropped for others at its address", () => {
  const site = new Site();
  site.now = 700_000;
  site.hear("beta", "10.0.0.2", null);
  site.inventory.applyGoodbye("beta", site.now);
  for (let i = 0; i < 40; i++) {
    site.hear(`liar${i}`, "10.0.0.2", []);
    site.inventory.applyGoodbye(`liar${i}`, site.now);
  }
  assert.ok(site.inventory.host("beta"));
});

Deno.test("the disks that a liar unplugs by the thousand push out nothing of others", () => {
  const site = new Site({ ...LIMITS, sightings: 100 });
  site.hear("beta", "10.0.0.2", []);
  for (let i = 0; i < 40; i++) {
    site.hear(`liar${i % 4}`, "10.0.0.66", disks(`lie${i}`, 50));
    site.hear(`liar${i % 4}`, "10.0.0.66", []);
  }
  assert.equal([...site.inventory.past()].length, 100);
  assert.equal(site.inventory.where("beta0").found.length, 1);
});

Deno.test("where names honest hosts first, and a thousand places at most, whoever claims the disk", () => {
  const site = new Site({});
  const [disk] = disks("beta", 1);
  for (let i = 0; i < 3; i++) {
    const copies = Array.from(
      { length: 4_096 },
      (_, j) => ({ ...disk!, device: `/dev/copy${j}` }),
    );
    site.hear(`a${i}`, `10.0.0.${20 + i}`, copies);
  }
  const { found, more } = site.inventory.where("beta0");
  assert.equal(found[0]?.host.name, "beta");
  assert.equal(found.length, 1_000);
  assert.equal(more, 3 * 4_096 + 1 - 1_000);
  for (let i = 0; i < 3; i++) site.inventory.applyGoodbye(`a${i}`, 1);
  site.inventory.applyGoodbye("beta", 1);
  const startedAt = performance.now();
  const past = site.inventory.where("beta0").found;
  assert.ok(past.some(({ host }) => host.name === "beta"));
  assert.ok(performance.now() - startedAt < 1_000);
});

Deno.test("where each of thousands of disks lies on all others, no more is known of that than has room", () => {
  const site = new Site({});
  const model = "m".repeat(1_000);
  const drives = disks("drive", 1_000).map((disk) => ({ ...disk, model }));
  const all = drives.map(({ device }) => device);
  const pool = makeDisk({ device: "/dev/pool", parents: all.slice(0, 128) });
  const volumes = disks("volume", 3_000).map((disk) => ({
    ...disk,
    parents: ["/dev/pool"],
  }));
  site.hear("liar", "10.0.0.66", [...drives, pool, ...volumes]);
  const list = site.inventory.host("liar")!.disks;
  assert.equal(list.length, 4_001);
  const layers = layersOf(list);
  const below = list.reduce((sum, disk) => sum + layers.below(disk).length, 0);
  assert.ok(below > 1_000 && below < 10_000, `${below}`);
});
