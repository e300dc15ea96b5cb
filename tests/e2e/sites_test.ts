import assert from "node:assert/strict";
import { type Daemon, Watcher } from "../support/daemon.ts";
import { eventually } from "../support/eventually.ts";
import { asRoot, type Host } from "../support/host.ts";
import { JoinedSites } from "../support/joined_sites.ts";
import { configure } from "../support/keys.ts";
import { inSteps } from "../support/lan.ts";
import { needs } from "../support/needs.ts";
import { Site } from "../support/site.ts";
import { Version1Peer } from "../support/version1_peer.ts";

const HOME = ["a1", "a2", "ar"].map((name) => ({ name, networks: ["home"] }));
const CABIN = ["b1", "b2", "br"].map((name) => ({ name, networks: ["cabin"] }));
const TWO_SITES = ["a1@home", "a2@home", "ar@home"]
  .concat("b1@cabin", "b2@cabin", "br@cabin");

Deno.test({
  ...needs("a line on one host of each site joins two sites", {
    lan: true,
    programs: ["nft"],
    python: ["yaml"],
  }),
  async fn(t) {
    await using sites = await JoinedSites.start({
      hosts: [
        ...[...HOME, ...CABIN].map(({ name, networks }) =>
          name.endsWith("r") ? { name, networks: [...networks, "vpn"] } : {
            name,
            networks,
          }
        ),
        { name: "old", networks: ["home"] },
      ],
      relays: {
        ar: { site: "home", peers: ["br"] },
        br: { site: "cabin", peers: ["ar"] },
      },
      async prepare({ lan }) {
        // Whoever speaks version 2 is not heard as a host of 0.01 again.
        await configure(lan.host("old"), "interfaces: [none]\n");
        for (const name of ["ar", "br"]) await makeTunnel(lan.host(name));
      },
    });
    await inSteps(t, sites, {
      "all know all, each with its site": knowsAll,
      "a host of 0.01 lives, hears its own site alone, and is known there alone":
        keepsVersion1,
      "a disk that is plugged in is known at the other site": plugsIn,
      "a disk that goes from site to site has moved": moves,
      "a note reaches the other site": notes,
      "who stops is gone at the other site at once": saysGoodbye,
      "a site gets another name": renames,
      "a peer that is taken out is neither heard nor spoken to": takesOut,
      "and is known again when it is back": async (sites) => {
        await sites.reload("ar", { site: "house", peers: ["br"] });
        await sites.knows("a1", [...HOUSE, "b1@cabin", "br@cabin"]);
      },
    });
  },
});

/** The end of the cable to the other site looks like that of a VPN. */
async function makeTunnel(host: Host): Promise<void> {
  await asRoot(
    host,
    "ip link set eth1 down; ip link set eth1 name wg0; ip link set wg0 up",
  );
}

async function knowsAll(sites: JoinedSites): Promise<void> {
  await sites.allKnow(TWO_SITES);
  const list = await sites.site.daemon("a1").json("list");
  const found = list.map(({ host, label, site }) => `${host} ${label} ${site}`);
  assert.ok(found.includes("b1 b1 cabin"), found.join("\n"));
  const rows = await sites.site.daemon("a1").json("hosts");
  const b1 = rows.find(({ host }) => host === "b1")!;
  assert.deepEqual(b1.addresses, [sites.site.host("b1").address]);
  assert.deepEqual(
    rows.filter(({ relay }) => relay).map(({ host }) => host),
    ["ar", "br"],
  );
  for (const name of ["ar", "br"]) await sites.site.hasNoProblem(name);
}

async function keepsVersion1(sites: JoinedSites): Promise<void> {
  await using old = await Version1Peer.start(sites.site.host("old"));
  await old.announce([["1234-ABCD", "old stick", "/dev/sdz1"]]);
  const { address } = sites.site.host("old");
  await eventually(async () => {
    const rows = await sites.site.daemon("a1").call("hosts", {});
    assert.ok(rows.some(({ version }) => version === "0.01"), address);
  });
  await eventually(() => {
    const labels = old.heard().flatMap(({ rows }) => rows.map((row) => row[1]));
    assert.deepEqual([...new Set(labels)].sort(), ["a1", "a2", "ar"]);
  });
  await sites.site.hears("b1", "ar");
  await sites.site.hears("a1", "br");
  assert.ok(old.isAlive, old.log);
  const home = HOME.map(({ name }) => sites.site.host(name).address);
  const heard = new Set(old.heard().map(({ from }) => from));
  assert.deepEqual([...heard].sort(), home);
  const far = await sites.site.daemon("b1").call("hosts", {});
  assert.ok(far.every(({ version }) => version !== "0.01"));
}

async function plugsIn({ site }: JoinedSites): Promise<void> {
  const disk = await site.host("b1").disk({ type: "swap", label: "new" });
  await site.host("b1").attach(disk);
  await site.daemon("b1").call("refresh", {});
  await isAt(site.daemon("a1"), { label: "new", host: "b1", in: "cabin" });
}

async function moves({ site }: JoinedSites): Promise<void> {
  const daemons = ["a1", "a2", "ar", "b1", "b2", "br"]
    .map((name) => site.daemon(name));
  const disk = await site.host("a1").disk({ type: "swap", label: "mover" });
  await site.host("a1").attach(disk);
  await site.daemon("a1").call("refresh", {});
  for (const daemon of daemons) {
    await isAt(daemon, { label: "mover", host: "a1", in: "home" });
  }
  await using stack = new AsyncDisposableStack();
  const watchers: Watcher[] = [];
  for (const daemon of daemons) {
    watchers.push(stack.use(await Watcher.start(daemon)));
  }
  await site.host("a1").detach(disk);
  await site.daemon("a1").call("refresh", {});
  await site.host("b1").attach(disk);
  await site.daemon("b1").call("refresh", {});
  for (const { events } of watchers) {
    await eventually(() => {
      const moved = events.filter(({ event }) => event === "moved")
        .map(({ host, label }) => `${label} ${host}`);
      assert.deepEqual(moved, ["mover b1"], JSON.stringify(events));
    });
  }
  for (const daemon of daemons) {
    await isAt(daemon, { label: "mover", host: "b1", in: "cabin" });
  }
}

async function notes({ site }: JoinedSites): Promise<void> {
  const { code, stderr } = await site.daemon("a1")
    .run(["note", "b2", "in the cellar"]);
  assert.equal(code, 0, stderr);
  await eventually(async () => {
    const [row] = await site.daemon("b1").call("where", { name: "b2" });
    assert.equal(row?.note, "in the cellar");
  });
}

async function saysGoodbye(sites: JoinedSites): Promise<void> {
  await sites.site.daemon("b2").stop();
  await sites.site.sees("a1", ["b2", "gone"]);
}

const HOUSE = ["a1@house", "a2@house", "ar@house"];

async function renames(sites: JoinedSites): Promise<void> {
  await sites.reload("ar", { site: "house", peers: ["br"] });
  for (const name of ["a1", "ar", "b1", "br"]) {
    await sites.knows(name, [...HOUSE, "b1@cabin", "br@cabin"]);
  }
}

async function takesOut(sites: JoinedSites): Promise<void> {
  await sites.reload("ar", { site: "house" });
  const udp = await asRoot(sites.site.host("ar"), "cat /proc/net/udp");
  assert.doesNotMatch(udp, / 00000000:7D03 /);
  await sites.knows("a1", ["a1", "a2", "ar"]);
  const { peers } = await sites.site.daemon("ar").call("status", {});
  assert.deepEqual(peers, []);
}

async function isAt(
  daemon: Daemon,
  expected: { readonly label: string; readonly host: string; in: string },
): Promise<void> {
  const { label, host } = expected;
  await eventually(async () => {
    const rows = await daemon.call("where", { name: label });
    assert.deepEqual(
      rows.map((row) => [row.host, row.state, row.site]),
      [[host, "attached", expected.in]],
    );
  });
}

Deno.test({
  ...needs("of two relays one may be killed", { lan: true, programs: ["nft"] }),
  async fn() {
    const both = { site: "cabin", peers: ["ar"] };
    await using sites = await JoinedSites.start({
      hosts: [...HOME, ...CABIN],
      relays: {
        ar: { site: "home", peers: ["br", "b2"] },
        br: both,
        b2: both,
      },
    });
    const { site } = sites;
    await sites.allKnow(TWO_SITES);
    await using one = await Watcher.start(site.daemon("a1"));
    await using other = await Watcher.start(site.daemon("b1"));
    await site.daemon("br").process.kill("SIGKILL");
    await site.sees("a1", ["br", "stale"]);
    await site.sees("b1", ["br", "stale"]);
    // Whoever was heard through it alone would be stale by now.
    await site.hears("a1", "b1");
    await site.hears("b1", "a1");
    for (const { events } of [one, other]) {
      assert.deepEqual(
        new Set(events.map(({ host }) => host)),
        new Set(["br"]),
      );
    }
    await sites.knows("a1", TWO_SITES.filter((name) => name !== "br@cabin"));
  },
});

Deno.test({
  ...needs("three sites, around a hub and each with each", {
    lan: true,
    programs: ["nft"],
  }),
  async fn(t) {
    await using sites = await JoinedSites.start({
      hosts: ["a", "b", "c"].flatMap((site) => [
        { name: `${site}1`, networks: [site] },
        { name: `${site}r`, networks: [site] },
      ]),
      relays: {
        ar: { site: "hub", peers: ["br", "cr"] },
        br: { site: "left", peers: ["ar"] },
        cr: { site: "right", peers: ["ar"] },
      },
    });
    const all = ["a1@hub", "ar@hub", "b1@left", "br@left"]
      .concat("c1@right", "cr@right");
    await t.step("a hub", () => sites.allKnow(all));
    await t.step("each with each", async () => {
      await sites.reload("br", { site: "left", peers: ["ar", "cr"] });
      await sites.reload("cr", { site: "right", peers: ["ar", "br"] });
      await eventually(async () => {
        const { peers } = await sites.site.daemon("br").call("status", {});
        assert.deepEqual(
          peers?.map(({ site, reached }) => `${site} ${reached}`),
          ["hub true", "right true"],
        );
      });
      await sites.allKnow(all);
    });
    await t.step("without the hub", async () => {
      await sites.site.daemon("ar").stop();
      await sites.site.daemon("a1").stop();
      await using watcher = await Watcher.start(sites.site.daemon("b1"));
      await sites.site.hears("b1", "c1");
      await sites.site.hears("c1", "b1");
      assert.deepEqual(watcher.events, []);
    });
    await t.step(
      "nothing was rejected but one who was no peer yet",
      async () => {
        for (const name of ["b1", "br", "c1", "cr"]) {
          const { rejected } = await sites.site.datagrams(name);
          const { "no-peer": _, ...others } = rejected;
          assert.deepEqual(others, {}, name);
        }
      },
    );
  },
});

Deno.test({
  ...needs("relay: true joins VLANs, and IPv4 with IPv6", { lan: true }),
  async fn() {
    await using site = await Site.start({
      hosts: [
        { name: "blue", networks: ["blue"] },
        { name: "both", networks: ["blue", "red"], families: ["IPv4", "IPv6"] },
        { name: "red", networks: ["red"] },
        { name: "six", networks: ["red"], families: ["IPv6"] },
        { name: "row", networks: ["red", "green"] },
        { name: "green", networks: ["green"] },
      ],
      async prepare({ lan }) {
        for (const name of ["both", "row"]) {
          await configure(lan.host(name), "relay: true\n");
        }
      },
    });
    await site.agree();
    const rows = await site.daemon("six").json("hosts");
    assert.deepEqual(
      rows.map(({ host, site, relay }) => `${host} ${site} ${relay}`),
      [
        "blue null false",
        "both null true",
        "green null false",
        "red null false",
        "row null true",
        "six null false",
      ],
    );
    // What they hear from each other anyway is not repeated.
    const { rejected } = await site.datagrams("red");
    assert.deepEqual(rejected, {});
  },
});

Deno.test({
  ...needs("relays that hear each other's multicast join two sites", {
    lan: true,
  }),
  async fn() {
    const families = ["IPv4", "IPv6"] as const;
    await using sites = await JoinedSites.start({
      hosts: [
        { name: "a1", networks: ["home"] },
        { name: "ar", networks: ["home", "vpn"], families },
        { name: "b1", networks: ["cabin"] },
        { name: "br", networks: ["cabin", "vpn"], families },
      ],
      relays: {
        ar: { site: "home", peers: ["br"] },
        br: { site: "cabin", peers: ["ar"] },
      },
    });
    await sites.allKnow(["a1@home", "ar@home", "b1@cabin", "br@cabin"]);
    await sites.peer("ar", { site: "cabin", reached: true, problem: null });
    assert.deepEqual((await sites.site.datagrams("ar")).rejected, {});
  },
});
