import assert from "node:assert/strict";
import { type Disk, makeDisk } from "../../../src/inventory/disk.ts";
import { findDuplicates } from "../../../src/inventory/duplicates.ts";
import { Inventory } from "../../../src/inventory/inventory.ts";
import { inTime } from "../../support/eventually.ts";

Deno.test("findDuplicates() tells a clone once, by its UUID", () => {
  const known = { uuid: "u", partuuid: "p", label: "l", type: "ext4" };
  assert.deepEqual(
    duplicates({
      beta: [disk("/dev/sda1", known), disk("/dev/sdb1", { uuid: "other" })],
      alpha: [disk("/dev/sdz1", known)],
    }),
    ["uuid u: alpha /dev/sdz1, beta /dev/sda1"],
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
  const drive = { wwn: "0x5000c500ac884000", serial: "ZA1234" };
  assert.deepEqual(
    duplicates({
      alpha: [
        ...of(drive, "/dev/a1", "/dev/a2"),
        ...of({ serial: "ZA5678" }, "/dev/b1", "/dev/b2"),
      ],
    }),
    [],
  );
  assert.deepEqual(
    duplicates({
      alpha: of(drive, "/dev/a1", "/dev/a2"),
      beta: of(drive, "/dev/z1"),
    }),
    ["wwn 0x5000c500ac884000: alpha /dev/a1, alpha /dev/a2, beta /dev/z1"],
  );
  assert.deepEqual(
    duplicates({
      alpha: of({ serial: "ZA5678" }, "/dev/a1"),
      beta: of({ serial: "ZA5678" }, "/dev/b1"),
    }),
    ["serial ZA5678: alpha /dev/a1, beta /dev/b1"],
  );
});

Deno.test("findDuplicates() takes copies of one image for one duplicate", () => {
  const pi = (serial: string) => {
    const of = { kind: "part", parents: ["/dev/mmcblk0"], serial };
    return [
      disk("/dev/mmcblk0", { serial, kind: "disk", hidden: "parts" }),
      disk("/dev/mmcblk0p1", { ...of, uuid: "50C8-AEAE", label: "b", size: 5 }),
      disk("/dev/mmcblk0p2", { ...of, uuid: "ce20", label: "r", size: 31 }),
    ];
  };
  const hosts = { pi1: pi("0xaaaa0001"), pi2: pi("0xbbbb0002") };
  const [image, ...others] = findDuplicates(inventoryOf(hosts).present());
  assert.deepEqual(others, []);
  assert.deepEqual([image?.reason, image?.value], ["image", "ce20"]);
  assert.equal(image?.places.length, 4);
});

Deno.test("findDuplicates() tells copies from shared storage by the drives", () => {
  const reasonOf = (one: Partial<Disk>, other: Partial<Disk>) => {
    const [known] = findDuplicates(
      inventoryOf({
        alpha: [disk("/dev/sda", { uuid: "u", ...one })],
        beta: [disk("/dev/sdb", { uuid: "u", ...other })],
      }).present(),
    );
    return known?.reason;
  };
  const zeros = { wwn: "0x0000000000000000" };
  const [first, second] = [{ serial: "SER1" }, { serial: "SER2" }];
  assert.equal(
    reasonOf({ ...zeros, ...first }, { ...zeros, ...second }),
    "clone",
  );
  assert.equal(reasonOf(first, first), "shared");
  assert.equal(reasonOf(zeros, zeros), "clone-or-shared");
  const parts = [1, 2].map((n) =>
    disk(`/dev/sda${n}`, {
      uuid: "u",
      type: "ext4",
      kind: "part",
      parents: ["/dev/sda"],
    })
  );
  const [copy] = findDuplicates(inventoryOf({ alpha: parts }).present());
  assert.equal(copy?.reason, "copy");
});

Deno.test("findDuplicates() believes no placeholder, and no serial number of a whole enclosure", () => {
  const bay = (n: number, serial: string) =>
    disk(`/dev/sd${n}`, { uuid: `u${n} ${serial}`, kind: "disk", serial });
  const enclosure = [bay(1, "JMICRON-77"), bay(2, "JMICRON-77")];
  const dock = [bay(3, "0123456789ABCDEF")];
  const zeros = [disk("/dev/z", { wwn: "0x0000000000000000", uuid: "z" })];
  assert.deepEqual(
    duplicates({
      alpha: [...enclosure, ...dock, ...zeros],
      beta: [
        bay(4, "JMICRON-77"),
        ...dock.map((one) => ({ ...one, uuid: "x" })),
        {
          ...zeros[0]!,
          uuid: "y",
        },
      ],
    }),
    [],
  );
});

Deno.test("findDuplicates() does not take a clone in an enclosure for one drive", () => {
  const bay = (device: string) =>
    disk(device, { uuid: "u", type: "ext4", kind: "disk", serial: "JM-77" });
  const inventory = inventoryOf({ alpha: [bay("/dev/sda"), bay("/dev/sdb")] });
  const [clone] = findDuplicates(inventory.present());
  assert.equal(clone?.reason, "clone-or-shared");
});

Deno.test("findDuplicates() takes no label of an installation, and no hidden device", () => {
  const root = disk("/dev/sda2", { label: "root", mounts: ["/"] });
  const twin = disk("/dev/sda", { uuid: "u", hidden: "twin" });
  const of = (uuid: string) => [{ ...root, uuid }, twin];
  assert.deepEqual(duplicates({ alpha: of("1"), beta: of("2") }), []);
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
