import assert from "node:assert/strict";
import { type Disk, makeDisk } from "../../src/inventory/disk.ts";
import { eventually } from "../support/eventually.ts";
import { asRoot } from "../support/host.ts";
import { datagramOf } from "../support/announcements.ts";
import { realKey } from "../support/host_keys.ts";
import { configure } from "../support/keys.ts";
import type { Host } from "../support/lan.ts";
import { type RawDatagram, RawPeer } from "../support/raw_peer.ts";
import { ALLOW_ALL, type MountSite, mountTest } from "../support/mount_site.ts";
import { replaceDiskd, restoreDiskd } from "../support/replaced_programs.ts";

/** Is there after a word of the LAN was run somewhere. */
const PWNED = "/run/pwned";

/** What a host may call itself; each would do harm in the place of a host name. */
const HOST_NAMES = [
  `-oProxyCommand=touch ${PWNED}`,
  `-oProxyCommand=touch\t${PWNED}`,
  "-lroot",
  "--",
  `alpha;touch ${PWNED}`,
  `$(touch ${PWNED})`,
  "alpha:/etc",
  "root@alpha",
  "ssh://alpha",
  "alpha,ssh_command=touch",
  "../../etc",
  "alpha\nbeta",
  "[::1]",
];

/** What a disk may be called; its directory is named after that. */
const LABELS = [
  "../../../etc",
  "..",
  "-rf",
  "a:b,c\\d",
  "$(id>/run/p)",
  "a\nb",
];

mountTest(
  { name: "diskd mount turns no word of the LAN into a command" },
  async (site, t) => {
    await using peer = new RawPeer(site.host("alpha"));
    await t.step("host names", () => sendsHostNames(site, peer));
    await t.step("UUIDs", () => sendsUuids(site, peer));
    await t.step("labels", () => hasLabels(site));
    await t.step("where it is mounted", () => announcesMounts(site, peer));
    await t.step("answers", () => answersPaths(site));
    await t.step("what is asked for", () => isAsked(site));
    for (const name of ["alpha", "beta"]) {
      await harmsNobody(site.host(name));
    }
  },
);

async function sendsHostNames(site: MountSite, peer: RawPeer): Promise<void> {
  for (const [number, host] of HOST_NAMES.entries()) {
    const uuid = crypto.randomUUID();
    await peer.send([lie(number, { host, uuid, label: `lie-${number}` })]);
  }
  for (const number of HOST_NAMES.keys()) {
    await isHeard(site, `lie-${number}`);
    await site.refuses("beta", `open lie-${number}`, {
      code: 6,
      stderr: /host name .* not safe for ssh[^]*ssh: \{/,
    });
  }
  // Not even where the configuration says so.
  await configure(
    site.host("beta"),
    `ssh: {alpha: "-oProxyCommand=touch ${PWNED}"}\n`,
  );
  await site.refuses("beta", "mount lie-0", { code: 2, stderr: /ssh/ });
  await configure(site.host("beta"), ALLOW_ALL);
}

async function sendsUuids(site: MountSite, peer: RawPeer): Promise<void> {
  const uuids = [
    `-oProxyCommand=touch ${PWNED}`,
    "--read-only",
    `;touch ${PWNED};`,
    "../../etc",
    `$(touch ${PWNED})`,
    "a b",
    "a\nb",
  ];
  for (const [number, uuid] of uuids.entries()) {
    const label = `uuid-${number}`;
    await peer.send([lie(50 + number, { host: "alpha", uuid, label })]);
    await isHeard(site, label);
    await site.refuses("beta", `open ${label}`, {
      code: 6,
      stderr: /UUID of .* expected 1 to 64/,
    });
  }
}

async function hasLabels(site: MountSite): Promise<void> {
  const beta = site.host("beta");
  const folders = new RegExp("^/run/diskd-open/[^/\n]+\n$");
  for (const label of LABELS) {
    const disk = await site.plug("alpha", label);
    const path = await site.check("beta", ["open", disk.uuid!], {
      stdout: folders,
      stderr: /^/,
    });
    const name = path.trimEnd().split("/").at(-1)!;
    assert.doesNotMatch(name, /^[.-]|[^A-Za-z0-9._ -]/);
    await site.hasMounts([
      `alpha:/run/media/diskd/${name}`,
      `beta:/run/diskd-open/${name}`,
    ]);
    const hello = await asRoot(beta, `cat '${path.trimEnd()}/hello'`);
    assert.equal(hello, "from alpha\n");
    await site.check("beta", ["unmount", disk.uuid!], {
      stdout: /^/,
      stderr: /^/,
    });
    await site.hasMounts([]);
    await site.pull("alpha", disk);
  }
}

/** They show in a dry run, quoted, and nowhere else. */
async function announcesMounts(site: MountSite, peer: RawPeer): Promise<void> {
  const mounts = [`/mnt/$(touch ${PWNED})`];
  const uuid = crypto.randomUUID();
  const label = "mounted-lie";
  await peer.send([lie(90, { host: "alpha", uuid, label, mounts })]);
  await isHeard(site, "mounted-lie");
  const printed = await site.check(
    "beta",
    "mount mounted-lie --at /mnt/b --dry-run",
    { stdout: /./, stderr: /^/ },
  );
  await site.host("beta").run(["sh", "-c", printed]);
  // There is no such disk on the real alpha.
  await site.refuses("beta", "open mounted-lie", { code: 1, stderr: /alpha/ });
}

/** The host that it is mounted on says where. */
async function answersPaths(site: MountSite): Promise<void> {
  const alpha = site.host("alpha");
  const disk = await site.plug("alpha", "honest");
  const { hostId } = await site.daemon("alpha").call("localhost", {});
  const paths = ["-oProxyCommand=x", "/a\u001b[2J", "/a\nb", "", null];
  for (const path of paths) {
    const answer = JSON.stringify({
      ...{ host: "alpha", hostId, device: disk.device, uuid: disk.uuid },
      ...{ label: "honest", type: "ext4", path, at: null },
      ...{ readOnly: false, wasMounted: true },
    });
    await Deno.writeTextFile(alpha.path("/run/answer"), answer);
    await replaceDiskd(alpha, "cat /run/answer");
    await site.refuses("beta", "mount honest --at /mnt/b", {
      code: 7,
      stderr: /answer of alpha is not from diskd: "path"/,
    });
    await restoreDiskd(alpha);
  }
}

/** A caller from outside names nothing but a UUID. */
async function isAsked(site: MountSite): Promise<void> {
  const words = [
    "honest",
    "/dev/loop0",
    "../../etc",
    "$(id)",
    "",
    "-",
  ];
  for (const word of words) {
    const { code } = await site.host("alpha")
      .run(["diskd", "mount", "--here", "--", word]);
    assert.ok([1, 2].includes(code), `${word}: ${code}`);
  }
  await site.hasMounts([]);
}

/** A host that does not exist says that it has a disk; each has an address of its own, as one address is not believed to be many hosts. */
function lie(
  number: number,
  { host, ...disk }: Partial<Disk> & { readonly host: string },
): RawDatagram {
  const id = `liar-${number}`;
  const disks = [makeDisk({ device: "/dev/sdx1", type: "ext4", ...disk })];
  const bytes = datagramOf(realKey(id), { every: 3_600, host, disks });
  return { source: `192.168.1.${100 + number}`, bytes };
}

async function isHeard(site: MountSite, label: string): Promise<void> {
  await eventually(async () => {
    const rows = await site.daemon("beta").call("where", { name: label });
    assert.equal(rows[0]?.state, "attached");
  });
}

async function harmsNobody(host: Host): Promise<void> {
  const found = await asRoot(host, `ls -d ${PWNED} /run/p 2>/dev/null || true`);
  assert.equal(found, "");
}
