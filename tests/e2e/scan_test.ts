import assert from "node:assert/strict";
import { readDatagram } from "../../src/codec/read_datagram.ts";
import { checkCommands } from "../support/check_outcome.ts";
import { Daemon } from "../support/daemon.ts";
import { eventually } from "../support/eventually.ts";
import { Firewall } from "../support/firewall.ts";
import { configure, shareKey } from "../support/keys.ts";
import { type Host, inSteps, lanTest } from "../support/lan.ts";
import { attachNew } from "../support/plug.ts";
import { Wiretap } from "../support/wiretap.ts";

const KEY = "/etc/diskd/key";
const PORT = 32003;

/** It is heard while a scan listens. */
const OFTEN = { args: ["--announce-interval", "300ms"] };

interface TwoHosts {
  readonly alpha: Host;
  readonly beta: Host;
}

lanTest({
  name: "scan says that no other host answered, and why",
  programs: ["nft", "socat"],
  hosts: ["alpha", "beta"],
}, async ({ alpha, beta }, t) => {
  await attachNew(alpha, { type: "swap", label: "near" });
  await inSteps(t, { alpha, beta }, {
    "nobody else runs diskd": nobodyIsThere,
    "a firewall here keeps everything out": isDeaf,
    "a firewall here lets nothing out": isMute,
    "no interface": hasNoInterface,
    "another program has the port": hasNoPort,
    "other datagrams": hearsOthers,
    "another host encrypts": hasNoKey,
    "another host does not sign": requiresKey,
    "a daemon of this host that encrypts, and no key": isBesideSealed,
    "a daemon of this host alone": isBesideDaemon,
    "who may read the key of this host asks as this host": asksSigned,
  });
});

/** The disks of this host are printed all the same. */
async function says(
  host: Host,
  stderr: RegExp,
  { options = "", code = 0 }: {
    readonly options?: string | undefined;
    readonly code?: number;
  } = {},
): Promise<void> {
  const stdout = /^HOST .*\nalpha .* near .*\n$/;
  const more = new RegExp(
    stderr.source.replace(/\\n\$$/, "\\nMore: diskd doctor\\n$"),
  );
  await checkCommands(host, [
    [`scan ${options}`.trim(), { code, stdout, stderr: more }],
  ]);
}

function nobodyIsThere(
  { alpha }: Pick<TwoHosts, "alpha">,
  options?: string,
): Promise<void> {
  return says(
    alpha,
    /^No other host answered\.\nThis host hears itself on eth0 192\.168\.1\.11, so .* group 230\.1\.2\.3, port 32003 .*firewall there.*\n$/,
    { options },
  );
}

async function isDeaf({ alpha }: TwoHosts): Promise<void> {
  const firewall = new Firewall(alpha);
  await firewall.refuse({ drop: "all" });
  await says(
    alpha,
    /^No other host answered\.\nNothing that this host sends to .* on eth0 .* comes back.*firewall here.*\n.*one of these:\n {2}ufw allow 32003\/udp\n {2}firewall-cmd [^\n]*\n {2}nft insert rule [^\n]*\n {2}iptables [^\n]*\n {2}ip6tables [^\n]*\n$/,
  );
  await firewall.open();
}

async function isMute({ alpha }: TwoHosts): Promise<void> {
  const firewall = new Firewall(alpha);
  await firewall.refuseOutgoing();
  await says(
    alpha,
    /^No other host answered\.\nCannot use eth0 \(192\.168\.1\.11\): a firewall here does not let UDP out.*\n$/,
  );
  await firewall.open();
}

function hasNoInterface({ alpha }: TwoHosts): Promise<void> {
  return says(
    alpha,
    /^No other host answered\.\nNo usable network interface: none is named wlan\* .*\n$/,
    { options: "--interface wlan*" },
  );
}

/** Then nobody was asked. */
async function hasNoPort({ alpha }: TwoHosts): Promise<void> {
  await using _taken = alpha.spawn([
    "socat",
    `UDP4-RECV:${PORT},reuseaddr=0`,
    "STDOUT",
  ]);
  await eventually(() =>
    says(
      alpha,
      /^No other host answered\.\nAnother program uses UDP port 32003 exclusively; stop it, .*\n$/,
      { code: 8 },
    )
  );
}

async function hearsOthers({ alpha, beta }: TwoHosts): Promise<void> {
  const to = `UDP4-DATAGRAM:230.1.2.3:${PORT},ip-multicast-if=${beta.address}`;
  await using _noise = beta.spawn([
    "sh",
    "-c",
    `while sleep 0.1; do echo noise | socat STDIN ${to}; done`,
  ]);
  await eventually(() =>
    says(
      alpha,
      /^No other host answered\.\nDatagrams that this diskd cannot read came from 192\.168\.1\.12: .*\n$/,
    )
  );
}

async function hasNoKey({ alpha, beta }: TwoHosts): Promise<void> {
  await shareKey(KEY, [beta]);
  await configure(
    beta,
    `keys: {mode: require, encrypt: true, files: [${KEY}]}\n`,
  );
  await using _daemon = await Daemon.start(beta, OFTEN);
  await eventually(() =>
    says(
      alpha,
      /^No other host answered\.\nEncrypted datagrams came from 192\.168\.1\.12, and this host has no key .*\n$/,
    )
  );
  await shareKey(KEY, [alpha]);
  await configure(alpha, `keys: {mode: accept, files: [${KEY}]}\n`);
  await eventually(() =>
    says(
      alpha,
      /^No other host answered\.\nDatagrams made with a key that this host does not know came from 192\.168\.1\.12: .*\n$/,
    )
  );
}

async function requiresKey({ alpha, beta }: TwoHosts): Promise<void> {
  await configure(beta, "");
  await configure(alpha, `keys: {mode: require, files: [${KEY}]}\n`);
  await using _daemon = await Daemon.start(beta, OFTEN);
  await eventually(() =>
    says(
      alpha,
      /^No other host answered\.\nDatagrams without a signature came from 192\.168\.1\.12, .*\n$/,
    )
  );
  await configure(alpha, "");
}

/** What its own host says is no sign of others. */
async function isBesideSealed({ alpha }: TwoHosts): Promise<void> {
  const open = "/etc/diskd/open.yaml";
  await Deno.writeTextFile(alpha.path(open), "");
  await configure(
    alpha,
    `keys: {mode: require, encrypt: true, files: [${KEY}]}\n`,
  );
  await using daemon = await Daemon.start(alpha, OFTEN);
  await nobodyIsThere({ alpha }, `--config ${open}`);
  await daemon.stop();
  await configure(alpha, "");
}

/** That is no other host. */
async function isBesideDaemon({ alpha, beta }: TwoHosts): Promise<void> {
  await using _own = await Daemon.start(alpha);
  await nobodyIsThere({ alpha });
  await using _other = await Daemon.start(beta);
  await eventually(() => says(alpha, /^$/));
}

/** Hosts that know alpha answer each such question. */
async function asksSigned({ alpha, beta }: TwoHosts): Promise<void> {
  const { hostId, publicKey } = JSON.parse(
    (await alpha.run(["diskd", "key", "show", "--json"])).stdout,
  );
  assert.match(hostId, /^[0-9a-f]{32}$/);
  const keysAsked = async () => {
    await using wiretap = await Wiretap.start(beta);
    await alpha.run(["diskd", "scan"]);
    return wiretap.heard(alpha.address).flatMap(({ bytes }) => {
      const datagram = readDatagram(bytes);
      return datagram.format === 2 ? [datagram.header.key] : [];
    });
  };
  assert.deepEqual(new Set(await keysAsked()), new Set([publicKey]));
  await alpha.run(["diskd", "key", "reset-identity"]);
  assert.deepEqual(new Set(await keysAsked()), new Set([null]));
}
