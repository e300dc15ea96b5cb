import { type Config, LOG_LEVELS } from "../config/settings.ts";
import { printable, printableJson } from "../text/printable.ts";

/** Fields of a message, shown after it. */
export type Fields = Readonly<Record<string, string | number | null>>;

type LogLevel = Config["logLevel"];

/** With more unread text than this, lines are dropped. */
export const MAX_WAITING_CHARS = 256 * 1024;

export interface LogOptions {
  readonly level: LogLevel;
  readonly format: Config["logFormat"];
}

/** Destination of log lines. */
export interface LogTarget {
  readonly write: (line: string) => void;
  readonly timeOfDay: () => Date;
  /** Whether it is the journal, which keeps time and level itself. Default: no. */
  readonly isJournal?: boolean;
  /** Characters written but not read yet. Default: none. */
  readonly waitingChars?: () => number;
  /** Settles when everything was read, or never will be. Default: at once. */
  readonly drained?: () => Promise<void>;
}

/**
 * Logs a line per event. Any field stays on its line and cannot affect a
 * terminal. An unread log, as on a stopped terminal, takes at most
 * `MAX_WAITING_CHARS` of memory; further lines are dropped and counted.
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

  /** Calls `fields` only if the line is written. */
  debug(message: string, fields: () => Fields = () => ({})): void {
    if (this.isDebugging) this.#log("debug", message, fields());
  }

  /** Whether details are logged that cost something to find out. */
  get isDebugging(): boolean {
    return this.#options.level === "debug";
  }

  #log(level: LogLevel, message: string, fields: Fields): void {
    const loudest = this.#options.level;
    if (LOG_LEVELS.indexOf(level) > LOG_LEVELS.indexOf(loudest)) return;
    const waitingChars = this.#to.waitingChars?.() ?? 0;
    if (this.#lost > 0 || waitingChars > MAX_WAITING_CHARS) this.#lose();
    else this.#write(level, message, fields);
  }

  /** Drops lines until everything is read, then reports their number. */
  #lose(): void {
    this.#lost++;
    if (this.#lost > 1) return;
    const tell = () => {
      const lines = this.#lost;
      this.#lost = 0;
      this.#write("warn", "log lines were lost because nobody read them", {
        lines,
      });
    };
    const drained = this.#to.drained?.() ?? Promise.resolve();
    drained.then(tell, tell);
  }

  #write(level: LogLevel, message: string, fields: Fields): void {
    const { timeOfDay, isJournal = false } = this.#to;
    const time = timeOfDay().toISOString();
    const start = isJournal ? journalPrefix(level) : "";
    const heading = isJournal ? "" : `${time} ${level.padEnd(5)} `;
    const text = this.#options.format === "json"
      ? printableJson(JSON.stringify({ time, level, message, ...fields }))
      : `${heading}${printable(message)}${shownFields(fields)}`;
    this.#to.write(`${start}${text}\n`);
  }
}

/** Priorities of syslog(3). */
const PRIORITIES: Readonly<Record<LogLevel, number>> = {
  error: 3,
  warn: 4,
  info: 6,
  debug: 7,
};

/** The beginning of a line for the journal, which takes it off. @see sd-daemon(3) */
export function journalPrefix(level: LogLevel): string {
  return `<${PRIORITIES[level]}>`;
}

function shownFields(fields: Fields): string {
  return Object.entries(fields)
    .filter(([, value]) => value !== null)
    .map(([key, value]) => ` ${key}=${shownValue(value!)}`).join("");
}

function shownValue(value: string | number): string {
  const text = printable(String(value));
  return /[\s"=]/.test(text) || text === ""
    ? `"${text.replaceAll('"', '\\"')}"`
    : text;
}

/** Logs each problem once when it appears, and the end of all problems. */
export class ProblemLog {
  readonly #log: Log;
  readonly #end: string;
  #told: ReadonlySet<string> = new Set();

  /** `end` is logged when no problem is left. */
  constructor(log: Log, end: string) {
    this.#log = log;
    this.#end = end;
  }

  /** Sets the present problems, a sentence each. */
  tell(problems: readonly string[]): void {
    const told = this.#told;
    this.#told = new Set(problems);
    for (const problem of this.#told) {
      if (!told.has(problem)) this.#log.warn(problem);
    }
    if (problems.length === 0 && told.size > 0) this.#log.info(this.#end);
  }
}
