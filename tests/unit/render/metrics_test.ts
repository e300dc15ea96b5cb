import assert from "node:assert/strict";
import fc from "fast-check";
import type { MetricsFacts } from "../../../src/control/metrics_facts.ts";
import type { DiskRow, DuplicateRow } from "../../../src/control/views.ts";
import { METRICS, renderMetrics } from "../../../src/render/metrics.ts";
import { HOSTILE_TEXTS, rawText } from "../../support/hostile_texts.ts";
import { needs } from "../../support/needs.ts";
import { faultsOfMetrics } from "../../support/promtool.ts";
import { ago, diskRow, hostRow, NOW, overdueRow, STATUS } from "./rows.ts";

const NOTIFY_ROW = { on: [], waiting: 0, problem: null };

function facts(known: Partial<MetricsFacts> = {}): MetricsFacts {
  return {
    all: false,
    status: STATUS,
    disks: [diskRow()],
    hosts: [hostRow()],
    duplicates: [],
    expected: [],
    ...known,
  };
}

/** The samples of a metric, as they are printed. */
function samplesOf(name: string, known: Partial<MetricsFacts> = {}): string[] {
  return renderMetrics(facts(known)).split("\n")
    .filter((line) =>
      line.startsWith(`${name}{`) || line === name ||
      line.startsWith(`${name} `)
    )
    .map((line) => line.slice(name.length));
}

const PLACE =
  `host="alpha",host_id="9f0c",device="/dev/sdb1",uuid="8261f666-2f3c-4b5e-9a0e-1d2c3b4a5f60"`;

Deno.test("metrics say what a disk is, that it is there, and when it was seen", () => {
  const disks = [diskRow({
    model: "WDC",
    serial: "WD-1",
    wwn: "0x5",
    tran: "sata",
    alias: "safe",
    tags: ["offsite", "weekly"],
  })];
  assert.deepEqual(samplesOf("diskd_disk_info", { disks }), [
    `{${PLACE},label="backup-2019",fstype="ext4",model="WDC",serial="WD-1",wwn="0x5",tran="sata",alias="safe",tags=",offsite,weekly,"} 1`,
  ]);
  assert.deepEqual(samplesOf("diskd_disk_attached"), [`{${PLACE}} 1`]);
  assert.deepEqual(samplesOf("diskd_disk_failing"), [`{${PLACE}} 0`]);
  assert.deepEqual(samplesOf("diskd_disk_size_bytes"), [
    `{${PLACE}} 4000787030016`,
  ]);
  assert.deepEqual(samplesOf("diskd_disk_last_seen_timestamp_seconds"), [
    `{${PLACE}} ${NOW / 1000 - 3}`,
  ]);
});

Deno.test("metrics keep a detached disk, with when it was last seen", () => {
  const disks = [diskRow({ state: "detached", seenAt: ago(86_400) })];
  assert.deepEqual(samplesOf("diskd_disk_attached", { disks }), [
    `{${PLACE}} 0`,
  ]);
  assert.deepEqual(
    samplesOf("diskd_disk_last_seen_timestamp_seconds", { disks }),
    [`{${PLACE}} ${NOW / 1000 - 86_400}`],
  );
  assert.deepEqual(samplesOf("diskd_disk_failing", { disks }), []);
  assert.deepEqual(samplesOf("diskd_disks", { disks }), [
    `{state="attached"} 0`,
    `{state="detached"} 1`,
    `{state="stale"} 0`,
  ]);
});

Deno.test("metrics leave out a size that is unknown", () => {
  const disks = [diskRow({ size: null })];
  assert.deepEqual(samplesOf("diskd_disk_size_bytes", { disks }), []);
});

Deno.test("metrics call a disk failing whose reads fail, or those of its drive", () => {
  const drive = { ...diskRow(), health: "unreadable" };
  for (
    const known of [{ health: "unreadable" }, { drives: [drive] }]
  ) {
    const disks = [diskRow(known)];
    assert.deepEqual(samplesOf("diskd_disk_failing", { disks }), [
      `{${PLACE}} 1`,
    ]);
  }
});

Deno.test("metrics count a place once: what is attached there, else what left last", () => {
  const old = diskRow({ state: "detached", seenAt: ago(900), label: "old" });
  const later = diskRow({ state: "detached", seenAt: ago(9), label: "later" });
  const there = diskRow({ label: "there", seenAt: ago(99) });
  const labels = (disks: readonly DiskRow[]) =>
    samplesOf("diskd_disk_info", { disks })
      .map((sample) => /,label="(\w+)"/.exec(sample)![1]);
  assert.deepEqual(labels([old, later]), ["later"]);
  assert.deepEqual(labels([old, later, there]), ["there"]);
});

Deno.test("metrics tell hosts of one name, devices and members with one UUID apart", () => {
  const disks = [
    diskRow(),
    diskRow({ device: "/dev/sdc1" }),
    diskRow({ hostId: "77aa" }),
    diskRow({ uuid: null }),
  ];
  assert.equal(samplesOf("diskd_disk_info", { disks }).length, 4);
});

Deno.test("metrics count hosts by state, and have each host only if all are asked for", () => {
  const hosts = [
    hostRow(),
    hostRow({ host: "beta", hostId: "b", state: "stale", heardAt: ago(300) }),
    hostRow({ host: "beta", hostId: "c", state: "gone" }),
  ];
  assert.deepEqual(samplesOf("diskd_hosts", { hosts }), [
    `{state="gone"} 1`,
    `{state="stale"} 1`,
    `{state="up"} 1`,
  ]);
  assert.deepEqual(samplesOf("diskd_host_state", { hosts }), []);
  const all = samplesOf("diskd_host_state", { hosts, all: true });
  assert.equal(all.length, 9);
  assert.deepEqual(all.filter((sample) => sample.endsWith(" 1")), [
    `{host="alpha",host_id="9f0c",state="up"} 1`,
    `{host="beta",host_id="b",state="stale"} 1`,
    `{host="beta",host_id="c",state="gone"} 1`,
  ]);
  const heard = "diskd_host_last_heard_timestamp_seconds";
  assert.ok(
    samplesOf(heard, { hosts, all: true })
      .includes(`{host="beta",host_id="b"} ${NOW / 1000 - 300}`),
  );
});

Deno.test("metrics count shared identifiers by kind", () => {
  const shared: DuplicateRow = {
    kind: "uuid",
    value: "8261",
    reason: "clone",
    disks: [],
  };
  assert.deepEqual(
    samplesOf("diskd_duplicate_identifiers", { duplicates: [shared, shared] }),
    [
      `{kind="label"} 0`,
      `{kind="partuuid"} 0`,
      `{kind="serial"} 0`,
      `{kind="uuid"} 2`,
      `{kind="uuid_sub"} 0`,
      `{kind="wwn"} 0`,
    ],
  );
});

Deno.test("metrics say of an expected disk that it is overdue, if any entry says so", () => {
  const row = overdueRow(NOW, { name: "a", uuid: "u", serial: null });
  const expected = [{ ...row, overdue: false }, { ...row, overdue: true }];
  assert.deepEqual(samplesOf("diskd_expected_disk_overdue", { expected }), [
    `{name="a",uuid="u",serial=""} 1`,
  ]);
});

Deno.test("metrics have the counters of the daemon, and sum up those of one address", () => {
  const status = {
    ...STATUS,
    scan: { ...STATUS.scan, at: ago(10), ok: false, durationMs: 250 },
    datagrams: {
      ...STATUS.datagrams,
      sent: 4,
      received: 9,
      rejected: { signature: 2 },
    },
    notify: [
      { ...NOTIFY_ROW, to: "https://ntfy.example", sent: 3, dropped: 1 },
      { ...NOTIFY_ROW, to: "https://ntfy.example", sent: 2, dropped: 0 },
    ],
    problems: ["one"],
  };
  const shown = {
    diskd_build_info: [`{version="0.1.0"} 1`],
    diskd_problems: [" 1"],
    diskd_scan_success: [" 0"],
    diskd_scan_duration_seconds: [" 0.25"],
    diskd_scan_timestamp_seconds: [` ${NOW / 1000 - 10}`],
    diskd_datagrams_sent_total: [" 4"],
    diskd_datagrams_received_total: [" 9"],
    diskd_datagrams_rejected_total: [`{reason="signature"} 2`],
    diskd_notify_sent_total: [`{to="https://ntfy.example"} 5`],
    diskd_notify_dropped_total: [`{to="https://ntfy.example"} 1`],
  };
  for (const [name, samples] of Object.entries(shown)) {
    assert.deepEqual(samplesOf(name, { status }), samples, name);
  }
});

Deno.test("metrics say nothing of a scan before the first", () => {
  assert.deepEqual(samplesOf("diskd_scan_success"), []);
  assert.deepEqual(samplesOf("diskd_scan_timestamp_seconds"), []);
});

Deno.test("metrics without a daemon are that it is not up", () => {
  const help = METRICS.diskd_up.help;
  assert.equal(
    renderMetrics(null),
    `# HELP diskd_up ${help}\n# TYPE diskd_up gauge\ndiskd_up 0\n`,
  );
  assert.deepEqual(samplesOf("diskd_up"), [" 1"]);
});

const NASTY = fc.oneof(
  fc.constantFrom(
    "",
    "a",
    '"',
    "\\",
    "\\n",
    "\n",
    '\\"',
    "\ud800",
    "\0",
    ...Object.values(HOSTILE_TEXTS),
  ),
  fc.string({ unit: "binary", maxLength: 8 }),
);

const ANY_DISK = fc.record({
  host: NASTY,
  hostId: fc.constantFrom("a", "b"),
  device: NASTY,
  uuid: fc.option(NASTY),
  label: NASTY,
  model: NASTY,
  alias: NASTY,
  tags: fc.array(NASTY, { maxLength: 2 }),
  state: fc.constantFrom("attached", "stale", "detached"),
  size: fc.option(fc.nat()),
}).map((known) => diskRow(known as Partial<DiskRow>));

/** A line of the text format, as strict as its readers are. */
const LINE =
  /^(?:# (?:HELP \w+ .+|TYPE \w+ (?:gauge|counter))|(\w+(?:\{\w+="(?:[^"\\\n]|\\["\\n])*"(?:,\w+="(?:[^"\\\n]|\\["\\n])*")*\})?) (-?[\d.e+]+))$/u;

Deno.test("metrics of whatever disks are lines of the format, safe to print, no series twice, in one order", () => {
  fc.assert(fc.property(fc.array(ANY_DISK, { maxLength: 8 }), (disks) => {
    const hosts = disks.map(({ host, hostId }) => hostRow({ host, hostId }));
    const text = renderMetrics(facts({ disks, hosts, all: true }));
    const series = text.trimEnd().split("\n").flatMap((line) => {
      const match = LINE.exec(line);
      assert.ok(match !== null, JSON.stringify(line));
      return match[1] ?? [];
    });
    assert.equal(new Set(series).size, series.length);
    assert.equal(rawText(text), null);
    assert.ok(text.isWellFormed());
    const places = series.filter((one) => one.startsWith("diskd_disk_info"))
      .map((one) => /host_id=.*?,label=/.exec(one)![0]);
    assert.equal(new Set(places).size, places.length);
    const turned = facts({ disks, hosts: hosts.toReversed(), all: true });
    const families = (text: string) => text.match(/^# TYPE .*$/gm);
    assert.deepEqual(families(renderMetrics(turned)), families(text));
  }));
});

Deno.test("metrics of the same rows in another order are the same", () => {
  const disks = ["/dev/sdb", "/dev/sda", "/dev/sdc"]
    .map((device) => diskRow({ device }));
  assert.equal(
    renderMetrics(facts({ disks })),
    renderMetrics(facts({ disks: disks.toReversed() })),
  );
});

Deno.test({
  ...needs("promtool has nothing to say about metrics of hostile texts", {
    programs: ["promtool"],
  }),
  async fn() {
    const disks = Object.entries(HOSTILE_TEXTS).map(([device, text]) =>
      diskRow({
        host: text,
        device,
        uuid: text,
        label: `${text}\ud800"\\`,
        model: text,
        alias: text,
        tags: [text],
      })
    );
    const status = {
      ...STATUS,
      datagrams: { ...STATUS.datagrams, rejected: { signature: 2 } },
      notify: [{ ...NOTIFY_ROW, to: "https://a.example", sent: 3, dropped: 1 }],
      peers: [{
        peer: "cabin.example",
        address: "10.8.0.2",
        site: "cabin",
        reached: true,
        since: ago(60),
        problem: null,
      }],
      scan: { ...STATUS.scan, at: ago(1), durationMs: 250 },
      history: { ...STATUS.history, bytes: 4096 },
    };
    const hosts = disks.map(({ host }, index) =>
      hostRow({ host, hostId: `${index}` })
    );
    const text = renderMetrics(facts({
      all: true,
      status,
      disks,
      hosts,
      expected: [overdueRow(NOW)],
    }));
    const names = new Set(
      [...text.matchAll(/^# TYPE (\w+)/gm)].map(([, n]) => n),
    );
    assert.deepEqual([...names], Object.keys(METRICS), "each is checked");
    assert.equal(await faultsOfMetrics(text), "");
  },
});
