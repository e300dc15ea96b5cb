import assert from "node:assert/strict";
import { eventually } from "../support/eventually.ts";
import { needs } from "../support/needs.ts";
import { Site } from "../support/site.ts";

const wanted = { lan: true };

/** By default a host speaks every 30 s: what is quicker is a change that was noticed. */
const DEFAULT_INTERVALS: readonly string[] = [];

/** More than three intervals of a second, and than a look at the network may be late. */
const ASLEEP_MS = 7_000;

Deno.test({
  ...needs("diskd notices hosts that stop, and knows them again", wanted),
  async fn(t) {
    await using site = await Site.start({ hosts: ["alpha", "beta", "gamma"] });
    await site.agree();
    const ids = await site.idsSeenBy("beta");
    await t.step("one that says goodbye is gone at once", async () => {
      await site.daemon("alpha").stop();
      for (const name of ["beta", "gamma"]) {
        // Without the goodbye it would be stale, never gone.
        await site.sees(name, ["alpha", "gone"]);
      }
    });
    await t.step("and is the same when it comes back", async () => {
      await site.startDaemon("alpha");
      await site.agree();
      assert.deepEqual(await site.idsSeenBy("beta"), ids);
    });
    await t.step("one that crashes is stale, its disks too", async () => {
      await site.daemon("alpha").process.stop("SIGKILL");
      for (const name of ["beta", "gamma"]) {
        await site.sees(name, ["alpha", "stale"]);
        const rows = await site.daemon(name).call("where", { name: "alpha" });
        assert.deepEqual(rows.map(({ state }) => state), ["stale"]);
      }
    });
    await t.step("and is the same when it is started again", async () => {
      await site.startDaemon("alpha");
      await site.agree();
      assert.deepEqual(await site.idsSeenBy("beta"), ids);
    });
    await t.step(
      "one that stands still is stale until it goes on",
      async () => {
        const { process } = site.daemon("alpha");
        await process.kill("SIGSTOP");
        const asleep = new Promise((done) => setTimeout(done, ASLEEP_MS));
        await site.sees("beta", ["alpha", "stale"]);
        await asleep;
        await process.kill("SIGCONT");
        await site.agree();
        assert.deepEqual(await site.idsSeenBy("beta"), ids);
        await process.waitForLog(/ this daemon was suspended for a while/);
      },
    );
  },
});

Deno.test({
  ...needs("diskd follows its interfaces, and stays one host", wanted),
  async fn(t) {
    await using site = await Site.start({
      hosts: ["alpha", "beta"],
      args: DEFAULT_INTERVALS,
    });
    await site.agree();
    const ids = await site.idsSeenBy("beta");
    const hearEachOther = async () => {
      await site.hears("alpha", "beta");
      await site.hears("beta", "alpha");
      assert.deepEqual(await site.idsSeenBy("beta"), ids);
      await site.hasNoProblem("alpha");
      assert.equal(await memberships(site, "alpha"), 1);
    };
    await t.step("another address", async () => {
      await site.ip("alpha", "addr del 192.168.1.11/24 dev eth0");
      await site.ip("alpha", "addr add 192.168.1.99/24 dev eth0");
      await site.knowsAt("beta", "alpha", ["192.168.1.11", "192.168.1.99"]);
      await hearEachOther();
      const { addresses } = await site.daemon("alpha").call("localhost", {});
      assert.deepEqual(addresses, ["192.168.1.99"]);
    });
    await t.step("a second address beside it", async () => {
      await site.ip("alpha", "addr add 192.168.1.98/24 dev eth0");
      await hearEachOther();
      const { interfaces } = await site.daemon("alpha").call("localhost", {});
      assert.deepEqual(
        interfaces.map(({ address }) => address),
        ["192.168.1.99"],
      );
    });
    await t.step("down and up", async () => {
      await site.ip("alpha", "link set eth0 down");
      await site.ip("alpha", "link set eth0 up");
      await hearEachOther();
    });
    await t.step("another one with its address", async () => {
      await site.ip("alpha", "link del eth0");
      await site.addCard("alpha", "eth0", "192.168.1.99");
      await hearEachOther();
    });
    await t.step("another name", async () => {
      await site.ip("alpha", "link set eth0 down");
      await site.ip("alpha", "link set eth0 name lan7 up");
      await eventually(async () => {
        const { interfaces } = await site.daemon("alpha").call("localhost", {});
        assert.deepEqual(interfaces.map(({ name }) => name), ["lan7"]);
      });
      await hearEachOther();
    });
    await t.step("none, and one again", async () => {
      await site.ip("alpha", "link del lan7");
      await site.hasProblem("alpha", /^No usable network interface/);
      await site.addCard("alpha", "lan7", "192.168.1.97");
      await hearEachOther();
    });
  },
});

/** How often the host's kernel counts a member of the group, in proc_net_igmp's own form: bytes reversed. */
async function memberships(site: Site, name: string): Promise<number> {
  const { stdout } = await site.host(name).run(["cat", "/proc/net/igmp"]);
  const users = [...stdout.matchAll(/^\s+030201E6\s+(\d+)/gm)];
  return users.reduce((sum, [, count]) => sum + Number(count), 0);
}
