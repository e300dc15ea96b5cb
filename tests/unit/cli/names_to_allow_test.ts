import assert from "node:assert/strict";
import { namesToAllow } from "../../../src/cli/mount_for_caller.ts";
import { isAllowed } from "../../../src/mount/mountable.ts";
import { exited, scriptedSystem } from "../../support/scripted_system.ts";
import { diskRow } from "../render/rows.ts";
import { fakeContext } from "./fake_context.ts";

/** What root finds when it looks itself. */
const DRIVE = {
  ...{ name: "sdb", path: "/dev/sdb", type: "disk", size: 1e9, serial: "WD42" },
  children: [{ name: "sdb1", path: "/dev/sdb1", type: "part", size: 1e9 }],
};

const system = scriptedSystem(({ program }) => {
  const table = program === "lsblk"
    ? { blockdevices: [DRIVE] }
    : { filesystems: [] };
  return exited({ stdout: JSON.stringify(table) });
});

/** Whether `mount.allow` names a disk of which the daemon says so. */
async function allows(
  allow: string,
  { serial, uid }: { readonly serial: string; readonly uid: number },
): Promise<boolean> {
  const context = fakeContext({ system, uid });
  const row = diskRow({ serial });
  const names = await namesToAllow(row, { allow: [allow], context });
  return isAllowed(names, [allow]);
}

Deno.test("namesToAllow() has root look for itself at the drive", async () => {
  assert.ok(await allows("serial:WD42", { serial: "WD42", uid: 0 }));
  assert.ok(!await allows("serial:WD43", { serial: "WD43", uid: 0 }));
  assert.ok(await allows("serial:WD43", { serial: "WD43", uid: 1000 }));
  assert.ok(await allows("backup-*", { serial: "WD43", uid: 0 }));
  assert.ok(!await allows("photos", { serial: "WD43", uid: 0 }));
});
