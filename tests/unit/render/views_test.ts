import assert from "node:assert/strict";
import type { StatusView } from "../../../src/control/views.ts";
import { renderDisk } from "../../../src/render/disk.ts";
import {
  renderAnnounce,
  renderPing,
  renderRefresh,
} from "../../../src/render/done.ts";
import { renderEvent } from "../../../src/render/event.ts";
import { renderHosts } from "../../../src/render/hosts.ts";
import { renderJson, renderJsonLine } from "../../../src/render/json.ts";
import { renderLocalhost } from "../../../src/render/localhost.ts";
import { renderStatus } from "../../../src/render/status.ts";
import { ago, diskRow, hostRow, PLAIN } from "./rows.ts";

Deno.test("renderDisk() says where it is and all that is known of it", () => {
  const row = diskRow({
    mounts: ["/mnt/b", "/srv"],
    partuuid: "0a1b-01",
    model: "WD\x1b40",
    tran: "usb",
    serial: "X1",
  });
  assert.equal(
    renderDisk(row, PLAIN),
    `\
backup-2019 is on alpha
  device    /dev/sdb1
  mounted   /mnt/b, /srv
  label     backup-2019
  uuid      8261f666-2f3c-4b5e-9a0e-1d2c3b4a5f60
  type      ext4
  size      3.6T
  partuuid  0a1b-01
  model     WD\\x1b40, usb
  serial    X1
  address   192.168.1.10
  seen      3s ago
`,
  );
});

Deno.test("renderDisk() says how sure it is", () => {
  const heading = (known: Parameters<typeof diskRow>[0]) =>
    renderDisk(diskRow(known), PLAIN).split("\n")[0];
  assert.equal(
    heading({ state: "stale", seenAt: ago(200) }),
    "backup-2019 was on alpha, which has not been heard for 3m",
  );
  assert.equal(
    heading({ state: "detached", seenAt: ago(7200), label: null }),
    "8261f666-2f3c-4b5e-9a0e-1d2c3b4a5f60 is not attached; it was last seen on alpha, 2h ago",
  );
  assert.equal(heading({ label: "", uuid: null }), "/dev/sdb1 is on alpha");
  assert.equal(
    heading({ label: "a\nb", host: "\x07h" }),
    "a\\x0ab is on \\x07h",
  );
});

const HOSTS = [
  hostRow(),
  hostRow({
    host: "old\nbox",
    version: "0.01",
    state: "stale",
    addresses: ["192.168.1.11", "10.0.0.11"],
    heardAt: ago(2000),
  }),
  hostRow({
    host: "gone",
    version: null,
    addresses: [],
    disks: 12,
    state: "gone",
  }),
];

Deno.test("renderHosts() shows every host", () => {
  assert.equal(
    renderHosts(HOSTS, PLAIN),
    `\
HOST        STATE  DISKS  HEARD  VERSION  ADDRESSES
alpha       up         3    12s  0.1.0    192.168.1.10
old\\x0abox  stale      3    33m  0.01     192.168.1.11,10.0.0.11
gone        gone      12    12s  -        -
`,
  );
});

Deno.test("renderHosts() fits into 60 columns", () => {
  assert.equal(
    renderHosts(HOSTS, { ...PLAIN, columns: 60 }),
    `\
HOST        STATE  DISKS  HEARD  VERSION  ADDRESSES
alpha       up         3    12s  0.1.0    192.168.1.10
old\\x0abox  stale      3    33m  0.01     192.168.1.11,10.0…
gone        gone      12    12s  -        -
`,
  );
});

Deno.test("renderLocalhost() shows where it speaks, and where it cannot", () => {
  const view = {
    host: "alpha",
    hostId: "9f0c",
    version: "0.1.0",
    addresses: ["192.168.1.10", "10.0.0.1"],
    interfaces: [
      { name: "eth0", address: "192.168.1.10", joined: true, problem: null },
      { name: "eth1", address: "10.0.0.1", joined: false, problem: "no route" },
    ],
  };
  assert.equal(
    renderLocalhost(view),
    `\
host       alpha
id         9f0c
version    0.1.0
addresses  192.168.1.10, 10.0.0.1
interface  eth0 192.168.1.10
interface  eth1 10.0.0.1, not joined: no route
`,
  );
  assert.ok(
    renderLocalhost({ ...view, interfaces: [] }).includes(
      "\ninterfaces  none\n",
    ),
  );
});

const STATUS: StatusView = {
  version: "0.1.0",
  hostId: "9f0c",
  host: "alpha",
  uptimeSeconds: 7300,
  scan: { at: ago(20), ok: true, durationMs: 41, disks: 3, problems: [] },
  datagrams: {
    sent: 10,
    sendErrors: 0,
    received: 25,
    own: 10,
    copies: 1,
    rejected: {},
  },
  hosts: 2,
  disks: 5,
  clients: { now: 1, served: 4, turnedAway: 0, dropped: 0 },
  problems: [],
};

Deno.test("renderStatus() shows a daemon that is well", () => {
  assert.equal(
    renderStatus(STATUS, PLAIN),
    `\
diskd      0.1.0
host       alpha (9f0c)
up         2h
known      5 disks on 2 hosts
scan       20s ago, took 41 ms, 3 disks here
datagrams  10 sent, 25 received (10 own, 1 copies)
rejected   none
clients    1 now, 4 served
`,
  );
});

Deno.test("renderStatus() shows what went wrong", () => {
  const text = renderStatus({
    ...STATUS,
    scan: { ...STATUS.scan, ok: false, problems: ["blkid hangs on /dev/sdc"] },
    datagrams: {
      ...STATUS.datagrams,
      sendErrors: 2,
      rejected: { "not-diskd": 3, "bad-body": 1, "too-long": 0 },
    },
    clients: { now: 1, served: 4, turnedAway: 2, dropped: 1 },
    problems: ["a second \x1bdiskd has this id"],
  }, PLAIN);
  assert.equal(
    text.slice(text.indexOf("scan")),
    `\
scan       20s ago, took 41 ms, 3 disks here, not whole
datagrams  10 sent, 25 received (10 own, 1 copies), 2 could not be sent
rejected   3 not-diskd, 1 bad-body
clients    1 now, 4 served, 2 turned away, 1 dropped
problem    blkid hangs on /dev/sdc
problem    a second \\x1bdiskd has this id
`,
  );
});

Deno.test("renderStatus() says when there was no scan yet", () => {
  const scan = {
    at: null,
    ok: false,
    durationMs: null,
    disks: 0,
    problems: [],
  };
  assert.ok(
    renderStatus({ ...STATUS, scan }, PLAIN).includes(
      "\nscan       the first is not done yet\n",
    ),
  );
});

Deno.test("renderEvent() puts an event on a line", () => {
  const event = {
    event: "attached",
    at: "2026-03-01T12:00:00.000Z",
    host: "alpha",
    hostId: "9f0c",
    device: "/dev/sdb1",
    uuid: "8261",
    label: "a\nb",
  };
  assert.equal(
    renderEvent(event),
    "2026-03-01T12:00:00.000Z  attached    alpha  /dev/sdb1  a\\x0ab\n",
  );
  assert.equal(
    renderEvent({
      ...event,
      event: "host-stale",
      device: null,
      uuid: null,
      label: null,
    }),
    "2026-03-01T12:00:00.000Z  host-stale  alpha\n",
  );
});

Deno.test("renderRefresh(), renderAnnounce() and renderPing() say what was done", () => {
  const refresh = { ok: true, durationMs: 41, disks: 1, problems: [] };
  assert.equal(renderRefresh(refresh), "Scanned in 41 ms: 1 disk\n");
  assert.equal(
    renderRefresh({ ...refresh, ok: false, disks: 2 }),
    "Scanned, but not everything could be read, in 41 ms: 2 disks\n",
  );
  assert.equal(
    renderAnnounce({ interfaces: 2 }),
    "Announced on 2 interfaces\n",
  );
  const answers = [
    { host: "beta", hostId: "1", address: "10.0.0.2", afterMs: 23.4 },
    { host: "gamma", hostId: "2", address: null, afterMs: 120 },
  ];
  assert.equal(
    renderPing({ answers }, PLAIN),
    "HOST   ADDRESS    AFTER\nbeta   10.0.0.2   23 ms\ngamma  -         120 ms\n",
  );
});

Deno.test("renderJson() puts each row on a line of its own", () => {
  assert.equal(
    renderJson([{ a: 1 }, { a: "\x7f" }]),
    '[\n{"a":1},\n{"a":"\\u007f"}\n]\n',
  );
  assert.equal(renderJson([]), "[]\n");
  assert.equal(renderJson({ a: [1] }), '{\n  "a": [\n    1\n  ]\n}\n');
  assert.equal(renderJsonLine({ a: "\u202e\n" }), '{"a":"\\u202e\\n"}\n');
});
