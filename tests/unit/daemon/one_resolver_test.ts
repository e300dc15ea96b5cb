/**
 * Memory, the history and the resolver find the same disks and hosts by any
 * name. A second rule for names, or one that drifts, fails here.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type Disk,
  FACT_NAMES,
  makeDisk,
  nameAt,
} from "../../../src/inventory/disk.ts";
import {
  NAME_WAYS,
  resolveDisks,
  resolveHosts,
} from "../../../src/inventory/resolve.ts";
import { BETA, info, SELF, startHistorySite } from "./history_site.ts";

/** Few, so that many are equal, equal but for case, or begin alike. */
const WORDS = [
  "backup",
  "Backup",
  "BACKUP",
  "WD42",
  "wd42",
  "cafe",
  "CAFE1234",
  "cafe1234-ab",
  "cafe12",
  "über",
  "ÜBER",
  "\u212aelvin",
  "kelvin",
  "KELVIN",
  "%",
  "nas:kelvin",
  "x_100%",
  "b\\c",
  "\u{1f4be}",
  "/dev/sda1",
  "/dev/SDA",
];

const TYPED = [
  ...["", "cafe1", "CAFE1234-A", "/dev/sdb", "sdb", "sda1", "cafe/kelvin"],
  ...["LABEL=backup", "uuid=cafe12", "by-id/wwn-WD42-part1", "ata-x_WD42"],
  ...[
    "cafe*",
    "*4-?b",
    "??",
    "x_1*%",
    "b\\*",
    "cafe12...",
    "backup-part1",
    "-1ab",
  ],
  ...["alpha:sda1", "BETA:/dev/sdb", `${SELF}:/dev/SDA`, "LABEL=nas:kelvin"],
];

const word = fc.constantFrom(...WORDS);
/** The history does not look for what a disk is called at its place alone. */
const NAMING = FACT_NAMES.filter((name) =>
  NAME_WAYS.some(({ field }) => field === name)
);
const disk = fc.record({
  ...Object.fromEntries(NAMING.map((field) => [field, fc.option(word)])),
  type: fc.constantFrom(null, "LVM2_member", "linux_raid_member"),
  device: fc.constantFrom(
    "/dev/sda1",
    "/dev/SDA",
    "/dev/sdb",
    "/dev/mapper/cafe-kelvin",
    "cafe",
    "WD42",
  ),
}).map((known) => makeDisk(known as Partial<Disk> & { device: string }));

/** A device of a host has one disk, and no disk is on both. */
const lists = fc.uniqueArray(
  fc.tuple(fc.constantFrom(SELF, BETA), disk),
  { maxLength: 8, selector: ([hostId, { device }]) => `${hostId} ${device}` },
).map((all) => [
  ...new Map(
    all.map(([hostId, disk]) =>
      [nameAt(disk, hostId), [hostId, disk]] as const
    ),
  )
    .values(),
]);

Deno.test("memory, the history, where and the resolver find the same disks", async () => {
  const property = fc.asyncProperty(lists, fc.boolean(), async (all, left) => {
    using site = await startHistorySite();
    const on = (id: string) =>
      all.filter(([hostId]) => hostId === id).map(([, disk]) => disk);
    site.scan(on(SELF), 1_000);
    site.hear(on(BETA), 1_000);
    if (left) site.scan([], 2_000);
    if (left) site.hear([], 2_000);
    for (const name of [...WORDS, ...TYPED]) {
      const { found, rank } = resolveDisks(name, all, {
        diskOf: ([, disk]) => disk,
        hostOf: ([id]) => ({ id, name: id === SELF ? "alpha" : "beta" }),
      });
      const expected = found.map(([hostId, disk]) => nameAt(disk, hostId))
        .sort();
      const memory = site.inventory.where(name).found
        .map(({ disk, host }) => nameAt(disk, host.id)).sort();
      const where = site.finder.where(name)
        .map((row) => nameAt(row, row.hostId)).sort();
      const history = site.keeper.use((store) => store.disks(name));
      assert.deepEqual(memory, expected, `memory by ${name}`);
      assert.deepEqual(where, expected, `where by ${name}`);
      assert.deepEqual(
        history.found.map(({ name }) => name).sort(),
        expected,
        `history by ${name}`,
      );
      assert.equal(history.rank, rank);
    }
  });
  await fc.assert(property, { numRuns: 100 });
});

const HOST_NAMES = ["alpha", "Alpha", "ALPHA", "über", "Über", "c".repeat(32)];
const IDS = ["c", "d", "e", "f"].map((digit) => digit.repeat(32));
function idsOf(rows: readonly { readonly hostId: string }[]): string[] {
  return rows.map(({ hostId }) => hostId).sort();
}

const hosts = fc.uniqueArray(
  fc.record({
    id: fc.constantFrom(...IDS),
    name: fc.constantFrom(...HOST_NAMES),
  }),
  { selector: ({ id }) => id },
);

Deno.test("the history, find and the resolver find the same hosts, whether memory knows them or not", async () => {
  const property = fc.asyncProperty(
    hosts,
    fc.boolean(),
    async (others, known) => {
      using site = await startHistorySite();
      site.scan(
        [makeDisk({ device: "/dev/sda", label: "disk", uuid: "here" })],
        1_000,
      );
      others.forEach(({ id, name }, index) => {
        const disk = makeDisk({
          device: "/dev/sda",
          label: "disk",
          uuid: `${index}`,
        });
        site.hear([disk], 1_000, info(id, name));
        if (!known) site.inventory.forgetHost(id);
      });
      const all = [info(SELF, "alpha"), ...others];
      for (const name of [...HOST_NAMES, ...IDS, "nobody"]) {
        const expected = resolveHosts(name, all).map(({ id }) => id).sort();
        const history = await site.answers.history({ host: name });
        assert.deepEqual(idsOf(history), expected, `history by ${name}`);
        if (!known) continue;
        const { rows } = await site.finder.find({ name: "disk", host: name });
        assert.deepEqual(idsOf(rows), expected, `find by ${name}`);
      }
    },
  );
  await fc.assert(property, { numRuns: 100 });
});
