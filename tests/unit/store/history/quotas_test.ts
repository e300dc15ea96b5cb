import assert from "node:assert/strict";
import type { History } from "../../../../src/store/history/history.ts";
import { SCHEMA_STEPS } from "../../../../src/store/history/history_db.ts";
import { HistoryDb } from "../../../../src/store/history/history_db.ts";
import { OLD_HOST_AFTER_MS } from "../../../../src/store/history/quotas.ts";
import { ALPHA, at, BETA, madeUpDisk, madeUpHost } from "./made_up.ts";
import { flushAll, NOW, TemporaryHistory } from "./temporary_history.ts";

const LONG = "x".repeat(900);

/** What somebody does to fill the history of others. */
const FLOODS: Readonly<Record<string, (history: History) => void>> = {
  "a host that is up with thousands of disks"(history) {
    const mallory = madeUpHost("mallory");
    for (let i = 0; i < 4_000; i++) {
      const device = `/dev/d${i}`;
      const disk = madeUpDisk(`disk ${i}`, { serial: LONG });
      history.began(mallory, disk, at(`disk ${i}`, { device }));
    }
  },
  "a host whose disk has another label each time, and the UUID of another's"(
    history,
  ) {
    const mallory = madeUpHost("mallory");
    for (let i = 0; i < 10_000; i++) {
      const label = `label ${i}`;
      const disk = { ...madeUpDisk("backup"), label };
      history.began(mallory, disk, at(label, { from: NOW + i }));
    }
  },
  "a host whose disks come and go, with very long texts"(history) {
    const mallory = madeUpHost("mallory");
    for (let i = 0; i < 2_000; i++) {
      const label = `${i}${LONG}`;
      const mounts = [LONG, "\u0001".repeat(400)];
      const from = NOW + 2 * i;
      history.began(mallory, madeUpDisk(label), at(label, { from, mounts }));
      history.ended(mallory.hostId, "/dev/sdb1", from + 1);
    }
  },
  "thousands of hosts with a few disks each, which are gone at once"(history) {
    for (let i = 0; i < 5_000; i++) {
      const liar = madeUpHost(`liar ${i}`, { heardAt: NOW + i });
      history.began(liar, madeUpDisk(`${i}`), at(`${i}`, { from: NOW + i }));
      history.host({ ...liar, state: i % 2 === 0 ? "gone" : "up" });
    }
  },
  "thousands of hosts without any disk"(history) {
    for (let i = 0; i < 10_000; i++) {
      history.host(
        madeUpHost(`liar ${i}`, { state: "stale", heardAt: NOW + i }),
      );
    }
  },
  "hosts of 0.01 that were there for long"(history) {
    for (let i = 0; i < 100; i++) {
      const old = { hostId: `v1-10.0.0.${i}`, heardAt: NOW - 3e9 };
      const liar = madeUpHost(`v1 ${i}`, old);
      for (let j = 0; j < 50; j++) {
        const label = `${i} ${j}`;
        const device = `/dev/d${j}`;
        history.began(liar, madeUpDisk(label), at(label, { device }));
      }
      history.host({ ...liar, heardAt: NOW });
    }
  },
};

for (const [flood, fill] of Object.entries(FLOODS)) {
  Deno.test(`${flood} does not drop the past of others`, async () => {
    using temporary = new TemporaryHistory();
    const history = await temporary.open({ maxMegabytes: 1 });
    honestPast(history);
    flushAll(history);
    const honest = places(history, "id of beta").length;
    fill(history);
    flushAll(history);
    assert.ok(history.isTooLarge);
    trimAll(history);
    assert.ok(!history.isTooLarge);
    assert.deepEqual(
      places(history, "id of beta"),
      Array.from({ length: honest }, () => "/dev/sdb1"),
    );
    const [place] = history.sightings({ disks: ["uuid of drawer"], limit: 1 });
    assert.equal(place?.host.name, "beta");
    assert.equal(places(history, "id of fresh").length, 2);
    assertWeighed(temporary, history);
  });
}

Deno.test("a host that claims a disk of one that was known before does not describe it", async () => {
  using temporary = new TemporaryHistory();
  const history = await temporary.open();
  const disk = madeUpDisk("backup");
  makeOld(history, BETA);
  history.began(BETA, disk, at("backup"));
  const lie = { ...disk, label: "lie", serial: "lie" };
  history.began(madeUpHost("mallory"), lie, at("lie"));
  const labels = () => history.disks(disk.uuid!).found.map((one) => one.label);
  assert.deepEqual(labels(), ["backup"]);
  history.began(BETA, { ...disk, label: "new" }, at("new"));
  assert.deepEqual(labels(), ["new"]);
  history.ended(BETA.hostId, "/dev/sdb1", NOW + 1);
  history.began(madeUpHost("mallory"), lie, at("lie"));
  assert.deepEqual(labels(), ["lie"]);
});

Deno.test("trim() leaves a new host its part, though old ones would fill the file", async () => {
  using temporary = new TemporaryHistory();
  const history = await temporary.open({ maxMegabytes: 1 });
  for (const host of [ALPHA, BETA]) {
    makeOld(history, host);
    for (let i = 0; i < 3_000; i++) {
      const label = `${host.name} ${i}`;
      const from = NOW + i;
      history.began(host, madeUpDisk(label), at(label, { from }));
    }
  }
  const fresh = madeUpHost("fresh", { heardAt: NOW });
  for (let i = 0; i < 100; i++) {
    const from = NOW - 1_000_000 + i;
    history.began(fresh, madeUpDisk(`fresh ${i}`), at(`fresh ${i}`, { from }));
  }
  flushAll(history);
  trimAll(history);
  assert.equal(places(history, fresh.hostId).length, 100);
  const [alpha, beta] = [ALPHA, BETA].map(({ hostId }) =>
    places(history, hostId).length
  );
  assert.ok(alpha! > 200 && Math.abs(alpha! - beta!) < 50, `${alpha} ${beta}`);
});

Deno.test("trim() leaves an old host its part, though hundreds of new ones have as much as they like", async () => {
  using temporary = new TemporaryHistory();
  const history = await temporary.open({ maxMegabytes: 1 });
  makeOld(history, BETA);
  for (let i = 0; i < 500; i++) {
    const from = NOW - 1_000_000 + i;
    history.began(BETA, madeUpDisk(`old ${i}`), at(`old ${i}`, { from }));
  }
  for (let i = 0; i < 300; i++) {
    const liar = madeUpHost(`liar ${i}`, { heardAt: NOW + i });
    for (let j = 0; j < 30; j++) {
      const label = `${i} ${j}`;
      history.began(liar, madeUpDisk(label), at(label, { from: NOW + j }));
    }
  }
  flushAll(history);
  trimAll(history);
  assert.equal(places(history, BETA.hostId).length, 500);
  assert.ok(places(history, "id of liar 0").length > 0);
});

Deno.test("the weight of a host follows its sightings, through each change of them", async () => {
  using temporary = new TemporaryHistory();
  const history = await temporary.open();
  honestPast(history);
  history.mounted("id of fresh", at("", { mounts: ["/mnt/a", "/mnt/b"] }));
  history.rekeyed("id of fresh", "id of gamma");
  flushAll(history);
  const exported = history.page(0, 1_000).records;
  history.forgetDisk("uuid of drawer");
  history.forgetHost("id of gamma");
  history.merge(exported);
  history.merge(exported.map((record) => ({
    ...record,
    until: (record.until ?? NOW) + 5,
    mounts: [...record.mounts, "/mnt/more"],
  })));
  assertWeighed(temporary, history);
});

Deno.test("an older file is weighed when it is brought to the newest schema", async () => {
  using temporary = new TemporaryHistory();
  const before = SCHEMA_STEPS.slice(0, -1);
  const db = HistoryDb.open(temporary.path, before);
  db.run(`INSERT INTO hosts
    (host_id, name, addresses, every_ms, state, heard_at)
    VALUES ('a', 'alpha', '[]', 30000, 'up', ${NOW})`);
  db.run("INSERT INTO disks (name, label) VALUES ('x', 'backup')");
  db.run(`INSERT INTO sightings
    (disk, host, device, label, mounts, from_at, until_at)
    VALUES (1, 1, '/dev/sdb1', 'backup', '[]', 5, 6)`);
  db.close();
  const history = await temporary.open();
  assertWeighed(temporary, history);
  const [host] = temporary.sql("SELECT bytes, first_at FROM hosts");
  assert.ok(Number(host?.["bytes"]) > 200);
  assert.equal(host?.["first_at"], 5);
});

/** A host that has been known for long, one that is new, and what they had. */
function honestPast(history: History): void {
  makeOld(history, BETA);
  const left = NOW - OLD_HOST_AFTER_MS;
  history.began(BETA, madeUpDisk("drawer"), at("drawer", { from: left - 9 }));
  history.ended(BETA.hostId, "/dev/sdb1", left);
  history.began(BETA, madeUpDisk("backup"), at("backup", { from: left + 9 }));
  history.host({ ...BETA, state: "stale" });
  const fresh = madeUpHost("fresh", { heardAt: NOW - 1 });
  for (const device of ["/dev/sdb1", "/dev/sdc1"]) {
    history.began(fresh, madeUpDisk(device), at(device, { device }));
  }
  history.host({ ...fresh, state: "gone" });
}

function makeOld(history: History, host: typeof ALPHA): void {
  history.host({ ...host, heardAt: NOW - 4 * OLD_HOST_AFTER_MS });
  history.host(host);
}

function places(history: History, hostId: string): string[] {
  return history.sightings({ hostId, limit: 10_000 })
    .map(({ device }) => device);
}

function trimAll(history: History): void {
  let steps = 0;
  while (history.trim(NOW)) assert.ok(steps++ < 10_000);
}

/** Closes the history. */
function assertWeighed(temporary: TemporaryHistory, history: History): void {
  history.close();
  const wrong = temporary.sql(`SELECT * FROM hosts AS h WHERE bytes <> ifnull(
    (SELECT sum(bytes) FROM sightings WHERE host = h.id), 0)`);
  assert.deepEqual(wrong, []);
  const light = temporary.sql(`SELECT * FROM sightings
    WHERE bytes < 200 + octet_length(mounts) + ifnull(octet_length(label), 0)`);
  assert.deepEqual(light, []);
}
