import assert from "node:assert/strict";
import { dirname } from "node:path";
import { Daemon, KEY_FILE, SHORT_INTERVALS } from "../support/daemon.ts";
import { eventually } from "../support/eventually.ts";
import {
  administer,
  bucketHasLists,
  hasHubProblem,
  HUB_HOSTS,
  knowsDisk,
  repeatKept,
  useHub,
} from "../support/hub_hosts.ts";
import { type Lan, lanTest } from "../support/lan.ts";
import { JETSTREAM, NatsServer } from "../support/nats_server.ts";
import { attachNew } from "../support/plug.ts";
import { Router } from "../support/router.ts";

const args = SHORT_INTERVALS;

/** Hosts may do all but make a bucket. */
const NO_BUCKETS = `${JETSTREAM}no_auth_user: host
authorization { users: [
  { user: admin, password: admin }
  {
    user: host
    password: host
    permissions: { publish: { deny: "$JS.API.STREAM.CREATE.>" } }
  }
] }
`;

/** Two sites that only reach a server with this configuration. */
async function twoSites(lan: Lan, lines: string) {
  await Router.start(lan);
  const server = await NatsServer.start(lan.host("server"), lines);
  const [alpha, beta] = [lan.host("alpha"), lan.host("beta")];
  for (const host of [alpha, beta]) await useHub(host, server);
  return { server, alpha, beta };
}

lanTest({
  name:
    "a bucket in memory, which a restart of the server loses, is made again by those who may, and asked for by the others",
  programs: ["nats-server"],
  hosts: HUB_HOSTS,
}, async ({ lan }) => {
  const { server, alpha, beta } = await twoSites(lan, NO_BUCKETS);
  await using _ = server;
  const make = () =>
    administer(
      server.host,
      "make",
      JSON.stringify({
        storage: "memory",
        republish: { src: "$KV.diskd.>", dest: "diskd.live.>" },
      }),
    );
  await make();
  await using onAlpha = await Daemon.start(alpha, { args });
  await using onBeta = await Daemon.start(beta, { args });
  const daemons = [onAlpha, onBeta];
  await bucketHasLists(server.host, 2);
  await server.kill();
  await server.startAgain();
  for (const daemon of daemons) {
    await hasHubProblem(daemon, /cannot be made here .*nats kv add diskd /);
  }
  await make();
  await bucketHasLists(server.host, 2);
  for (const daemon of daemons) await hasHubProblem(daemon, null);
  await server.kill();
  await using open = await NatsServer.start(server.host, JETSTREAM);
  await bucketHasLists(open.host, 2);
  await attachNew(beta, { type: "ext4", label: "photos" });
  await knowsDisk(onAlpha, "photos");
  await hasHubProblem(onAlpha, null);
});

lanTest({
  name:
    "a bucket that tells of no change is a problem until somebody deletes it: then it is made again, and all put their lists",
  programs: ["nats-server"],
  hosts: HUB_HOSTS,
}, async ({ lan }) => {
  const { server, alpha, beta } = await twoSites(lan, JETSTREAM);
  await using _ = server;
  await administer(server.host, "make", "{}");
  await using onAlpha = await Daemon.start(alpha, { args });
  await using _onBeta = await Daemon.start(beta, { args });
  const problem = /^The bucket diskd tells nobody .*: nats kv del diskd, and /;
  await hasHubProblem(onAlpha, problem);
  await attachNew(beta, { type: "ext4", label: "photos" });
  await knowsDisk(onAlpha, "photos");
  await administer(server.host, "delete");
  await hasHubProblem(onAlpha, null);
  await bucketHasLists(server.host, 2);
});

lanTest({
  name: "a watcher that read too slowly connects again, and has missed nothing",
  programs: ["nats-server"],
  hosts: HUB_HOSTS,
}, async ({ lan }) => {
  const lines = `${JETSTREAM}write_deadline: "2s"\n`;
  const { server, alpha, beta } = await twoSites(lan, lines);
  await using _ = server;
  await useHub(beta, server, "  watch: false\n");
  await using onAlpha = await Daemon.start(alpha, { args });
  await using _onBeta = await Daemon.start(beta, { args });
  const gone = await attachNew(beta, { type: "ext4", label: "gone" });
  await knowsDisk(onAlpha, "gone");
  await onAlpha.process.kill("SIGSTOP");
  await administer(server.host, "flood", "300");
  await server.waitForLog(/Slow Consumer/);
  await beta.detach(gone);
  await attachNew(beta, { type: "ext4", label: "meanwhile" });
  await onAlpha.process.kill("SIGCONT");
  await knowsDisk(onAlpha, "meanwhile");
  await hasHubProblem(onAlpha, null);
  await eventually(async () => {
    const rows = await onAlpha.call("list", {});
    assert.deepEqual(rows.map(({ label }) => label), ["meanwhile"]);
  });
  const { log } = onAlpha.process;
  assert.equal(log.match(/connected to the hub/g)?.length, 2);
});

lanTest({
  name:
    "a host that is off does not return because somebody has the server say what it keeps of it",
  programs: ["nats-server"],
  hosts: HUB_HOSTS,
}, async ({ lan }) => {
  const { server, alpha, beta } = await twoSites(lan, JETSTREAM);
  await using _ = server;
  const onAlpha = await Daemon.start(alpha, { args });
  const { hostId } = await onAlpha.call("localhost", {});
  const before = await Daemon.start(beta, { args });
  await hostIs(before, "alpha", "up");
  await onAlpha.process.stop("SIGKILL");
  await hostIs(before, "alpha", "stale");
  await before.stop();
  // What it accepted is remembered in both.
  await beta.run(["rm", "-rf", "/run/diskd", "/var/lib/diskd"]);
  await using _repeating = await repeatKept(server.host, {
    key: `h.home.${hostId}.1`,
    subject: `diskd.beat.home.${hostId}`,
  });
  await using after = await Daemon.start(beta, { args });
  const first = await eventually(async () => {
    const hosts = await after.call("hosts", {});
    const found = hosts.find(({ host }) => host === "alpha");
    assert.ok(found !== undefined);
    return found;
  });
  assert.equal(first.state, "stale");
});

lanTest({
  name:
    "two hosts at two sites with one identity say so, until one of them makes another",
  programs: ["nats-server"],
  hosts: HUB_HOSTS,
}, async ({ lan }) => {
  const { server, alpha, beta } = await twoSites(lan, JETSTREAM);
  await using _ = server;
  const first = await Daemon.start(alpha, { args });
  await first.stop();
  await Deno.mkdir(dirname(beta.path(KEY_FILE)), { recursive: true });
  await Deno.copyFile(alpha.path(KEY_FILE), beta.path(KEY_FILE));
  await using onAlpha = await Daemon.start(alpha, { args });
  const clone = await Daemon.start(beta, { args });
  for (
    const [daemon, place] of [
      [onAlpha, `${beta.address} at away`],
      [clone, `${alpha.address} at home`],
    ] as const
  ) {
    await eventually(async () => {
      const { problems } = await daemon.call("status", {});
      const told = problems.find((one) => one.includes("identity"));
      assert.match(told ?? "", /reset-identity/);
      assert.ok(told!.includes(place), told);
    });
  }
  await clone.stop();
  const reset = await beta.run(["diskd", "key", "reset-identity"]);
  assert.equal(reset.code, 0, reset.stderr);
  await using _onBeta = await Daemon.start(beta, { args });
  await hostIs(onAlpha, "beta", "up");
  await eventually(async () => {
    const { problems } = await onAlpha.call("status", {});
    assert.deepEqual(problems, []);
  });
});

async function hostIs(
  daemon: Daemon,
  name: string,
  state: string,
): Promise<void> {
  await eventually(async () => {
    const hosts = await daemon.call("hosts", {});
    assert.equal(hosts.find(({ host }) => host === name)?.state, state);
  });
}
