import { HOST_ID } from "../inventory/host.ts";
import { makeOwnDirectory } from "../system/own_files.ts";
import { writeWholeSync } from "../system/write_whole.ts";
import { isJsonObject } from "../text/json_object.ts";

/** A name, and the host that it is known of. */
interface KeptName {
  readonly name: string;
  readonly id: string;
  /** Since when, in ms since 1970. */
  readonly since: number;
  /** When the host took another one; `null` if it did not. */
  readonly leftAt: number | null;
}

/** Longest name, as in announcements. */
const MAX_NAME_LENGTH = 255;

/** The names in the text of the file; `null` if it was not written by diskd. What is no name in it is left out. */
export function parseNames(text: string): KeptName[] | null {
  try {
    const names: unknown = JSON.parse(text);
    return Array.isArray(names) ? names.filter(isKeptName) : null;
  } catch {
    return null;
  }
}

function isKeptName(value: unknown): value is KeptName {
  if (!isJsonObject(value)) return false;
  const { name, id, since, leftAt } = value;
  return typeof name === "string" && name.length <= MAX_NAME_LENGTH &&
    typeof id === "string" && HOST_ID.test(id) &&
    Number.isSafeInteger(since) &&
    (leftAt === null || Number.isSafeInteger(leftAt));
}

/**
 * Writes the file, a name a line.
 * @throws {Error} if that is not possible
 */
export function writeNames(path: string, names: readonly KeptName[]): void {
  makeOwnDirectory(path.slice(0, path.lastIndexOf("/")), 0o700);
  const lines = names.map((name) => JSON.stringify(name));
  writeWholeSync(path, `[${lines.join(",\n")}]\n`, { synced: false });
}
