import assert from "node:assert/strict";
import type { History } from "../../../../src/store/history/history.ts";
import {
  HistoryDb,
  SCHEMA_STEPS,
} from "../../../../src/store/history/history_db.ts";
import { ALPHA, at, BETA, madeUpDisk, madeUpSighting } from "./made_up.ts";
import { NOW, TemporaryHistory } from "./temporary_history.ts";

const BACKUP = madeUpDisk("backup");
const PHOTOS = madeUpDisk("photos");
const RENAMED = { ...ALPHA, name: "omega" };

Deno.test("a sighting that ended keeps the name that its host had, however often that is renamed", async () => {
  using temporary = new TemporaryHistory();
  const history = await temporary.open();
  history.began(ALPHA, BACKUP, at("backup"));
  history.began(ALPHA, PHOTOS, at("photos", { device: "/dev/sdc1" }));
  history.ended(ALPHA.hostId, "/dev/sdb1", NOW + 1);
  history.host(RENAMED);
  assert.deepEqual(hostNames(history), ["photos omega", "backup alpha"]);
  history.ended(ALPHA.hostId, "/dev/sdc1", NOW + 2);
  history.host({ ...ALPHA, name: "third" });
  history.close();
  const again = await temporary.open();
  assert.deepEqual(hostNames(again), ["photos omega", "backup alpha"]);
  const { hosts, past } = again.restore();
  assert.deepEqual(hosts.map(({ host }) => host.name), ["third"]);
  assert.deepEqual(past.map(({ host }) => host.name), ["omega", "alpha"]);
});

Deno.test("a sighting that goes on has the present name of its host", async () => {
  using temporary = new TemporaryHistory();
  const history = await temporary.open();
  history.began(ALPHA, BACKUP, at("backup"));
  history.ended(ALPHA.hostId, "/dev/sdb1", NOW + 1);
  history.host(RENAMED);
  history.began(RENAMED, BACKUP, at("backup", { from: NOW + 1 }));
  assert.deepEqual(hostNames(history), ["backup omega"]);
  history.ended(ALPHA.hostId, "/dev/sdb1", NOW + 2);
  assert.deepEqual(hostNames(history), ["backup omega"]);
});

Deno.test("rekeyed() takes all sightings of a host along, and a new host has none of them", async () => {
  using temporary = new TemporaryHistory();
  const history = await temporary.open();
  const nameless = (id: string) =>
    madeUpDisk(null, { name: `device /dev/sdx of ${id}`, uuid: null });
  history.began(ALPHA, BACKUP, at("backup"));
  history.began(
    ALPHA,
    nameless(ALPHA.hostId),
    at(null, { device: "/dev/sdx" }),
  );
  history.rekeyed(ALPHA.hostId, "former");
  const beta = { ...BETA, hostId: ALPHA.hostId };
  history.began(beta, PHOTOS, at("photos"));
  history.began(beta, nameless(beta.hostId), at(null, { device: "/dev/sdx" }));
  const ofHost = (hostId: string) =>
    history.sightings({ hostId, limit: 9 })
      .map(({ host, disk }) => `${host.name}: ${disk.name}`).sort();
  assert.deepEqual(ofHost("former"), [
    "alpha: device /dev/sdx of former",
    "alpha: uuid of backup",
  ]);
  assert.deepEqual(ofHost(ALPHA.hostId), [
    `beta: device /dev/sdx of ${ALPHA.hostId}`,
    "beta: uuid of photos",
  ]);
});

Deno.test("rekeyed() to the id of another host gives that its sightings", async () => {
  using temporary = new TemporaryHistory();
  const history = await temporary.open();
  const twin = { ...ALPHA, hostId: "twin" };
  history.began(ALPHA, BACKUP, at("backup"));
  history.began(ALPHA, PHOTOS, at("photos", { device: "/dev/sdc1" }));
  history.began(twin, BACKUP, at("backup", { from: NOW + 7 }));
  history.rekeyed(ALPHA.hostId, "twin");
  assert.deepEqual(
    history.sightings({ limit: 9 }).map(({ label, host, from, until }) =>
      `${label} ${host.hostId} ${from - NOW} ${until === null || until - NOW}`
    ),
    ["backup twin 7 true", "backup twin 0 7", "photos twin 0 0"],
  );
  assert.deepEqual(history.restore().hosts.length, 1);
});

Deno.test("merge() keeps the name that a host had during each sighting", async () => {
  using temporary = new TemporaryHistory();
  const history = await temporary.open();
  const sighting = (name: string, from: number) =>
    madeUpSighting({
      host: { ...madeUpSighting().host, name, heardAt: from + 5 },
      from,
      until: from + 5,
    });
  const records = [sighting("alpha", NOW), sighting("omega", NOW + 100)];
  history.merge(records);
  assert.deepEqual(hostNames(history), ["backup omega", "backup alpha"]);
  assert.deepEqual(history.merge(records.toReversed()), {
    added: 0,
    extended: 0,
    known: 2,
  });
});

Deno.test("a file of the schema before has the names that it had", async () => {
  using temporary = new TemporaryHistory();
  HistoryDb.open(temporary.path, SCHEMA_STEPS.slice(0, 4)).close();
  temporary.sql(`INSERT INTO hosts VALUES (1, '${ALPHA.hostId}', 'alpha',
    NULL, '[]', 30000, 'up', ${NOW})`);
  temporary.sql("INSERT INTO disks (id, name) VALUES (1, 'uuid of backup')");
  temporary.sql(`INSERT INTO sightings
    (disk, host, device, label, mounts, from_at, until_at)
    VALUES (1, 1, '/dev/sdb1', 'backup', '[]', ${NOW}, ${NOW + 1})`);
  const history = await temporary.open();
  assert.deepEqual(hostNames(history), ["backup alpha"]);
  history.host(RENAMED);
  assert.deepEqual(hostNames(history), ["backup alpha"]);
});

function hostNames(history: History): string[] {
  return history.sightings({ limit: 9 })
    .map(({ label, host }) => `${label} ${host.name}`);
}
