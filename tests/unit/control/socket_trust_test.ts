import assert from "node:assert/strict";
import {
  connectControl,
  DaemonUnreachable,
} from "../../../src/control/client.ts";
import { doubtSocket } from "../../../src/control/socket_trust.ts";
import { needs } from "../../support/needs.ts";

const ANNA = 30_101;
const MALLORY = 30_102;

Deno.test({
  ...needs(
    "doubtSocket() names who could answer in place of a trusted daemon",
    {
      root: true,
    },
  ),
  fn() {
    const folder = Deno.makeTempDirSync();
    using _end = {
      [Symbol.dispose]: () => Deno.removeSync(folder, { recursive: true }),
    };
    const path = `${folder}/control.sock`;
    assert.equal(doubtSocket(path, 0), null);
    assert.equal(doubtSocket(`${path}/none`, 0), null);
    using _socket = Deno.listen({ transport: "unix", path });
    for (const uid of [0, ANNA, null]) {
      assert.equal(doubtSocket(path, uid), null);
    }
    Deno.chownSync(path, ANNA, ANNA);
    assert.equal(doubtSocket(path, ANNA), null);
    const said = doubtSocket(path, 0);
    assert.ok(
      said?.startsWith(
        `${path} belongs to user ${ANNA}, who could answer on ${path} in place of diskd; expected root`,
      ),
      String(said),
    );
    assert.match(doubtSocket(path, MALLORY)!, /expected root .*or you$/);
    Deno.chownSync(path, 0, 0);
    Deno.chmodSync(folder, 0o777);
    assert.match(
      doubtSocket(path, 0)!,
      /has mode 0777, so other users could answer/,
    );
    Deno.chmodSync(folder, 0o755);
    Deno.chownSync(folder, MALLORY, MALLORY);
    assert.match(
      doubtSocket(path, 0)!,
      /belongs to user 30102, who could answer/,
    );
  },
});

Deno.test({
  ...needs("connectControl() asks nothing where that is refused", {
    root: true,
  }),
  async fn() {
    const folder = Deno.makeTempDirSync();
    using _end = {
      [Symbol.dispose]: () => Deno.removeSync(folder, { recursive: true }),
    };
    Deno.chownSync(folder, MALLORY, MALLORY);
    const path = `${folder}/control.sock`;
    const doubts: string[] = [];
    const onDoubt = (reason: string) => {
      doubts.push(reason);
      throw new Error("refused");
    };
    await assert.rejects(
      connectControl([path], { uid: 0, onDoubt }),
      DaemonUnreachable,
    );
    assert.deepEqual(doubts, [], "there is nobody to doubt");
    using listener = Deno.listen({ transport: "unix", path });
    await assert.rejects(
      connectControl([path], { uid: 0, onDoubt }),
      /refused/,
    );
    assert.equal(doubts.length, 1);
    using conn = await listener.accept();
    assert.equal(await conn.read(new Uint8Array(1)), null);
  },
});
