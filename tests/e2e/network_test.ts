import assert from "node:assert/strict";
import { IDENTITY_FILE, KEY_FILE, Watcher } from "../support/daemon.ts";
import { needs } from "../support/needs.ts";
import { eventually } from "../support/eventually.ts";
import { Site } from "../support/site.ts";

const MOVED = /another machine has the identity of this host/;

Deno.test({
  ...needs("diskd is heard whatever network its host is on", { lan: true }),
  async fn(t) {
    const both = ["lan", "lab"];
    const site = await Site.start({
      hosts: [
        "alpha",
        { name: "beta", defaultRoute: false },
        { name: "gamma", networks: both },
        { name: "delta", networks: ["lab"], defaultRoute: false },
        { name: "epsilon", networks: both },
      ],
    });
    await using _ = site;
    await t.step(
      "a host without a default route hears and is heard",
      () => site.seesUp("beta", ["alpha", "beta", "epsilon", "gamma"]),
    );
    await t.step(
      "hosts of one network know nothing of another's",
      () => site.seesUp("delta", ["delta", "epsilon", "gamma"]),
    );
    await t.step("a host on two networks is heard on both", async () => {
      const [onLan, onLab] = site.addresses("gamma");
      await site.knowsAt("alpha", "gamma", [onLan!]);
      await site.knowsAt("delta", "gamma", [onLab!]);
      await site.seesUp("gamma", [
        "alpha",
        "beta",
        "delta",
        "epsilon",
        "gamma",
      ]);
      await site.speaksOn("gamma", ["eth0", "eth1"]);
    });
    await t.step(
      "a host heard twice is one host with two addresses",
      async () => {
        await site.knowsAt("epsilon", "gamma", site.addresses("gamma"));
        await site.knowsAt("gamma", "gamma", site.addresses("gamma"));
        await site.hasOneRowEach("epsilon", site.names);
        const { datagrams } = await site.daemon("epsilon").json("status");
        assert.ok(datagrams.copies > 0, JSON.stringify(datagrams));
        assert.deepEqual(datagrams.rejected, {});
      },
    );
  },
});

Deno.test({
  ...needs("diskd keeps machines with one machine id apart", { lan: true }),
  async fn() {
    const machineId = "0123456789abcdef0123456789abcdef";
    await using site = await Site.start({
      hosts: [
        "alpha",
        { name: "beta", machineId },
        { name: "gamma", machineId },
      ],
    });
    const names = ["alpha", "beta", "gamma"];
    for (const name of names) {
      await site.seesUp(name, names);
      await site.hasOneRowEach(name, names);
    }
    const ids = await site.idsSeenBy("alpha");
    assert.equal(new Set(Object.values(ids)).size, 3, JSON.stringify(ids));

    await site.restart("gamma");
    await site.seesUp("alpha", names);
    await site.restart("beta");
    for (const name of names) {
      await site.seesUp(name, names);
      assert.deepEqual(await site.idsSeenBy(name), ids);
    }

    // Gamma becomes a clone of beta, whose key tells no machine.
    await using watcher = await Watcher.start(site.daemon("alpha"));
    await site.daemon("gamma").stop();
    await eventually(() => {
      assert.ok(watcher.events.some(({ event }) => event === "host-gone"));
    });
    const [from, to] = ["beta", "gamma"].map((name) => site.host(name));
    Deno.removeSync(to!.path(IDENTITY_FILE));
    Deno.copyFileSync(from!.path(KEY_FILE), to!.path(KEY_FILE));
    await site.restart("gamma");
    await eventually(async () => {
      const hosts = await site.daemon("alpha").call("hosts", {});
      const up = hosts.filter(({ state }) => state === "up");
      assert.deepEqual(up.map(({ host }) => host).sort(), names);
      assert.equal(new Set(up.map(({ hostId }) => hostId)).size, 3);
    });
    assert.match(site.daemon("gamma").process.log, MOVED);
    assert.doesNotMatch(site.daemon("beta").process.log, MOVED);
    assert.equal((await site.idsSeenBy("alpha"))["beta"], ids["beta"]);
    const ofBeta = watcher.events.filter(({ host }) => host === "beta");
    assert.deepEqual(ofBeta, []);
  },
});
