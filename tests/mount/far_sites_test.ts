import assert from "node:assert/strict";
import { ANYTHING } from "../support/check_outcome.ts";
import { eventually } from "../support/eventually.ts";
import { asRoot } from "../support/host.ts";
import { configure } from "../support/keys.ts";
import { inSteps } from "../support/lan.ts";
import { ALLOW_ALL, type MountSite, mountTest } from "../support/mount_site.ts";
import { Router } from "../support/router.ts";
import type { Site } from "../support/site.ts";
import { AUTHORIZED_KEYS, KNOWN_HOSTS } from "../support/ssh_lan.ts";

const CONFIG = `${ALLOW_ALL}locate: {allow: ["*"]}\n`;
const MOUNTED = "b1:/run/media/diskd/backup";
const FOLDER = "/run/diskd-open/backup";

let router: Router;

mountTest({
  name: "diskd mount goes through relays to another site",
  hosts: [
    { name: "a1", networks: ["home"] },
    { name: "ar", networks: ["home", "vpn"] },
    { name: "b1", networks: ["cabin"] },
    { name: "br", networks: ["cabin", "vpn"] },
  ],
  // Hosts stay known for a while when their relay is off.
  args: ["--announce-interval", "10"],
  config: CONFIG,
  programs: ["nft"],
  prepare: joinSites,
}, async (site, t) => {
  await site.plug("b1", "backup");
  await site.plug("br", "vault");
  await inSteps(t, site, {
    "through both relays": goesThroughBoth,
    "a light": locates,
    "from a relay": startsAtRelay,
    "to a relay": endsAtRelay,
    "each key is checked": checksKeys,
    "where the host is reached itself": goesStraight,
    "the setting ssh": followsSetting,
    "no relay": hasNoRelay,
  });
});

/** Only the relays reach each other, and no name server knows any host. */
async function joinSites({ lan }: Site): Promise<void> {
  router = await Router.start(lan);
  await router.cut();
  const relays = { ar: ["home", "br"], br: ["cabin", "ar"] } as const;
  for (const [name, [site, peer]] of Object.entries(relays)) {
    const address = lan.host(peer).ports.at(-1)!.address;
    const lines = `${CONFIG}site: ${site}\npeers: ["${address}"]\n`;
    await configure(lan.host(name), lines);
    // As the end of a VPN, where nobody multicasts.
    await asRoot(
      lan.host(name),
      "ip link set eth1 down; ip link set eth1 name wg0; ip link set wg0 up",
    );
  }
  // As docs/sites.md has it for who may do nothing else on a relay.
  const keys = lan.host("ar").path(AUTHORIZED_KEYS);
  const text = await Deno.readTextFile(keys);
  const forwarding = 'restrict,port-forwarding,command="/bin/false"';
  await Deno.writeTextFile(
    keys,
    text.replace(/^ssh-\S+ \S+ a1$/m, `${forwarding} $&`),
  );
  for (const host of lan.hosts) {
    await Deno.writeTextFile(host.path("/etc/hosts"), "127.0.0.1 localhost\n");
  }
}

async function goesThroughBoth(site: MountSite): Promise<void> {
  const way =
    "b1 is at cabin; ssh goes through ar and br. To choose: ssh: {b1: HOST} in the configuration.\n";
  const [ar, br] = ["ar", "br"].map((name) => site.host(name));
  const a1 = site.host("a1");
  const command = await site.check("a1", "mount backup --dry-run", {
    stdout: /^ssh /,
    stderr: new RegExp(`^${RegExp.escape(way)}$`),
  });
  for (
    const part of [
      `HostName=${ar!.address} -o HostKeyAlias=ar `,
      `HostName=${br!.ports.at(-1)!.address} -o HostKeyAlias=br `,
      `HostName=${site.host("b1").address} -o HostKeyAlias=b1 `,
    ]
  ) {
    assert.ok(command.includes(part), command);
  }
  // It can be run by hand.
  assert.equal(JSON.parse(await asRoot(a1, command)).host, "b1");
  await site.hasMounts([MOUNTED]);
  await site.check("a1", "open backup", {
    stdout: new RegExp(`^${FOLDER}\n$`),
    stderr: new RegExp(`^${RegExp.escape(way)}$`),
  });
  await site.hasMounts([`a1:${FOLDER}`, MOUNTED]);
  assert.equal(await asRoot(a1, `cat ${FOLDER}/hello`), "from b1\n");
  await site.check("a1", "unmount backup", {
    stdout: new RegExp(`^a1:${FOLDER}\n${MOUNTED}\n$`),
    stderr: new RegExp(`^${RegExp.escape(way)}$`),
  });
  await site.hasMounts([]);
}

async function locates(site: MountSite): Promise<void> {
  await site.check("a1", "locate backup --for 1s", {
    stdout: /^backup is on b1\n/,
    stderr: /^b1 is at cabin; ssh goes through ar and br\./,
  });
}

async function startsAtRelay(site: MountSite): Promise<void> {
  const stderr = /^b1 is at cabin; ssh goes through br\./;
  const at = "/mnt/b";
  await site.check("ar", `mount backup --at ${at}`, {
    stdout: new RegExp(`^${at}\n$`),
    stderr,
  });
  assert.equal(await asRoot(site.host("ar"), `cat ${at}/hello`), "from b1\n");
  await site.check("ar", "unmount backup", {
    stdout: new RegExp(`^ar:${at}\n${MOUNTED}\n$`),
    stderr,
  });
  await asRoot(site.host("ar"), `rmdir ${at}`);
  await site.hasMounts([]);
}

async function endsAtRelay(site: MountSite): Promise<void> {
  const stdout = /^br:\/run\/media\/diskd\/vault\n$/;
  await site.check("a1", "mount vault", {
    stdout,
    stderr: /^br is at cabin; ssh goes through ar\./,
  });
  // Relays hear each other.
  await site.check("ar", "unmount vault", { stdout });
  await site.hasMounts([]);
}

/** By name, of relays and of the host itself. */
async function checksKeys(site: MountSite): Promise<void> {
  const file = site.host("a1").path(KNOWN_HOSTS);
  const known = await Deno.readTextFile(file);
  for (const name of ["ar", "b1"]) {
    const wrong = site.ssh.knownHosts([site.host("a1")]).replace("a1", name);
    const others = known.replace(new RegExp(`^${name} .*\n`, "m"), "");
    await Deno.writeTextFile(file, others + wrong);
    await site.refuses("a1", "mount backup", {
      code: 7,
      stderr: new RegExp(`Host key for ${name} has changed`),
    });
  }
  await Deno.writeTextFile(file, known);
}

async function goesStraight(site: MountSite): Promise<void> {
  await router.mend();
  const { address } = site.host("b1");
  const way = `b1 is at cabin; ssh goes straight to ${address}.\n`;
  const stderr = new RegExp(`^${RegExp.escape(way)}$`);
  await site.check("a1", "mount backup", { ...ANYTHING, stderr });
  await site.check("a1", "unmount backup", { ...ANYTHING, stderr });
  await site.hasMounts([]);
}

async function followsSetting(site: MountSite): Promise<void> {
  const a1 = site.host("a1");
  await configure(a1, `${CONFIG}ssh: {b1: jo@b1.example}\n`);
  await site.check("a1", "mount backup --dry-run", {
    stdout: /^ssh (?!.*Proxy).* -- jo@b1\.example diskd/,
  });
  await router.cut();
  // A relay as well.
  await configure(a1, `${CONFIG}ssh: {br: nobody@127.0.0.1}\n`);
  await site.refuses("a1", "mount backup", {
    code: 7,
    stderr: /^b1 is at cabin; ssh goes through br\.[^]*127\.0\.0\.1/,
  });
  await configure(a1, CONFIG);
}

async function hasNoRelay(site: MountSite): Promise<void> {
  await site.check("a1", "open backup", { ...ANYTHING, stderr: /^/ });
  await site.daemon("br").stop();
  await eventually(async () => {
    const rows = await site.daemon("a1").call("hosts", {});
    const found = rows.find(({ host }) => host === "br");
    assert.equal(found?.state, "gone");
  });
  const stderr =
    /b1 is at cabin and does not answer at 192\.168\.\d+\.\d+ from here, and no relay of cabin is up\n[^]*ssh: \{"b1": user@host\}/;
  await site.refuses("a1", "mount backup", { code: 7, stderr });
  // What is here goes all the same.
  await site.check("a1", "unmount backup", {
    code: 7,
    stdout: /a1:/,
    stderr: /no relay of cabin is up[^]*It may still be mounted on b1/,
  });
  await site.hasMounts([MOUNTED]);
}
