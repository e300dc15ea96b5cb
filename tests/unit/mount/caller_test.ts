import assert from "node:assert/strict";
import { callerOf, noteForCaller } from "../../../src/mount/caller.ts";
import { FakeFolders } from "../../support/scripted_mounts.ts";

const CALLERS: readonly (readonly [
  Readonly<Record<string, string>>,
  ReturnType<typeof callerOf>,
])[] = [
  [{}, null],
  [{ SUDO_UID: "1000", SUDO_USER: "anna" }, { name: "anna", uid: 1000 }],
  [{ SUDO_UID: "0", SUDO_USER: "root" }, null],
  [{ SUDO_UID: "1000" }, { name: "user 1000", uid: 1000 }],
  [{ PKEXEC_UID: "1000" }, { name: "user 1000", uid: 1000 }],
  [{ DOAS_USER: "anna" }, { name: "anna", uid: null }],
  [{ DOAS_USER: "root" }, null],
  [{ SUDO_UID: "-1", SUDO_USER: "" }, null],
];

for (const [env, expected] of CALLERS) {
  Deno.test(`callerOf() finds who typed it in ${JSON.stringify(env)}`, () => {
    assert.deepEqual(callerOf({ uid: 0, env }), expected);
    assert.equal(callerOf({ uid: 1000, env }), null);
  });
}

const CALLER = { name: "anna", uid: 1000 };

function noteFor(mode: number, { uid = 0, above = 0o755 } = {}) {
  const folders = new FakeFolders();
  folders.entries.set("/mnt", { kind: "folder", uid: 0, mode: above });
  folders.entries.set("/mnt/b", { kind: "folder", uid, mode });
  const remedy = "Do so.";
  return noteForCaller("/mnt/b", { caller: CALLER, folders, remedy });
}

Deno.test("noteForCaller() says which directory is closed to somebody", () => {
  const closed = "anna may not read it: /mnt/b is for others only. Do so.";
  assert.equal(noteFor(0o700), closed);
  assert.equal(noteFor(0o711), closed);
  assert.equal(noteFor(0o755), null);
  assert.equal(noteFor(0o700, { uid: 1000 }), null);
  assert.equal(noteFor(0o077, { uid: 1000 }), closed);
  // Perhaps a group that anna is in, or an access control list.
  assert.equal(noteFor(0o750), null);
  assert.equal(
    noteFor(0o755, { above: 0o700 }),
    "anna may not read it: /mnt is for others only. As root: chmod o+x /mnt",
  );
  assert.equal(noteFor(0o755, { above: 0o711 }), null);
});
