import assert from "node:assert/strict";
import fc from "fast-check";
import { type Disk, makeDisk } from "../../../src/inventory/disk.ts";
import type { HostInfo } from "../../../src/inventory/host.ts";
import { Inventory } from "../../../src/inventory/inventory.ts";
import { MAX_LAST_MOUNTS_LENGTH } from "../../../src/inventory/sightings.ts";

Deno.test("where() takes a name exactly, then as a label in any case, then as the beginning of a UUID", () => {
  const inventory = withDisks(
    disk("/dev/a", { label: "Cafe", uuid: "0001" }),
    disk("/dev/b", { label: "CAFE", uuid: "0002" }),
    disk("/dev/c", { uuid: "cafe-12" }),
  );
  assert.deepEqual(found(inventory, "Cafe"), ["/dev/a"]);
  assert.deepEqual(found(inventory, "cafe"), ["/dev/a", "/dev/b"]);
  assert.deepEqual(found(inventory, "CAFE-"), ["/dev/c"]);
  assert.deepEqual(found(inventory, "cafe-12"), ["/dev/c"]);
});

Deno.test("where() takes no fewer than 4 characters for a part of a UUID or serial number, and no part of other names", () => {
  const inventory = withDisks(disk("/dev/sda1", {
    uuid: "8261f666",
    partuuid: "12345678",
    serial: "SERIAL",
    wwn: "0x5000c500",
  }));
  for (const name of ["8261", "SERI", "rial"]) {
    assert.deepEqual(found(inventory, name), ["/dev/sda1"], name);
  }
  for (
    const name of ["", "826", "1234", "ial", "eria", "0x50", "/dev/sda"]
  ) {
    assert.deepEqual(found(inventory, name), [], name);
  }
});

Deno.test("where() takes an exact name that was for what is meant, before one in another case that is", () => {
  const inventory = withDisks(
    disk("/dev/a", { label: "backup", uuid: "0001" }),
    disk("/dev/b", { label: "BACKUP", uuid: "0002" }),
  );
  inventory.applyScan([disk("/dev/b", { label: "BACKUP", uuid: "0002" })], 9);
  assert.deepEqual(
    inventory.where("backup").found.map((
      { disk, state },
    ) => [disk.device, state]),
    [["/dev/a", "detached"]],
  );
});

Deno.test("where() shows each disk whose UUID begins like that, where it is or was", () => {
  const inventory = withDisks(
    disk("/dev/a", { uuid: "8261-a" }),
    disk("/dev/b", { uuid: "8261-b" }),
    disk("/dev/c", { uuid: "8261-b" }),
  );
  inventory.applyScan([disk("/dev/c", { uuid: "8261-b" })], 9);
  assert.deepEqual(
    inventory.where("8261").found.map((
      { disk, state },
    ) => [disk.device, state]),
    [["/dev/c", "attached"], ["/dev/a", "detached"]],
  );
});

Deno.test("where() shows the host that is up before one that is silent", () => {
  const inventory = new Inventory(host("alpha"));
  const a = disk("/dev/a", { label: "backup", uuid: "a" });
  hear(inventory, [a], 0);
  inventory.expire(200_000);
  const other = { ...host("gamma"), id: "gamma" };
  const b = disk("/dev/b", { label: "backup", uuid: "b" });
  inventory.applyAnnouncement(other, [b], {
    address: "10.0.0.3",
    now: 200_000,
  });
  assert.deepEqual(states(inventory, "backup"), [
    "gamma attached",
    "beta stale",
  ]);
});

Deno.test("where() forgets a silent host once the disk was seen elsewhere", () => {
  const inventory = new Inventory(host("alpha"));
  const a = disk("/dev/a", { uuid: "a" });
  hear(inventory, [a], 0);
  inventory.expire(200_000);
  inventory.applyScan([a], 200_000);
  assert.deepEqual(states(inventory, "a"), ["alpha attached", "beta stale"]);
  inventory.applyScan([], 200_001);
  assert.deepEqual(states(inventory, "a"), ["alpha detached"]);
  const gamma = host("gamma");
  const address = "10.0.0.3";
  inventory.applyAnnouncement(gamma, [a], { address, now: 200_002 });
  inventory.expire(400_000);
  assert.deepEqual(states(inventory, "a"), ["gamma stale"]);
  inventory.applyGoodbye("gamma", 400_001);
  assert.deepEqual(states(inventory, "a"), ["gamma detached"]);
});

Deno.test("where() takes the device of a host", () => {
  const inventory = withDisks(disk("/dev/a", { uuid: "here" }));
  hear(inventory, [disk("/dev/a", { uuid: "there" })], 1);
  assert.equal(inventory.where("/dev/a").found.length, 2);
  const [place, ...others] = inventory.where("beta:/dev/a").found;
  assert.deepEqual([place?.disk.uuid, others.length], ["there", 0]);
});

Deno.test("where() tells since when a disk is there, whatever else happens to it", () => {
  const inventory = new Inventory(host("alpha"));
  const [a, b] = [disk("/dev/a", { uuid: "a" }), disk("/dev/b", { uuid: "b" })];
  inventory.applyScan([a], 10);
  inventory.applyScan([b, { ...a, label: "new", mounts: ["/mnt"] }], 20);
  assert.deepEqual(times(inventory, "a"), [[10, 20]]);
  assert.deepEqual(times(inventory, "b"), [[20, 20]]);
  inventory.applyScan([b], 30);
  assert.deepEqual(times(inventory, "a"), [[10, 30]]);
  inventory.applyScan([b, a], 40);
  assert.deepEqual(times(inventory, "a"), [[40, 40]]);
  assert.deepEqual(times(inventory, "b"), [[20, 40]]);
});

Deno.test("another disk on the same device is there since it came", () => {
  const inventory = withDisks(disk("/dev/a", { uuid: "a" }));
  inventory.applyScan([disk("/dev/a", { uuid: "b" })], 9);
  assert.deepEqual(times(inventory, "b"), [[9, 9]]);
  assert.deepEqual(times(inventory, "a"), [[0, 9]]);
});

Deno.test("what a host lost while it was silent was there until it was last heard", () => {
  const inventory = new Inventory(host("alpha"));
  const a = disk("/dev/a", { uuid: "a" });
  hear(inventory, [a], 0);
  hear(inventory, null, 50_000);
  inventory.expire(200_000);
  hear(inventory, [], 300_000);
  assert.deepEqual(times(inventory, "a"), [[0, 50_000]]);
});

Deno.test("since and disks of a host always belong together", () => {
  const lists = fc.array(
    fc.uniqueArray(
      fc.tuple(fc.constantFrom("a", "b", "c"), fc.constantFrom("1", "2")),
      { selector: ([device]) => device },
    ),
    { maxLength: 8 },
  );
  fc.assert(fc.property(lists, (lists) => {
    const inventory = new Inventory(host("alpha"));
    const cameAt = new Map<string, number>();
    lists.forEach((list, now) => {
      const keys = new Set(list.map(([device, uuid]) => device + uuid));
      for (const key of keys) {
        if (!cameAt.has(key)) cameAt.set(key, now);
      }
      for (const key of cameAt.keys()) if (!keys.has(key)) cameAt.delete(key);
      inventory.applyScan(
        list.map(([device, uuid]) => disk(device, { uuid: device + uuid })),
        now,
      );
      const { disks, since } = inventory.self;
      assert.equal(since.length, disks.length);
      disks.forEach(({ device, uuid }, index) =>
        assert.equal(since[index], cameAt.get(uuid!), device)
      );
    });
  }));
});

Deno.test("a disk that was unmounted and then pulled tells where it was mounted last", () => {
  const a = disk("/dev/a", { uuid: "a" });
  const inventory = withDisks({ ...a, mounts: ["/mnt/a", "/srv"] });
  inventory.applyScan([a], 1);
  assert.deepEqual(inventory.where("a").found[0]?.disk.mounts, []);
  inventory.applyScan([], 2);
  assert.deepEqual(inventory.where("a").found[0]?.disk.mounts, [
    "/mnt/a",
    "/srv",
  ]);
});

Deno.test("a disk of a host that is gone tells where it was mounted last", () => {
  const inventory = new Inventory(host("alpha"));
  const a = disk("/dev/a", { uuid: "a" });
  hear(inventory, [{ ...a, mounts: ["/mnt"] }], 0);
  hear(inventory, [a], 1);
  inventory.applyGoodbye("beta", 2);
  assert.deepEqual(inventory.where("a").found[0]?.disk.mounts, ["/mnt"]);
});

Deno.test("last mounts are those of the disk, and not of one that had its device before", () => {
  const a = disk("/dev/a", { uuid: "a" });
  const inventory = withDisks({ ...a, mounts: ["/mnt/old"] });
  inventory.applyScan([a], 1);
  inventory.applyScan([{ ...a, mounts: ["/mnt/new"] }], 2);
  inventory.applyScan([a], 3);
  inventory.applyScan([disk("/dev/a", { uuid: "b" })], 4);
  assert.deepEqual(inventory.where("a").found[0]?.disk.mounts, ["/mnt/new"]);
  inventory.applyScan([], 5);
  assert.deepEqual(inventory.where("b").found[0]?.disk.mounts, []);
});

Deno.test("last mounts go with disks whose devices shift", () => {
  const names = ["a", "b", "c"];
  const on = (devices: readonly string[], isMounted = false) =>
    names.map((uuid, i) =>
      disk(`/dev/${devices[i]}`, {
        uuid,
        mounts: isMounted ? [`/mnt/${uuid}`] : [],
      })
    );
  for (const after of [["2", "3", "4"], ["0", "1", "2"], ["2", "3", "1"]]) {
    const inventory = withDisks(...on(["1", "2", "3"], true));
    inventory.applyScan(on(["1", "2", "3"]), 1);
    inventory.applyScan(on(after), 2);
    inventory.applyScan([], 3);
    assert.deepEqual(
      names.map((name) => inventory.where(name).found[0]?.disk.mounts),
      [["/mnt/a"], ["/mnt/b"], ["/mnt/c"]],
      after.join(),
    );
  }
});

Deno.test("of many last mounts no more are kept than there is room for", () => {
  const a = disk("/dev/a", { uuid: "a" });
  const long = "x".repeat(MAX_LAST_MOUNTS_LENGTH - 5);
  const inventory = withDisks({ ...a, mounts: ["/mnt", long, "/", "/srv"] });
  inventory.applyScan([a], 1);
  inventory.applyScan([], 2);
  assert.deepEqual(inventory.where("a").found[0]?.disk.mounts, [
    "/mnt",
    long,
    "/",
  ]);
});

Deno.test("forgetDisk() drops a disk wherever it was, and leaves what is attached", () => {
  const inventory = withDisks(disk("/dev/a", { uuid: "a" }));
  const [a, b] = [disk("/dev/x", { uuid: "a" }), disk("/dev/b", { uuid: "b" })];
  hear(inventory, [a, b], 0);
  inventory.applyGoodbye("beta", 1);
  inventory.applyScan([], 2);
  inventory.forgetDisk("uuid a ");
  assert.deepEqual(inventory.where("a").found, []);
  assert.deepEqual(inventory.host("beta")?.disks, [b]);
  assert.deepEqual(inventory.host("beta")?.since, [0]);
  inventory.applyScan([b], 3);
  inventory.forgetDisk("uuid b ");
  assert.equal(inventory.where("b").found[0]?.state, "attached");
  const [came] = inventory.applyScan([b, a], 4);
  assert.equal(came?.event, "attached", "what was forgotten has not moved");
});

Deno.test("forgetHost() drops a host, its disks and what was there, but never this host", () => {
  const inventory = withDisks(disk("/dev/a", { uuid: "a" }));
  hear(inventory, [disk("/dev/b", { uuid: "b" })], 0);
  hear(inventory, [disk("/dev/c", { uuid: "c" })], 1);
  inventory.applyScan([], 2);
  inventory.forgetHost("beta");
  inventory.forgetHost("alpha");
  assert.deepEqual([...inventory.hosts()].map(({ id }) => id), ["alpha"]);
  assert.deepEqual([found(inventory, "b"), found(inventory, "c")], [[], []]);
  assert.deepEqual(found(inventory, "a"), ["/dev/a"]);
});

function withDisks(...disks: Disk[]): Inventory {
  const inventory = new Inventory(host("alpha"));
  inventory.applyScan(disks, 0);
  return inventory;
}

function hear(
  inventory: Inventory,
  list: readonly Disk[] | null,
  now: number,
) {
  const arrival = { address: "10.0.0.2", now };
  return inventory.applyAnnouncement(host("beta"), list, arrival);
}

function host(name: string): HostInfo {
  return { id: name, name, version: "0.1.0", everyMs: 30_000 };
}

function disk(device: string, known: Partial<Disk>): Disk {
  return makeDisk({ ...known, device });
}

function found(inventory: Inventory, name: string): string[] {
  return inventory.where(name).found.map(({ disk }) => disk.device);
}

function states(inventory: Inventory, name: string): string[] {
  return inventory.where(name).found.map(({ host, state }) =>
    `${host.name} ${state}`
  );
}

function times(inventory: Inventory, name: string): number[][] {
  return inventory.where(name).found.map((
    { since, seenAt },
  ) => [since, seenAt]);
}
