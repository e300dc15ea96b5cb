import assert from "node:assert/strict";
import type { DiskRow } from "../../src/control/views.ts";
import { eventually } from "../support/eventually.ts";
import { asRoot } from "../support/host.ts";
import { needs } from "../support/needs.ts";
import { Site } from "../support/site.ts";
import { User } from "../support/user.ts";

const BOTH = ["IPv4", "IPv6"] as const;
const ONLY6 = ["IPv6"] as const;

Deno.test({
  ...needs("diskd speaks IPv4, IPv6 or both", {
    lan: true,
    programs: ["nft", "setpriv"],
  }),
  async fn(t) {
    const site = await Site.start({
      hosts: [
        { name: "alpha", families: BOTH },
        { name: "beta", families: ["IPv4"] },
        { name: "delta", families: ONLY6 },
        { name: "epsilon", families: BOTH },
        { name: "gamma", families: ONLY6 },
      ],
    });
    await using _ = site;
    const steps: Record<string, () => Promise<void>> = {
      "hosts without IPv4 hear each other": async () => {
        for (const name of ["delta", "gamma"]) {
          await site.seesUp(name, ["alpha", "delta", "epsilon", "gamma"]);
          await site.hasNoProblem(name);
        }
      },
      "a host without IPv6 hears what has IPv4": () =>
        site.seesUp("beta", ["alpha", "beta", "epsilon"]),
      "a host with both hears all, each once": async () => {
        await site.seesUp("alpha", site.names);
        await site.hasOneRowEach("alpha", site.names);
        await site.hasNoProblem("alpha");
      },
      "a host heard in both families is one host with two addresses": () =>
        isOneHost(site),
      "a command shows the address that ssh takes": async () => {
        const [row] = await site.daemon("alpha").json("where", "delta");
        assert.equal(row!.address, `${site.host("delta").ports[0]!.ipv6}%eth0`);
      },
      "a question over IPv6 is answered": async () => {
        const { answers } = await site.daemon("delta").call("ping", {});
        const names = answers.map(({ host }) => host).toSorted();
        assert.deepEqual(names, ["alpha", "epsilon", "gamma"]);
      },
      "a scan on a host without IPv4": async () => {
        const { code, stdout, stderr } = await site.host("delta")
          .run(["diskd", "scan", "--json"]);
        assert.deepEqual([code, stderr], [0, ""]);
        const hosts = JSON.parse(stdout).map((row: { host: string }) =>
          row.host
        );
        assert.deepEqual(hosts, ["alpha", "delta", "epsilon", "gamma"]);
      },
      "a user's daemon beside root's, without IPv4": async () => {
        const user = await User.create(site.host("delta"), { uid: 30_037 });
        const { code, stderr } = await user.run(["diskd", "--daemon"]);
        assert.equal(code, 1, stderr);
        assert.match(stderr, /diskd already runs on .*for the whole system/);
      },
      "ipv6: false, taken over at SIGHUP, and back": () => switchesOff(site),
      "a firewall that drops IPv6 alone": () => findsFirewall(site),
      "a firewall that lets no IPv6 out": async () => {
        await site.firewall("alpha").refuseOutgoing("ip6");
        await site.hasProblem(
          "alpha",
          /^Cannot use eth0 \(fe80::.*%eth0\): a firewall .* out to \[ff12::e601:203\]:32003 /,
        );
        await site.firewall("alpha").open();
        await site.hasNoProblem("alpha");
      },
    };
    for (const [name, step] of Object.entries(steps)) await t.step(name, step);
  },
});

Deno.test({
  ...needs("diskd follows the IPv6 of its interfaces", { lan: true }),
  async fn(t) {
    const site = await Site.start({
      hosts: [
        { name: "alpha", families: ONLY6, networks: ["lan", "lab"] },
        { name: "beta", families: ONLY6 },
        { name: "gamma", families: ONLY6, networks: ["lab"] },
      ],
      async prepare(site) {
        // As VLANs of one card.
        await addressOnly(site, "alpha", { eth0: "fe80::a", eth1: "fe80::a" });
        await addressOnly(site, "beta", { eth0: "fe80::b" });
        await addressOnly(site, "gamma", { eth0: "fe80::b" });
      },
    });
    await using _ = site;
    await t.step("one link-local address on two networks", async () => {
      await site.seesUp("alpha", ["alpha", "beta", "gamma"]);
      await site.seesUp("beta", ["alpha", "beta"]);
      await site.seesUp("gamma", ["alpha", "gamma"]);
      await site.knowsAt("alpha", "alpha", ["fe80::a%eth0", "fe80::a%eth1"]);
      await site.knowsAt("alpha", "beta", ["fe80::b%eth0"]);
      await site.knowsAt("alpha", "gamma", ["fe80::b%eth1"]);
      for (const name of site.names) {
        await site.hasNoProblem(name);
        assert.deepEqual((await site.datagrams(name)).rejected, {}, name);
      }
    });
    await t.step("an address that the kernel checks first", () => waits(site));
    await t.step("disable_ipv6=1, and 0", async () => {
      await setSysctl(site, "gamma", ["eth0/disable_ipv6", 1]);
      await site.hasProblem(
        "gamma",
        /^No usable network interface: .* IPv4 or link-local IPv6 address/,
      );
      await setSysctl(site, "gamma", ["eth0/disable_ipv6", 0]);
      await site.ip("gamma", "addr add fe80::b/64 dev eth0 nodad");
      await site.hasNoProblem("gamma");
      await site.hears("alpha", "gamma");
      await site.hears("gamma", "alpha");
    });
    await t.step("an interface that is made anew", async () => {
      await site.ip("beta", "link del eth0");
      await site.hasProblem("beta", /^No usable network interface/);
      const { pid, ports } = site.host("beta");
      await site.lan.network.layAgain(ports[0]!, { card: "eth0", pid });
      await site.ip("beta", "link set eth0 addrgenmode none up");
      await site.ip("beta", "addr add fe80::b/64 dev eth0 nodad");
      await site.hasNoProblem("beta");
      await site.hears("alpha", "beta");
      await site.hears("beta", "alpha");
    });
    await t.step("an address that another host has", () => collides(site));
  },
});

async function isOneHost(site: Site): Promise<void> {
  const { address, ports } = site.host("epsilon");
  const both = [address, `${ports[0]!.ipv6}%eth0`];
  for (const name of ["alpha", "epsilon"]) {
    await site.knowsAt(name, "epsilon", both);
  }
  const [row] = await site.daemon("alpha").json("where", "epsilon");
  assert.equal(row!.address, address, "IPv4 comes first");
  const { copies, rejected } = await site.datagrams("alpha");
  assert.ok(copies > 0);
  assert.deepEqual(rejected, {});
}

async function switchesOff(site: Site): Promise<void> {
  const epsilon = site.host("epsilon");
  await asRoot(epsilon, "mkdir -p /etc/diskd");
  const set = async (line: string) => {
    await Deno.writeTextFile(epsilon.path("/etc/diskd/config.yaml"), line);
    const { pid } = await site.daemon("epsilon").call("status", {});
    await asRoot(epsilon, `kill -HUP ${pid}`);
  };
  await set("ipv6: false\n");
  await site.sees("delta", ["epsilon", "stale"]);
  await site.sees("beta", ["epsilon", "up"]);
  await site.speaksOn("epsilon", ["eth0"]);
  await site.hasNoProblem("epsilon");
  await set("ipv6: true\n");
  await site.hears("delta", "epsilon");
}

async function findsFirewall(site: Site): Promise<void> {
  await site.firewall("alpha").refuse({ drop: "all" }, "ip6");
  await site.hasProblem(
    "alpha",
    /^Nothing .* to \[ff12::e601:203\]:32003 on eth0 \(fe80::.*%eth0\) comes/,
  );
  assert.equal((await site.problems("alpha")).length, 1);
  await site.hears("alpha", "epsilon");
  await site.firewall("alpha").open();
  await site.hasNoProblem("alpha");
  await site.hears("alpha", "delta");
}

/** As after a link comes up: the address is there at once, and cannot be used for a while. */
async function waits(site: Site): Promise<void> {
  await setSysctl(site, "gamma", ["eth0/dad_transmits", 3]);
  await site.ip("gamma", "addr del fe80::b/64 dev eth0");
  await site.ip("gamma", "addr add fe80::c/64 dev eth0");
  const scan = site.host("gamma").run(["diskd", "scan", "--json"]);
  const seen = new Set<string>();
  await eventually(async () => {
    for (const problem of await site.problems("gamma")) seen.add(problem);
    const { interfaces } = await site.daemon("gamma").call("localhost", {});
    const [joined] = interfaces.filter(({ joined }) => joined);
    assert.equal(joined?.address, "fe80::c%eth0");
  });
  assert.deepEqual([...seen], []);
  await site.hears("alpha", "gamma");
  await site.knowsAt("gamma", "alpha", ["fe80::a%eth0"]);
  const { stdout, stderr } = await scan;
  const rows: DiskRow[] = JSON.parse(stdout);
  assert.ok(rows.some(({ host }) => host === "alpha"), stdout + stderr);
}

/** Alpha has it on the same network, so the kernel never lets gamma use it. */
async function collides(site: Site): Promise<void> {
  await site.ip("gamma", "addr flush dev eth0");
  await site.ip("gamma", "addr add fe80::a/64 dev eth0");
  await site.hasProblem(
    "gamma",
    /^Cannot use eth0 \(fe80::a%eth0\): .*another host has it too; see: ip -6 address show dev eth0$/,
  );
}

/** Replaces the addresses of interfaces. */
async function addressOnly(
  site: Site,
  name: string,
  addresses: Readonly<Record<string, string>>,
): Promise<void> {
  for (const [device, address] of Object.entries(addresses)) {
    await site.ip(name, `addr flush dev ${device}`);
    await site.ip(name, `addr add ${address}/64 dev ${device} nodad`);
  }
}

async function setSysctl(
  site: Site,
  name: string,
  [path, value]: [string, number],
): Promise<void> {
  await asRoot(
    site.host(name),
    `echo ${value} > /proc/sys/net/ipv6/conf/${path}`,
  );
}
