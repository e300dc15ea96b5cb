/** What was believed while keys were not yet required speaks for nothing once they are. */
import assert from "node:assert/strict";
import { eventually } from "../support/eventually.ts";
import { HostileSite, spoofed } from "../support/hostile_site.ts";
import { useKey } from "../support/keys.ts";
import { needs } from "../support/needs.ts";

const SOURCE = "192.0.2.66";

/** As a host of 0.01 says that it has the disk of beta, and another one. */
const UNSIGNED = new TextEncoder().encode(
  "diskd:---\n- - ~\n  - beta\n  - /dev/lie\n- - ~\n  - stolen\n  - /dev/lie2\n",
);

for (const how of ["reload", "restart"] as const) {
  Deno.test({
    ...needs(
      `what was believed without proof ends with the demand for it, after a ${how}`,
      { lan: true },
    ),
    async fn() {
      await using site = await HostileSite.start({
        prepare: (host) => useKey(host, "accept"),
      });
      await site.mallory.send(spoofed(SOURCE, [UNSIGNED]));
      await eventually(async () => {
        assert.deepEqual(await hostsWith(site, "beta"), ["beta", SOURCE]);
        assert.deepEqual(await hostsWith(site, "stolen"), [SOURCE]);
      });
      await useKey(site.host("alpha"), "require");
      if (how === "reload") {
        await site.daemon("alpha").process.kill("SIGHUP");
      } else {
        await site.stopDaemon("alpha", "SIGTERM");
        await site.startDaemon("alpha");
      }
      await eventually(async () => {
        assert.deepEqual(await hostsWith(site, "beta"), ["beta"]);
        assert.deepEqual(await hostsWith(site, "stolen"), []);
      });
    },
  });
}

/** The hosts that alpha says have a disk now. */
async function hostsWith(site: HostileSite, name: string): Promise<string[]> {
  const rows = await site.daemon("alpha").call("where", { name });
  return rows.filter(({ state }) => state === "attached")
    .map(({ host }) => host).sort((a, b) => b.localeCompare(a));
}
