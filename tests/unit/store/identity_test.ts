import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { freshHostKey } from "../../../src/store/host_key_file.ts";
import {
  deriveHostId,
  type IdentityFile,
  identityPath,
  type Machine,
  openIdentity,
} from "../../../src/store/identity.ts";

const MACHINE_ID = "3d1219c7c4c5404aaa1f6d2a48adfda4";
/** Of RSA, which no host has. */
const OTHER_KEY = generateKeyPairSync("rsa", {
  modulusLength: 1024,
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
  publicKeyEncoding: { type: "spki", format: "pem" },
}).privateKey;

Deno.test("a host keeps its key from run to run, and its machine id is nowhere", async () => {
  using run = temporaryState();
  const first = await run.open();
  assert.equal(first.keep(first), null);
  const second = await run.open();
  assert.equal(second.key.id, first.key.id);
  assert.deepEqual(second.problems, []);
  for (const path of [run.path, run.keyPath]) {
    assert.ok(!Deno.readTextFileSync(path).includes(MACHINE_ID));
    assert.equal(Deno.statSync(path).mode! & 0o777, 0o600);
  }
});

Deno.test("each machine has a key of its own, also with one machine id", async () => {
  using run = temporaryState();
  using other = temporaryState();
  assert.notEqual((await run.open()).key.id, (await other.open()).key.id);
});

Deno.test("another key that the host took is kept", async () => {
  using run = temporaryState();
  const first = await run.open();
  first.keep(first);
  const key = freshHostKey();
  first.keep({ key, boot: first.boot });
  assert.equal((await run.open()).key.id, key.id);
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

for (
  const [what, text] of [
    ["half a file", '{"boot":12'],
    ["another file", "hello"],
    ["null", "null"],
    ["a boot that is no number", '{"boot":"x"}'],
    ["a negative boot", '{"boot":-1}'],
    ["an id that is none", '{"id":"../../etc","boot":1}'],
    ["a former id that is none", '{"was":["../../etc"],"boot":1}'],
    ["former ids that are none", '{"was":"","boot":1}'],
  ] as const
) {
  Deno.test(`a state file with ${what} is told of, and the host starts anew`, async () => {
    using run = temporaryState();
    Deno.writeTextFileSync(run.path, text);
    const identity = await run.open();
    assert.match(
      identity.problems.join(),
      /identity\.json did not contain an identity/,
    );
    assert.equal(identity.pastBoot, 0);
    assert.deepEqual(identity.was, []);
    assert.equal(identity.keep(identity), null);
    const next = await run.open();
    assert.deepEqual([next.problems, next.key.id], [[], identity.key.id]);
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
  Deno.test(`a key that came with an image is not this host's: ${machineId}`, async () => {
    using run = temporaryState();
    const first = await run.open({ machineId, machine: FIRST });
    first.keep(first);
    const clone = await run.open({ machineId, machine: CLONE });
    assert.notEqual(clone.key.id, first.key.id);
    assert.equal(clone.copiedFrom, FIRST.name);
    assert.deepEqual(clone.problems, []);
    assert.equal(
      (await run.open({ machine: FIRST, machineId })).copiedFrom,
      null,
    );
    clone.keep(clone);
    const again = await run.open({ machineId, machine: CLONE });
    assert.deepEqual([again.key.id, again.copiedFrom], [clone.key.id, null]);
    assert.deepEqual(run.files(), ["identity.json", "identity.key"]);
  });
}

Deno.test("a host that is renamed, has another card, or has no network yet keeps its key", async () => {
  using run = temporaryState();
  const first = await run.open({ machine: FIRST });
  const { id } = first.key;
  first.keep(first);
  for (
    const machine of [
      { ...FIRST, name: "renamed" },
      { ...FIRST, macs: CLONE.macs },
      { name: "renamed", macs: [...FIRST.macs, ...CLONE.macs] },
      { name: "localhost", macs: [] },
    ]
  ) {
    const identity = await run.open({ machine });
    assert.equal(identity.key.id, id, JSON.stringify(machine));
  }
  const early = await run.open({ machine: { name: "node2", macs: [] } });
  early.keep(early);
  assert.equal((await run.open({ machine: FIRST })).key.id, id);
  assert.notEqual((await run.open({ machine: CLONE })).key.id, id);
});

Deno.test("a new machine id makes a new host, the first one does not", async () => {
  using run = temporaryState();
  const machine = FIRST;
  const first = await run.open({ machineId: "uninitialized", machine });
  first.keep(first);
  const second = await run.open({ machine });
  assert.equal(second.key.id, first.key.id);
  second.keep(second);
  const third = await run.open({ machineId: "1".repeat(32), machine });
  assert.notEqual(third.key.id, first.key.id);
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
    const first = await run.open();
    first.keep(first);
    Deno.writeTextFileSync(run.path, JSON.stringify({ boot: 5, machine }));
    const identity = await run.open({ machine: CLONE });
    assert.deepEqual([identity.key.id, identity.problems], [first.key.id, []]);
  }
});

Deno.test("the ids from before are remembered for good, but not in a copy", async () => {
  const id = "1".repeat(32);
  const derived = await deriveHostId(() => MACHINE_ID);
  for (
    const [text, was] of [
      [{ id, boot: 5 }, [id]],
      [{ boot: 5 }, [derived]],
      [{ boot: 5, machine: { ...FIRST, derivedId: derived } }, [derived]],
      [null, []],
    ] as const
  ) {
    using run = temporaryState();
    if (text !== null) Deno.writeTextFileSync(run.path, JSON.stringify(text));
    let key = "";
    for (let start = 0; start < 3; start++) {
      const identity = await run.open({ machine: FIRST });
      assert.deepEqual(identity.was, was, JSON.stringify(text));
      identity.keep(identity);
      key = identity.key.id;
    }
    Deno.removeSync(run.keyPath);
    assert.deepEqual((await run.open({ machine: FIRST })).was, [...was, key]);
    assert.deepEqual((await run.open({ machine: CLONE })).was, []);
  }
});

Deno.test("a host remembers a few of the ids that it had", async () => {
  using run = temporaryState();
  const ids: string[] = [];
  for (let start = 0; start < 20; start++) {
    const identity = await run.open();
    identity.keep(identity);
    assert.deepEqual(identity.was, ids.slice(-16));
    ids.push(identity.key.id);
    Deno.removeSync(run.keyPath);
  }
});

const KEY = freshHostKey();

for (
  const [what, make] of [
    ["empty", (path: string) => Deno.writeTextFileSync(path, "")],
    [
      "damaged",
      (path: string) => Deno.writeTextFileSync(path, KEY.toPem().slice(0, 60)),
    ],
    [
      "long",
      (path: string) =>
        Deno.writeTextFileSync(path, `${"\n".repeat(5000)}${KEY.toPem()}`),
    ],
    ["another key", (path: string) => Deno.writeTextFileSync(path, OTHER_KEY)],
    ["a directory", (path: string) => Deno.mkdirSync(path)],
    ["a link", (path: string) => {
      Deno.writeTextFileSync(`${path}.target`, KEY.toPem());
      Deno.symlinkSync(`${path}.target`, path);
    }],
    [
      "a link to nothing",
      (path: string) => Deno.symlinkSync("/nonexistent", path),
    ],
  ] as const
) {
  Deno.test(`a key file that is ${what} is kept aside, and the host has a new key`, async () => {
    using run = temporaryState();
    for (const aside of ["broken", "broken-2"]) {
      make(run.keyPath);
      const before = Deno.lstatSync(run.keyPath);
      const identity = await run.open();
      assert.match(identity.problems.join(), /identity\.key .* new identity/);
      assert.notEqual(identity.key.id, KEY.id);
      assert.equal(Deno.lstatSync(run.keyPath).ino, before.ino);
      assert.equal(identity.keep(identity), null);
      assert.equal(Deno.lstatSync(`${run.keyPath}.${aside}`).ino, before.ino);
      const next = await run.open();
      assert.deepEqual([next.key.id, next.problems], [identity.key.id, []]);
      Deno.removeSync(run.keyPath);
      if (what === "a link") Deno.removeSync(`${run.keyPath}.target`);
    }
  });
}

Deno.test("a key that others can read is used, told of, and closed", async () => {
  using run = temporaryState();
  Deno.writeTextFileSync(run.keyPath, KEY.toPem());
  Deno.chmodSync(run.keyPath, 0o644);
  const identity = await run.open();
  assert.equal(identity.key.id, KEY.id);
  assert.match(identity.problems.join(), /mode 0644.*diskd key reset-identity/);
  assert.equal(Deno.statSync(run.keyPath).mode! & 0o777, 0o600);
  assert.deepEqual((await run.open()).problems, []);
});

Deno.test("a key of another user is not used, and stays", async () => {
  using run = temporaryState();
  Deno.writeTextFileSync(run.keyPath, KEY.toPem(), { mode: 0o600 });
  const { uid } = Deno.statSync(run.keyPath);
  if (uid !== 0) return;
  Deno.chownSync(run.keyPath, 12_345, 12_345);
  const identity = await run.open();
  assert.notEqual(identity.key.id, KEY.id);
  assert.match(identity.problems.join(), /belongs to user 12345/);
  assert.equal(identity.keep(identity), null);
  identity.keep({ key: freshHostKey(), boot: 9 });
  assert.equal(Deno.readTextFileSync(run.keyPath), KEY.toPem());
  Deno.chownSync(run.keyPath, uid, 0);
  assert.equal((await run.open()).key.id, KEY.id);
});

Deno.test("nothing is written through a link at the name of the new file", async () => {
  using run = temporaryState();
  const target = `${run.directory}/target`;
  Deno.writeTextFileSync(target, "precious");
  for (const path of [run.path, run.keyPath]) {
    Deno.symlinkSync(target, `${path}.new`);
  }
  const identity = await run.open();
  assert.equal(identity.keep(identity), null);
  assert.equal(Deno.readTextFileSync(target), "precious");
  assert.equal((await run.open()).key.id, identity.key.id);
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
  const keyPath = `${directory}/identity.key`;
  return {
    directory,
    path: ownPath,
    keyPath,
    files: () =>
      [...Deno.readDirSync(directory)].map(({ name }) => name).sort(),
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
        keyPath: path.replace(/json$/, "key"),
        uid: Deno.uid(),
        ...(machine && { machine }),
        readText: (name) => readText(name, machineId),
        wallClock: () => wallClock,
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
