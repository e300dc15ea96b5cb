/**
 * What was said once and is said again: it changes nothing, in this life of
 * both hosts or in a later one.
 */
import assert from "node:assert/strict";
import { eventually } from "../support/eventually.ts";
import { HostileSite, spoofed } from "../support/hostile_site.ts";
import { requireKey } from "../support/keys.ts";
import { needs } from "../support/needs.ts";

/** It was on beta when mallory began to listen, and was pulled out later. */
const PULLED = "pulled";

/** After the last repeat of a change, and long enough that the very last word is the past too. */
const QUIET_MS = 4_500;

const SITES = {
  "without keys": {},
  "with keys, and without a history": {
    prepare: requireKey,
    daemon: { args: ["--no-history"] },
  },
};

for (const [how, options] of Object.entries(SITES)) {
  Deno.test({
    ...needs(`a replay changes nothing, ${how}`, { lan: true }),
    async fn(t) {
      await using site = await HostileSite.start(options);
      await t.step("in the same life of both", async () => {
        await plugAndPull(site);
        await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
        await bearsReplays(site);
      });
      await t.step("after a restart of who said it", async () => {
        await site.stopDaemon("beta", "SIGTERM");
        await site.startDaemon("beta");
        await site.agree();
        await bearsReplays(site);
      });
      await t.step("after the power failed where it was heard", async () => {
        await site.stopDaemon("alpha", "SIGKILL");
        await site.startDaemon("alpha");
        await site.agree();
        await bearsReplays(site);
      });
      await t.step("while who said it is gone", async () => {
        await site.stopDaemon("beta", "SIGTERM");
        await site.stopDaemon("alpha", "SIGTERM");
        await site.startDaemon("alpha");
        await bearsReplays(site);
      });
      await t.step("after restarts of both", async () => {
        await site.startDaemon("beta");
        await site.agree();
        await bearsReplays(site);
      });
    },
  });
}

/** After this what beta said before is wrong. */
async function plugAndPull(site: HostileSite): Promise<void> {
  const beta = site.host("beta");
  const disk = await beta.disk({ type: "swap", label: PULLED });
  const isState = (state: string | undefined) =>
    eventually(async () => {
      await site.daemon("beta").call("refresh", {});
      const [row] = await site.daemon("alpha").call("where", { name: PULLED });
      assert.equal(row?.state, state);
    });
  await beta.attach(disk);
  await isState("attached");
  await beta.detach(disk);
  await isState("detached");
}

/** All that was ever said, from where it came and from mallory's own address. */
async function bearsReplays(site: HostileSite): Promise<void> {
  const past = site.past();
  const where = () =>
    Promise.all(
      site.daemons.map((daemon) => daemon.call("where", { name: PULLED })),
    );
  const before = await where();
  await site.bears(async () => {
    await site.mallory.send(past);
    const { address } = site.host("mallory");
    await site.mallory.send(
      spoofed(address, past.map(({ bytes }) => bytes)),
    );
  }, { alpha: ["old"] });
  assert.deepEqual(await where(), before);
}
