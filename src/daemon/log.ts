import type { LogFormat, LogLevel } from "../config/config.ts";
import { printable, printableJson } from "../text/printable.ts";

/** What belongs to a message, shown behind it. */
export type Fields = Readonly<Record<string, string | number | null>>;

const LEVELS: readonly LogLevel[] = ["error", "warn", "info", "debug"];

export interface LogOptions {
  readonly level: LogLevel;
  readonly format: LogFormat;
}

/** A line for each event. Whatever a field holds, it stays on its line and does nothing to a terminal. */
export class Log {
  readonly #write: (line: string) => void;
  readonly #timeOfDay: () => Date;
  #options: LogOptions;

  constructor(
    options: LogOptions,
    to: { write: (line: string) => void; timeOfDay: () => Date },
  ) {
    this.#options = options;
    this.#write = to.write;
    this.#timeOfDay = to.timeOfDay;
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
    const { level: loudest, format } = this.#options;
    if (LEVELS.indexOf(level) > LEVELS.indexOf(loudest)) return;
    const time = this.#timeOfDay().toISOString();
    this.#write(
      format === "json"
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
