import { describeValue } from "./describe_value.ts";
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
  const { type } = SETTINGS[name];
  const message = type.explain?.(value, key) ??
    `${key} is ${describeValue(value)}, expected ${type.expected}`;
  return { place, key, message };
}
