import assert from "node:assert/strict";
import { ownHostKey } from "../../../src/daemon/own_key.ts";
import { freshHostKey } from "../../../src/store/host_key_file.ts";

Deno.test("ownHostKey() reads the key of this user's daemon, and changes nothing", () => {
  const stateDir = Deno.makeTempDirSync({ prefix: "diskd-own-key-" });
  const socket = "/run/diskd/control.sock";
  const read = (path = socket) =>
    ownHostKey({ stateDir, socket: path }, { uid: Deno.uid(), env: {} });
  try {
    assert.equal(read(), null);
    const key = freshHostKey();
    const [name] = Deno.uid() === 0
      ? ["identity.key"]
      : ["identity_run_diskd_control.sock.key"];
    Deno.writeTextFileSync(`${stateDir}/${name}`, key.toPem(), { mode: 0o644 });
    assert.equal(read()?.id, key.id);
    assert.equal(Deno.statSync(`${stateDir}/${name}`).mode! & 0o777, 0o644);
    assert.equal(read("/run/other.sock"), null);
    Deno.writeTextFileSync(`${stateDir}/${name}`, "hello");
    assert.equal(read(), null);
  } finally {
    Deno.removeSync(stateDir, { recursive: true });
  }
});
