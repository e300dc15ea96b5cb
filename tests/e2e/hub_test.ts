import assert from "node:assert/strict";
import { nkeys } from "@nats-io/nats-core";
import { Daemon, SHORT_INTERVALS } from "../support/daemon.ts";
import type { NatsErrand, NatsReport } from "../support/nats_client_main.ts";
import { eventually } from "../support/eventually.ts";
import { HUB_HOSTS, knowsDisk, useHub } from "../support/hub_hosts.ts";
import { type Host, type Lan, lanTest } from "../support/lan.ts";
import { JETSTREAM, NatsServer } from "../support/nats_server.ts";
import { Router } from "../support/router.ts";
import { attachNew } from "../support/plug.ts";
import { document } from "../unit/docs/documents.ts";
import { codeBlocks } from "../unit/docs/markdown.ts";

/** Waits until a host knows exactly these hosts to be up. */
async function knows(daemon: Daemon, ...names: string[]): Promise<void> {
  await eventually(async () => {
    const hosts = await daemon.call("hosts", {});
    const up = hosts.filter(({ state }) => state === "up")
      .map(({ host, site }) => `${host} ${site}`);
    assert.deepEqual(up.sort(), names.sort());
  });
}

async function hubOf(daemon: Daemon) {
  const { hub } = await daemon.call("status", {});
  return hub!;
}

/** Two sites that only reach the server. */
async function twoSites(lan: Lan, lines: string) {
  await Router.start(lan);
  const server = await NatsServer.start(lan.host("server"), lines);
  return { server, alpha: lan.host("alpha"), beta: lan.host("beta") };
}

lanTest({
  name: "hosts of two sites know each other through a NATS server",
  programs: ["nats-server"],
  hosts: HUB_HOSTS,
}, async ({ lan }, t) => {
  const { server, alpha, beta } = await twoSites(lan, JETSTREAM);
  await using _ = server;
  await useHub(alpha, server);
  await useHub(beta, server);
  await using onAlpha = await Daemon.start(alpha, { args: SHORT_INTERVALS });
  const onBeta = await Daemon.start(beta, { args: SHORT_INTERVALS });
  await t.step("and their disks, as they come", async () => {
    await knows(onAlpha, "alpha home", "beta away");
    await knows(onBeta, "alpha home", "beta away");
    await attachNew(beta, { type: "ext4", label: "photos" });
    await knowsDisk(onAlpha, "photos");
    const [row] = await onAlpha.call("where", { name: "photos" });
    assert.equal(row!.address, beta.address);
    assert.equal(row!.site, "away");
  });
  await t.step("again after the server was killed", async () => {
    await server.kill();
    await eventually(async () => {
      const { reached, problem } = await hubOf(onAlpha);
      assert.equal(reached, false);
      assert.match(problem!, /No hub: .*; tried nats:/);
    });
    await attachNew(beta, { type: "ext4", label: "meanwhile" });
    await server.startAgain();
    await knowsDisk(onAlpha, "meanwhile");
    await eventually(async () => {
      assert.equal((await hubOf(onAlpha)).problem, null);
    });
  });
  await t.step("and goodbyes", async () => {
    await onBeta.stop();
    await knows(onAlpha, "alpha home");
    const hosts = await onAlpha.call("hosts", {});
    assert.equal(hosts.find(({ host }) => host === "beta")?.state, "gone");
  });
});

lanTest({
  name: "a bucket that is lost with its server is made again, and filled",
  programs: ["nats-server"],
  hosts: HUB_HOSTS,
}, async ({ lan }) => {
  const { server, alpha, beta } = await twoSites(lan, JETSTREAM);
  await using _ = server;
  await useHub(alpha, server);
  await useHub(beta, server);
  await using onBeta = await Daemon.start(beta, { args: SHORT_INTERVALS });
  await attachNew(beta, { type: "ext4", label: "photos" });
  await knowsDisk(onBeta, "photos");
  await eventually(async () => assert.ok((await hubOf(onBeta)).reached));
  await server.kill();
  await server.host.run(["rm", "-rf", "/run/jetstream"]);
  await server.startAgain();
  await using onAlpha = await Daemon.start(alpha, { args: SHORT_INTERVALS });
  await knowsDisk(onAlpha, "photos");
});

lanTest({
  name: "a host that does not watch the hub asks one that does",
  programs: ["nats-server"],
  hosts: HUB_HOSTS,
}, async ({ lan }, t) => {
  const { server, alpha, beta } = await twoSites(lan, JETSTREAM);
  await using _ = server;
  await useHub(alpha, server, "  watch: false\n");
  await useHub(beta, server);
  await using onAlpha = await Daemon.start(alpha, { args: SHORT_INTERVALS });
  await using onBeta = await Daemon.start(beta, { args: SHORT_INTERVALS });
  await attachNew(alpha, { type: "ext4", label: "own" });
  await attachNew(beta, { type: "ext4", label: "photos" });
  await knowsDisk(onBeta, "photos");
  await knowsDisk(onBeta, "own");
  await t.step("for disks and hosts", async () => {
    const { stdout } = await onAlpha.run(["where", "photos"]);
    assert.match(stdout, /^photos is on beta at away, /);
    const rows = await onAlpha.call("list", {});
    const shown = rows.map(({ host, label }) => `${host} ${label}`).sort();
    assert.deepEqual(shown, ["alpha own", "beta photos"]);
    await knows(onAlpha, "alpha home", "beta away");
    const known = await onAlpha.call("status", {});
    assert.equal(known.hosts, 1);
  });
  await t.step("and says so if nobody does", async () => {
    await onBeta.stop();
    const { code, stderr } = await onAlpha.run(["where", "photos"]);
    assert.notEqual(code, 0);
    assert.match(stderr, /no host that watches the hub answers/);
    const own = await onAlpha.run(["where", "own"]);
    assert.match(own.stdout, /^own is on alpha/);
    const { problems } = await onAlpha.call("status", {});
    assert.match(problems.join(), /No host that watches the hub answers/);
  });
});

lanTest({
  name: "a relay speaks for its LAN on the hub, and tells its LAN of the hub",
  programs: ["nats-server"],
  hosts: [...HUB_HOSTS, { name: "gamma", networks: ["home"] }],
}, async ({ lan }) => {
  const { server, alpha, beta } = await twoSites(lan, JETSTREAM);
  await using _ = server;
  await useHub(alpha, server, "relay: true\n");
  await useHub(beta, server);
  const args = SHORT_INTERVALS;
  await using onAlpha = await Daemon.start(alpha, { args });
  await using onBeta = await Daemon.start(beta, { args });
  const onGamma = await Daemon.start(lan.host("gamma"), { args });
  const all = ["alpha home", "beta away", "gamma home"];
  for (const daemon of [onAlpha, onBeta, onGamma]) await knows(daemon, ...all);
  await attachNew(lan.host("gamma"), { type: "ext4", label: "photos" });
  await knowsDisk(onBeta, "photos");
  await attachNew(beta, { type: "ext4", label: "music" });
  await knowsDisk(onGamma, "music");
  await onGamma.stop();
  await knows(onBeta, "alpha home", "beta away");
});

lanTest({
  name:
    "with the rights of docs/nats.md a host tells of itself and of nobody else",
  programs: ["nats-server"],
  hosts: HUB_HOSTS,
}, async ({ lan }, t) => {
  await Router.start(lan);
  const [alpha, beta] = [lan.host("alpha"), lan.host("beta")];
  const url = `nats://${lan.host("server").address}:4222`;
  await using resources = new AsyncDisposableStack();
  const begin = async (host: Host) => {
    const key = nkeys.createUser();
    const file = "/etc/diskd/nats.nk";
    await useHub(host, { url }, `  nkeyFile: ${file}\n`);
    await Deno.writeFile(host.path(file), key.getSeed(), { mode: 0o600 });
    const daemon = resources.use(
      await Daemon.start(host, { args: SHORT_INTERVALS }),
    );
    const { hostId } = await daemon.call("localhost", {});
    return { host, key, daemon, hostId };
  };
  const [mine, other] = [await begin(alpha), await begin(beta)];
  const [block = ""] = codeBlocks(document("docs/nats.md"), "conf")
    .filter((one) => one.includes("nkey"));
  const [, user = ""] = /users: \[\n([^]*)\n {2}\]\n\}/.exec(block) ?? [];
  const allowed = [mine, other].map(({ host, key, hostId }) =>
    user.replaceAll("UKEY", key.getPublicKey()).replaceAll("ID", hostId)
      .replaceAll(".home.", `.${host.ports[0]!.network}.`)
  );
  const admin = nkeys.createUser();
  const lines = [...allowed, `{ nkey: ${admin.getPublicKey()} }`].join("\n");
  const server = resources.use(
    await NatsServer.start(
      lan.host("server"),
      `${JETSTREAM}authorization { users: [\n${lines}\n] }\n`,
    ),
  );
  await t.step("it says who can make the bucket, and how", async () => {
    await eventually(async () => {
      const { problem } = await hubOf(mine.daemon);
      assert.match(problem!, /cannot be made here .* nats kv add diskd /);
    });
  });
  await t.step("it works with the bucket of somebody who may", async () => {
    const { answers } = await errand(alpha, admin, {
      url: server.url,
      name: "admin",
      acts: [["open", ""]],
    });
    assert.deepEqual(answers, ["made"]);
    for (const { daemon } of [mine, other]) {
      await knows(daemon, "alpha home", "beta away");
    }
    await attachNew(beta, { type: "ext4", label: "photos" });
    await knowsDisk(mine.daemon, "photos");
    assert.equal((await hubOf(mine.daemon)).problem, null);
  });
  await t.step("it cannot put, drop or say anything of another", async () => {
    const theirs = `h.away.${other.hostId}.1`;
    const beat = `beat.away.${other.hostId}`;
    const { answers, refusals } = await errand(alpha, mine.key, {
      url: server.url,
      name: mine.hostId,
      acts: [["open", ""], ["say", beat], ["put", theirs], ["drop", theirs]],
    });
    assert.deepEqual(answers.slice(0, 2), ["there", "done"]);
    assert.ok(!answers.slice(2).includes("done"), answers.join("; "));
    assert.ok(refusals.some((one) => one.includes(beat)), refusals.join("; "));
    await knows(mine.daemon, "alpha home", "beta away");
  });
});

/** Does something on the server as somebody who has this key. */
async function errand(
  host: Host,
  key: { getSeed(): Uint8Array },
  what: Omit<NatsErrand, "seed">,
): Promise<NatsReport> {
  const seed = new TextDecoder().decode(key.getSeed());
  const { pathname } = new URL(
    "../support/nats_client_main.ts",
    import.meta.url,
  );
  const { stdout, stderr } = await host.run([
    ...[Deno.execPath(), "run", "--allow-all", "--cached-only", pathname],
    JSON.stringify({ ...what, seed }),
  ]);
  return JSON.parse(stdout || stderr);
}
