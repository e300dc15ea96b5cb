import assert from "node:assert/strict";
import { nkeys } from "@nats-io/nats-core";
import { Daemon, SHORT_INTERVALS } from "../support/daemon.ts";
import { eventually } from "../support/eventually.ts";
import { configure } from "../support/keys.ts";
import { type Host, type Lan, lanTest } from "../support/lan.ts";
import { JETSTREAM, NatsServer } from "../support/nats_server.ts";
import { attachNew } from "../support/plug.ts";
import { Router } from "../support/router.ts";
import { scriptArgv } from "../support/program.ts";

const HOSTS = [
  { name: "alpha", networks: ["home"] },
  { name: "beta", networks: ["away"] },
  { name: "server", networks: ["dc"] },
] as const;

const args = SHORT_INTERVALS;
const SERVER_NAME = "nats.example";
const NKEY_FILE = "/etc/diskd/nats.nk";

function useHub(host: Host, url: string, more = ""): Promise<void> {
  const [port] = host.ports;
  return configure(
    host,
    `site: ${port!.network}\nnats:\n  servers: [${url}]\n${more}`,
  );
}

function urlOf(lan: Lan): string {
  return `nats://${lan.host("server").address}:4222`;
}

/** Waits until the problem with the hub is this; `null`: there is none. */
async function hasProblem(
  daemon: Daemon,
  problem: RegExp | null,
): Promise<void> {
  await eventually(async () => {
    const { hub } = await daemon.call("status", {});
    if (problem === null) {
      assert.deepEqual([hub!.problem, hub!.reached], [null, true]);
    } else assert.match(hub!.problem ?? "", problem);
  });
}

async function knowsDisk(daemon: Daemon, label: string): Promise<void> {
  await eventually(async () => {
    const [row] = await daemon.call("where", { name: label });
    assert.ok(row !== undefined);
  });
}

/** Replaces the server by one that is configured so. */
async function replaceServer(
  server: NatsServer,
  lines: string,
): Promise<NatsServer> {
  await server.kill();
  return await NatsServer.start(server.host, lines);
}

lanTest({
  name: "a server that is away, or has no JetStream, is no harm to the LAN",
  programs: ["nats-server"],
  hosts: [...HOSTS, { name: "gamma", networks: ["home"] }],
}, async ({ lan }) => {
  await Router.start(lan);
  const alpha = lan.host("alpha");
  await useHub(alpha, urlOf(lan));
  await using onAlpha = await Daemon.start(alpha, { args });
  await using _onGamma = await Daemon.start(lan.host("gamma"), { args });
  await attachNew(lan.host("gamma"), { type: "ext4", label: "photos" });
  await knowsDisk(onAlpha, "photos");
  await hasProblem(onAlpha, /^No hub: .*refused.*; tried nats:/i);
  const bare = await NatsServer.start(lan.host("server"), "");
  await hasProblem(onAlpha, /JetStream does not answer .*store_dir/);
  await using _server = await replaceServer(bare, JETSTREAM);
  await hasProblem(onAlpha, null);
});

lanTest({
  name: "a bucket that somebody deletes is made again, and all put their lists",
  programs: ["nats-server"],
  hosts: [...HOSTS, { name: "gamma", networks: ["home"] }],
}, async ({ lan }) => {
  await Router.start(lan);
  await using server = await NatsServer.start(lan.host("server"), JETSTREAM);
  const [alpha, beta] = [lan.host("alpha"), lan.host("beta")];
  for (const host of [alpha, beta]) await useHub(host, server.url);
  await using onAlpha = await Daemon.start(alpha, { args });
  await using onBeta = await Daemon.start(beta, { args });
  await attachNew(alpha, { type: "ext4", label: "photos" });
  await attachNew(beta, { type: "ext4", label: "music" });
  await knowsDisk(onAlpha, "music");
  await knowsDisk(onBeta, "photos");
  await inBucket(server.host, ["delete"]);
  await eventually(async () => {
    const keys = await inBucket(server.host, ["keys"]);
    assert.equal(keys.filter((key) => key.startsWith("h.")).length, 2);
  });
  await hasProblem(onAlpha, null);
});

lanTest({
  name: "a key that the server refuses is tried again for ever",
  programs: ["nats-server"],
  hosts: HOSTS,
}, async ({ lan }) => {
  await Router.start(lan);
  const alpha = lan.host("alpha");
  const [right, wrong] = [nkeys.createUser(), nkeys.createUser()];
  await using _server = await NatsServer.start(
    lan.host("server"),
    `${JETSTREAM}authorization { users: [ { nkey: ${right.getPublicKey()} } ] }\n`,
  );
  await useHub(alpha, urlOf(lan), `  nkeyFile: ${NKEY_FILE}\n`);
  const use = (key: typeof right) =>
    Deno.writeFile(alpha.path(NKEY_FILE), key.getSeed(), { mode: 0o600 });
  await use(wrong);
  await using onAlpha = await Daemon.start(alpha, { args });
  await hasProblem(onAlpha, /Authorization Violation.*\/etc\/diskd\/nats\.nk/i);
  await use(right);
  await hasProblem(onAlpha, null);
});

lanTest({
  name: "TLS is used with the right authority, and with no other",
  programs: ["nats-server", "openssl"],
  hosts: HOSTS,
}, async ({ lan }) => {
  await Router.start(lan);
  const [alpha, host] = [lan.host("alpha"), lan.host("server")];
  await certify(host, "right");
  await certify(host, "wrong");
  await using _server = await NatsServer.start(
    host,
    `${JETSTREAM}tls { cert_file: "/etc/right.pem", key_file: "/etc/right.key" }\n`,
  );
  const caFile = "/etc/diskd/ca.pem";
  const line = `${host.address} ${SERVER_NAME}\n`;
  await Deno.writeTextFile(alpha.path("/etc/hosts"), line, { append: true });
  await useHub(alpha, `tls://${SERVER_NAME}:4222`, `  caFile: ${caFile}\n`);
  const give = (name: string) =>
    Deno.copyFile(host.path(`/etc/${name}.pem`), alpha.path(caFile));
  await give("wrong");
  await using onAlpha = await Daemon.start(alpha, { args });
  await hasProblem(onAlpha, /No hub: .*(certificate|UnknownIssuer)/i);
  await give("right");
  await hasProblem(onAlpha, null);
});

/** A certificate of a server that it signed itself. */
async function certify(host: Host, name: string): Promise<void> {
  const { code, stderr } = await host.run([
    ...["openssl", "req", "-x509", "-newkey", "ec"],
    ...["-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"],
    ...["-subj", `/CN=${name}`, "-addext", `subjectAltName=DNS:${SERVER_NAME}`],
    ...["-keyout", `/etc/${name}.key`, "-out", `/etc/${name}.pem`],
  ]);
  assert.equal(code, 0, stderr);
}

/** Does something with the bucket as its administrator. */
async function inBucket(
  host: Host,
  what: readonly string[],
): Promise<string[]> {
  const url = import.meta.resolve("../support/nats_admin_main.ts");
  const { code, stdout, stderr } = await host.run(scriptArgv(url, what));
  assert.equal(code, 0, stderr);
  return stdout.split("\n").filter((line) => line !== "");
}

lanTest({
  name:
    "a leaf node whose hub dies and returns leads to it again, and nothing is lost",
  programs: ["nats-server"],
  hosts: [...HOSTS, { name: "leaf", networks: ["home"] }],
}, async ({ lan }) => {
  await Router.start(lan);
  const [alpha, beta] = [lan.host("alpha"), lan.host("beta")];
  await using server = await NatsServer.start(
    lan.host("server"),
    `jetstream { store_dir: "/run/jetstream", domain: hub }
     leafnodes { listen: "0.0.0.0:7422" }\n`,
  );
  const remote = `nats-leaf://${server.host.address}:7422`;
  await using leaf = await NatsServer.start(
    lan.host("leaf"),
    `leafnodes { remotes: [ { url: "${remote}" } ] }\n`,
  );
  await useHub(alpha, leaf.url, "  domain: hub\n");
  await useHub(beta, server.url, "  domain: hub\n");
  await using onAlpha = await Daemon.start(alpha, { args });
  await using onBeta = await Daemon.start(beta, { args });
  await attachNew(beta, { type: "ext4", label: "photos" });
  await knowsDisk(onAlpha, "photos");
  await server.kill();
  await attachNew(alpha, { type: "ext4", label: "from-alpha" });
  await attachNew(beta, { type: "ext4", label: "from-beta" });
  await server.startAgain();
  await knowsDisk(onBeta, "from-alpha");
  await knowsDisk(onAlpha, "from-beta");
  await hasProblem(onAlpha, null);
});
