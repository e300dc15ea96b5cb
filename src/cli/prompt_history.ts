import { defaultStateDir, type User } from "../config/default_paths.ts";

/** Lines kept from run to run. */
export const MAX_HISTORY_LINES = 1000;
/** A file that grew larger than this, by many prompts at once, is cut when it is next read. */
const MAX_FILE_LINES = 2 * MAX_HISTORY_LINES;

/**
 * The lines typed at the prompt, in a file of the state directory that only
 * its owner reads. A history that cannot be kept is no reason to stop: then
 * it lasts as long as the prompt.
 */
export class PromptHistory {
  readonly #path: string | null;

  /** @param path the file, `null`: nothing is kept */
  constructor(path: string | null) {
    this.#path = path;
  }

  /** The last lines, the newest first, as `node:readline` wants them. */
  read(): string[] {
    const lines = this.#readFile();
    if (lines.length > MAX_FILE_LINES) this.#write(lines);
    return lines.slice(-MAX_HISTORY_LINES).reverse();
  }

  /** Adds a line, unless it is empty. */
  add(line: string): void {
    const kept = line.trim();
    if (this.#path === null || kept === "") return;
    try {
      Deno.mkdirSync(directoryOf(this.#path), { recursive: true, mode: 0o700 });
      Deno.writeTextFileSync(this.#path, `${kept}\n`, {
        append: true,
        mode: 0o600,
      });
    } catch {
      // Goes on without.
    }
  }

  #readFile(): string[] {
    if (this.#path === null) return [];
    try {
      const text = Deno.readTextFileSync(this.#path);
      return text.split("\n").filter((line) => line !== "");
    } catch {
      return [];
    }
  }

  #write(lines: readonly string[]): void {
    const kept = lines.slice(-MAX_HISTORY_LINES).join("\n");
    try {
      Deno.writeTextFileSync(this.#path!, `${kept}\n`, { mode: 0o600 });
    } catch {
      // Goes on without.
    }
  }
}

/** Where the history is kept: in the state directory, if there is one. */
export function historyPath(user: User): string | null {
  const stateDir = user.env["DISKD_STATE_DIR"] || defaultStateDir(user);
  return stateDir === null ? null : `${stateDir}/history`;
}

function directoryOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}
