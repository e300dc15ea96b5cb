import assert from "node:assert/strict";
import { DHCP_PROGRAMS, DhcpServer } from "../support/dhcp.ts";
import { eventually } from "../support/eventually.ts";
import { needs } from "../support/needs.ts";
import { Site } from "../support/site.ts";

/** Without announcements at a regular interval within the test. */
const RARELY = ["--announce-interval", "600"];
const FIRST = "192.168.1.101";
const SECOND = "192.168.1.102";

Deno.test({
  ...needs("diskd names the address that a host has now, which DHCP changes", {
    lan: true,
    programs: DHCP_PROGRAMS,
  }),
  async fn(t) {
    await using site = await Site.start({
      hosts: ["alpha", "beta", "gamma"],
      args: RARELY,
    });
    await using dhcp = new DhcpServer(site.host("alpha"));
    const beta = site.host("beta");
    const gamma = site.host("gamma");
    await site.agree();
    await t.step("a new address comes first at once, everywhere", async () => {
      await dhcp.give([[beta, FIRST]]);
      await shows(site, "beta", FIRST);
    });
    await t.step(
      "a lease that was handed on leads to its new host",
      async () => {
        await dhcp.give([[beta, SECOND], [gamma, FIRST]]);
        await shows(site, "beta", SECOND);
        await shows(site, "gamma", FIRST);
        const { addresses } = await hostRow(site, "beta");
        assert.ok(!addresses.includes(FIRST), addresses.join());
      },
    );
    await t.step("and so it is after a restart", async () => {
      await site.daemon("alpha").stop();
      await site.daemon("beta").stop();
      await site.daemon("gamma").stop();
      await site.startDaemon("alpha");
      assert.deepEqual((await hostRow(site, "beta")).addresses[0], SECOND);
      assert.deepEqual((await hostRow(site, "gamma")).addresses[0], FIRST);
    });
    await t.step(
      "the address of a host that is off may be another's",
      async () => {
        await dhcp.give([[gamma, SECOND]]);
        await site.startDaemon("gamma");
        await shows(site, "gamma", SECOND);
        const then = (await hostRow(site, "beta")).addresses;
        assert.ok(!then.includes(SECOND), then.join());
        await site.restart("alpha");
        const { addresses } = await hostRow(site, "beta");
        assert.deepEqual(addresses, then);
      },
    );
  },
});

/** Waits until alpha names this address of a host in each of its answers. */
async function shows(
  site: Site,
  name: string,
  address: string,
): Promise<void> {
  const alpha = site.daemon("alpha");
  await eventually(async () => {
    const { addresses } = await hostRow(site, name);
    assert.equal(addresses[0], address);
  });
  const disks = await alpha.call("where", { name });
  assert.deepEqual(disks.map((disk) => disk.address), [address]);
  const list = await alpha.call("list", {});
  const row = list.find(({ host }) => host === name);
  assert.equal(row?.address, address);
  const { answers } = await alpha.call("ping", {});
  const answer = answers.find(({ host }) => host === name);
  assert.equal(answer?.address, address);
}

async function hostRow(site: Site, name: string) {
  const rows = await site.daemon("alpha").call("hosts", {});
  return rows.find(({ host }) => host === name)!;
}
