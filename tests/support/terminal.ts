import { shellQuoted } from "../../src/text/shell_quoted.ts";
import { eventually, type EventuallyOptions } from "./eventually.ts";
import type { CommandOptions, Host } from "./host.ts";
import type { Outcome, Process } from "./process.ts";

/** Wide enough that no table is cut and no line wraps. */
const COLUMNS = 400;
const ROWS = 50;
/** For what comes to the screen, and for the end, on a machine that is busy with other things too. */
const TIMEOUT_MS = 30_000;
/** Between two times Tab. */
const TAB_MS = 5_000;

export interface TerminalOptions extends CommandOptions {
  /** Default 400. */
  readonly columns?: number;
  /** Default 50. */
  readonly rows?: number;
}

/**
 * A program of a host on a terminal of its own, and somebody who types there.
 * The terminal is a pseudo-terminal of script(1).
 */
export class Terminal implements AsyncDisposable {
  readonly #process: Process;
  /** How much of `text` was matched already. */
  #read = 0;

  private constructor(process: Process) {
    this.#process = process;
  }

  static open(
    host: Host,
    argv: readonly string[],
    { columns = COLUMNS, rows = ROWS, env }: TerminalOptions = {},
  ): Terminal {
    const program = shellQuoted(argv);
    const command = `stty cols ${columns} rows ${rows}; exec ${program}`;
    const process = host.spawn(["script", "-qefc", command, "/dev/null"], {
      env: { TERM: "xterm-256color", SHELL: "/bin/sh", ...env },
      stdin: "piped",
    });
    return new Terminal(process);
  }

  /** All that came to the screen, escape sequences included. */
  get raw(): string {
    return this.#process.log;
  }

  /** All that came to the screen, without escape sequences and carriage returns. */
  get text(): string {
    return this.raw.replace(ESCAPE_SEQUENCES, "").replaceAll("\r", "");
  }

  async type(keys: string): Promise<void> {
    await this.#process.write(keys);
  }

  /** Waits for `pattern` behind what was waited for before. */
  shows(
    pattern: RegExp,
    { timeoutMs = TIMEOUT_MS }: Pick<EventuallyOptions, "timeoutMs"> = {},
  ): Promise<RegExpExecArray> {
    return eventually(() => {
      const unread = this.text.slice(this.#read);
      const match = pattern.exec(unread);
      if (match === null) {
        throw new Error(
          `No ${pattern} on the terminal, but:\n${unread}\n` +
            `The end of that: ${JSON.stringify(this.raw.slice(-1_000))}`,
        );
      }
      this.#read += match.index + match[0].length;
      return match;
    }, { timeoutMs });
  }

  /** Types a line, and waits for what it brings. */
  async enter(line: string, answer: RegExp): Promise<RegExpExecArray> {
    await this.type(`${line}\r`);
    return await this.shows(answer);
  }

  /**
   * Types the start of a line, and Tab until the line is completed: diskd
   * completes nothing if the daemon takes 2 s to answer.
   */
  async completes(start: string, completed: RegExp): Promise<void> {
    await this.type(start);
    await eventually(async () => {
      await this.type("\t");
      await this.shows(completed, { timeoutMs: TAB_MS });
    });
  }

  /** Waits for the program's end. */
  end(): Promise<Outcome> {
    return this.#process.end(TIMEOUT_MS);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#process[Symbol.asyncDispose]();
  }
}

/** Control sequences, operating system commands, and the shorter ones: ECMA-48, 5.3 to 5.6. */
const ESCAPE_SEQUENCES =
  // deno-lint-ignore no-control-regex
  /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]*[0-~])/g;
