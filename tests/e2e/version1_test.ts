import assert from "node:assert/strict";
import { Daemon } from "../support/daemon.ts";
import { eventually } from "../support/eventually.ts";
import { type Host, lanTest } from "../support/lan.ts";
import { Version1Peer, type Version1Row } from "../support/version1_peer.ts";

const FIXTURES = new URL("../fixtures/v1/", import.meta.url);

interface Capture {
  readonly rows?: readonly Version1Row[];
  readonly refused?: true;
}

const CAPTURES: Readonly<Record<string, Capture>> = JSON.parse(
  Deno.readTextFileSync(new URL("index.json", FIXTURES)),
);

/** Labels that a careless writer of YAML or JSON trips over; at most the 16 bytes that swap takes. */
const LABELS: readonly string[] = [
  'say "hi"',
  "it's",
  "back\\slash\\",
  "\\ud83d\\u0041",
  "two\nlines\r\nmore",
  "\ttab",
  "\x1b[31mred\x07",
  "del\x7fdel",
  "c1 \x80\x85\x9b\x9f",
  "\u{1f4be}\u{1f469}\u200d\u{1f680}",
  "\u5907\u4efd\u786c\u76d8",
  "\ufeffbom\ufeff",
  "a\u2028b\u2029c",
  "\ufffe\uffff",
  "# comment",
  "a # b",
  "--- []",
  "...",
  "key: [value",
  "~",
  "null",
  "0x10",
  "<<",
  "*a",
  "!!binary A",
  "%YAML 1.1",
  "]],",
];

/** Near the longest that blkid tells whole: with its escapes 255 bytes. */
const LONG_LABEL = '\u{1f4be}"'.repeat(30);

/** Of bytes that are not UTF-8 there is nothing better to say. */
const NOT_UTF8 = { bytes: "bad\\377\\376", label: "bad\ufffd\ufffd" };

interface Site {
  readonly old: Host;
  readonly peer: Version1Peer;
  readonly daemons: readonly Daemon[];
}

lanTest({
  name: "diskd and hosts of 0.01 understand each other",
  python: ["yaml"],
  hosts: ["alpha", "beta", "old"],
}, async ({ alpha, beta, old }, t) => {
  await attachHostile(alpha);
  await using peer = await Version1Peer.start(old);
  await using first = await Daemon.start(alpha, {
    args: ["--host-name", 'al"pha\\ # \u{1f4be} ]}'],
  });
  await using second = await Daemon.start(beta);
  const site: Site = { old, peer, daemons: [first, second] };

  await t.step("the peer writes as captured", () => writesAsCaptured(site));
  await t.step(
    "it is listed by its address, with what it says",
    () => isListed(site),
  );
  for (const file of Object.keys(CAPTURES)) {
    await t.step(
      `${file} is taken in as 0.01 does`,
      () => takesIn(site, file),
    );
  }
  await t.step(
    "it reads all of our disks, whatever their labels",
    () => readsUs(site, alpha.address),
  );
  await t.step("it bears each command and a goodbye", async () => {
    for (const command of ["announce", "ping"] as const) {
      await first.json(command);
    }
    await first.stop();
    await eventually(() => {
      const last = peer.heard().findLast(({ from }) => from === alpha.address);
      assert.deepEqual(last?.rows, []);
    });
    assert.ok(peer.isAlive, peer.log);
  });
});

async function writesAsCaptured({ old }: Site): Promise<void> {
  for (const name of ["00-no-disks", "01-one-disk", "05-mixed-missing"]) {
    const { rows } = CAPTURES[`${name}.bin`]!;
    assert.equal(await Version1Peer.pack(old, rows!), readText(`${name}.bin`));
  }
}

async function isListed({ peer, old, daemons }: Site): Promise<void> {
  const disk: Version1Row = ["5faea5d0-75d5", "backup 2013", "/dev/sdb1"];
  await peer.announce([disk, [null, "SCRATCH", "/dev/sdc1"]]);
  for (const daemon of daemons) {
    const row = await eventually(async () => {
      const [found] = await daemon.json("where", "backup 2013");
      return found!;
    });
    assert.equal(row.host, old.address);
    assert.equal(row.address, old.address);
    assert.equal(row.state, "attached");
    assert.equal(row.type, null);
    const hosts = await daemon.json("hosts");
    const [known, ...more] = hosts.filter(({ version }) => version === "0.01");
    assert.deepEqual(more, []);
    assert.deepEqual(
      { ...known, heardAt: null, hostId: null },
      {
        host: old.address,
        uniqueHost: old.address,
        hostId: null,
        addresses: [old.address],
        version: "0.01",
        disks: 2,
        state: "up",
        heardAt: null,
        key: null,
        proven: false,
        fingerprint: null,
        nameHolder: null,
        cut: 0,
        site: null,
        relay: false,
        relayOf: null,
      },
    );
  }
}

async function takesIn(site: Site, file: string): Promise<void> {
  const { old, peer, daemons } = site;
  const { rows, refused } = CAPTURES[file]!;
  const before = await Promise.all(
    daemons.map((daemon) => knownOf(daemon, old)),
  );
  await peer.send(Deno.readFileSync(new URL(file, FIXTURES)));
  for (const [i, daemon] of daemons.entries()) {
    await eventually(async () => {
      const known = await knownOf(daemon, old);
      if (refused) assert.equal(known.refused, before[i]!.refused + 1);
      const expected = refused ? before[i]!.rows : listed(rows!);
      assert.deepEqual(known.rows, expected);
    });
  }
}

/** A row without a device stands for nothing, and an empty text for none. */
function listed(rows: readonly Version1Row[]): Version1Row[] {
  return rows.filter(([, , device]) => device !== null)
    .map(([uuid, label, device]) => [uuid || null, label || null, device]);
}

async function knownOf(daemon: Daemon, { address }: Host) {
  const rows = await daemon.call("list", {});
  const { datagrams } = await daemon.call("status", {});
  return {
    refused: datagrams.rejected["bad-list"] ?? 0,
    rows: rows.filter(({ host }) => host === address)
      .map(({ uuid, label, device }): Version1Row => [uuid, label, device]),
  };
}

/** The list comes in parts, of which 0.01 keeps the last; here all that were read count. */
async function readsUs(
  { peer, daemons: [sender] }: Site,
  address: string,
): Promise<void> {
  const ours = await sender!.json("list");
  const expected = ours.filter((row) => row.address === address)
    .map(({ uuid, label, device }): Version1Row => [uuid, label, device]);
  assert.deepEqual(
    expected.map(([, label]) => label).toSorted(),
    [...LABELS, LONG_LABEL, NOT_UTF8.label].toSorted(),
  );
  await eventually(() => {
    assert.ok(peer.isAlive, peer.log);
    assert.deepEqual(distinct(peer, address), distinctOf(expected));
  });
}

function distinct(peer: Version1Peer, address: string): string[] {
  const heard = peer.heard().filter(({ from }) => from === address);
  return distinctOf(heard.flatMap(({ rows }) => rows));
}

function distinctOf(rows: readonly Version1Row[]): string[] {
  return [...new Set(rows.map((row) => JSON.stringify(row)))].toSorted();
}

async function attachHostile(host: Host): Promise<void> {
  for (const label of LABELS) {
    await host.attach(await host.disk({ type: "swap", label }));
  }
  await host.attach(await host.disk({ type: "btrfs", label: LONG_LABEL }));
  const disk = await host.disk({ type: "raw" });
  await host.attach(disk);
  const script = `mkswap -L "$(printf '${NOT_UTF8.bytes}')" ${disk.device}`;
  const { code, stderr } = await host.run(["sh", "-c", script]);
  assert.equal(code, 0, stderr);
}

function readText(file: string): string {
  return Deno.readTextFileSync(new URL(file, FIXTURES));
}
