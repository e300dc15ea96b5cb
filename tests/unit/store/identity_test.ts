import assert from "node:assert/strict";
import {
  deriveHostId,
  type IdentityFile,
  identityPath,
  openIdentity,
} from "../../../src/store/identity.ts";

const MACHINE_ID = "3d1219c7c4c5404aaa1f6d2a48adfda4";
const FRESH_ID = "f".repeat(32);

Deno.test("a host keeps its id from run to run, and never shows its machine id", async () => {
  using run = temporaryState();
  const first = await run.open();
  first.keep(first);
  const second = await run.open();
  assert.equal(second.id, first.id);
  assert.match(first.id, /^[0-9a-f]{32}$/);
  assert.notEqual(first.id, MACHINE_ID);
  assert.equal(second.problem, null);
});

Deno.test("machines with different machine ids are different hosts", async () => {
  using run = temporaryState();
  const other = await run.open({ machineId: "0".repeat(32) });
  assert.notEqual((await run.open()).id, other.id);
});

Deno.test("boot grows from run to run even when the clock goes back", async () => {
  using run = temporaryState();
  const first = await run.open({ wallClock: 2_000 });
  first.keep(first);
  const second = await run.open({ wallClock: 1_000 });
  assert.equal(first.boot, 2_000);
  assert.equal(second.pastBoot, 2_000);
  assert.equal(second.boot, 2_001);
});

Deno.test("an id that was taken on is kept, one that the machine id leads to is not written", async () => {
  using run = temporaryState();
  const first = await run.open();
  first.keep({ id: FRESH_ID, boot: 7 });
  assert.equal((await run.open()).id, FRESH_ID);
  first.keep(first);
  assert.notEqual((await run.open({ machineId: "0".repeat(32) })).id, first.id);
});

Deno.test("without a machine id a fresh one is taken, and kept", async () => {
  using run = temporaryState();
  const first = await run.open({ machineId: "uninitialized\n" });
  assert.equal(first.id, FRESH_ID);
  first.keep(first);
  assert.equal((await run.open({ machineId: "uninitialized\n" })).id, FRESH_ID);
  assert.equal(await deriveHostId(() => null), null);
});

for (
  const [what, text] of [
    ["half a file", '{"boot":12'],
    ["another file", "hello"],
    ["null", "null"],
    ["a boot that is no number", '{"boot":"x"}'],
    ["a negative boot", '{"boot":-1}'],
    ["an id that is none", '{"id":"../../etc","boot":1}'],
  ] as const
) {
  Deno.test(`a state file with ${what} is told of, and the host starts anew`, async () => {
    using run = temporaryState();
    Deno.writeTextFileSync(run.path, text);
    const identity = await run.open();
    assert.match(
      identity.problem ?? "",
      /identity\.json did not contain an identity/,
    );
    assert.equal(identity.pastBoot, 0);
    assert.equal(identity.keep(identity), null);
    assert.equal((await run.open()).problem, null);
  });
}

Deno.test("keep() says what to do when it cannot write", async () => {
  using run = temporaryState();
  Deno.writeTextFileSync(`${run.directory}/file`, "");
  const identity = await run.open({
    path: `${run.directory}/file/identity.json`,
  });
  assert.match(identity.keep(identity) ?? "", /Cannot write .*--state-dir/);
});

Deno.test("only the owner can read the state", async () => {
  using run = temporaryState();
  const path = `${run.directory}/new/identity.json`;
  const identity = await run.open({ path });
  assert.equal(identity.keep(identity), null);
  assert.equal(Deno.statSync(path).mode! & 0o777, 0o600);
  assert.equal(Deno.statSync(`${run.directory}/new`).mode! & 0o777, 0o700);
});

Deno.test("identityPath() gives each socket of a state directory a file of its own", () => {
  const defaultSocket = "/run/diskd/control.sock";
  const paths = [defaultSocket, "/tmp/a.sock", "/tmp/b.sock"].map((socket) =>
    identityPath("/var/lib/diskd", { socket, defaultSocket })
  );
  assert.equal(paths[0], "/var/lib/diskd/identity.json");
  assert.equal(new Set(paths).size, 3);
  assert.equal(paths[1], "/var/lib/diskd/identity_tmp_a.sock.json");
});

function temporaryState() {
  const directory = Deno.makeTempDirSync({ prefix: "diskd-identity-" });
  const ownPath = `${directory}/identity.json`;
  return {
    directory,
    path: ownPath,
    open(
      { machineId = MACHINE_ID, wallClock = 1_000, path = ownPath } = {},
    ): Promise<IdentityFile> {
      return openIdentity({
        path,
        readText: (name) => readText(name, machineId),
        wallClock: () => wallClock,
        freshId: () => FRESH_ID,
      });
    },
    [Symbol.dispose]: () => Deno.removeSync(directory, { recursive: true }),
  };
}

function readText(path: string, machineId: string): string | null {
  if (path.endsWith("/machine-id")) return `${machineId}\n`;
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return null;
  }
}
