import assert from "node:assert/strict";
import {
  deriveHostId,
  type IdentityFile,
  identityPath,
  type Machine,
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

const NO_IDS = [
  "",
  "\n",
  " \t\n",
  "uninitialized\n",
  "0".repeat(32),
  MACHINE_ID.slice(1),
  `${MACHINE_ID}0`,
  MACHINE_ID.toUpperCase(),
  `${MACHINE_ID}\n${MACHINE_ID}`,
  "\0".repeat(32),
];

Deno.test("no id comes from a machine id that is none, and none from that of D-Bus beside it", async () => {
  for (const text of NO_IDS) {
    const readText = (path: string) =>
      path === "/etc/machine-id" ? text : MACHINE_ID;
    assert.equal(await deriveHostId(readText), null, JSON.stringify(text));
  }
  const withoutFile = (path: string) =>
    path === "/etc/machine-id" ? null : MACHINE_ID;
  assert.notEqual(await deriveHostId(withoutFile), null);
});

const FIRST: Machine = { name: "node1", macs: ["52:54:00:00:00:01"] };
const CLONE: Machine = { name: "node2", macs: ["52:54:00:00:00:02"] };

for (const machineId of [MACHINE_ID, "uninitialized"]) {
  Deno.test(`a state file that came with an image is no identity: ${machineId}`, async () => {
    using run = temporaryState();
    const first = await run.open({ machineId, machine: FIRST });
    const id = "1".repeat(32);
    for (const kept of [first, { id, boot: 5 }]) {
      first.keep(kept);
      const clone = await run.open({ machineId, machine: CLONE });
      assert.equal(clone.id, FRESH_ID);
      assert.equal(clone.problem, null);
    }
    const clone = await run.open({ machineId, machine: CLONE });
    clone.keep(clone);
    assert.equal((await run.open({ machineId, machine: CLONE })).id, FRESH_ID);
  });
}

Deno.test("a host that is renamed, has another card, or has no network yet keeps its id", async () => {
  using run = temporaryState();
  const kept = { id: "1".repeat(32), boot: 5 };
  (await run.open({ machine: FIRST })).keep(kept);
  for (
    const machine of [
      { ...FIRST, name: "renamed" },
      { ...FIRST, macs: CLONE.macs },
      { name: "renamed", macs: [...FIRST.macs, ...CLONE.macs] },
      { name: "localhost", macs: [] },
    ]
  ) {
    const identity = await run.open({ machine });
    assert.equal(identity.id, kept.id, JSON.stringify(machine));
  }
  const early = await run.open({ machine: { name: "node2", macs: [] } });
  early.keep(early);
  assert.equal((await run.open({ machine: FIRST })).id, kept.id);
  assert.equal((await run.open({ machine: CLONE })).id, FRESH_ID);
});

Deno.test("a new machine id makes a new host, also of one that took a fresh id", async () => {
  using run = temporaryState();
  const derived = (await run.open()).id;
  const first = await run.open({ machineId: "1".repeat(32), machine: FIRST });
  first.keep({ id: FRESH_ID, boot: 5 });
  assert.equal((await run.open({ machine: FIRST })).id, derived);
});

Deno.test("a machine that gets its machine id only later keeps the id that it took", async () => {
  using run = temporaryState();
  const machine = FIRST;
  const first = await run.open({ machineId: "uninitialized", machine });
  first.keep(first);
  assert.equal((await run.open({ machine })).id, FRESH_ID);
});

Deno.test("a state file that tells no machine is this machine's", async () => {
  for (
    const machine of [undefined, null, 7, {}, {
      name: 1,
      macs: [],
      derivedId: null,
    }]
  ) {
    using run = temporaryState();
    const id = "1".repeat(32);
    Deno.writeTextFileSync(run.path, JSON.stringify({ id, boot: 5, machine }));
    const identity = await run.open({ machine: CLONE });
    assert.deepEqual([identity.id, identity.problem], [id, null]);
  }
});

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
      { machineId = MACHINE_ID, wallClock = 1_000, path = ownPath, machine }: {
        machineId?: string;
        wallClock?: number;
        path?: string;
        machine?: Machine;
      } = {},
    ): Promise<IdentityFile> {
      return openIdentity({
        path,
        ...(machine && { machine }),
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
