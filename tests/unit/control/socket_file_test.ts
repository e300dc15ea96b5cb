import assert from "node:assert/strict";
import { MAX_SOCKET_PATH_BYTES } from "../../../src/control/limits.ts";
import {
  claimSocketFile,
  type SocketFile,
  SocketUnavailable,
} from "../../../src/control/socket_file.ts";
import { until } from "../../support/eventually.ts";
import { leaveSocketFile, tempDir } from "./support.ts";

const OWNER_ONLY = { mode: 0o600, gid: null };

function modeOf(path: string): string {
  return (Deno.lstatSync(path).mode! & 0o7777).toString(8);
}

function names(dir: string): string[] {
  return [...Deno.readDirSync(dir)].map(({ name }) => name).sort();
}

/** Claims `path`, which must fail for `reason`. */
async function refusal(
  path: string,
  reason: SocketUnavailable["reason"],
): Promise<string> {
  const error = await claimSocketFile(path, OWNER_ONLY).then(
    () => null,
    (error) => error,
  );
  assert.ok(error instanceof SocketUnavailable, String(error));
  assert.equal(error.reason, reason);
  assert.equal(error.path, path);
  return error.message;
}

async function answers(path: string): Promise<boolean> {
  try {
    (await Deno.connect({ transport: "unix", path })).close();
    return true;
  } catch {
    return false;
  }
}

function release(socket: SocketFile): void {
  socket.close();
  socket.unlock();
}

Deno.test("claimSocketFile() makes a socket that its owner alone may use, and its directory", async () => {
  using dir = tempDir();
  const path = `${dir.path}/a/b/control.sock`;
  const socket = await claimSocketFile(path, OWNER_ONLY);
  assert.equal(modeOf(path), "600");
  assert.equal(modeOf(`${path}.lock`), "600");
  assert.equal(modeOf(`${dir.path}/a/b`), "755");
  assert.deepEqual(names(`${dir.path}/a/b`), [
    "control.sock",
    "control.sock.lock",
  ]);
  assert.equal(await answers(path), true);
  release(socket);
});

Deno.test("claimSocketFile() gives the socket the mode and the group it is told", async () => {
  using dir = tempDir();
  const path = `${dir.path}/control.sock`;
  const gid = Deno.gid()!;
  const socket = await claimSocketFile(path, { mode: 0o660, gid });
  assert.equal(modeOf(path), "660");
  assert.equal(Deno.lstatSync(path).gid, gid);
  release(socket);
});

Deno.test("claimSocketFile() leaves the mode of a directory that is there", async () => {
  using dir = tempDir();
  Deno.chmodSync(dir.path, 0o710);
  const socket = await claimSocketFile(`${dir.path}/s`, OWNER_ONLY);
  assert.equal(modeOf(dir.path), "710");
  release(socket);
});

Deno.test("claimSocketFile() replaces a socket that a crash left behind", async () => {
  using dir = tempDir();
  const path = `${dir.path}/control.sock`;
  leaveSocketFile(path);
  const socket = await claimSocketFile(path, OWNER_ONLY);
  assert.equal(await answers(path), true);
  release(socket);
});

Deno.test("claimSocketFile() goes on where a crash left its hidden directory", async () => {
  using dir = tempDir();
  const path = `${dir.path}/control.sock`;
  Deno.mkdirSync(`${path}~`);
  leaveSocketFile(`${path}~/s`);
  const socket = await claimSocketFile(path, OWNER_ONLY);
  assert.deepEqual(names(dir.path), ["control.sock", "control.sock.lock"]);
  release(socket);
});

Deno.test("claimSocketFile() removes nothing that is somebody else's", async () => {
  using dir = tempDir();
  const path = `${dir.path}/control.sock`;
  Deno.mkdirSync(`${path}~`);
  Deno.writeTextFileSync(`${path}~/notes`, "mine");
  assert.match(await refusal(path, "failed"), /^cannot listen on .*~/);
  assert.equal(Deno.readTextFileSync(`${path}~/notes`), "mine");
});

Deno.test("claimSocketFile() leaves a living daemon's socket alone", async () => {
  using dir = tempDir();
  const path = `${dir.path}/control.sock`;
  const first = await claimSocketFile(path, OWNER_ONLY);
  assert.equal(
    await refusal(path, "taken"),
    `another diskd already answers on ${path}; stop it, or give this one another --socket`,
  );
  assert.equal(await answers(path), true);
  release(first);
});

Deno.test("claimSocketFile() leaves a socket alone that answers without a lock", async () => {
  using dir = tempDir();
  const path = `${dir.path}/control.sock`;
  using _other = Deno.listen({ transport: "unix", path });
  await refusal(path, "taken");
  assert.equal(await answers(path), true);
});

Deno.test("claimSocketFile() gives way to a daemon that holds the lock and does not answer yet", async () => {
  using dir = tempDir();
  const path = `${dir.path}/control.sock`;
  const lock = Deno.openSync(`${path}.lock`, { write: true, create: true });
  lock.lockSync(true);
  await refusal(path, "taken");
  assert.deepEqual(names(dir.path), ["control.sock.lock"]);
  lock.close();
  await settle(path);
});

Deno.test("claimSocketFile() lets one of two win that start at once", async () => {
  using dir = tempDir();
  const path = `${dir.path}/control.sock`;
  leaveSocketFile(path);
  const outcomes = await Promise.allSettled([
    claimSocketFile(path, OWNER_ONLY),
    claimSocketFile(path, OWNER_ONLY),
  ]);
  const [won, ...moreWon] = outcomes.filter(({ status }) =>
    status === "fulfilled"
  );
  assert.equal(moreWon.length, 0);
  assert.ok(won?.status === "fulfilled");
  const lost = outcomes.find(({ status }) => status === "rejected");
  assert.ok(lost?.status === "rejected");
  assert.equal(lost.reason.reason, "taken");
  assert.equal(await answers(path), true);
  release(won.value);
  await settle(path);
});

Deno.test("claimSocketFile() works again after it was closed and after a lost race", async () => {
  using dir = tempDir();
  const path = `${dir.path}/control.sock`;
  for (let round = 0; round < 3; round++) {
    const socket = await claimSocketFile(path, OWNER_ONLY);
    await refusal(path, "taken");
    release(socket);
    assert.deepEqual(names(dir.path), ["control.sock.lock"]);
  }
});

Deno.test("SocketFile.close() leaves a file that is not its own any more", async () => {
  using dir = tempDir();
  const path = `${dir.path}/control.sock`;
  const socket = await claimSocketFile(path, OWNER_ONLY);
  Deno.removeSync(path);
  release(socket);
  const again = await claimSocketFile(path, OWNER_ONLY);
  Deno.renameSync(path, `${path}.old`);
  Deno.writeTextFileSync(path, "new");
  release(again);
  assert.equal(Deno.readTextFileSync(path), "new");
});

Deno.test("claimSocketFile() refuses a path that is something other than a socket", async () => {
  using dir = tempDir();
  const path = `${dir.path}/control.sock`;
  Deno.writeTextFileSync(path, "precious");
  assert.match(
    await refusal(path, "not-a-socket"),
    /not a socket; move it away/,
  );
  assert.equal(Deno.readTextFileSync(path), "precious");
});

Deno.test("claimSocketFile() takes a path as long as an address can be, and refuses a longer one", async () => {
  using dir = tempDir();
  const longest = `${dir.path}/`.padEnd(MAX_SOCKET_PATH_BYTES, "x");
  const socket = await claimSocketFile(longest, OWNER_ONLY);
  assert.equal(await answers(longest), true);
  release(socket);
  assert.match(
    await refusal(`${longest}x`, "path-too-long"),
    /has 105 bytes, at most 104 are allowed; give a shorter one with --socket$/,
  );
  assert.match(
    await refusal(`${longest.slice(0, -1)}\u00fc`, "path-too-long"),
    /has 105 bytes/,
  );
});

Deno.test("claimSocketFile() says why a socket cannot be made", async () => {
  using dir = tempDir();
  Deno.writeTextFileSync(`${dir.path}/file`, "");
  assert.match(
    await refusal(`${dir.path}/file/control.sock`, "failed"),
    /^cannot listen on .*\/file\/control.sock: .*; give another path with --socket$/,
  );
});

/** Waits until a lock that somebody waited for in vain is given back: nobody has its file open. */
async function settle(path: string): Promise<void> {
  await until(() => !openFiles().includes(`${path}.lock`));
}

function openFiles(): string[] {
  const folder = "/proc/self/fd";
  return [...Deno.readDirSync(folder)].map(({ name }) => {
    try {
      return Deno.readLinkSync(`${folder}/${name}`);
    } catch {
      return ""; // The one that the folder itself was read by.
    }
  });
}
