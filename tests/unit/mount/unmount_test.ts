import assert from "node:assert/strict";
import { exited } from "../../support/scripted_system.ts";
import { diskRow } from "../render/rows.ts";
import {
  addFolders,
  DEVICE,
  hostWithDisk,
  mount,
  MOUNTED,
  OTHER_UUID,
  PLACE,
  refusalOf,
  unmount,
  UUID,
} from "./local_support.ts";

const BIND = { ...MOUNTED, target: "/mnt/b" };
const OTHERS = { ...MOUNTED, target: "/mnt/other", options: "rw" };

Deno.test("unmounting takes away all that diskd mounted, the last first, and its directory", async () => {
  const host = hostWithDisk();
  await mount(host);
  await mount(host, { at: "/mnt/b" });
  const view = await unmount(host);
  assert.deepEqual(view, {
    host: "alpha",
    hostId: "9f0c",
    uuid: UUID,
    label: "backup-2019",
    unmounted: [
      { host: "alpha", path: "/mnt/b" },
      { host: "alpha", path: PLACE },
    ],
  });
  assert.deepEqual(host.mounts, []);
  assert.equal(host.folders.look(PLACE), null);
  assert.equal(host.folders.look("/mnt/b")?.kind, "folder");
});

Deno.test("unmounting what is not mounted does nothing", async () => {
  const host = hostWithDisk();
  assert.deepEqual((await unmount(host)).unmounted, []);
  assert.deepEqual(host.commands, []);
});

Deno.test("unmounting leaves alone what others mounted, and says so where nothing else is to do", async () => {
  const host = hostWithDisk();
  host.mounts.push(OTHERS);
  const refusal = await refusalOf(unmount(host));
  assert.equal(refusal.kind, "refused");
  assert.match(refusal.message, /mounted it on \/mnt\/other, so diskd leaves/);
  assert.deepEqual(refusal.hints, [
    "To unmount it anyway: umount /mnt/other",
  ]);
  host.mounts.push(BIND);
  assert.equal((await unmount(host)).unmounted.length, 1);
  assert.deepEqual(host.mounts, [OTHERS]);
});

Deno.test("unmounting knows what is under the directory of diskd also without a mark", async () => {
  const host = hostWithDisk();
  host.mounts.push({ ...MOUNTED, options: "rw" });
  assert.equal((await unmount(host)).unmounted[0]?.path, PLACE);
});

Deno.test("unmounting works after the disk was pulled out", async () => {
  const host = hostWithDisk();
  host.mounts.push(MOUNTED, BIND);
  host.devices.clear();
  const row = diskRow({ state: "detached" });
  assert.equal((await unmount(host, { row })).unmounted.length, 2);
});

Deno.test("unmounting takes away what is in use on an unplugged disk, for root", async () => {
  const host = hostWithDisk();
  host.mounts.push(MOUNTED);
  host.devices.clear();
  const stderr = `umount: ${PLACE}: target is busy.`;
  host.failures.set("umount", exited({ code: 32, stderr }));
  host.failures.set("find", exited({ stdout: "/proc/812/cwd\n" }));
  host.failures.set("ps", exited({ stdout: "  812 do_wait -bash\n" }));
  const row = diskRow({ state: "detached", unplugged: true });
  const attached = await refusalOf(unmount(host));
  assert.equal(attached.kind, "failed");
  assert.equal((await unmount(host, { row })).unmounted.length, 1);
  assert.deepEqual(host.said, [
    `${PLACE} is on an unplugged disk, and is in use by process 812 (-bash). ` +
    "It is taken away all the same.",
  ]);
  assert.match(host.commands.at(-1)!, /^umount --lazy /);
});

Deno.test("unmounting spares another disk that has the device by now", async () => {
  const host = hostWithDisk();
  host.devices.set(DEVICE, { majMin: "8:17", uuid: OTHER_UUID, type: "ext4" });
  const other = { ...MOUNTED, options: `rw,x-diskd=${OTHER_UUID}` };
  host.mounts.push(BIND, other);
  const view = await unmount(host, { row: diskRow({ state: "detached" }) });
  assert.deepEqual(view.unmounted.map(({ path }) => path), ["/mnt/b"]);
  assert.deepEqual(host.mounts, [other]);
});

Deno.test("unmounting says who may use what is busy, and what went before", async () => {
  const host = hostWithDisk();
  addFolders(host, "/run/media/diskd", PLACE);
  host.mounts.push(MOUNTED, BIND);
  let runs = 0;
  host.before.set("umount", () => {
    const stderr = `umount: ${PLACE}: target is busy.`;
    if (++runs === 2) host.failures.set("umount", exited({ code: 32, stderr }));
  });
  const refusal = await refusalOf(unmount(host));
  assert.equal(refusal.kind, "failed");
  assert.match(refusal.message, /cannot unmount \/run.*target is busy/);
  assert.deepEqual(refusal.hints, [
    "Unmounted: /mnt/b",
    `To see who uses it: fuser -vm ${PLACE}`,
  ]);
  assert.equal(host.folders.look(PLACE)?.kind, "folder");
});

Deno.test("unmounting does not take away what is mounted over it, or within", async () => {
  const host = hostWithDisk();
  const over = { ...MOUNTED, source: "tmpfs", majMin: "0:9", options: "rw" };
  for (const target of [PLACE, `${PLACE}/inner`]) {
    host.mounts.splice(0, Infinity, MOUNTED, { ...over, target });
    const refusal = await refusalOf(unmount(host));
    assert.equal(refusal.kind, "failed");
    assert.equal(refusal.hints[0], `Unmount that first: umount ${target}`);
    assert.deepEqual(host.commands, []);
  }
});

Deno.test("unmounting takes it for done where another was faster", async () => {
  const host = hostWithDisk();
  host.mounts.push(MOUNTED);
  host.before.set("umount", () => host.mounts.splice(0));
  assert.equal((await unmount(host)).unmounted.length, 1);
});

Deno.test("unmounting does not believe a program that says it is done", async () => {
  const host = hostWithDisk();
  host.mounts.push(MOUNTED);
  host.failures.set("umount", exited({}));
  const refusal = await refusalOf(unmount(host));
  assert.match(refusal.message, /reported success, but it is still mounted$/);
});

Deno.test("unmounting leaves root's mounts to root, and asks udisks for the user's own", async () => {
  const host = hostWithDisk();
  const ann = { uid: 1000, env: { USER: "ann" } };
  host.mounts.push(MOUNTED);
  const refusal = await refusalOf(unmount(host, ann));
  assert.equal(refusal.kind, "refused");
  assert.deepEqual(refusal.hints, [`As root: sudo diskd unmount ${UUID}`]);
  host.mounts.splice(0);
  host.udisksFolder = "/run/media/ann";
  await mount(host, ann);
  await refusalOf(unmount(host, { ...ann, env: { USER: "bob" } }));
  assert.equal((await unmount(host, ann)).unmounted.length, 1);
  assert.equal(
    host.commands.at(-1),
    `udisksctl unmount --block-device ${DEVICE} --no-user-interaction`,
  );
});

Deno.test("unmounting takes no name of a user for more than one directory", async () => {
  const host = hostWithDisk();
  host.mounts.push({ ...OTHERS, target: "/run/media/a/b/disk" });
  const attempt = { uid: 1000, env: { USER: "a/b" } };
  assert.equal((await refusalOf(unmount(host, attempt))).kind, "refused");
});
