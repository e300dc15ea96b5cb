import assert from "node:assert/strict";
import { FIND_AGAIN_MS } from "../../../src/inventory/awaited.ts";
import type { Change } from "../../../src/inventory/change.ts";
import { type Disk, makeDisk, nameAt } from "../../../src/inventory/disk.ts";
import { Inventory } from "../../../src/inventory/inventory.ts";

const EVERY_MS = 600_000;
const root = makeDisk({ device: "/dev/vda1", uuid: "root" });
const stick = makeDisk({
  device: "/dev/sdb1",
  uuid: "stick",
  mounts: ["/mnt/stick"],
});
const photos = makeDisk({ device: "/dev/sdc1", uuid: "photos" });

/** What beta had from 0 until its daemon stopped at 10,000 ms. */
const UNTIL = 10_000;
/** When it is heard again. */
const BACK = 30_000;

for (const how of ["said goodbye", "crashed"] as const) {
  Deno.test(`a disk that a host which ${how} finds again soon after its start was there all the time`, () => {
    const lan = new Beta();
    lan.begin([root, stick]);
    lan.restart({ how, disks: [root] });
    assert.deepEqual(lan.places("stick"), [`detached 0 ${lan.lastSeen}`]);
    const idle = { ...stick, mounts: [] };
    assert.deepEqual(lan.announce([root, idle], BACK + 20_000), []);
    assert.deepEqual(lan.places("stick"), ["attached 0 -"]);
    assert.deepEqual(lan.expire(BACK + FIND_AGAIN_MS), []);
    const [left] = lan.leave("stick", BACK + 90_000);
    assert.equal(left, "detached /dev/sdb1");
    assert.deepEqual(lan.lastMounts("stick"), ["/mnt/stick"]);
  });
}

Deno.test("a disk found again on another device is renamed, also where a known disk has its old device", () => {
  const lan = started({ disks: [{ ...photos, device: "/dev/sdb1" }] });
  assert.deepEqual(lan.told.splice(0), [
    "host-up",
    "renamed /dev/sdc1 -> /dev/sdb1",
  ]);
  const moved = { ...stick, device: "/dev/sdd1" };
  const now = [{ ...photos, device: "/dev/sdb1" }, moved];
  assert.deepEqual(lan.announce(now, BACK + 5_000), [
    "renamed /dev/sdb1 -> /dev/sdd1",
  ]);
  assert.deepEqual(lan.places("stick"), ["attached 0 -"]);
  assert.deepEqual(lan.places("photos"), ["attached 0 -"]);
});

Deno.test("a disk that does not come again is told of when its host had time to find it", () => {
  const lan = started({ disks: [root, photos] });
  assert.equal(lan.inventory.nextExpiry, BACK + FIND_AGAIN_MS);
  assert.deepEqual(lan.expire(BACK + FIND_AGAIN_MS - 1), []);
  assert.deepEqual(lan.expire(BACK + FIND_AGAIN_MS), ["detached /dev/sdb1"]);
  assert.deepEqual(lan.expire(BACK + 2 * FIND_AGAIN_MS), []);
  assert.deepEqual(lan.announce([root, photos, stick], BACK + 70_000), [
    "attached /dev/sdb1",
  ]);
});

Deno.test("a disk that comes to another host meanwhile has moved", () => {
  const lan = started({ disks: [root, photos] });
  const changes = lan.inventory.applyScan([stick], BACK + 3_000);
  assert.deepEqual(texts(changes), ["detached /dev/sdb1", "moved /dev/sdb1"]);
  assert.deepEqual(lan.expire(BACK + FIND_AGAIN_MS), []);
});

Deno.test("what leaves a host later, or one that did not start anew, is told of at once", () => {
  const lan = started({ disks: [root, photos, stick] });
  assert.deepEqual(lan.leave("stick", BACK + 2_001), ["detached /dev/sdb1"]);
  const silent = new Beta();
  silent.begin();
  silent.inventory.expire(10 * EVERY_MS);
  assert.deepEqual(silent.announce([root, photos], 10 * EVERY_MS + 1), [
    "host-up",
    "detached /dev/sdb1",
  ]);
});

Deno.test("another disk of the same name is new", () => {
  const here = { ...stick, serial: "A1B2C3D4" };
  const lan = new Beta();
  lan.begin([root, here]);
  lan.restart({ how: "said goodbye", disks: [root] });
  const other = { ...stick, serial: "E5F6A7B8" };
  assert.deepEqual(lan.announce([root, other], BACK + 5_000), [
    "attached /dev/sdb1",
  ]);
});

Deno.test("nobody is told of a disk or host that is forgotten meanwhile", () => {
  const disk = started({ disks: [root, photos] });
  disk.inventory.forgetDisk(nameAt(stick, "beta"));
  assert.deepEqual(disk.expire(BACK + FIND_AGAIN_MS), []);
  const host = started({ disks: [root, photos] });
  host.inventory.forgetHost("beta");
  assert.deepEqual(host.expire(BACK + FIND_AGAIN_MS), []);
});

Deno.test("this host too has time to find its disks", () => {
  const inventory = new Inventory(info("alpha"));
  inventory.restore({
    hosts: [{
      ...info("alpha"),
      addresses: [],
      heardAt: -5_000,
      liveness: "gone",
      disks: [root, stick].map((disk) => ({ disk, since: -9_000 })),
    }],
    past: [],
  });
  assert.deepEqual(texts(inventory.applyScan([root], 100)), []);
  assert.deepEqual(texts(inventory.applyScan([root, stick], 8_000)), []);
  assert.deepEqual([...inventory.self.since], [-9_000, -9_000]);
});

function started({ disks }: { readonly disks: Disk[] }): Beta {
  const lan = new Beta();
  lan.begin();
  lan.restart({ how: "said goodbye", disks });
  return lan;
}

/** What this host knows of beta. */
class Beta {
  readonly inventory = new Inventory(info("alpha"));
  readonly told: string[] = [];
  lastSeen = 0;

  begin(disks: Disk[] = [root, stick, photos]): void {
    this.announce(disks, 0);
    this.announce(disks, UNTIL);
  }

  restart(
    { how, disks }: {
      readonly how: "said goodbye" | "crashed";
      readonly disks: Disk[];
    },
  ): void {
    this.lastSeen = how === "crashed" ? BACK : UNTIL;
    if (how === "said goodbye") this.inventory.applyGoodbye("beta", UNTIL);
    this.told.push(...this.announce(disks, BACK, { hasStarted: true }));
  }

  announce(
    disks: Disk[],
    now: number,
    { hasStarted = false } = {},
  ): string[] {
    const from = { address: "10.0.0.2", now, hasStarted };
    const { changes } = this.inventory.applyAnnouncement(
      info("beta"),
      disks,
      from,
    );
    return texts(changes);
  }

  leave(uuid: string, now: number): string[] {
    const { disks } = this.inventory.host("beta")!;
    return this.announce(disks.filter((disk) => disk.uuid !== uuid), now);
  }

  expire(now: number): string[] {
    return texts(this.inventory.expire(now));
  }

  places(name: string): string[] {
    return this.inventory.where(name).found.map(({ state, since, seenAt }) =>
      `${state} ${since} ${state === "detached" ? seenAt : "-"}`
    );
  }

  lastMounts(name: string): readonly string[] {
    return this.inventory.where(name).found[0]!.disk.mounts;
  }
}

function info(id: string) {
  return { id, name: id, version: "0.1.0", everyMs: EVERY_MS };
}

function texts(changes: readonly Change[]): string[] {
  return changes.map((change) => {
    const device = change.disk === null ? "" : ` ${change.disk.device}`;
    return change.event === "renamed"
      ? `renamed ${change.fromDevice} ->${device}`
      : `${change.event}${device}`;
  });
}
