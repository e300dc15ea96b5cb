import assert from "node:assert/strict";
import { MAX_SOCKET_PATH_BYTES } from "../../../src/control/limits.ts";
import {
  claimSocketFile,
  SocketUnavailable,
} from "../../../src/control/socket_file.ts";
import { pause } from "../../../src/system/within.ts";
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
  await socket.close();
});

Deno.test("claimSocketFile() gives the socket the mode and the group it is told", async () => {
  using dir = tempDir();
  const path = `${dir.path}/control.sock`;
  const gid = Deno.gid()!;
  const socket = await claimSocketFile(path, { mode: 0o660, gid });
  assert.equal(modeOf(path), "660");
  assert.equal(Deno.lstatSync(path).gid, gid);
  await socket.close();
});

Deno.test("claimSocketFile() leaves the mode of a directory that is there", async () => {
  using dir = tempDir();
  Deno.chmodSync(dir.path, 0o710);
  const socket = await claimSocketFile(`${dir.path}/s`, OWNER_ONLY);
  assert.equal(modeOf(dir.path), "710");
  await socket.close();
});

Deno.test("claimSocketFile() replaces a socket that a crash left behind", async () => {
  using dir = tempDir();
  const path = `${dir.path}/control.sock`;
  leaveSocketFile(path);
  const socket = await claimSocketFile(path, OWNER_ONLY);
  assert.equal(await answers(path), true);
  await socket.close();
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
  await first.close();
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
  await won.value.close();
  await settle(path);
});

Deno.test("claimSocketFile() works again after it was closed and after a lost race", async () => {
  using dir = tempDir();
  const path = `${dir.path}/control.sock`;
  for (let round = 0; round < 3; round++) {
    const socket = await claimSocketFile(path, OWNER_ONLY);
    await refusal(path, "taken");
    await socket.close();
    assert.deepEqual(names(dir.path), ["control.sock.lock"]);
  }
});

Deno.test("SocketFile.close() leaves a file that is not its own any more", async () => {
  using dir = tempDir();
  const path = `${dir.path}/control.sock`;
  const socket = await claimSocketFile(path, OWNER_ONLY);
  Deno.removeSync(path);
  await socket.close();
  const again = await claimSocketFile(path, OWNER_ONLY);
  Deno.renameSync(path, `${path}.old`);
  Deno.writeTextFileSync(path, "new");
  await again.close();
  assert.equal(Deno.readTextFileSync(path), "new");
});

Deno.test("claimSocketFile() binds the name itself, without symbolic links in its directory", async () => {
  using dir = tempDir();
  Deno.mkdirSync(`${dir.path}/run`);
  Deno.symlinkSync("run", `${dir.path}/var-run`);
  const socket = await claimSocketFile(
    `${dir.path}/var-run/control.sock`,
    OWNER_ONLY,
  );
  const bound = Deno.readTextFileSync("/proc/net/unix").split("\n")
    .map((line) => line.split(" ").at(-1)!)
    .filter((name) => name.startsWith(dir.path));
  assert.deepEqual([...new Set(bound)], [`${dir.path}/run/control.sock`]);
  await socket.close();
  assert.deepEqual(names(`${dir.path}/run`), ["control.sock.lock"]);
});

Deno.test("claimSocketFile() ends connections that another umask let in before the socket had its mode", async () => {
  using dir = tempDir();
  const path = `${dir.path}/control.sock`;
  const { chmodSync } = Deno;
  let early: Promise<Deno.UnixConn> | undefined;
  Deno.chmodSync = (...given) => {
    early = Deno.connect({ transport: "unix", path });
    chmodSync(...given);
  };
  const umask = Deno.umask(0);
  const socket = await claimSocketFile(path, OWNER_ONLY).finally(() => {
    Deno.umask(umask);
    Deno.chmodSync = chmodSync;
  });
  const accepted = socket.accept();
  using intruder = await early!;
  assert.equal(await intruder.read(new Uint8Array(1)), null);
  await pause(100);
  using client = await Deno.connect({ transport: "unix", path });
  using served = await accepted;
  await served.write(new TextEncoder().encode("x"));
  assert.equal(await client.read(new Uint8Array(1)), 1);
  await socket.close();
});

Deno.test("SocketFile.restore() does nothing while all is in place", async () => {
  using dir = tempDir();
  const socket = await claimSocketFile(`${dir.path}/s`, OWNER_ONLY);
  assert.deepEqual(await socket.restore(), []);
  await socket.close();
});

const LOST: Readonly<
  Record<string, {
    readonly lose: (path: string) => void;
    readonly made: readonly string[];
    /** What was put in its place. */
    readonly kept?: string;
  }>
> = {
  "the socket is gone": {
    lose: (path) => Deno.removeSync(path),
    made: [""],
  },
  "the lock is gone": {
    lose: (path) => Deno.removeSync(`${path}.lock`),
    made: [".lock"],
  },
  "the directory is gone": {
    lose: (path) => Deno.removeSync(parent(path), { recursive: true }),
    made: [".lock", ""],
  },
  "the directory is renamed": {
    lose: (path) => Deno.renameSync(parent(path), `${parent(path)}.old`),
    made: [".lock", ""],
  },
  "a file is in its place": {
    lose: (path) => {
      Deno.removeSync(path);
      Deno.writeTextFileSync(path, "precious");
    },
    made: [""],
    kept: "precious",
  },
  "a directory is in its place": {
    lose: (path) => {
      Deno.removeSync(path);
      Deno.mkdirSync(path);
    },
    made: [""],
    kept: "",
  },
  "a dead socket is in its place": {
    lose: (path) => {
      Deno.removeSync(path);
      leaveSocketFile(path);
    },
    made: [""],
  },
  "a symbolic link is in its place": {
    lose: (path) => {
      Deno.renameSync(path, `${path}.old`);
      Deno.symlinkSync("nothing", path);
    },
    made: [""],
    kept: "",
  },
  "a directory is in place of the lock": {
    lose: (path) => {
      Deno.removeSync(`${path}.lock`);
      Deno.mkdirSync(`${path}.lock`);
    },
    made: [".lock"],
    kept: "",
  },
};

for (const [name, { lose, made, kept }] of Object.entries(LOST)) {
  Deno.test(`SocketFile.restore() makes anew what is lost: ${name}`, async () => {
    using dir = tempDir();
    const path = `${dir.path}/diskd/control.sock`;
    const socket = await claimSocketFile(path, { mode: 0o640, gid: null });
    const waiting = socket.accept().catch(() => null);
    lose(path);
    const found = await socket.restore();
    assert.deepEqual(
      found.map((one) => one.path),
      made.map((end) => path + end),
    );
    const [aside = null] = found.map((one) => one.aside)
      .filter((aside) => aside !== null);
    assert.equal(aside !== null, kept !== undefined);
    if (kept) assert.equal(Deno.readTextFileSync(aside!), kept);
    assert.deepEqual(await socket.restore(), []);
    assert.equal(modeOf(path), "640");
    assert.equal(await answers(path), true);
    await refusal(path, "taken");
    const file = Deno.statSync(path);
    await socket.close();
    (await waiting)?.close();
    assert.ok(file.isSocket);
    assert.equal(names(`${dir.path}/diskd`).includes("control.sock"), false);
  });
}

Deno.test("SocketFile.restore() leaves another's lock and living socket alone, until they are gone", async () => {
  using dir = tempDir();
  const path = `${dir.path}/control.sock`;
  const first = await claimSocketFile(path, OWNER_ONLY);
  Deno.removeSync(path);
  Deno.removeSync(`${path}.lock`);
  const second = await claimSocketFile(path, OWNER_ONLY);
  await assert.rejects(first.restore(), { reason: "taken" });
  await assert.rejects(first.restore(), { reason: "taken" });
  assert.equal(await answers(path), true);
  assert.deepEqual(await second.restore(), []);
  await second.close();
  assert.equal((await first.restore()).length, 2);
  assert.equal(await answers(path), true);
  await first.close();
});

Deno.test("SocketFile.restore() waits until it may make the directory", async () => {
  using dir = tempDir();
  const path = `${dir.path}/diskd/control.sock`;
  const socket = await claimSocketFile(path, OWNER_ONLY);
  Deno.removeSync(`${dir.path}/diskd`, { recursive: true });
  Deno.writeTextFileSync(`${dir.path}/diskd`, "");
  await assert.rejects(socket.restore(), {
    reason: "failed",
    message: /^cannot listen on .*; diskd tries again$/,
  });
  await assert.rejects(socket.restore(), { reason: "failed" });
  Deno.removeSync(`${dir.path}/diskd`);
  assert.equal((await socket.restore()).length, 2);
  assert.equal(await answers(path), true);
  await socket.close();
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
  await socket.close();
  assert.match(
    await refusal(`${longest}x`, "path-too-long"),
    /has 108 bytes, at most 107 are allowed; give a shorter one with --socket$/,
  );
  assert.match(
    await refusal(`${longest.slice(0, -1)}\u00fc`, "path-too-long"),
    /has 108 bytes/,
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

function parent(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}
