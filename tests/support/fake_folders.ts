import type { Folders, PathEntry } from "../../src/system/folders.ts";

const ROOTS: PathEntry = { kind: "folder", uid: 0, mode: 0o755 };

/** Directories in memory; those that are there at first are given, all of root's. `/` and `/run` always are. */
export class FakeFolders implements Folders {
  readonly entries = new Map<string, PathEntry>();

  constructor(paths: readonly string[] = []) {
    for (const path of ["/", "/run", ...paths]) this.entries.set(path, ROOTS);
  }

  look(path: string): PathEntry | null {
    return this.entries.get(path) ?? null;
  }

  isEmpty(path: string): boolean {
    return this.look(path)?.kind === "folder" &&
      ![...this.entries.keys()].some((name) => name.startsWith(`${path}/`));
  }

  realPath(path: string): string | null {
    return this.look(path) !== null || this.look(above(path)) !== null
      ? path
      : null;
  }

  make(path: string): void {
    if (this.look(path) !== null) throw new Error(`${path}: File exists`);
    if (this.look(above(path)) === null) {
      throw new Error(`${path}: No such file or directory`);
    }
    this.entries.set(path, ROOTS);
  }

  remove(path: string): boolean {
    return this.isEmpty(path) && this.entries.delete(path);
  }
}

function above(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}
