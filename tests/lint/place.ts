import { dirname, join, relative } from "node:path";

const ROOT = join(import.meta.dirname!, "../..");

/** Where a file is in this project. */
export interface Place {
  /** From the root: `main.ts`, `src/codec/read.ts`. */
  readonly path: string;
  /** From src/: `codec/read.ts`; `null` outside of it. */
  readonly inSource: string | null;
  /** `codec`; empty for a file in src/ itself, `null` outside of it. */
  readonly folder: string | null;
}

export function placeOf(file: string): Place {
  const path = relative(ROOT, join(file.startsWith("/") ? "/" : ROOT, file));
  const inSource = path.startsWith("src/") ? path.slice("src/".length) : null;
  const slash = inSource?.indexOf("/") ?? -1;
  const folder = inSource?.slice(0, Math.max(slash, 0)) ?? null;
  return { path, inSource, folder };
}

/** Where the file is that `specifier` names in an import of `from`; `null` for a package. */
export function placeOfImport(specifier: string, from: Place): Place | null {
  return /^\.{0,2}\//.test(specifier)
    ? placeOf(
      specifier.startsWith("/")
        ? specifier
        : join(dirname(from.path), specifier),
    )
    : null;
}
