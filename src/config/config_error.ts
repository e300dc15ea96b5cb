import { printableJson } from "../text/printable.ts";
import { type Config, SETTINGS } from "./settings.ts";

/** A problem in the configuration. */
export interface ConfigProblem {
  /** `/etc/diskd/config.yaml line 3`, `environment variable DISKD_PORT`, `flag --port`. */
  readonly place: string;
  /** The setting as written; `null` if no single setting is at fault. */
  readonly key: string | null;
  /** The problem and the valid values, continuing a sentence. */
  readonly message: string;
}

/** The configuration is invalid; `problems` has every reason. */
export class ConfigError extends Error {
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super(describeProblems(problems));
    this.name = "ConfigError";
    this.problems = problems;
  }
}

function describeProblems(problems: readonly ConfigProblem[]): string {
  const lines = problems.map(({ place, message }) => `${place}: ${message}`);
  if (lines.length === 1) return `Cannot use the configuration: ${lines[0]}`;
  const list = lines.map((line) => `\n  ${line}`).join("");
  return `Cannot use the configuration, ${lines.length} problems:${list}`;
}

/** A value of a setting, from one source. */
export interface RawValue {
  readonly name: keyof Config;
  /** As spelled in that source. */
  readonly key: string;
  readonly value: unknown;
  readonly place: string;
}

export interface RawValues {
  readonly values: readonly RawValue[];
  readonly problems: readonly ConfigProblem[];
}

/** Problem: a value its setting does not allow. */
export function wrongValue(
  { name, key, value, place }: RawValue,
): ConfigProblem {
  const found = describeValue(value);
  const message = `${key} is ${found}, expected ${
    SETTINGS[name].type.expected
  }`;
  return { place, key, message };
}

/** Longer values are cut. */
const MAX_SHOWN_CHARS = 80;

/** A value of a configuration for a message: JSON, safe to print, cut if long. */
export function describeValue(value: unknown): string {
  // YAML has NaN and Infinity, JSON does not.
  const json = typeof value === "number"
    ? String(value)
    : JSON.stringify(value) ?? "nothing";
  const start = json.slice(0, MAX_SHOWN_CHARS);
  return printableJson(start) + (start === json ? "" : "...");
}
