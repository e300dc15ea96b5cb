import type { PrivateFile } from "./system.ts";

/** Makes a file with a name that nobody can guess; see `System.privateFile`. Needs `--allow-read` and `--allow-write` for the folder. */
export function privateFile(text: string, folder: string): PrivateFile {
  const path = Deno.makeTempFileSync({ dir: folder, prefix: "diskd-" });
  Deno.writeTextFileSync(path, text);
  return {
    path,
    remove() {
      try {
        Deno.removeSync(path);
      } catch {
        // Whoever cleans up the folder was faster.
      }
    },
  };
}
