import assert from "node:assert/strict";
import { carryOut } from "../../../src/mount/carry_out.ts";
import { exited } from "../../support/scripted_system.ts";
import {
  addFolders,
  DEVICE,
  hostWithDisk,
  mount,
  MOUNTED,
  OTHER_UUID,
  PLACE,
  plan,
  refusalOf,
  toolsOf,
  UUID,
} from "./local_support.ts";

const OTHER_DISK = { majMin: "8:17", uuid: OTHER_UUID, type: "ext4" };

Deno.test("carryOut() mounts a disk and says where", async () => {
  const host = hostWithDisk();
  assert.deepEqual(await mount(host), {
    host: "alpha",
    hostId: "9f0c",
    device: DEVICE,
    uuid: UUID,
    label: "backup-2019",
    type: "ext4",
    path: PLACE,
    at: null,
    readOnly: false,
    wasMounted: false,
  });
  assert.equal(host.folders.look(PLACE)?.kind, "folder");
});

Deno.test("carryOut() says whether it is read-only, and where it was wanted", async () => {
  const view = await mount(hostWithDisk(), { readOnly: true, at: "/mnt/b" });
  assert.equal(view.readOnly, true);
  assert.equal(view.path, "/mnt/b");
  assert.equal(view.at, "/mnt/b");
});

Deno.test("carryOut() does nothing where it is mounted already", async () => {
  const host = hostWithDisk();
  host.mounts.push(MOUNTED);
  assert.equal((await mount(host)).wasMounted, true);
  assert.deepEqual(host.commands, []);
});

Deno.test("carryOut() unmounts a disk that was exchanged a moment before", async () => {
  const host = hostWithDisk();
  host.before.set("mount", () => host.devices.set(DEVICE, OTHER_DISK));
  const refusal = await refusalOf(mount(host));
  assert.equal(refusal.kind, "notAttached");
  assert.deepEqual(host.mounts, []);
  assert.equal(host.folders.look(PLACE), null);
  assert.equal(
    host.commands.at(-1),
    `umount --no-canonicalize -- ${PLACE}`,
  );
});

Deno.test("carryOut() unmounts a disk that was pulled out in the middle", async () => {
  const host = hostWithDisk();
  host.after.set("mount", () => host.devices.clear());
  assert.equal((await refusalOf(mount(host))).kind, "notAttached");
  assert.deepEqual(host.mounts, []);
});

Deno.test("carryOut() says what it cannot take back", async () => {
  const host = hostWithDisk();
  host.after.set("mount", () => host.devices.clear());
  host.failures.set("umount", exited({ code: 32, stderr: "target is busy." }));
  const refusal = await refusalOf(mount(host));
  assert.match(refusal.message, /could not be unmounted again$/);
  assert.equal(
    refusal.hints.at(-1),
    `It is still mounted there: umount ${PLACE}`,
  );
});

Deno.test("carryOut() removes the directories that it made where mounting fails, and no others", async () => {
  const host = hostWithDisk();
  const stderr =
    `mount: ${PLACE}: wrong fs type, bad superblock.\n  dmesg(1)\n`;
  host.failures.set("mount", exited({ code: 32, stderr }));
  const refusal = await refusalOf(mount(host));
  assert.equal(refusal.kind, "failed");
  assert.match(refusal.message, /: wrong fs type, bad superblock$/);
  assert.equal(host.folders.look("/run/media/diskd"), null);
  addFolders(host, "/mnt/mine");
  await refusalOf(mount(host, { at: "/mnt/mine" }));
  assert.equal(host.folders.look("/mnt/mine")?.kind, "folder");
});

Deno.test("carryOut() takes it for done where another caller was faster", async () => {
  const host = hostWithDisk();
  host.failures.set("mount", exited({ code: 32, stderr: "already mounted" }));
  host.before.set("mount", () => host.mounts.push(MOUNTED));
  const view = await mount(host);
  assert.equal(view.wasMounted, true);
  assert.equal(view.path, PLACE);
});

Deno.test("carryOut() looks again where another caller made its directory", async () => {
  const host = hostWithDisk();
  const planned = await plan(host);
  addFolders(host, "/run/media/diskd", PLACE);
  assert.equal((await carryOut(planned, toolsOf(host, {}))).path, PLACE);
  host.mounts.splice(0);
  host.folders.remove(PLACE);
  const again = await plan(host);
  addFolders(host, PLACE);
  host.mounts.push({ ...MOUNTED, source: "/dev/sdc1", majMin: "8:33" });
  const view = await carryOut(again, toolsOf(host, {}));
  assert.equal(view.path, `${PLACE}-8261f666`);
});

Deno.test("carryOut() never unmounts what another caller mounted over it", async () => {
  const host = hostWithDisk();
  const other = {
    ...MOUNTED,
    source: "/dev/sdc1",
    majMin: "8:33",
    options: `rw,nosuid,nodev,x-diskd=${OTHER_UUID}`,
  };
  host.after.set("mount", () => host.mounts.push(other));
  await refusalOf(mount(host));
  assert.equal(host.mounts.at(-1), other);
});

Deno.test("carryOut() undoes what a killed mount had done", async () => {
  const host = hostWithDisk();
  host.failures.set("mount", exited({ code: 130 }));
  host.before.set("mount", () => host.mounts.push(MOUNTED));
  assert.equal((await refusalOf(mount(host))).kind, "failed");
  assert.deepEqual(host.mounts, []);
  assert.equal(host.folders.look(PLACE), null);
});

Deno.test("carryOut() does not take what is mounted elsewhere for what was asked", async () => {
  const host = hostWithDisk();
  host.mounts.push(MOUNTED);
  host.failures.set("mount", exited({ code: 32, stderr: "no" }));
  const refusal = await refusalOf(mount(host, { at: "/mnt/b" }));
  assert.equal(refusal.kind, "failed");
  assert.equal(host.folders.look("/mnt/b"), null);
  assert.deepEqual(host.mounts, [MOUNTED]);
});

Deno.test("carryOut() says why it cannot make a directory, and leaves none", async () => {
  const host = hostWithDisk();
  const { make } = host.folders;
  host.folders.make = (path) => {
    if (path === PLACE) throw new Error("Read-only file system");
    make.call(host.folders, path);
  };
  const refusal = await refusalOf(mount(host));
  assert.equal(
    refusal.message,
    `cannot create the directory ${PLACE}: Read-only file system`,
  );
  assert.equal(host.folders.look("/run/media/diskd"), null);
  assert.deepEqual(host.commands, []);
});

Deno.test("carryOut() finds where udisks mounted it", async () => {
  const host = hostWithDisk();
  host.udisksFolder = "/run/media/ann";
  const view = await mount(host, { uid: 1000, env: { USER: "ann" } });
  assert.equal(view.path, "/run/media/ann/disk");
});

Deno.test("carryOut() lets udisks ask at the terminal where there is one", async () => {
  const host = hostWithDisk();
  host.udisksFolder = "/run/media/ann";
  let env: Readonly<Record<string, string | undefined>> = {};
  const { attend } = host.system;
  const system: typeof host.system = {
    ...host.system,
    attend(program, args, options) {
      env = options.env;
      return attend(program, args, options);
    },
  };
  const attempt = { uid: 1000, mayAsk: true, env: { USER: "ann", LD_X: "1" } };
  const planned = await plan(host, attempt);
  await carryOut(planned, { ...toolsOf(host, attempt), system });
  assert.equal(env["USER"], "ann");
  assert.equal(env["LD_X"], undefined);
});

Deno.test("carryOut() says that udisks does not let this user", async () => {
  const host = hostWithDisk();
  host.udisksFolder = "/run/media/ann";
  const stderr = "Error mounting /dev/sdb1: GDBus.Error:" +
    "org.freedesktop.UDisks2.Error.NotAuthorizedCanObtain: Not authorized";
  host.failures.set("udisksctl", exited({ code: 1, stderr }));
  const refusal = await refusalOf(mount(host, { uid: 1000 }));
  assert.equal(refusal.kind, "refused");
  assert.match(refusal.message, /udisks does not let this user mount/);
});

for (const uid of [0, 1000]) {
  Deno.test(`carryOut() as ${uid} undoes what udisks mounted without nosuid`, async () => {
    const host = hostWithDisk();
    host.udisksFolder = "/run/media/ann";
    host.after.set("udisksctl", () => {
      const last = host.mounts.pop();
      if (last) host.mounts.push({ ...last, options: "rw,nodev" });
    });
    const refusal = await refusalOf(mount(host, { uid }));
    assert.equal(refusal.kind, "refused");
    assert.match(
      refusal.message,
      /without nosuid, most likely as \/etc\/fstab/,
    );
    assert.deepEqual(host.mounts, []);
  });
}
