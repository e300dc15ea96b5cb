import { gzipSync } from "node:zlib";
import { dirname, join } from "node:path";

/** A file of a package. */
export interface PackagedFile {
  /** Where it is installed, with a slash at its begin. */
  readonly path: string;
  /** Its text or bytes; or the file that is copied. */
  readonly content: string | Uint8Array | { readonly copyOf: string };
  /** Default 0644. */
  readonly mode?: number;
}

/** A folder of a package that would otherwise not be there. */
export const EMPTY_FOLDERS = ["/etc/diskd"] as const;

/** As small as gzip makes it, and without a time. */
export function gzip(text: string): Uint8Array {
  const bytes = gzipSync(text, { level: 9 });
  // The system that compressed it: Unix, as gzip(1) writes.
  bytes[9] = 3;
  return bytes;
}

/** Writes the files below `root`, all of the same time. */
export function writeTree(
  root: string,
  { files, folders = [], epochSeconds }: {
    readonly files: readonly PackagedFile[];
    readonly folders?: readonly string[];
    readonly epochSeconds: number;
  },
): void {
  const made = new Set<string>([root]);
  for (const folder of folders) makeFolder(join(root, folder), made);
  for (const { path, content, mode = 0o644 } of files) {
    const target = join(root, path);
    makeFolder(dirname(target), made);
    if (typeof content === "string") Deno.writeTextFileSync(target, content);
    else if ("copyOf" in content) Deno.copyFileSync(content.copyOf, target);
    else Deno.writeFileSync(target, content);
    Deno.chmodSync(target, mode);
    Deno.utimeSync(target, epochSeconds, epochSeconds);
  }
  for (const folder of made) Deno.utimeSync(folder, epochSeconds, epochSeconds);
}

/** With the mode of a folder of a package, whatever umask there is. */
function makeFolder(folder: string, made: Set<string>): void {
  if (made.has(folder)) return;
  makeFolder(dirname(folder), made);
  Deno.mkdirSync(folder, { recursive: true });
  Deno.chmodSync(folder, 0o755);
  made.add(folder);
}
