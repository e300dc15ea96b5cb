import assert from "node:assert/strict";
import { pause } from "../../src/system/within.ts";
import { eventually } from "../support/eventually.ts";
import { GroupMember } from "../support/group_member.ts";
import { lanTest } from "../support/lan.ts";
import { madeUpDisks, pretendToHave } from "../support/made_up_disks.ts";
import { needs } from "../support/needs.ts";
import { Site } from "../support/site.ts";

const wanted = { lan: true, programs: ["nft"] };
const HOSTS = ["alpha", "beta", "gamma"];

/** Announced in some 30 datagrams. */
const MANY_DISKS = 200;

/** How long a switch that forgets remembers, and how often one speaks up against it. */
const FORGET_AFTER_MS = 1_500;
const REFRESH_MS = 400;

/** Much longer than it takes the switch to forget. */
const SILENCE_MS = 1_000;

Deno.test({
  ...needs(
    "diskd agrees on a network that loses a fifth and doubles some",
    wanted,
  ),
  async fn(t) {
    await using site = await Site.start({
      hosts: HOSTS,
      async prepare(site) {
        await pretendToHave(site.host("alpha"), madeUpDisks(MANY_DISKS));
        await site.firewall("beta").double("eth0");
        for (const name of HOSTS) {
          await site.firewall(name).refuse({ drop: "some", percent: 20 });
        }
      },
    });
    await t.step("all see the same", async () => {
      await site.agree();
      const rows = await site.daemon("gamma").call("list", {});
      const ofAlpha = rows.filter(({ host }) => host === "alpha");
      assert.equal(ofAlpha.length, MANY_DISKS);
    });
    await t.step("also what changes meanwhile", async () => {
      const beta = site.host("beta");
      await beta.attach(await beta.disk({ type: "swap", label: "late" }));
      await site.daemon("beta").call("refresh", {});
      await eventually(async () => {
        const rows = await site.daemon("gamma").call("where", { name: "late" });
        assert.deepEqual(rows.map(({ host }) => host), ["beta"]);
      });
      await site.agree();
    });
    await t.step("what comes twice is noted, and nothing refused", async () => {
      const { copies, rejected } = await site.datagrams("alpha");
      assert.ok(copies > 0);
      assert.deepEqual(rejected, {});
    });
  },
});

Deno.test({
  ...needs("diskd agrees again when a partition is over", wanted),
  async fn(t) {
    await using site = await Site.start({ hosts: HOSTS });
    await site.agree();
    await t.step("of one direction", async () => {
      const address = site.host("beta").address;
      await site.firewall("alpha").refuse({ drop: "from", address });
      await site.sees("alpha", ["beta", "stale"]);
      await site.sees("beta", ["alpha", "up"]);
      await site.sees("gamma", ["beta", "up"]);
      await site.firewall("alpha").open();
      await site.agree();
    });
    await t.step("of one host from all others", async () => {
      await site.pull("alpha");
      await site.sees("beta", ["alpha", "stale"]);
      await site.hasProblem("alpha", /^All 2 hosts .* fell silent /);
      await site.plug("alpha");
      await site.agree();
      await site.hasNoProblem("alpha");
      const { log } = site.daemon("alpha").process;
      assert.equal(log.match(/ All 2 hosts /g)?.length, 1);
      assert.equal(log.match(/ the network works again/g)?.length, 1);
    });
  },
});

Deno.test({
  ...needs("diskd says why it hears nothing, or is not heard", wanted),
  async fn(t) {
    await using site = await Site.start({ hosts: ["alpha", "beta"] });
    await site.agree();
    const firewall = site.firewall("alpha");
    await t.step("a firewall that lets nothing in", async () => {
      await firewall.refuse({ drop: "all" });
      await site.hasProblem(
        "alpha",
        /^Nothing .* to 230\.1\.2\.3:32003 on eth0 \(192\.168\.1\.11\) comes back to it, .* firewall here that drops UDP port 32003 /,
      );
      await site.sees("alpha", ["beta", "stale"]);
      await site.sees("beta", ["alpha", "up"]);
      assert.equal((await site.problems("alpha")).length, 1);
    });
    await t.step("until it does", async () => {
      await firewall.open();
      await site.hasNoProblem("alpha");
      await site.agree();
      const { log } = site.daemon("alpha").process;
      assert.equal(log.match(/ Nothing that this host sends /g)?.length, 1);
      assert.equal(log.match(/ the network works again/g)?.length, 1);
    });
    await t.step("a firewall that lets nothing out", async () => {
      await firewall.refuseOutgoing();
      await site.hasProblem(
        "alpha",
        /^Cannot use eth0 .*: a firewall here does not let UDP out to 230\.1\.2\.3:32003 /,
      );
      await firewall.open();
      await site.hasNoProblem("alpha");
      await site.agree();
    });
  },
});

for (const protocol of ["IGMPv2", "IGMPv3", "MLDv2"] as const) {
  const family = protocol === "MLDv2" ? "IPv6" : "IPv4";
  const igmp = protocol === "IGMPv2" ? 2 : 3;
  const forgetAfterMs = FORGET_AFTER_MS;
  lanTest({
    name:
      `diskd goes on hearing behind a switch that forgets members, ${protocol}`,
    ...wanted,
    hosts: [
      { name: "alpha", families: [family] },
      { name: "beta", families: [family] },
    ],
  }, async ({ alpha: one, beta: other, lan }) => {
    await lan.network.prune({ family, igmp, forgetAfterMs });
    const alpha = new GroupMember(one, { family, refreshMs: REFRESH_MS });
    await eventually(() => assert.ok(alpha.heard(alpha) > 0));
    const beta = new GroupMember(other, { family, refreshMs: 0 });
    await eventually(() => assert.ok(beta.heard(alpha) > 0));
    await eventually(async () => {
      const before = beta.heard(alpha);
      await pause(SILENCE_MS);
      assert.equal(beta.heard(alpha), before, "the switch does not prune");
    });
    // The kernel reports a new membership more than once by itself.
    await pause(3 * FORGET_AFTER_MS);
    const before = alpha.heard(beta);
    await pause(SILENCE_MS);
    assert.ok(alpha.heard(beta) > before, "the switch forgot alpha");
  });
}

Deno.test({
  ...needs("diskd joins anew when a switch has forgotten everybody", wanted),
  async fn() {
    await using site = await Site.start({ hosts: HOSTS });
    await site.agree();
    await site.lan.network.prune({ forgetAfterMs: FORGET_AFTER_MS });
    for (const name of HOSTS) await site.hasProblem(name, /^All 2 hosts /);
    await site.lan.network.prune({ forgetAfterMs: 260_000 });
    await site.agree();
    for (const name of HOSTS) await site.hasNoProblem(name);
  },
});
