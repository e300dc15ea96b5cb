/** What diskd makes of each host of the fixtures, there and on another host. */
import assert from "node:assert/strict";
import { sayVerdict } from "../../../src/render/verdict.ts";
import {
  bothViews,
  checkHost,
  duplicatesOf,
  type ExpectedOfHost,
  scanCase,
  Watcher,
} from "./case_host.ts";

const CASES: Readonly<Record<string, ExpectedOfHost>> = {
  "blank-disk": {
    list: ["sdz - blank"],
    unmounted: ["sdz"],
    where: {
      "/dev/sdz": "sdz",
      "sdz": "sdz",
      "WD-WX000001": "sdz",
      "wx000001": "sdz",
      "0x50014ee2acbf0001": "sdz",
      "50014ee2acbf0001": "sdz",
      "wwn-0x50014ee2acbf0001": "sdz",
      "WDC WD10EACS-00D6B1": "sdz",
    },
  },
  "firmware-raid-imsm": {
    list: [
      "md126p2 00000055-1111-4222-8333-444444444444 xfs /boot used",
      "sda - isw_raid_member used",
      "sdb - isw_raid_member used",
    ],
    hidden: { md126: "parts" },
    where: { BTHC00000001: "sda", BTHC00000002: "sdb", md126: "md126" },
  },
  kubelet: {
    list: [
      "sdc pvdata ext4 /var/lib/kubelet/plugins/kubernetes.io/cinder/mounts/47b5c38a +30 used",
    ],
  },
  hunspell: {
    list: [
      "nvme0n1p1 EFI System Partition vfat /boot/efi used",
      "nvme0n1p2 00000030-1111-4222-8333-444444444444 ext4 / +1 used",
      "nvme0n1p3 00000031-1111-4222-8333-444444444444 swap [SWAP] used",
    ],
    hidden: { loop0: "image", loop19: "image", nvme0n1: "parts" },
  },
  "pv-60-lvs": {
    list: [
      "mapper/vg0-root 00000800-1111-4222-8333-444444444444 ext4 / used",
      "sda3 lvmPVu-cinder LVM2_member used",
    ],
    where: { "vg0/root": "mapper/vg0-root", "vg0-root": "mapper/vg0-root" },
  },
  zpool: {
    list: [
      "sda1 tank zfs_member /tank +1 used",
      "sdb1 tank zfs_member /tank +1 used",
      "sdc1 tank zfs_member /tank +1 used",
    ],
    hidden: {
      sda: "parts",
      sda9: "reserved",
      zd0: "guest",
      zd0p1: "guest",
      zd0p3: "guest",
    },
    where: { tank: "sda1", X1G00002: "sdb1" },
  },
  "multipath-zfs": {
    list: ["mapper/mpathq-part1 Apool zfs_member /Apool used"],
    hidden: {
      sdam: "path",
      sdam1: "path",
      sdan9: "path",
      "mapper/mpathq": "parts",
      "mapper/mpathq-part9": "reserved",
    },
    where: { Apool: "mapper/mpathq-part1", mpathq: "mapper/mpathq" },
  },
  "lvm-snapshot": {
    list: [
      "mapper/vg0-root root ext4 / used",
      "sda2 lvmPVu-aaaa LVM2_member used",
    ],
    hidden: {
      "mapper/vg0-root-real": "inner",
      "mapper/vg0-demo--snapshot": "snapshot",
      "mapper/vg0-demo--snapshot-cow": "inner",
    },
    where: {
      root: "mapper/vg0-root",
      "00000020-1111-4222-8333-444444444444": "mapper/vg0-root",
      "vg0/demo-snapshot": "mapper/vg0-demo--snapshot",
    },
  },
  "luks-names": {
    list: [
      "mapper/luks-11111111-1111-4222-8333-444444444444 home ext4 /home used",
      "sda1 cryptlabel crypto_LUKS used",
    ],
    where: {
      "luks-11111111-1111-4222-8333-444444444444":
        "mapper/luks-11111111-1111-4222-8333-444444444444",
      "dm-0": "mapper/luks-11111111-1111-4222-8333-444444444444",
      "/dev/dm-0": "mapper/luks-11111111-1111-4222-8333-444444444444",
      "home-enc": "sda1",
      cryptlabel: "sda1",
    },
  },
  "nvme-multipath": {
    list: ["nvme0n1 nvdata xfs"],
    unmounted: ["nvme0n1"],
    hidden: { nvme0c0n1: "path" },
    where: { PHLJ0000: "nvme0n1" },
  },
  "usb-enclosure": {
    list: [
      "sda1 snap00 ext4 /srv/d0 used",
      "sdb1 snap01 ext4 used",
      "sdc1 snap02 ext4 used",
      "sdd1 snap10 ext4",
      "sde1 snap11 ext4",
    ],
    unmounted: ["sdd1", "sde1"],
  },
  "empty-readers": {
    list: ["sda root ext4 / used"],
    hidden: { fd0: "empty", sr0: "empty", sdc: "empty", sdf: "empty" },
  },
  "lsblk-2.31-bytes": {
    list: [
      "etherd/e1.0 aoe xfs",
      'sda1 \u{bcf5}\u{ad6c} ntfs /media/u/\u00e9t\u00e9 "x" used',
    ],
    unmounted: ["etherd/e1.0"],
    hidden: { loop1: "empty" },
  },
  pi1: {
    list: [
      "mmcblk0p1 bootfs vfat /boot/firmware used",
      "mmcblk0p2 rootfs ext4 / used",
    ],
    hidden: { zram0: "ram" },
  },
};

for (const [name, expected] of Object.entries(CASES)) {
  Deno.test(`${name}: here and on another host`, async () => {
    await checkHost(name, expected);
  });
}

Deno.test("lsblk-no-json: says which version is needed", async () => {
  const { disks, problems } = await scanCase("lsblk-no-json");
  assert.equal(disks, null);
  assert.match(
    problems.join(),
    /lsblk .* is too old.* util-linux 2\.27 or later/,
  );
});

Deno.test("luks-names: the drive below is named", async () => {
  for (const view of await bothViews("luks-names")) {
    const { rows } = await view.find("home");
    assert.deepEqual(
      rows.map(({ drives }) =>
        drives.map(({ serial, model }) => [serial, model])
      ),
      [[["ZA1", "ST1000"]]],
    );
  }
});

/** What `where` adds to the rows. */
async function verdictOn(view: Watcher, name: string): Promise<string> {
  const { verdict } = await view.find(name);
  return sayVerdict(verdict, { name, now: view.now }).join("\n");
}

Deno.test("dock1, dock2: a placeholder is no serial number", async () => {
  const view = new Watcher();
  await view.hear("dock1");
  await view.hear("dock2");
  assert.deepEqual(duplicatesOf(view), []);
  assert.doesNotMatch(await verdictOn(view, "0123456789ABCDEF"), /one drive/);
});

Deno.test("wz1, wz2: a clone on two drives, whatever their WWNs of zeros", async () => {
  const view = new Watcher();
  await view.hear("wz1");
  await view.hear("wz2");
  const clone = "00000500-1111-4222-8333-444444444444";
  assert.deepEqual(duplicatesOf(view), [["clone", clone, 2]]);
  const said = await verdictOn(view, "cloned");
  assert.match(said, /drives are different/);
  assert.doesNotMatch(said, /one drive/);
});

Deno.test("pi1, pi2, pi3: one image on several drives, and nobody's disk moves", async () => {
  const view = new Watcher();
  await view.hear("pi2");
  await view.hear("pi3");
  await view.scan("pi1");
  const image = "ce208fd3-0000-424a-87a2-000000000000";
  assert.deepEqual(duplicatesOf(view), [["image", image, 6]]);
  view.now += 200_000;
  await view.hear("pi3");
  const changes = view.inventory.expire(view.now);
  assert.deepEqual(changes.map(({ event }) => event), ["host-stale"]);
  const { verdict } = await view.find("rootfs");
  assert.equal(verdict.kind, "clone");
  assert.doesNotMatch(await verdictOn(view, "rootfs"), /moved/);
  view.inventory.applyGoodbye("pi3", view.now);
  assert.doesNotMatch(await verdictOn(view, "rootfs"), /moved/);
});

Deno.test("pi1, pi1-reboot: a new zram is no event", async () => {
  const view = new Watcher();
  await view.scan("pi1");
  assert.deepEqual(await view.scan("pi1-reboot"), []);
});

Deno.test("usb-sdb, usb-sdc: the disk is renamed, and found under its new name", async () => {
  const view = new Watcher();
  await view.scan("usb-sdb");
  const changes = await view.scan("usb-sdc");
  assert.deepEqual(changes.map(({ event }) => event), ["unmounted", "renamed"]);
  const { rows, verdict } = await view.find("Elements");
  assert.deepEqual(rows.map(({ device }) => device), ["/dev/sdc1"]);
  assert.equal(verdict.kind, "attached");
});
