import type { PrivateFile } from "./system.ts";

/** Not what `TMPDIR` names: the permissions of the binary do not follow it. */
const FOLDER = "/tmp";

/** Makes a file with a name that nobody can guess, readable for us alone; see `System.privateFile`. */
export function privateFile(text: string): PrivateFile {
  const path = Deno.makeTempFileSync({ dir: FOLDER, prefix: "diskd-" });
  Deno.writeTextFileSync(path, text);
  return {
    path,
    remove() {
      try {
        Deno.removeSync(path);
      } catch {
        // Whoever cleans up /tmp was faster.
      }
    },
  };
}
