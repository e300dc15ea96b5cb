import assert from "node:assert/strict";
import type { StatusView } from "../../../src/control/views.ts";
import {
  renderAnnounce,
  renderImport,
  renderPing,
  renderRefresh,
} from "../../../src/render/done.ts";
import { renderJson, renderJsonLine } from "../../../src/render/format.ts";
import { renderHosts, renderLocalhost } from "../../../src/render/hosts.ts";
import { showConfig } from "../../../src/render/config_view.ts";
import { problemsOf, renderStatus } from "../../../src/render/status.ts";
import { ago, hostRow, NOW, overdueRow, PLAIN, STATUS } from "./rows.ts";

const ALPHA = { host: "alpha", hostId: "9f0c", uniqueHost: "alpha" };
const BETA = { host: "beta", hostId: "b", uniqueHost: "beta" };
const GAMMA = { host: "gamma", hostId: "c", uniqueHost: "gamma" };
const DELTA = { host: "delta", hostId: "d", uniqueHost: "delta" };
const HTPC = { host: "htpc", hostId: "h", uniqueHost: "htpc" };

const HOSTS = [
  hostRow(),
  hostRow({
    host: "old\nbox",
    version: "0.01",
    proven: false,
    fingerprint: null,
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
HOST        STATE                      DISKS  HEARD  VERSION  FINGERPRINT          ADDRESSES
alpha       up                             3    12s  0.1.0    1f0c-22ab-90c4-11de  192.168.1.10
old\\x0abox  silent since today 11:26Z      3    33m  0.01     unproven             192.168.1.11, 10.0.0.11
gone        shut down today 11:59Z        12    12s  -        1f0c-22ab-90c4-11de  -
`,
  );
});

Deno.test("renderHosts() marks a newcomer under the name of another host", () => {
  const nameHolder = {
    host: "alpha",
    hostId: "77ab31",
    uniqueHost: "alpha@77ab31",
    since: ago(9_000),
  };
  const text = renderHosts([hostRow({ nameHolder })], PLAIN);
  assert.match(text, /^alpha +up, newcomer +3 /m);
});

Deno.test("renderHosts() shows the keys where somebody signs", () => {
  assert.equal(
    renderHosts([hostRow({ key: "9f0c2a7b" }), ...HOSTS.slice(1, 2)], PLAIN),
    `\
HOST        STATE                      DISKS  HEARD  VERSION  FINGERPRINT          KEY       ADDRESSES
alpha       up                             3    12s  0.1.0    1f0c-22ab-90c4-11de  9f0c2a7b  192.168.1.10
old\\x0abox  silent since today 11:26Z      3    33m  0.01     unproven             -         192.168.1.11, 10.0.0.11
`,
  );
});

Deno.test("renderHosts() fits into 70 columns", () => {
  assert.equal(
    renderHosts(HOSTS, { ...PLAIN, columns: 70 }),
    `\
HOST        STATE                      DISKS  HEARD  ADDRESSES
alpha       up                             3    12s  192.168.1.10
old\\x0abox  silent since today 11:26Z      3    33m  192.168.1.11, 10…
gone        shut down today 11:59Z        12    12s  -
`,
  );
});

Deno.test("renderLocalhost() shows where it speaks, and where it cannot", () => {
  const view = {
    host: "alpha",
    hostId: "9f0c",
    uniqueHost: "alpha",
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

const BUSY: StatusView = {
  ...STATUS,
  uptimeSeconds: 7300,
  interfaces: [
    { name: "eth0", address: "10.77.0.1", joined: true, problem: null },
    { name: "eth1", address: "10.78.0.1", joined: false, problem: "x" },
  ],
  scan: {
    ...STATUS.scan,
    at: ago(20),
    durationMs: 41,
    disks: 3,
    deviceEvents: "udev",
    mountEvents: "events",
  },
  datagrams: {
    ...STATUS.datagrams,
    sent: 10,
    received: 25,
    own: 10,
    copies: 1,
  },
  hosts: 2,
  disks: 5,
  clients: { ...STATUS.clients, served: 4 },
  history: { ...STATUS.history, bytes: 131_072, longestMs: 1.5 },
};

Deno.test("renderStatus() shows a daemon that is well", () => {
  assert.equal(
    renderStatus(BUSY, PLAIN),
    `\
alpha: ok, running for 2 h, diskd 0.1.0, pid 417
network  eth0 10.77.0.1; 1 of 1 other host heard
disks    3 here, 5 known; last scan 20 s ago (41 ms)
config   /etc/diskd/config.yaml
keys     none shared: any host may take part
history  kept, 128K

id         9f0c
changes    devices at once (udev), mounts at once
datagrams  10 sent, 25 received (10 own, 1 copies)
rejected   none
clients    1 now, 4 served
`,
  );
  assert.deepEqual(problemsOf(BUSY), []);
});

Deno.test("renderStatus() shows what went wrong", () => {
  const view: StatusView = {
    ...BUSY,
    interfaces: [{ name: "eth0", address: "1", joined: false, problem: "x" }],
    scan: {
      ...BUSY.scan,
      ok: false,
      problems: ["/dev/sdc cannot be read"],
      deviceEvents: "kernel",
      mountEvents: "none",
    },
    datagrams: {
      ...BUSY.datagrams,
      sendErrors: 2,
      rejected: { "not-diskd": 3, "bad-body": 1, "too-long": 0 },
    },
    remarks: {
      disks: 2,
      known: 7,
      dropped: 1,
      setAside: 3,
      setAsideHosts: ["mal\x1blory"],
    },
    forgotten: { hosts: 3, disks: 40, addresses: 0 },
    clients: {
      now: 1,
      served: 4,
      turnedAway: 2,
      delayed: 7,
      watching: 0,
      dropped: 1,
    },
    problems: ["a second \x1bdiskd has this id"],
    hosts: 4,
    silent: [{ ...HTPC, heardAt: ago(7200) }],
    unreadable: [
      { ...ALPHA, device: "/dev/sdc", label: "b" },
      { ...ALPHA, device: "/dev/sd", label: null },
      { ...BETA, device: "/dev/sdc", label: "back\nup" },
    ],
    duplicates: 2,
  };
  assert.equal(
    renderStatus(view, PLAIN),
    `\
alpha: 4 problems, running for 2 h, diskd 0.1.0, pid 417
network  no interface; 2 of 3 other hosts heard
disks    3 here, 5 known; last scan 20 s ago (41 ms), incomplete
config   /etc/diskd/config.yaml
keys     none shared: any host may take part
history  kept, 128K
! /dev/sdc cannot be read
! a second \\x1bdiskd has this id
! alpha: /dev/sd cannot be read
! beta: /dev/sdc (back\\x0aup) cannot be read
! 3 notes, names and tags, most of them made on mal\\x1blory, are set aside: these hosts never proved a shared key
! htpc has been silent for 2 h
! Disks share 2 identifiers: diskd duplicates

id         9f0c
changes    devices at once (kernel), labels and formats at the scan interval, mounts at the scan interval
datagrams  10 sent, 25 received (10 own, 1 copies), 2 could not be sent
rejected   3 not-diskd, 1 bad-body
remarks    7 on 2 disks, 3 set aside, 1 dropped
forgotten  3 hosts, 40 disks, at a limit
clients    1 now, 4 served, 2 turned away, 7 requests delayed, 1 dropped
`,
  );
});

Deno.test("showConfig() says what of the file is not in use", () => {
  const { config } = STATUS;
  assert.equal(showConfig({ ...config, file: null }), "no file");
  assert.equal(
    showConfig({ ...config, changed: ["hostName", "ports"], restart: ["ttl"] }),
    "/etc/diskd/config.yaml; diskd reload applies hostName ports; a restart applies ttl",
  );
  assert.equal(
    showConfig({ ...config, problem: "line 1: \x1b" }),
    "/etc/diskd/config.yaml; not usable now: line 1: \\x1b",
  );
});

Deno.test("an overdue disk is a problem, and of many some are named", () => {
  const row = overdueRow(NOW, { note: "drawer 3, top shelf" });
  const text =
    "backup-2019 was unplugged from alpha 8 days ago: it should be seen every 8 days; it is in drawer 3, top shelf";
  assert.deepEqual(problemsOf({ ...STATUS, overdue: [row] }), [text]);
  const many = problemsOf({ ...STATUS, overdue: Array(12).fill(row) });
  assert.equal(many.length, 11);
  assert.equal(many.at(-1), "2 more disks overdue: diskd overdue");
});

Deno.test("status shows who is told, and what waits", () => {
  const row = { to: "https://a.example", on: ["gone"], problem: null };
  const notify = [
    { ...row, sent: 3, waiting: 2, dropped: 0 },
    { ...row, sent: 0, waiting: 0, dropped: 0 },
  ];
  assert.match(
    renderStatus({ ...STATUS, notify }, PLAIN),
    /\nnotify +https:\/\/a\.example \(3 sent, 2 waiting\), https:\/\/a\.example \(0 sent\)\n/,
  );
});

Deno.test("a silent host and a duplicate are no problems of this host", () => {
  const heardAt = ago(7200);
  const view: StatusView = {
    ...BUSY,
    silent: [{ ...HTPC, heardAt }],
    duplicates: 1,
  };
  assert.deepEqual(problemsOf(view), []);
  const text = renderStatus(view, PLAIN);
  assert.match(text, /^alpha: ok, /);
  assert.match(text, /^! Disks share an identifier: diskd duplicates$/m);
});

Deno.test("renderStatus() says of one problem that it is one, and when there was no scan yet", () => {
  const scan = {
    ...BUSY.scan,
    at: null,
    ok: false,
    durationMs: null,
    disks: 0,
  };
  const text = renderStatus(
    { ...BUSY, hosts: 1, scan, problems: ["x"] },
    PLAIN,
  );
  assert.match(text, /^alpha: 1 problem, /);
  assert.match(text, /^network +eth0 10\.77\.0\.1; no other host heard$/m);
  assert.match(text, /^disks +the first scan is not done; 5 known$/m);
});

Deno.test("renderStatus() says whom this host believes, and with which key it signs", () => {
  const shown = (keys: StatusView["keys"]) =>
    /^keys +(.*)$/m.exec(renderStatus({ ...BUSY, keys }, PLAIN))![1];
  const key = "2f1d81b2";
  assert.equal(
    shown({ mode: "require", encrypt: true, key }),
    "required, encrypted, signing with 2f1d81b2",
  );
  assert.equal(
    shown({ mode: "accept", encrypt: false, key }),
    "not required, signing with 2f1d81b2",
  );
});

Deno.test("renderRefresh() says what is different, and whether everything was read", () => {
  const view = {
    ok: true,
    listed: true,
    durationMs: 41,
    disks: 1,
    attached: 0,
    detached: 0,
    changed: 0,
    problems: [],
  };
  assert.equal(renderRefresh(view), "Scanned in 41 ms: 1 disk, no change\n");
  assert.equal(
    renderRefresh({ ...view, ok: false, disks: 2, attached: 1, changed: 3 }),
    "Scanned in 41 ms, but not everything could be read: 2 disks, 1 attached, 3 changed\n",
  );
});

Deno.test("renderAnnounce() says what was sent, and when nothing was", () => {
  const view = { interfaces: 2, datagrams: 1, disks: 3 };
  assert.equal(
    renderAnnounce(view),
    "Announced 3 disks in 1 datagram on 2 interfaces\n",
  );
  assert.equal(
    renderAnnounce({ ...view, interfaces: 0 }),
    "Announced to nobody: no interface\n",
  );
  assert.equal(
    renderAnnounce({ ...view, datagrams: 0 }),
    "Announced nothing yet: the first scan is not done\n",
  );
});

Deno.test("renderPing() shows who answered, and in grey who did not", () => {
  const view = {
    answers: [
      { ...BETA, address: "10.0.0.2", afterMs: 23.4 },
      { ...GAMMA, address: null, afterMs: 120 },
    ],
    silent: [{ ...DELTA, address: "10.0.0.4" }],
    durationMs: 1_170,
  };
  assert.equal(
    renderPing(view, PLAIN),
    `\
HOST   ADDRESS       AFTER
beta   10.0.0.2      23 ms
gamma  -            120 ms
delta  10.0.0.4  no answer
2 of 3 hosts answered within 1.2 s
`,
  );
  const coloured = renderPing(view, { ...PLAIN, color: true });
  assert.ok(coloured.includes("\n\x1b[90mdelta "));
  assert.equal(
    renderPing({ answers: [], silent: [], durationMs: 1_170 }, PLAIN),
    "No other host answered within 1.2 s\n",
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

Deno.test("renderStatus() says how it stands with the history", () => {
  const shown = (known: Partial<StatusView["history"]>) => {
    const history = { ...BUSY.history, ...known };
    return /^history +(.*)$/m.exec(
      renderStatus({ ...BUSY, history }, PLAIN),
    )![1];
  };
  assert.equal(shown({ bytes: null }), "kept");
  assert.equal(shown({ on: false }), "switched off");
  assert.equal(shown({ on: false, problem: "x" }), "none");
});

Deno.test("renderImport() says what became of the sightings", () => {
  assert.equal(
    renderImport({ added: 1, extended: 0, known: 0, skipped: 0 }),
    "Imported 1 sighting: 1 added, 0 extended, 0 known already\n",
  );
});
