import assert from "node:assert/strict";
import {
  checkOwnDirectory,
  checkOwnFile,
  closeOwnDirectory,
  ForeignPlace,
  makeOwnDirectory,
} from "../../../src/system/own_files.ts";
import { writeWhole, writeWholeSync } from "../../../src/system/write_whole.ts";
import { needs } from "../../support/needs.ts";

const MALLORY = 30_102;

async function inFolder(
  test: (path: string) => void | Promise<void>,
): Promise<void> {
  const path = await Deno.makeTempDir();
  try {
    await test(path);
  } finally {
    await Deno.remove(path, { recursive: true });
  }
}

Deno.test("makeOwnDirectory() makes a directory with its parents, once", () =>
  inFolder((path) => {
    for (let times = 0; times < 2; times++) {
      makeOwnDirectory(`${path}/a/b`, 0o700);
      assert.equal(Deno.statSync(`${path}/a/b`).mode! & 0o777, 0o700);
    }
    Deno.writeTextFileSync(`${path}/file`, "");
    assert.throws(() => makeOwnDirectory(`${path}/file`, 0o700), /exists/);
  }));

Deno.test({
  ...needs("makeOwnDirectory() makes nothing where another user's link leads", {
    root: true,
  }),
  fn: () =>
    inFolder((path) => {
      Deno.mkdirSync(`${path}/his`);
      Deno.mkdirSync(`${path}/private`);
      Deno.symlinkSync(`${path}/private`, `${path}/his/link`);
      Deno.chownSync(`${path}/his`, MALLORY, MALLORY);
      for (const end of ["", "/link", "/link/new", "/new"]) {
        assert.throws(
          () => makeOwnDirectory(`${path}/his${end}`, 0o700),
          ForeignPlace,
        );
      }
      assert.deepEqual([...Deno.readDirSync(`${path}/private`)], []);
    }),
});

Deno.test("checkOwnDirectory() refuses one to which others may write", () =>
  inFolder((path) => {
    checkOwnDirectory(path);
    checkOwnDirectory(`${path}/none`);
    for (const mode of [0o770, 0o702, 0o1777]) {
      Deno.chmodSync(path, mode);
      assert.throws(() => checkOwnDirectory(path), {
        name: "ForeignPlace",
        message:
          /has mode .*, so other users could exchange the files of diskd in it; expected a directory to which only .* can write: mend that with chown or chmod$/,
      });
    }
  }));

Deno.test("closeOwnDirectory() takes the right to write from others alone", () =>
  inFolder((path) => {
    for (const [before, after] of [[0o1777, 0o700], [0o755, 0o755]] as const) {
      Deno.chmodSync(path, before);
      closeOwnDirectory(path);
      assert.equal(Deno.statSync(path).mode! & 0o7777, after);
    }
    closeOwnDirectory(`${path}/none`);
  }));

const ODD: Record<string, (path: string) => void> = {
  "a link": (path) => Deno.symlinkSync("/etc/hosts", path),
  "a link to nothing": (path) => Deno.symlinkSync("nothing", path),
  "a directory": (path) => Deno.mkdirSync(path),
  "a pipe": (path) =>
    void new Deno.Command("mkfifo", { args: [path] }).outputSync(),
  "a second name of a file": (path) => {
    Deno.writeTextFileSync(`${path}.other`, "");
    Deno.linkSync(`${path}.other`, path);
  },
};

for (const [what, make] of Object.entries(ODD)) {
  Deno.test(`checkOwnFile() refuses ${what}, and writeWhole() replaces it`, () =>
    inFolder(async (path) => {
      const name = `${path}/file`;
      checkOwnFile(name);
      make(name);
      assert.throws(
        () => checkOwnFile(name),
        /\/file (is|has) a.*; move it away$|not a regular file/,
      );
      make(`${path}/whole.new`);
      writeWholeSync(`${path}/whole`, "1", { synced: true });
      make(`${path}/whole.new`);
      await writeWhole(`${path}/whole`, "2", { synced: true });
      assert.equal(Deno.readTextFileSync(`${path}/whole`), "2");
      const { isFile, mode } = Deno.lstatSync(`${path}/whole`);
      assert.deepEqual([isFile, mode! & 0o777], [true, 0o600]);
    }));
}

Deno.test({
  ...needs("checkOwnFile() refuses a file of another user", { root: true }),
  fn: () =>
    inFolder((path) => {
      Deno.writeTextFileSync(`${path}/file`, "");
      Deno.chownSync(`${path}/file`, MALLORY, MALLORY);
      assert.throws(() => checkOwnFile(`${path}/file`), {
        name: "ForeignPlace",
        message: /belongs to user 30102; expected root$/,
      });
    }),
});
