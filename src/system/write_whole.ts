/**
 * Writes files whole or not at all: first as `NAME.new`, which is then renamed.
 * Only their owner may read them. If it throws an error of Deno, the old file
 * is unchanged.
 */

/** Writes a file, waiting only for the kernel, not for the disk. */
export function writeWholeSync(path: string, text: string): void {
  const temporary = `${path}.new`;
  Deno.writeTextFileSync(temporary, text, { mode: OWNER_ONLY });
  Deno.renameSync(temporary, path);
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
