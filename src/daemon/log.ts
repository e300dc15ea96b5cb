import type { LogFormat, LogLevel } from "../config/config.ts";
import { printable, printableJson } from "../text/printable.ts";

/** What belongs to a message, shown behind it. */
type Fields = Readonly<Record<string, string | number | null>>;

const LEVELS: readonly LogLevel[] = ["error", "warn", "info", "debug"];

/** While more than this waits for somebody to read it, lines are lost. */
export const MAX_WAITING_CHARS = 256 * 1024;

export interface LogOptions {
  readonly level: LogLevel;
  readonly format: LogFormat;
}

/** Where lines go. */
export interface LogTarget {
  readonly write: (line: string) => void;
  readonly timeOfDay: () => Date;
  /** Characters that were written and nobody has read yet. Default: none. */
  readonly waitingChars?: () => number;
  /** Settles when all that was written is read, and when nobody will. Default: at once. */
  readonly drained?: () => Promise<void>;
}

/**
 * A line for each event. Whatever a field holds, it stays on its line and does
 * nothing to a terminal. A log that nobody reads, as when its terminal is
 * stopped, takes no more memory than `MAX_WAITING_CHARS`: what comes then is
 * lost, and counted.
 */
export class Log {
  readonly #to: LogTarget;
  #options: LogOptions;
  #lost = 0;

  constructor(options: LogOptions, to: LogTarget) {
    this.#options = options;
    this.#to = to;
  }

  configure(options: LogOptions): void {
    this.#options = options;
  }

  error(message: string, fields: Fields = {}): void {
    this.#log("error", message, fields);
  }

  warn(message: string, fields: Fields = {}): void {
    this.#log("warn", message, fields);
  }

  info(message: string, fields: Fields = {}): void {
    this.#log("info", message, fields);
  }

  debug(message: string, fields: Fields = {}): void {
    this.#log("debug", message, fields);
  }

  #log(level: LogLevel, message: string, fields: Fields): void {
    const loudest = this.#options.level;
    if (LEVELS.indexOf(level) > LEVELS.indexOf(loudest)) return;
    const waitingChars = this.#to.waitingChars?.() ?? 0;
    if (this.#lost > 0 || waitingChars > MAX_WAITING_CHARS) this.#lose();
    else this.#write(level, message, fields);
  }

  /** From the first line that is lost until all is read: then it is said how many were. */
  #lose(): void {
    this.#lost++;
    if (this.#lost > 1) return;
    const tell = () => {
      const lines = this.#lost;
      this.#lost = 0;
      this.#write("warn", "log lines were lost, since nobody read them", {
        lines,
      });
    };
    const drained = this.#to.drained?.() ?? Promise.resolve();
    drained.then(tell, tell);
  }

  #write(level: LogLevel, message: string, fields: Fields): void {
    const time = this.#to.timeOfDay().toISOString();
    this.#to.write(
      this.#options.format === "json"
        ? printableJson(JSON.stringify({ time, level, message, ...fields })) +
          "\n"
        : textLine(time, level, message, fields),
    );
  }
}

function textLine(
  time: string,
  level: LogLevel,
  message: string,
  fields: Fields,
): string {
  const known = Object.entries(fields).filter(([, value]) => value !== null);
  const shown = known.map(([key, value]) => ` ${key}=${shownValue(value!)}`);
  const line = `${time} ${level.padEnd(5)} ${printable(message)}`;
  return `${line}${shown.join("")}\n`;
}

function shownValue(value: string | number): string {
  const text = printable(String(value));
  return /[\s"=]/.test(text) || text === ""
    ? `"${text.replaceAll('"', '\\"')}"`
    : text;
}

/** Logs problems that come and go: each once when it comes, and the end of all of them. */
export class ProblemLog {
  readonly #log: Log;
  readonly #end: string;
  #told: ReadonlySet<string> = new Set();

  /** `end` is logged when no problem is left. */
  constructor(log: Log, end: string) {
    this.#log = log;
    this.#end = end;
  }

  /** These are the problems now, a sentence each. */
  tell(problems: readonly string[]): void {
    const told = this.#told;
    this.#told = new Set(problems);
    for (const problem of this.#told) {
      if (!told.has(problem)) this.#log.warn(problem);
    }
    if (problems.length === 0 && told.size > 0) this.#log.info(this.#end);
  }
}

/** How many are kept; a daemon that fails in so many ways has told enough. */
const MAX_PROBLEMS = 20;

/** What an admin should know and mend: logged once, and shown by `status` until the daemon ends. */
export class Problems {
  readonly #log: Log;
  readonly #sentences = new Set<string>();

  constructor(log: Log) {
    this.#log = log;
  }

  /** Adds a sentence; `null`, nothing went wrong, is welcome too. */
  add(sentence: string | null): void {
    if (sentence === null || this.#sentences.has(sentence)) return;
    this.#log.warn(sentence);
    if (this.#sentences.size < MAX_PROBLEMS) this.#sentences.add(sentence);
  }

  get sentences(): readonly string[] {
    return [...this.#sentences];
  }
}
