import type { LogFormat, LogLevel } from "../config/config.ts";
import { printable, printableJson } from "../text/printable.ts";

/** What belongs to a message, shown behind it. */
export type Fields = Readonly<Record<string, string | number | null>>;

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
