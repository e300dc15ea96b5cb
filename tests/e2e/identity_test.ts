import assert from "node:assert/strict";
import type { HostRow } from "../../src/control/views.ts";
import { checkCommands } from "../support/check_outcome.ts";
import { Daemon, SHORT_INTERVALS, Watcher } from "../support/daemon.ts";
import { eventually } from "../support/eventually.ts";
import { asRoot, type Host } from "../support/host.ts";
import { lanTest } from "../support/lan.ts";

const STATE = "/var/lib/diskd";
const FIXTURE = new URL("../fixtures/state_0.1.0/", import.meta.url);
/** Those of the hosts on which the state was made. */
const MACHINE_IDS = {
  alpha: "3d1219c7c4c5404aaa1f6d2a48adfda4",
  beta: "5e1219c7c4c5404aaa1f6d2a48adfda5",
};
const OLD_BETA = "47211ea9715c2078b36df4a4db1241ed";
const ARGS = [...SHORT_INTERVALS, "--history-keep-days", "36500"];

lanTest({
  name: "what a diskd without keys knew goes on under the keys",
  hosts: [
    { name: "alpha", machineId: MACHINE_IDS.alpha },
    { name: "beta", machineId: MACHINE_IDS.beta },
  ],
}, async ({ alpha, beta }) => {
  const uuid = "0b000000-0000-4000-8000-000000000002";
  await beta.attach(await beta.disk({ type: "swap", label: "beta", uuid }));
  for (const host of [alpha, beta]) await takeOldState(host);
  const known = async (daemon: Daemon) => {
    const rows = await daemon.call("hosts", {});
    return rows.map(({ host, state, proven }) => `${host} ${state} ${proven}`);
  };
  let ids: string[] = [];
  for (const run of ["first", "second"]) {
    await using first = await Daemon.start(alpha, { args: ARGS });
    const watcher = await Watcher.start(first);
    const isFirst = run === "first";
    if (isFirst) {
      assert.deepEqual(await known(first), [
        "alpha up true",
        "beta gone false",
      ]);
      const [row] = await first.call("where", { name: "stick" });
      assert.deepEqual([row?.hostId, row?.state], [OLD_BETA, "detached"]);
    }
    await using second = await Daemon.start(beta, { args: ARGS });
    await eventually(async () => {
      assert.deepEqual(await known(first), ["alpha up true", "beta up true"]);
      assert.deepEqual(await known(second), ["alpha up true", "beta up true"]);
    });
    const { hostId } = await second.call("localhost", {});
    assert.notEqual(hostId, OLD_BETA);
    for (const daemon of [first, second]) {
      const [stick] = await daemon.call("where", { name: "stick" });
      assert.deepEqual([stick?.hostId, stick?.state], [hostId, "detached"]);
      const rows = await daemon.call("history", { name: "beta" });
      assert.deepEqual(rows.map(({ hostId, until }) => [hostId, until]), [
        [hostId, null],
      ]);
    }
    const events = watcher.events.map(({ event }) => event);
    assert.ok(events.includes("host-up"));
    for (const event of ["moved", "newcomer", "attached", "detached"]) {
      assert.ok(!events.includes(event), `${run}: ${events}`);
    }
    if (!isFirst) assert.deepEqual([hostId], ids);
    ids = [hostId];
    await watcher[Symbol.asyncDispose]();
    await second.stop();
    await first.stop();
  }
});

lanTest({
  name: "a name belongs to a key, and the key to its host",
  hosts: ["alpha", "beta", "gamma"],
}, async ({ alpha, beta, gamma }, t) => {
  await using real = await Daemon.start(beta, { args: SHORT_INTERVALS });
  const pretend = (name: string) =>
    Daemon.start(gamma, { args: [...SHORT_INTERVALS, "--host-name", name] });
  const betas = async (daemon: Daemon) => {
    const rows = await daemon.call("hosts", {});
    return rows.filter(({ host }) => host === "beta");
  };

  for (const args of [[], ["--no-history"]]) {
    await t.step(
      `a newcomer is told, also after a restart ${args}`,
      async () => {
        await asRoot(alpha, `rm -rf ${STATE}/*`);
        const options = { args: [...SHORT_INTERVALS, ...args] };
        await using first = await Daemon.start(alpha, options);
        await eventually(async () =>
          assert.equal((await betas(first)).length, 1)
        );
        assert.deepEqual(await newcomers(first), []);
        await using other = await newcomerIsTold(first, () => pretend("beta"));
        const { hostId } = await real.call("localhost", {});
        await newcomerOf(first, hostId);
        await first.process.waitForLog(/newcomer .*from=beta@/);
        const settle = (await newcomers(first))[0]!;
        assert.match(settle, /^beta is known by another key since \d{4}-/);
        assert.ok(settle.includes(gamma.address), settle);
        await first.stop();
        await using again = await Daemon.start(alpha, options);
        await eventually(async () =>
          assert.deepEqual((await betas(again)).map(({ state }) => state), [
            "up",
            "up",
          ])
        );
        await newcomerOf(again, hostId);
        await checkCommands(alpha, [
          ["hosts", { stdout: /beta@[0-9a-f]+ +up, newcomer / }],
          ["status", { stdout: /! beta is known by another key/ }],
        ]);
        await other.stop();
        await again.stop();
      },
    );
  }

  await t.step(
    "forget of the first one gives its name to the other",
    async () => {
      await using daemon = await Daemon.start(alpha, { args: SHORT_INTERVALS });
      await eventually(async () =>
        assert.equal((await betas(daemon)).length, 1)
      );
      await using other = await pretend("beta");
      await eventually(async () =>
        assert.equal((await betas(daemon)).length, 2)
      );
      const { hostId } = await real.call("localhost", {});
      const { nameHolder } = await newcomerOf(daemon, hostId);
      // Though it is up.
      const command = ["forget", "--yes", nameHolder!.uniqueHost];
      assert.equal((await alpha.run(["diskd", ...command])).code, 0);
      const { hostId: otherId } = await other.call("localhost", {});
      await eventually(async () => {
        assert.equal((await newcomerOf(daemon, otherId)).hostId, hostId);
      });
      await daemon.stop();
      await other.stop();
    },
  );

  await t.step("who takes the name of this host is told", async () => {
    await using daemon = await Daemon.start(alpha, { args: SHORT_INTERVALS });
    await using _other = await pretend("Alpha.");
    await eventually(async () => {
      assert.match(
        (await newcomers(daemon)).join(),
        /has the name of this host/,
      );
    });
  });

  await t.step(
    "key show and hosts say the same, and reset-identity makes another host",
    async () => {
      await asRoot(gamma, `rm -rf ${STATE}/*`);
      await checkCommands(gamma, [
        ["key show", { code: 1, stderr: /There is no .*identity\.key: / }],
      ]);
      const ids = new Set<string>();
      for (const _ of ["first", "second"]) {
        await using daemon = await Daemon.start(gamma, {
          args: SHORT_INTERVALS,
        });
        const { code, stdout } = await gamma.run([
          "diskd",
          "key",
          "show",
          "--json",
        ]);
        assert.equal(code, 0);
        const { fingerprint, ...shown } = JSON.parse(stdout);
        const rows = await daemon.call("hosts", {});
        const { hostId, host } = await daemon.call("localhost", {});
        assert.deepEqual([shown.hostId, shown.host], [hostId, host]);
        const own = rows.find((row) => row.hostId === hostId);
        assert.equal(own?.fingerprint, fingerprint);
        ids.add(hostId);
        await checkCommands(gamma, [
          ["key show", { stdout: new RegExp(`fingerprint +${fingerprint}\n`) }],
          ["key reset-identity", { code: 6, stderr: /The daemon runs/ }],
          ["hosts", { stdout: new RegExp(`^gamma .* ${fingerprint} `, "m") }],
        ]);
        // The history goes on: this host is no other one in it.
        assert.equal(rows.filter(({ host }) => host === "gamma").length, 1);
        await daemon.stop();
        await checkCommands(gamma, [
          ["key show", { stdout: /public key +[\w-]{43}\n/ }],
          ["key reset-identity", { stderr: /^Removed .*identity\.key\n$/ }],
        ]);
      }
      assert.equal(ids.size, 2);
    },
  );
});

/** Starts a newcomer, and waits until the daemon has told of it once. */
async function newcomerIsTold(
  daemon: Daemon,
  start: () => Promise<Daemon>,
): Promise<Daemon> {
  await using watcher = await Watcher.start(daemon);
  const newcomer = await start();
  const { hostId } = await newcomer.call("localhost", {});
  await eventually(() => {
    const told = watcher.events.filter(({ event }) => event === "newcomer");
    assert.deepEqual(told.map((event) => event.hostId), [hostId]);
    assert.match(told[0]!.uniqueFrom!, /^beta@[0-9a-f]{6}/);
  });
  return newcomer;
}

/** The single host that is a newcomer under the name of this one. */
async function newcomerOf(daemon: Daemon, hostId: string): Promise<HostRow> {
  const rows = await daemon.call("hosts", {});
  const newcomers = rows.filter(({ nameHolder }) => nameHolder !== null);
  assert.deepEqual(newcomers.map((row) => row.nameHolder!.hostId), [hostId]);
  return newcomers[0]!;
}

async function newcomers(daemon: Daemon): Promise<readonly string[]> {
  return (await daemon.call("status", {})).newcomers;
}

/** Puts what a diskd 0.1.0 kept on a host of this name in its state directory. */
async function takeOldState(host: Host): Promise<void> {
  const folder = new URL(`${host.name}/`, FIXTURE).pathname;
  await asRoot(
    host,
    `mkdir -p -m 700 ${STATE} && cp ${folder}* ${STATE} && ` +
      `gunzip ${STATE}/history.db.gz && chmod 600 ${STATE}/*`,
  );
}
