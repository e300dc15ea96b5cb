import assert from "node:assert/strict";
import { type Disk, makeDisk } from "../../../src/inventory/disk.ts";
import {
  NAME_WAYS,
  RANK,
  resolveDisks,
  resolveHosts,
} from "../../../src/inventory/resolve.ts";

const NAMED = makeDisk({
  device: "/dev/sdb1",
  label: "Backup",
  partlabel: "Part label",
  serial: "WD-42",
  uuid: "8261f666-1111",
  partuuid: "12345678-AB",
  uuid_sub: "5ub0-FF",
  wwn: "0x5000C500",
});

Deno.test("resolveDisks() finds a disk by each of its names", () => {
  for (const { field, how, rank } of NAME_WAYS) {
    const value = NAMED[field]!;
    const typed = {
      equal: value,
      folded: value.toUpperCase(),
      hex: value.toUpperCase(),
      hexPrefix: value.slice(0, 4).toUpperCase(),
    }[how];
    assert.deepEqual(resolve(typed, [NAMED]), {
      found: ["/dev/sdb1"],
      rank,
    }, typed);
  }
});

Deno.test("resolveDisks() takes the best rank alone, and all disks of it", () => {
  const disks = [
    makeDisk({ device: "/dev/a", label: "CAFE", uuid: "1" }),
    makeDisk({ device: "/dev/b", label: "cafe", uuid: "2" }),
    makeDisk({ device: "/dev/c", serial: "cafe", uuid: "3" }),
    makeDisk({ device: "/dev/d", uuid: "cafe-4" }),
  ];
  assert.deepEqual(resolve("cafe", disks).found, ["/dev/b", "/dev/c"]);
  assert.deepEqual(resolve("Cafe", disks).found, ["/dev/a", "/dev/b"]);
  assert.deepEqual(resolve("CAFE-", disks).found, ["/dev/d"]);
});

Deno.test("resolveDisks() ignores the case of labels in every language, of UUIDs from A to F alone", () => {
  const disk = (known: Partial<Disk>) =>
    makeDisk({ device: "/dev/a", ...known });
  assert.equal(resolve("ÜBER", [disk({ label: "über" })]).found.length, 1);
  assert.equal(resolve("ÜBER", [disk({ uuid: "über" })]).rank, RANK.none);
  assert.equal(resolve("\u212abcd", [disk({ uuid: "kbcd" })]).rank, RANK.none);
});

Deno.test("resolveDisks() knows nothing by a field that is not there, or is not asked", () => {
  const disk = { ...makeDisk({ device: "/dev/a" }), device: null };
  for (const name of ["", "null", "/dev/a"]) {
    assert.deepEqual(resolve(name, [disk]), { found: [], rank: RANK.none });
  }
});

Deno.test("resolveHosts() takes an id before a name, and a name before one in another case", () => {
  const hosts = [
    { id: "1", name: "Alpha" },
    { id: "2", name: "alpha" },
    { id: "3", name: "1" },
    { id: "4", name: "beta" },
  ];
  const ids = (name: string) => resolveHosts(name, hosts).map(({ id }) => id);
  assert.deepEqual(ids("1"), ["1"], "a host cannot take the id of another");
  assert.deepEqual(ids("alpha"), ["2"]);
  assert.deepEqual(ids("ALPHA"), ["1", "2"]);
  assert.deepEqual(ids("BETA"), ["4"]);
  assert.deepEqual(ids("alph"), []);
});

function resolve(
  name: string,
  disks: readonly (Omit<Disk, "device"> & { device: string | null })[],
) {
  const { found, rank } = resolveDisks(name, disks, (disk) => disk);
  return { found: found.map(({ device }) => device), rank };
}
