import assert from "node:assert/strict";
import { denoFolders } from "../../../src/system/folders.ts";

const folders = denoFolders();

async function inFolder(test: (path: string) => void): Promise<void> {
  const path = await Deno.makeTempDir();
  try {
    test(path);
  } finally {
    await Deno.remove(path, { recursive: true });
  }
}

Deno.test("Folders.look() tells directories, links and others apart", async () => {
  await inFolder((path) => {
    Deno.writeTextFileSync(`${path}/file`, "");
    Deno.symlinkSync(path, `${path}/link`);
    Deno.chmodSync(path, 0o1777);
    const entry = folders.look(path);
    assert.deepEqual(entry, { kind: "folder", uid: Deno.uid(), mode: 0o1777 });
    assert.equal(folders.look(`${path}/file`)?.kind, "other");
    assert.equal(folders.look(`${path}/link`)?.kind, "link");
    assert.equal(folders.look(`${path}/none`), null);
  });
});

Deno.test("Folders.make() makes what everybody may enter, whatever the umask", async () => {
  await inFolder((path) => {
    const before = Deno.umask(0o077);
    try {
      folders.make(`${path}/new`);
    } finally {
      Deno.umask(before);
    }
    assert.equal(folders.look(`${path}/new`)?.mode, 0o755);
    assert.throws(() => folders.make(`${path}/new`));
    assert.throws(() => folders.make(`${path}/none/new`));
  });
});

Deno.test("Folders.remove() removes an empty directory and no other", async () => {
  await inFolder((path) => {
    folders.make(`${path}/full`);
    folders.make(`${path}/full/inner`);
    assert.equal(folders.isEmpty(`${path}/full`), false);
    assert.equal(folders.remove(`${path}/full`), false);
    assert.equal(folders.isEmpty(`${path}/full/inner`), true);
    assert.equal(folders.remove(`${path}/full/inner`), true);
    assert.equal(folders.remove(`${path}/none`), false);
    assert.equal(folders.isEmpty(`${path}/none`), false);
    Deno.writeTextFileSync(`${path}/file`, "");
    Deno.symlinkSync(`${path}/full`, `${path}/link`);
    assert.equal(folders.remove(`${path}/file`), false);
    assert.equal(folders.remove(`${path}/link`), false);
    assert.equal(folders.look(`${path}/file`)?.kind, "other");
    assert.equal(folders.look(`${path}/link`)?.kind, "link");
  });
});

Deno.test("Folders.realPath() resolves links, and takes a last part that is not there", async () => {
  await inFolder((path) => {
    const real = Deno.realPathSync(path);
    folders.make(`${path}/a`);
    Deno.symlinkSync(`${path}/a`, `${path}/link`);
    assert.equal(folders.realPath(`${path}/link`), `${real}/a`);
    assert.equal(folders.realPath(`${path}/link/new`), `${real}/a/new`);
    assert.equal(folders.realPath(`${path}/none/new`), null);
    assert.equal(folders.realPath("/"), "/");
    assert.equal(folders.realPath("/no-such-thing"), "/no-such-thing");
  });
});
