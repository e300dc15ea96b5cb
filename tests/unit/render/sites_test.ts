import assert from "node:assert/strict";
import type { DiskRow } from "../../../src/control/views.ts";
import { renderDisk } from "../../../src/render/disk.ts";
import { renderDisks, sayCounts } from "../../../src/render/disks.ts";
import { drivesIn, renderDrives } from "../../../src/render/drives.ts";
import { renderEvent } from "../../../src/render/event.ts";
import { UTC } from "../../../src/render/format.ts";
import { renderSightings } from "../../../src/render/history.ts";
import { renderHosts } from "../../../src/render/hosts.ts";
import { renderTree } from "../../../src/render/tree.ts";
import { eventRow } from "../control/support.ts";
import { diskNotice } from "../../../src/render/notice.ts";
import { renderMetrics } from "../../../src/render/metrics.ts";
import { renderStatus } from "../../../src/render/status.ts";
import { ago, diskRow, hostRow, PLAIN, sightingRow, STATUS } from "./rows.ts";

const HERE = diskRow({ host: "a1", hostId: "a1", site: "home", uuid: "1" });
const THERE = diskRow({
  host: "b1",
  hostId: "b1",
  site: "away",
  uuid: "2",
  address: "192.168.2.11",
});
const AROUND = {
  site: "home",
  relays: [{ host: "br", hostId: "br", uniqueHost: "br", site: "away" }],
};
const NARROW = { ...PLAIN, columns: 100 };

Deno.test("renderDisks() shows the site only if rows are of several", () => {
  const [heading, ...lines] = renderDisks([HERE, { ...HERE }, THERE], NARROW, {
    isGrouped: true,
  }).split("\n");
  assert.match(heading!, /^HOST +SITE +DEVICE /);
  assert.deepEqual(lines.slice(0, 3).map((line) => line.slice(0, 12)), [
    "a1    home  ",
    "            ",
    "b1    away  ",
  ]);
  for (const rows of [[HERE], [THERE, THERE], [diskRow()]]) {
    assert.doesNotMatch(renderDisks(rows, PLAIN), /SITE/);
  }
});

Deno.test("renderDisks() shows a site without a name as unknown, but not where a host is unknown", () => {
  const unnamed = { ...HERE, site: null };
  assert.match(renderDisks([unnamed, THERE], PLAIN), /\na1 +- +\/dev/);
  const gone = { ...unnamed, state: "detached" } as const;
  assert.doesNotMatch(renderDisks([gone, THERE], PLAIN), /SITE/);
});

Deno.test("sayCounts() counts sites if there are several", () => {
  assert.equal(sayCounts([HERE, THERE]), "2 disks on 2 hosts at 2 sites");
  assert.equal(sayCounts([HERE]), "1 disk on 1 host");
});

Deno.test("drives and the tree say the site if there are several", () => {
  const of = (rows: readonly DiskRow[]) =>
    rows.map((row) => ({ ...row, kind: "disk", parents: [] }));
  const drives = renderDrives(drivesIn(of([HERE, THERE])), PLAIN);
  assert.match(drives, /^HOST +SITE +DEVICE[^]*\nb1 +away +\/dev\/sdb1/);
  assert.doesNotMatch(renderDrives(drivesIn(of([THERE])), PLAIN), /SITE/);
  assert.match(
    renderTree(of([HERE, THERE]), PLAIN),
    /\na1 at home\n[^]*b1 at away\n/,
  );
  assert.match(renderTree(of([THERE]), PLAIN), /\nb1\n/);
});

Deno.test("renderDisk() says of a disk at another site where that is, and by which relay", () => {
  const lines = (row: DiskRow, around = {}) => {
    const text = renderDisk(row, { view: PLAIN, around }).split("\n");
    return [text[0], text.find((line) => line.startsWith("  host"))?.trim()];
  };
  assert.deepEqual(lines(THERE, AROUND), [
    "backup-2019 is on b1 at away, /dev/sdb1, mounted on /mnt/b",
    "host   192.168.2.11 at away, through relay br, heard 3 s ago",
  ]);
  assert.deepEqual(
    lines({ ...THERE, state: "stale" }, AROUND)[0],
    "backup-2019 was in b1 at away, silent for 3 s (crash or network)",
  );
  assert.deepEqual(
    lines({ ...THERE, state: "detached", unplugged: true }, AROUND)[0],
    "backup-2019 is unplugged; until today 11:59Z it was in b1 at away, /dev/sdb1",
  );
  assert.match(
    lines({ ...THERE, hostId: "br", host: "br" }, AROUND)[1]!,
    /192\.168\.2\.11 at away, heard/,
  );
  assert.match(
    lines(THERE, { site: null, relays: [] })[1]!,
    /192\.168\.2\.11 at away, heard/,
  );
  const near = ["backup-2019 is on a1, /dev/sdb1, mounted on /mnt/b"];
  assert.deepEqual(lines(HERE, AROUND).slice(0, 1), near);
  assert.deepEqual(lines({ ...HERE, site: null }, AROUND).slice(0, 1), near);
});

Deno.test("renderHosts() shows sites and relays", () => {
  const rows = [
    hostRow({ host: "ar", site: "home", relay: true }),
    hostRow({ host: "b1", site: "away" }),
  ];
  assert.match(
    renderHosts(rows, PLAIN),
    /^HOST +SITE +STATE +DISKS.*\nar +home +up, relay .*\nb1 +away +up +3/,
  );
  assert.doesNotMatch(renderHosts(rows.slice(1), PLAIN), /SITE/);
});

Deno.test("renderEvent() says the sites of a disk that moved from one to another", () => {
  const moved = {
    ...eventRow("/dev/sdb1"),
    event: "moved",
    uniqueHost: "b1",
    site: "away",
    uniqueFrom: "a1",
    fromSite: "home",
  };
  const line = (row: typeof moved) => renderEvent(row, { zone: UTC });
  assert.match(line(moved), / b1 at away {2}.* {2}from a1 at home\n$/);
  assert.match(line({ ...moved, fromSite: "away" }), / b1 {2}.* {2}from a1\n$/);
});

Deno.test("renderSightings() shows the sites of a disk that was at several", () => {
  const rows = [
    sightingRow({ host: "b1", site: "away" }),
    sightingRow({ host: "a1", site: "home", state: "detached", until: ago(9) }),
  ];
  assert.match(
    renderSightings(rows, NARROW),
    /HOST +SITE +DEVICE[^]* b1 +away +\/dev[^]* a1 +home +\/dev/,
  );
  assert.doesNotMatch(renderSightings(rows.slice(1), NARROW), /SITE/);
});

const PEER = {
  peer: "away.example",
  address: "192.168.2.12",
  site: "away",
  reached: true,
  since: ago(60),
  problem: null,
};

Deno.test("renderStatus() has a line for the site, and one for its peers", () => {
  const lines = (known: Partial<typeof STATUS>) =>
    renderStatus({ ...STATUS, ...known }, PLAIN).split("\n")
      .filter((line) => /^(site|peers) /.test(line))
      .map((line) => line.replace(/ +/, " "));
  const attic = {
    ...PEER,
    peer: "10.8.0.3",
    address: "10.8.0.3",
    site: null,
    reached: false,
  };
  const nameless = {
    ...attic,
    peer: "attic.example",
    address: null,
    since: null,
  };
  assert.deepEqual(lines({ site: "home", peers: [PEER, attic, nameless] }), [
    "site home",
    "peers away (away.example, 192.168.2.12) reached since today 11:59Z; " +
    "10.8.0.3 not reached since today 11:59Z; attic.example not reached",
  ]);
  const keyless = { ...PEER, problem: "The peer is heard, but ..." };
  assert.deepEqual(lines({ peers: [keyless] }), [
    "peers away (away.example, 192.168.2.12) heard, not accepted, since today 11:59Z",
  ]);
  assert.deepEqual(lines({ site: null, peers: [] }), []);
  assert.deepEqual(lines({}), []);
});

Deno.test("metrics say where a host is, and whether a peer is reached", () => {
  const hosts = [
    hostRow({ host: "a1", hostId: "a1", site: "home" }),
    hostRow({ host: "old", hostId: "old", version: null }),
  ];
  const status = {
    ...STATUS,
    peers: [PEER, { ...PEER, peer: "b", reached: false }],
  };
  const facts = { status, hosts, disks: [], duplicates: [], expected: [] };
  const lines = (all: boolean) =>
    renderMetrics({ ...facts, all }).split("\n")
      .filter((line) => /^diskd_(host_info|peer)/.test(line));
  const reached = [
    'diskd_peer_reached{peer="away.example"} 1',
    'diskd_peer_reached{peer="b"} 0',
  ];
  assert.deepEqual(lines(true), [
    'diskd_host_info{host="a1",host_id="a1",site="home",version="0.1.0"} 1',
    'diskd_host_info{host="old",host_id="old",site="",version=""} 1',
    ...reached,
  ]);
  assert.deepEqual(lines(false), reached);
});

Deno.test("a message says the sites between which a disk moved", () => {
  const said = (fromSite: string) =>
    diskNotice({
      event: "moved",
      at: ago(0),
      disk: { ...THERE, size: null },
      ...{ host: "b1", hostId: "b1", uniqueHost: "b1", site: "away" },
      ...{ uniqueFrom: "a1", fromSite },
    }).text;
  assert.equal(said("home"), "backup-2019 moved from a1 at home to b1 at away");
  assert.equal(said("away"), "backup-2019 moved from a1 to b1");
});
