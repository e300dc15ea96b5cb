/**
 * Files that are written whole or not at all: beside the old one first, under
 * its name with `.new` behind it, then renamed. Only their owner may read them.
 * Where it throws, which is whatever Deno throws, the old file is as it was.
 */

/** Writes a file without waiting for the disk, only for the kernel. */
export function writeWholeSync(path: string, text: string): void {
  const temporary = `${path}.new`;
  Deno.writeTextFileSync(temporary, text, { mode: OWNER_ONLY });
  Deno.renameSync(temporary, path);
}

/** Writes a file; where it is `synced`, the disk has the content before it gets the name. */
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
