/** Bytes of those of the files that are there, together; `null` where that may not be known. */
export function sizeOfFiles(paths: readonly string[]): number | null {
  let bytes = 0;
  for (const path of paths) {
    try {
      bytes += Deno.statSync(path).size;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) return null;
    }
  }
  return bytes;
}
