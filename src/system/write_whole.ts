/**
 * Writes files whole or not at all: first as `NAME.new`, which is then renamed.
 * Only their owner may read them. If it throws an error of Deno, the old file
 * is unchanged.
 */

/** Writes a file; if `synced`, the contents and the name have reached the disk. */
export function writeWholeSync(
  path: string,
  text: string,
  { synced }: { readonly synced: boolean },
): void {
  const temporary = `${path}.new`;
  removeIfThere(temporary);
  const bytes = new TextEncoder().encode(text);
  {
    using file = Deno.openSync(temporary, {
      write: true,
      // Follows no link that somebody put there.
      createNew: true,
      mode: OWNER_ONLY,
    });
    for (let at = 0; at < bytes.length;) {
      at += file.writeSync(bytes.subarray(at));
    }
    if (synced) file.syncSync();
  }
  Deno.renameSync(temporary, path);
  if (!synced) return;
  using directory = Deno.openSync(path.slice(0, path.lastIndexOf("/")) || "/");
  directory.syncSync();
}

/** What a crash or somebody else left under the name. */
function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** Writes a file; if `synced`, the contents reach the disk before the name. */
export async function writeWhole(
  path: string,
  text: string,
  { synced }: { readonly synced: boolean },
): Promise<void> {
  const temporary = `${path}.new`;
  await Deno.writeTextFile(temporary, text, { mode: OWNER_ONLY });
  if (synced) {
    using file = await Deno.open(temporary);
    await file.syncData();
  }
  await Deno.rename(temporary, path);
}

const OWNER_ONLY = 0o600;
