import assert from "node:assert/strict";
import { ScriptedMounts } from "../../support/scripted_mounts.ts";
import { exited } from "../../support/scripted_system.ts";
import { diskRow } from "../render/rows.ts";
import {
  addFolders,
  DEVICE,
  hostWithDisk,
  MOUNTED,
  OTHER_UUID,
  PLACE,
  plan,
  refusalOf,
  UUID,
} from "./local_support.ts";

function planned(commands: readonly (readonly string[])[]): string[] {
  return commands.map((argv) => argv.join(" "));
}

Deno.test("planMount() has root mount under a directory named after the label", async () => {
  const host = hostWithDisk();
  const { kind, commands } = await plan(host);
  assert.equal(kind, "toDo");
  assert.deepEqual(planned(commands), [
    "mkdir -- /run/media/diskd",
    `mkdir -- ${PLACE}`,
    `mount -t ext4 -o nosuid,nodev,x-diskd=${UUID} --source ${DEVICE} --target ${PLACE}`,
  ]);
  assert.deepEqual(host.commands, []);
});

Deno.test("planMount() mounts read-only when asked to", async () => {
  const { commands } = await plan(hostWithDisk(), { readOnly: true });
  assert.match(
    planned(commands).at(-1)!,
    / -o nosuid,nodev,ro,x-diskd=\S+ --source /,
  );
});

Deno.test("planMount() never lets a label out of the directory", async () => {
  const row = diskRow({ label: "../../etc" });
  const { commands } = await plan(hostWithDisk(), { row });
  assert.equal(commands.at(-1)!.at(-1), "/run/media/diskd/_.._etc");
});

Deno.test("planMount() takes an empty directory that a killed run left", async () => {
  const host = hostWithDisk();
  addFolders(host, "/run/media/diskd", PLACE);
  const { commands } = await plan(host);
  assert.equal(commands.length, 1);
  assert.equal(commands[0]!.at(-1), PLACE);
});

Deno.test("planMount() puts the UUID behind a name that another disk has", async () => {
  const host = hostWithDisk();
  addFolders(host, "/run/media/diskd", PLACE);
  host.mounts.push({ ...MOUNTED, source: "/dev/sdc1", majMin: "8:33" });
  const { commands } = await plan(host);
  assert.deepEqual(planned(commands)[0], `mkdir -- ${PLACE}-8261f666`);
  addFolders(host, `${PLACE}-8261f666`, `${PLACE}-8261f666/file`);
  const refusal = await refusalOf(plan(host));
  assert.equal(refusal.kind, "refused");
  assert.match(refusal.message, /backup-2019-8261f666 are used/);
});

for (
  const [what, entry] of [
    ["a link", { kind: "link", uid: 0, mode: 0o777 }],
    ["somebody's", { kind: "folder", uid: 1000, mode: 0o755 }],
    ["for all to write", { kind: "folder", uid: 0, mode: 0o1777 }],
    ["a file", { kind: "other", uid: 0, mode: 0o644 }],
  ] as const
) {
  for (const path of ["/run/media", "/run/media/diskd"]) {
    Deno.test(`planMount() refuses a ${path} that is ${what}`, async () => {
      const host = hostWithDisk();
      host.folders.entries.set(path, entry);
      const refusal = await refusalOf(plan(host));
      assert.equal(refusal.kind, "refused");
      assert.match(
        refusal.message,
        new RegExp(`^${path} is not a directory that only root`),
      );
    });
  }
}

Deno.test("planMount() does not take a link in place of a directory", async () => {
  const host = hostWithDisk();
  addFolders(host, "/run/media/diskd");
  host.folders.entries.set(PLACE, { kind: "link", uid: 0, mode: 0o777 });
  const { commands } = await plan(host);
  assert.equal(commands.at(-1)!.at(-1), `${PLACE}-8261f666`);
});

Deno.test("planMount() asks udisks where it runs, and never for more than nosuid,nodev", async () => {
  const host = hostWithDisk();
  host.udisksFolder = "/run/media/ann";
  for (
    const [uid, mayAsk, end] of [
      [1000, false, " --no-user-interaction"],
      [1000, true, ""],
      [0, false, " --no-user-interaction"],
    ] as const
  ) {
    const { commands } = await plan(host, { uid, mayAsk, readOnly: true });
    assert.deepEqual(planned(commands), [
      `udisksctl mount --block-device ${DEVICE} --options nosuid,nodev,ro${end}`,
    ]);
  }
});

Deno.test("planMount() as root keeps a label from udisks that is no good name for a directory", async () => {
  const host = hostWithDisk();
  host.udisksFolder = "/run/media/root";
  const row = diskRow({ label: "back\nup" });
  const { commands } = await plan(host, { row });
  assert.equal(commands.at(-1)!.at(-1), "/run/media/diskd/back_up");
  const asUser = await plan(host, { row, uid: 1000 });
  assert.equal(asUser.commands[0]![0], "udisksctl");
});

Deno.test("planMount() keeps the directory from udisks that a user behind sudo could not enter", async () => {
  const host = hostWithDisk();
  host.udisksFolder = "/run/media/root";
  const env = { SUDO_UID: "1000", SUDO_USER: "ann" };
  const { commands } = await plan(host, { env });
  assert.equal(commands.at(-1)!.at(-1), PLACE);
});

Deno.test("planMount() tells a user without udisks what to type", async () => {
  const refusal = await refusalOf(plan(hostWithDisk(), { uid: 1000 }));
  assert.equal(refusal.kind, "refused");
  assert.match(refusal.message, /^only root may mount \/dev\/sdb1 here/);
  assert.equal(refusal.hints[0], `As root: sudo diskd mount ${UUID}`);
});

Deno.test("planMount() refuses a disk that was exchanged", async () => {
  const host = hostWithDisk();
  host.devices.set(DEVICE, { majMin: "8:17", uuid: OTHER_UUID, type: "ext4" });
  const refusal = await refusalOf(plan(host));
  assert.equal(refusal.kind, "notAttached");
  assert.match(refusal.message, /another disk now: its UUID is 11111111-/);
});

Deno.test("planMount() refuses a disk that is gone, or blank", async () => {
  const host = hostWithDisk();
  host.devices.set(DEVICE, { majMin: "8:17", uuid: null, type: null });
  assert.equal((await refusalOf(plan(host))).kind, "notAttached");
  host.devices.clear();
  assert.equal((await refusalOf(plan(host))).kind, "notAttached");
});

Deno.test("planMount() believes udev where this user may not read the disk", async () => {
  const host = hostWithDisk();
  host.udisksFolder = "/run/media/ann";
  host.mayRead = false;
  const refusal = await refusalOf(plan(host, { uid: 1000 }));
  assert.equal(refusal.kind, "refused");
  assert.match(refusal.message, /the contents of \/dev\/sdb1 are unknown/);
  host.udev.set(DEVICE, { uuid: UUID, fstype: "ext4" });
  assert.equal((await plan(host, { uid: 1000 })).kind, "toDo");
  host.udev.set(DEVICE, { uuid: OTHER_UUID, fstype: "ext4" });
  assert.equal(
    (await refusalOf(plan(host, { uid: 1000 }))).kind,
    "notAttached",
  );
  host.udev.set(DEVICE, { uuid: UUID, fstype: "crypto_LUKS" });
  assert.equal((await refusalOf(plan(host, { uid: 1000 }))).kind, "refused");
});

for (
  const device of [
    "sdb1",
    "-o",
    "/etc/passwd",
    "/dev/../etc/passwd",
    "/dev/sd\n",
    "/dev/sd\x1b[2J",
    "/dev/",
  ]
) {
  Deno.test(`planMount() refuses the device ${JSON.stringify(device)}`, async () => {
    const host = new ScriptedMounts();
    const refusal = await refusalOf(plan(host, { row: diskRow({ device }) }));
    assert.equal(refusal.kind, "refused");
    assert.match(refusal.message, /expected a path in \/dev$/);
  });
}

Deno.test("planMount() says what a disk is that is no filesystem", async () => {
  const host = hostWithDisk();
  host.devices.set(DEVICE, {
    majMin: "8:17",
    uuid: UUID,
    type: "swap",
    usage: "other",
  });
  const refusal = await refusalOf(plan(host));
  assert.equal(
    refusal.message,
    "/dev/sdb1 cannot be mounted: it is swap space",
  );
});

Deno.test("planMount() says where a disk is mounted already, best where diskd put it", async () => {
  const host = hostWithDisk();
  const mnt = { ...MOUNTED, target: "/mnt/b", options: "rw" };
  host.mounts.push({ ...mnt, target: "/home", fsroot: "/home" }, mnt);
  const first = await plan(host, { uid: 1000 });
  assert.ok(first.kind === "mounted");
  assert.equal(first.view.path, "/mnt/b");
  assert.equal(first.view.wasMounted, true);
  host.mounts.push(MOUNTED);
  const second = await plan(host);
  assert.ok(second.kind === "mounted");
  assert.equal(second.view.path, PLACE);
  assert.deepEqual(second.commands, []);
});

Deno.test("planMount() knows a device by its numbers, whatever name it was mounted by", async () => {
  const host = hostWithDisk();
  host.mounts.push({ ...MOUNTED, source: "/dev/root" });
  assert.equal((await plan(host)).kind, "mounted");
});

Deno.test("planMount() passes over a mount that another hides", async () => {
  const host = hostWithDisk();
  const over = { ...MOUNTED, source: "tmpfs", majMin: "0:30" };
  host.mounts.push(MOUNTED, over, { ...MOUNTED, target: "/mnt/b" });
  const found = await plan(host);
  assert.ok(found.kind === "mounted");
  assert.equal(found.view.path, "/mnt/b");
});

Deno.test("planMount() knows a btrfs by any of its members, and names them all to the kernel", async () => {
  const host = hostWithDisk();
  host.devices.set(DEVICE, { majMin: "8:17", uuid: UUID, type: "btrfs" });
  const members = [
    diskRow({ device: "/dev/sdc1" }),
    diskRow({ device: "/dev/a,b" }),
  ];
  const { commands } = await plan(host, { members });
  assert.match(
    planned(commands).at(-1)!,
    /-t btrfs -o nosuid,nodev,x-diskd=[^,]+,device=\/dev\/sdc1 --source/,
  );
  host.mounts.push({ ...MOUNTED, source: "/dev/sdc1", majMin: "0:50" });
  assert.equal((await plan(host, { members })).kind, "mounted");
});

Deno.test("planMount() says so where read-only was asked for and it is not", async () => {
  const host = hostWithDisk();
  host.mounts.push(MOUNTED);
  assert.match((await plan(host, { readOnly: true })).notes[0]!, /read-write/);
  assert.deepEqual((await plan(host)).notes, []);
  host.mounts[0] = { ...MOUNTED, options: "ro,relatime" };
  const readOnly = await plan(host, { readOnly: true });
  assert.ok(readOnly.kind === "mounted" && readOnly.view.readOnly);
  assert.deepEqual(readOnly.notes, []);
});

Deno.test("planMount() mounts at the directory that was chosen, made where it is missing", async () => {
  const host = hostWithDisk();
  const { commands } = await plan(host, { at: "/mnt/b/" });
  assert.deepEqual(planned(commands), [
    "mkdir -- /mnt/b",
    `mount -t ext4 -o nosuid,nodev,x-diskd=${UUID} --source ${DEVICE} --target /mnt/b`,
  ]);
  addFolders(host, "/mnt/b");
  assert.equal((await plan(host, { at: "/mnt/b" })).commands.length, 1);
});

Deno.test("planMount() shows what is mounted elsewhere at the directory that was chosen, too", async () => {
  const host = hostWithDisk();
  host.mounts.push(MOUNTED);
  const { commands } = await plan(host, { at: "/mnt/b", readOnly: true });
  assert.equal(
    planned(commands).at(-1),
    `mount -o bind,nosuid,nodev,ro,x-diskd=${UUID} --source ${PLACE} --target /mnt/b`,
  );
  host.mounts.push({ ...MOUNTED, target: "/mnt/b" });
  const again = await plan(host, { at: "/mnt/b" });
  assert.ok(again.kind === "mounted");
  assert.equal(again.view.at, "/mnt/b");
});

Deno.test("planMount() refuses a directory that is not empty, missing above, a file or mounted on", async () => {
  const host = hostWithDisk();
  addFolders(host, "/mnt/full", "/mnt/full/x", "/mnt/busy");
  host.folders.entries.set("/mnt/file", { kind: "other", uid: 0, mode: 0o644 });
  host.mounts.push({
    ...MOUNTED,
    target: "/mnt/busy",
    source: "t",
    majMin: "",
  });
  for (
    const [at, kind, message] of [
      ["/mnt/full", "refused", /is not empty/],
      ["/mnt/none/b", "refused", /its parent directory does not exist/],
      ["/mnt/file", "refused", /is not a directory/],
      ["/mnt/busy", "refused", /something else is mounted on/],
      ["mnt", "usage", /expected an absolute path/],
    ] as const
  ) {
    const refusal = await refusalOf(plan(host, { at }));
    assert.equal(refusal.kind, kind);
    assert.match(refusal.message, message);
  }
});

Deno.test("planMount() leaves a chosen directory to root", async () => {
  const host = hostWithDisk();
  host.udisksFolder = "/run/media/ann";
  const refusal = await refusalOf(plan(host, { uid: 1000, at: "/mnt/b" }));
  assert.equal(
    refusal.hints[0],
    `As root: sudo diskd mount ${UUID} --at /mnt/b`,
  );
});

Deno.test("planMount() says which program does not tell", async () => {
  const host = hostWithDisk();
  for (const [name, stdout] of [["findmnt", "[]"], ["lsblk", "{"]] as const) {
    const { run } = host.system;
    const system = {
      ...host.system,
      run: (
        program: string,
        ...rest: [readonly string[], { timeoutMs: number }]
      ) =>
        program === name
          ? Promise.resolve(exited({ stdout }))
          : run(program, ...rest),
    };
    const other = Object.assign(Object.create(host), { system });
    const refusal = await refusalOf(plan(other));
    assert.equal(refusal.kind, "failed");
    assert.match(refusal.message, new RegExp(`output of ${name}`));
  }
});
