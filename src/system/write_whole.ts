/**
 * Writes files whole or not at all: first as `NAME.new`, which is then renamed.
 * Only their owner may read them. Never writes through a link. If it throws an
 * error of Deno, the old file is unchanged.
 */

/** Writes a file; if `synced`, the contents and the name have reached the disk. */
export function writeWholeSync(
  path: string,
  text: string,
  { synced }: { readonly synced: boolean },
): void {
  const temporary = clearTemporary(path);
  const bytes = new TextEncoder().encode(text);
  {
    using file = Deno.openSync(temporary, { write: true, ...ONLY_NEW });
    for (let at = 0; at < bytes.length;) {
      at += file.writeSync(bytes.subarray(at));
    }
    if (synced) file.syncSync();
  }
  Deno.renameSync(temporary, path);
  if (synced) syncDirectory(path.slice(0, path.lastIndexOf("/")) || "/");
}

/** The file is there in any case; not every file system can do this. */
function syncDirectory(path: string): void {
  try {
    using directory = Deno.openSync(path);
    directory.syncSync();
  } catch {
    // It reaches the disk when the kernel writes it.
  }
}

/** Writes a file; if `synced`, the contents reach the disk before the name. */
export async function writeWhole(
  path: string,
  text: string,
  { synced }: { readonly synced: boolean },
): Promise<void> {
  const temporary = clearTemporary(path);
  await Deno.writeTextFile(temporary, text, ONLY_NEW);
  if (synced) {
    using file = await Deno.open(temporary);
    await file.syncData();
  }
  await Deno.rename(temporary, path);
}

/** O_EXCL of open(2): fails if anything has the name, be it a link. */
const ONLY_NEW = { createNew: true, mode: 0o600 };

/** The name of the temporary file, which a crash or another user may have left. */
function clearTemporary(path: string): string {
  const temporary = `${path}.new`;
  try {
    Deno.removeSync(temporary);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return temporary;
}
