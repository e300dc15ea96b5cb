import type { Folders } from "../system/folders.ts";
import { reasonOf } from "../system/reason.ts";
import { printable } from "../text/printable.ts";
import { Refusal } from "./refusal.ts";

/**
 * Makes directories, the outermost first. False where somebody else has made
 * one of them by now; then none is there that was not before.
 * @throws {Refusal} `failed`, and then likewise
 */
export function makeFolders(
  paths: readonly string[],
  folders: Folders,
): boolean {
  for (const [index, path] of paths.entries()) {
    try {
      folders.make(path);
    } catch (error) {
      removeFolders(paths.slice(0, index), folders);
      if (folders.look(path) !== null) return false;
      throw new Refusal("failed", {
        message: `cannot make the directory ${printable(path)}: ${
          printable(reasonOf(error))
        }`,
      });
    }
  }
  return true;
}

/** Removes them again, the innermost first, as far as they are empty. */
export function removeFolders(
  paths: readonly string[],
  folders: Folders,
): void {
  for (const path of paths.toReversed()) folders.remove(path);
}
