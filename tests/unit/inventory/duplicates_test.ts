import assert from "node:assert/strict";
import { type Disk, makeDisk } from "../../../src/inventory/disk.ts";
import { findDuplicates } from "../../../src/inventory/duplicates.ts";
import { Inventory } from "../../../src/inventory/inventory.ts";
import { inTime } from "../../support/eventually.ts";

Deno.test("findDuplicates() tells a clone by its UUID, PARTUUID and label", () => {
  const known = { uuid: "u", partuuid: "p", label: "l", type: "ext4" };
  assert.deepEqual(
    duplicates({
      beta: [disk("/dev/sda1", known), disk("/dev/sdb1", { uuid: "other" })],
      alpha: [disk("/dev/sdz1", known)],
    }),
    [
      "uuid u: alpha /dev/sdz1, beta /dev/sda1",
      "partuuid p: alpha /dev/sdz1, beta /dev/sda1",
      "label l: alpha /dev/sdz1, beta /dev/sda1",
    ],
  );
});

Deno.test("findDuplicates() finds a copy on the same host", () => {
  const known = { uuid: "u", type: "ext4" };
  assert.deepEqual(
    duplicates({ alpha: [disk("/dev/a", known), disk("/dev/b", known)] }),
    ["uuid u: alpha /dev/a, alpha /dev/b"],
  );
});

Deno.test("findDuplicates() takes members of one btrfs for no duplicates, and a clone of one for one", () => {
  const member = (device: string, uuid_sub: string) =>
    disk(device, { uuid: "fs", uuid_sub, label: "pool", type: "btrfs" });
  const members = [member("/dev/a", "1"), member("/dev/b", "2")];
  assert.deepEqual(duplicates({ alpha: members }), []);
  assert.deepEqual(
    duplicates({ alpha: members, beta: [member("/dev/c", "2")] }),
    [
      "uuid_sub 2: alpha /dev/b, beta /dev/c",
      "label pool: alpha /dev/a, alpha /dev/b, beta /dev/c",
    ],
  );
});

Deno.test("findDuplicates() knows members that have no UUID_SUB: of old RAIDs, and on hosts of 0.01", () => {
  const raid = { uuid: "r", label: "host:0", type: "linux_raid_member" };
  const bare = { uuid: "b" };
  assert.deepEqual(
    duplicates({
      alpha: [disk("/dev/a", raid), disk("/dev/b", raid)],
      beta: [disk("/dev/a", bare), disk("/dev/b", bare)],
    }),
    [],
  );
  assert.deepEqual(
    duplicates({ alpha: [disk("/dev/a", bare)], beta: [disk("/dev/a", bare)] }),
    ["uuid b: alpha /dev/a, beta /dev/a"],
  );
});

Deno.test("findDuplicates() does not count what lies below another of them", () => {
  const luks = disk("/dev/sda1", { label: "x", holders: ["/dev/mapper/x"] });
  const inner = disk("/dev/mapper/x", { label: "x", uuid: "i" });
  assert.deepEqual(duplicates({ alpha: [luks, inner] }), []);
  assert.deepEqual(
    duplicates({ alpha: [luks], beta: [inner] }),
    ["label x: alpha /dev/sda1, beta /dev/mapper/x"],
    "on another host that is another device",
  );
});

Deno.test("findDuplicates() takes a drive's WWN or serial number on two hosts for shared storage, its partitions for nothing", () => {
  const of = (known: Partial<Disk>, ...names: string[]) =>
    names.map((name) => disk(name, { ...known, uuid: name }));
  const drive = { wwn: "0x5", serial: "S" };
  assert.deepEqual(
    duplicates({
      alpha: [
        ...of(drive, "/dev/a1", "/dev/a2"),
        ...of({ serial: "T" }, "/dev/b1", "/dev/b2"),
      ],
    }),
    [],
  );
  assert.deepEqual(
    duplicates({
      alpha: of(drive, "/dev/a1", "/dev/a2"),
      beta: of(drive, "/dev/z1"),
    }),
    ["wwn 0x5: alpha /dev/a1, alpha /dev/a2, beta /dev/z1"],
  );
  assert.deepEqual(
    duplicates({
      alpha: of({ serial: "T" }, "/dev/a1"),
      beta: of({ serial: "T" }, "/dev/b1"),
    }),
    ["serial T: alpha /dev/a1, beta /dev/b1"],
  );
});

Deno.test("findDuplicates() counts only what is attached to hosts that are up", () => {
  const inventory = inventoryOf({
    alpha: [disk("/dev/a", { uuid: "u" })],
    beta: [disk("/dev/b", { uuid: "u" })],
  });
  assert.equal(findDuplicates(inventory.present()).length, 1);
  inventory.expire(100_000);
  assert.deepEqual(findDuplicates(inventory.present()), []);
});

Deno.test("findDuplicates() takes nothing for an identifier", () => {
  assert.deepEqual(
    duplicates({
      alpha: [disk("/dev/a", { label: "" }), disk("/dev/b", { label: "" })],
      beta: [disk("/dev/a", {})],
    }),
    [],
  );
});

Deno.test("findDuplicates() is fast among 10,000 disks", () => {
  const hosts = Object.fromEntries(
    Array.from({ length: 1_000 }, (_, host) => [
      `host${host}`,
      Array.from({ length: 10 }, (_, number) =>
        disk(`/dev/sd${number}`, {
          uuid: `uuid ${host} ${number}`,
          partuuid: `part ${host} ${number}`,
          wwn: `wwn ${host}`,
          label: number === 0 ? "EFI" : `label ${host} ${number}`,
        })),
    ]),
  );
  const inventory = inventoryOf(hosts);
  const [labels] = inTime(() => findDuplicates(inventory.present()));
  assert.equal(labels?.places.length, 1_000);
});

function duplicates(hosts: Readonly<Record<string, Disk[]>>): string[] {
  return findDuplicates(inventoryOf(hosts).present()).map((
    { kind, value, places },
  ) =>
    `${kind} ${value}: ${
      places.map(({ host, disk }) => `${host.name} ${disk.device}`).join(", ")
    }`
  );
}

function inventoryOf(hosts: Readonly<Record<string, Disk[]>>): Inventory {
  const inventory = new Inventory(host("self"));
  for (const [name, disks] of Object.entries(hosts)) {
    inventory.applyAnnouncement(host(name), disks, { address: name, now: 0 });
  }
  return inventory;
}

function host(name: string) {
  return { id: `id of ${name}`, name, version: "0.1.0", everyMs: 30_000 };
}

function disk(device: string, known: Partial<Disk>): Disk {
  return makeDisk({ ...known, device });
}
