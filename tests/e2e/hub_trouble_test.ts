import assert from "node:assert/strict";
import { nkeys } from "@nats-io/nats-core";
import { Daemon, SHORT_INTERVALS } from "../support/daemon.ts";
import {
  hasHubProblem,
  HUB_HOSTS,
  knowsDisk,
  useHub,
} from "../support/hub_hosts.ts";
import { type Host, type Lan, lanTest } from "../support/lan.ts";
import { JETSTREAM, NatsServer } from "../support/nats_server.ts";
import { attachNew } from "../support/plug.ts";
import { Router } from "../support/router.ts";

const args = SHORT_INTERVALS;
const SERVER_NAME = "nats.example";
const NKEY_FILE = "/etc/diskd/nats.nk";

function urlOf(lan: Lan): { readonly url: string } {
  return { url: `nats://${lan.host("server").address}:4222` };
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
  hosts: [...HUB_HOSTS, { name: "gamma", networks: ["home"] }],
}, async ({ lan }) => {
  await Router.start(lan);
  const alpha = lan.host("alpha");
  await useHub(alpha, urlOf(lan));
  await using onAlpha = await Daemon.start(alpha, { args });
  await using _onGamma = await Daemon.start(lan.host("gamma"), { args });
  await attachNew(lan.host("gamma"), { type: "ext4", label: "photos" });
  await knowsDisk(onAlpha, "photos");
  await hasHubProblem(onAlpha, /^No hub: .*refused.*; tried nats:/i);
  const bare = await NatsServer.start(lan.host("server"), "");
  await hasHubProblem(onAlpha, /JetStream does not answer .*store_dir/);
  await using _server = await replaceServer(bare, JETSTREAM);
  await hasHubProblem(onAlpha, null);
});

lanTest({
  name: "a key that the server refuses is tried again for ever",
  programs: ["nats-server"],
  hosts: HUB_HOSTS,
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
  await hasHubProblem(
    onAlpha,
    /Authorization Violation.*\/etc\/diskd\/nats\.nk/i,
  );
  await use(right);
  await hasHubProblem(onAlpha, null);
});

lanTest({
  name: "TLS is used with the right authority, and with no other",
  programs: ["nats-server", "openssl"],
  hosts: HUB_HOSTS,
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
  const url = `tls://${SERVER_NAME}:4222`;
  await useHub(alpha, { url }, `  caFile: ${caFile}\n`);
  const give = (name: string) =>
    Deno.copyFile(host.path(`/etc/${name}.pem`), alpha.path(caFile));
  await give("wrong");
  await using onAlpha = await Daemon.start(alpha, { args });
  await hasHubProblem(
    onAlpha,
    /No hub: .*(certificate|UnknownIssuer).*diskd\/ca\.pem/i,
  );
  const { hub } = await onAlpha.call("status", {});
  await give("right");
  // A binary of Deno 2.6 cannot begin TLS on a connection, and does not say why.
  const isBinary = Deno.env.has("DISKD_BIN");
  if (isBinary && /before secure TLS/.test(hub!.problem!)) return;
  await hasHubProblem(onAlpha, null);
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

lanTest({
  name:
    "a leaf node whose hub dies and returns leads to it again, and nothing is lost",
  programs: ["nats-server"],
  hosts: [...HUB_HOSTS, { name: "leaf", networks: ["home"] }],
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
  await useHub(alpha, leaf, "  domain: hub\n");
  await useHub(beta, server, "  domain: hub\n");
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
  await hasHubProblem(onAlpha, null);
});
