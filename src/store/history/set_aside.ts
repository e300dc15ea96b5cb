/** What belongs to a file of SQLite, by what comes after its name. */
const SUFFIXES = ["", "-wal", "-shm"] as const;

/**
 * Renames a broken file, with its log, to `PATH.broken-DATE`, so that it can
 * still be looked into and a new one can be begun. Returns the new path.
 * Throws what Deno throws when that is not possible.
 */
export function setAside(path: string, now: number): string {
  const date = new Date(now).toISOString().slice(0, 19).replaceAll(":", "-");
  const aside = freePath(`${path}.broken-${date}Z`);
  for (const suffix of SUFFIXES) {
    if (exists(path + suffix)) Deno.renameSync(path + suffix, aside + suffix);
  }
  return aside;
}

/** Two may break within a second. */
function freePath(path: string): string {
  for (let count = 2, free = path;; free = `${path}-${count++}`) {
    if (!SUFFIXES.some((suffix) => exists(free + suffix))) return free;
  }
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
