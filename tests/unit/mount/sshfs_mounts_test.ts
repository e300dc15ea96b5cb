import assert from "node:assert/strict";
import { readSshfsMounts } from "../../../src/mount/sshfs.ts";
import { ScriptedCaller } from "./remote_support.ts";

Deno.test("readSshfsMounts() finds ours by their name, and those of this user alone", async () => {
  const caller = new ScriptedCaller();
  caller.show("/", "/dev/sda1", "rw,relatime");
  caller.show("/mnt/b", "diskd:AB12-CD34:beta", "ro,nosuid,user_id=1000");
  caller.show("/mnt/other", "diskd:AB12-CD34:gamma", "rw,user_id=1001");
  caller.show("/mnt/root", "diskd:AB12-CD34:gamma", "rw");
  caller.show("/mnt/ssh", "beta:/srv", "rw,user_id=1000");
  const { system } = caller;
  assert.deepEqual(await readSshfsMounts({ system, uid: 1000 }), [{
    uuid: "AB12-CD34",
    destination: "beta",
    directory: "/mnt/b",
    isReadOnly: true,
    isShared: false,
  }]);
});
