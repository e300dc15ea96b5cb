import assert from "node:assert/strict";
import { eventually } from "../support/eventually.ts";
import { asRoot } from "../support/host.ts";
import { needs } from "../support/needs.ts";
import { Site } from "../support/site.ts";

/** What comes by itself comes much later. */
const SELDOM = ["--announce-interval", "10m"];

Deno.test({
  ...needs("diskd asks as soon as a cable is in again", { lan: true }),
  async fn(t) {
    const site = await Site.start({
      hosts: [
        { name: "alpha", families: ["IPv4", "IPv6"] },
        { name: "beta", families: ["IPv4", "IPv6"] },
      ],
      args: SELDOM,
    });
    await using _ = site;
    await site.seesUp("beta", ["alpha", "beta"]);
    await t.step("pulled out of the switch", async () => {
      await site.pull("beta");
      await plugUnheard(site, "while-out");
      await site.plug("beta");
      await knows(site, "while-out");
    });
    await t.step("the link set down and up", async () => {
      await site.ip("beta", "link set eth0 down");
      await plugUnheard(site, "while-down");
      await site.ip("beta", "link set eth0 up");
      await site.ip(
        "beta",
        `addr add ${site.host("beta").ports[0]!.ipv6}/64 dev eth0 nodad`,
      );
      await knows(site, "while-down");
      await site.hasNoProblem("beta");
    });
  },
});

Deno.test({
  ...needs("diskd says what limits the number of interfaces", { lan: true }),
  async fn() {
    await using site = await Site.start({
      hosts: [{ name: "alpha" }],
      prepare: async (site) => {
        for (let i = 1; i <= 24; i++) {
          await site.ip(
            "alpha",
            `link add lan${i} type veth peer name end${i}`,
          );
          await site.ip("alpha", `addr add 10.5.${i}.1/24 dev lan${i}`);
          await site.ip("alpha", `link set lan${i} up`);
          await site.ip("alpha", `link set end${i} up`);
        }
      },
    });
    const problems = await site.problems("alpha");
    assert.equal(problems.length, 5, problems.join("\n"));
    const [, command = ""] =
      /: (sysctl -w net\.ipv4\.igmp_max_memberships=\d+),/
        .exec(problems[0]!) ?? [];
    await asRoot(site.host("alpha"), command);
    await site.hasNoProblem("alpha");
  },
});

/** Plugs a disk into alpha, and waits until it no longer says so of itself. */
async function plugUnheard(site: Site, label: string): Promise<void> {
  const alpha = site.host("alpha");
  await alpha.attach(await alpha.disk({ type: "swap", label }));
  await site.daemon("alpha").call("refresh", {});
  // Longer than the repeats of a change.
  await new Promise((resolve) => setTimeout(resolve, 4_000));
}

async function knows(site: Site, name: string): Promise<void> {
  await eventually(async () => {
    const rows = await site.daemon("beta").call("where", { name });
    assert.deepEqual(rows.map(({ host }) => host), ["alpha"]);
  });
}
