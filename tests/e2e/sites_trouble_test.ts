import assert from "node:assert/strict";
import { Daemon } from "../support/daemon.ts";
import { eventually } from "../support/eventually.ts";
import { damaged } from "../support/floods.ts";
import { asRoot, type Host } from "../support/host.ts";
import { JoinedSites } from "../support/joined_sites.ts";
import { configure, shareKey } from "../support/keys.ts";
import { inSteps } from "../support/lan.ts";
import { madeUpDisks, pretendToHave } from "../support/made_up_disks.ts";
import { needs } from "../support/needs.ts";
import { startRawFlood } from "../support/raw_peer.ts";

const wanted = { lan: true, programs: ["nft", "socat"] };

/** Two sites with a relay and another host each. */
const FOUR = ["a1", "ar"].map((name) => ({ name, networks: ["home"] }))
  .concat(["b1", "br"].map((name) => ({ name, networks: ["cabin"] })));
const RELAYS = {
  ar: { site: "home", peers: ["br"] },
  br: { site: "cabin", peers: ["ar"] },
};
const ALL = ["a1@home", "ar@home", "b1@cabin", "br@cabin"];

Deno.test({
  ...needs("a tunnel that is cut, and back", wanted),
  async fn(t) {
    await using sites = await JoinedSites.start({
      hosts: FOUR,
      relays: RELAYS,
      prepare: (_, router) => router.cut(),
    });
    await inSteps(t, sites, {
      "a peer that is not heard is a problem": notHeard,
      "that ends when it is heard": heardAgain,
      "hosts beyond a cut are stale, and up as soon as it is mended": cutLater,
    });
  },
});

const NOT_HEARD =
  /^The peer 192\.168\.2\.\d+ is not heard since .*; is diskd running there with this host among its peers, and does a firewall between let UDP port 32003 through both ways\?$/;

async function notHeard(sites: JoinedSites): Promise<void> {
  await sites.peer("ar", { reached: false, site: null, problem: NOT_HEARD });
  await sites.site.hasProblem("ar", NOT_HEARD);
  for (const name of ["ar", "br"]) {
    const { process } = sites.site.daemon(name);
    await process.waitForLog(/The peer 192\.168\.\d\.\d+ is not heard since /);
  }
  await sites.knows("a1", ["a1@home", "ar@home"]);
}

async function heardAgain(sites: JoinedSites): Promise<void> {
  await sites.router.mend();
  for (const name of ["ar", "br"]) {
    const site = name === "ar" ? "cabin" : "home";
    await sites.peer(name, { reached: true, site, problem: null });
    await sites.site.hasNoProblem(name);
    await sites.site.daemon(name).process.waitForLog(
      /all peers are reached again/,
    );
  }
  await sites.allKnow(ALL);
}

async function cutLater(sites: JoinedSites): Promise<void> {
  await sites.router.cut();
  for (const far of ["b1", "br"]) await sites.site.sees("a1", [far, "stale"]);
  await sites.router.mend();
  await sites.knows("a1", ALL);
  await sites.knows("b1", ALL);
}

Deno.test({
  ...needs("lists pass where packets are short and ICMP is lost", wanted),
  async fn(t) {
    // Of all lengths, so that some datagrams are as long as one may be.
    const disks = madeUpDisks(100)
      .map((disk, i) => ({ ...disk, label: "x".repeat(1 + i % 40) }));
    await using sites = await JoinedSites.start({
      hosts: FOUR,
      relays: RELAYS,
      async prepare(site, router) {
        await router.narrow(["home", "cabin"], 1_280);
        await pretendToHave(site.host("b1"), disks);
      },
    });
    const { site } = sites;
    await t.step("a longer datagram does not pass", async () => {
      const bytes = [1_252, 1_253];
      assert.deepEqual(
        await pass(site.host("br"), site.host("ar"), bytes),
        [1_252],
      );
    });
    await t.step("a list of many datagrams does", async () => {
      await eventually(async () => {
        const rows = await site.daemon("a1").call("list", {});
        const uuids = rows.filter(({ host }) => host === "b1")
          .map(({ uuid }) => uuid);
        assert.deepEqual(uuids, disks.map(({ uuid }) => uuid));
      });
    });
  },
});

/** Of datagrams with so many bytes, the lengths of those that pass. */
async function pass(
  from: Host,
  to: Host,
  bytes: readonly number[],
): Promise<number[]> {
  const heard = to.spawn(
    ["socat", "-u", "-x", "UDP4-RECVFROM:7777,fork", "OPEN:/dev/null"],
  );
  await using _ = heard;
  return await eventually(async () => {
    for (const count of bytes) {
      await asRoot(
        from,
        `head -c ${count} /dev/zero | socat -u -b 9000 - UDP4-SENDTO:${to.address}:7777`,
      );
    }
    const lengths = [...heard.log.matchAll(/ length=(\d+) /g)]
      .map(([, length]) => Number(length));
    assert.ok(lengths.length > 0, heard.log);
    return [...new Set(lengths)];
  });
}

Deno.test({
  ...needs("shared keys hold across sites", wanted),
  async fn(t) {
    const KEY = "/etc/diskd/key";
    const keys = `keys: {mode: require, encrypt: true, files: [${KEY}]}\n`;
    await using sites = await JoinedSites.start({
      hosts: [...FOUR, { name: "cr", networks: ["shed"] }],
      relays: {
        ar: { site: "home", peers: ["br", "cr"], more: keys },
        br: { site: "cabin", peers: ["ar"], more: keys },
        cr: { site: "shed", peers: ["ar"] },
      },
      async prepare({ lan }) {
        const named = lan.hosts.filter(({ name }) => name !== "cr");
        await shareKey(KEY, named);
        await configure(lan.host("a1"), keys);
        await configure(lan.host("b1"), keys);
      },
    });
    await t.step("a relay with the key joins", async () => {
      for (const name of ["a1", "ar", "b1", "br"]) await sites.knows(name, ALL);
    });
    await t.step("one without does not, and says why", async () => {
      await sites.knows("cr", ["cr@shed"]);
      await sites.site.hasProblem(
        "cr",
        /^Encrypted datagrams came from .*192\.168\.1\.\d+ at home.*, and this host has no key for them/m,
      );
      await sites.peer("cr", {
        reached: true,
        problem:
          /is heard, but what it says is not accepted: it encrypts, and this host has no key, /,
      });
      const { rejected } = await sites.site.datagrams("ar");
      assert.ok(rejected["unsigned"]! > 0, JSON.stringify(rejected));
    });
  },
});

Deno.test({
  ...needs("a site behind a NAT", wanted),
  async fn() {
    let address = "";
    await using sites = await JoinedSites.start({
      hosts: FOUR,
      relays: { br: RELAYS.br },
      async prepare(site, router) {
        address = await router.hide("cabin");
        await configure(
          site.host("ar"),
          `site: home\npeers: ["${address}"]\n`,
        );
      },
    });
    await sites.allKnow(ALL);
    await sites.peer("ar", { address, reached: true, site: "cabin" });
  },
});

Deno.test({
  ...needs("peers over IPv6, by names with an IPv4 address of nobody", wanted),
  async fn() {
    const both = ["IPv4", "IPv6"] as const;
    await using sites = await JoinedSites.start({
      hosts: [
        { name: "ar", networks: ["home", "vpn"], families: both },
        { name: "br", networks: ["cabin", "vpn"], families: both },
      ],
      relays: {
        ar: { site: "home", peers: ["relay.test"] },
        br: { site: "cabin", peers: ["fd00:8::1"] },
      },
      async prepare({ lan }) {
        for (const [i, name] of ["ar", "br"].entries()) {
          await asRoot(
            lan.host(name),
            "ip link set eth1 down; ip link set eth1 name wg0; " +
              "ip addr flush dev wg0; ip link set wg0 up; " +
              `ip addr add fd00:8::${i + 1}/64 dev wg0 nodad; ` +
              "echo 10.8.0.9 relay.test > /etc/hosts; " +
              "echo fd00:8::2 relay.test >> /etc/hosts",
          );
        }
      },
    });
    await sites.allKnow(["ar@home", "br@cabin"]);
    await sites.peer("ar", { address: "fd00:8::2", reached: true });
  },
});

Deno.test({
  ...needs("peers by name, near, wrong and off", wanted),
  async fn(t) {
    const relay = { site: "cabin", peers: ["ar"] };
    await using sites = await JoinedSites.start({
      hosts: [
        { name: "a1", networks: ["home"] },
        { name: "ar", networks: ["home"] },
        { name: "br", networks: ["cabin"] },
        { name: "cr", networks: ["cabin"] },
      ],
      relays: { ar: BY_NAME, br: relay, cr: relay },
      // No name server answers there, and the kernel says so at once.
      prepare: async ({ lan }) => {
        const line = "echo nameserver 127.0.0.1 > /etc/resolv.conf";
        await asRoot(lan.host("ar"), line);
      },
    });
    await inSteps(t, sites, {
      "a name without an address is a problem": unknown,
      "a name that gets one, and another one": renamed,
      "a peer that is near is a problem": near,
      "a wrong site and a wrong peer": wrong,
      "a peer whose port is closed": closed,
      "a flood on the LAN of a relay does not silence the tunnel": flooded,
    });
  },
});

const BY_NAME = { site: "home", peers: ["relay.cabin.test"] };

async function unknown({ site }: JoinedSites): Promise<void> {
  await site.hasProblem(
    "ar",
    /^The peer relay\.cabin\.test has no address by name; see: getent ahosts relay\.cabin\.test$/,
  );
  const { code, stderr } = await site.daemon("ar").run(["config", "check"]);
  assert.equal(code, 0, stderr);
}

async function wrong(sites: JoinedSites): Promise<void> {
  const daemon = sites.site.daemon("cr");
  await configure(daemon.host, "site: a b\npeers: ['10.8.0.2/24']\n");
  for (const command of [["config", "check"], ["reload"]]) {
    const { code, stderr } = await daemon.run(command);
    assert.equal(code, 2, stderr);
    assert.match(stderr, /site is "a b", expected a name of 1 to 32 letters, /);
    assert.match(
      stderr,
      /peers is \["10\.8\.0\.2\/24"\], expected at most 100 /,
    );
  }
  await sites.reload("cr", { site: "cabin", peers: ["ar"] });
}

async function renamed(sites: JoinedSites): Promise<void> {
  for (const name of ["br", "cr"]) {
    const { address } = sites.site.host(name);
    const hosts = sites.site.host("ar").path("/etc/hosts");
    await Deno.writeTextFile(hosts, `${address} relay.cabin.test\n`);
    await sites.reload("ar", BY_NAME);
    await sites.peer("ar", { address, reached: true, problem: null });
    await sites.site.hasNoProblem("ar");
  }
  await sites.knows("a1", ["a1@home", "ar@home", "br@cabin", "cr@cabin"]);
}

async function near(sites: JoinedSites): Promise<void> {
  await sites.reload("ar", { site: "home", peers: ["a1"] });
  await sites.peer("ar", {
    address: null,
    reached: false,
    problem:
      /^The peer 192\.168\.1\.\d+ is in the only network of this host, where hosts hear each other without peers; take it out of peers$/,
  });
}

async function closed(sites: JoinedSites): Promise<void> {
  const { site } = sites;
  await site.daemon("cr").stop();
  await sites.reload("ar", { site: "home", peers: ["cr"] });
  await site.hears("a1", "ar");
  await site.hears("ar", "a1");
  await using daemon = await Daemon.start(site.host("cr"));
  await sites.peer("ar", { site: "cabin", reached: true, problem: null });
  assert.ok(daemon.process.running);
  assert.ok(site.daemon("ar").process.running);
}

async function flooded(sites: JoinedSites): Promise<void> {
  const { site } = sites;
  await sites.reload("ar", { site: "home", peers: ["br"] });
  await sites.knows("br", ["a1@home", "ar@home", "br@cabin"]);
  const a1 = site.host("a1");
  const datagrams = damaged(a1.address, 1_000);
  const rate = 2_000;
  const flood = await startRawFlood(a1, { datagrams, rate, seconds: 60 });
  await using _ = flood;
  await site.hears("ar", "br");
  await site.hears("br", "ar");
  assert.ok(flood.running);
}
