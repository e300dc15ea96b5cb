import type { Config } from "./config.ts";
import type { ConfigProblem } from "./config_error.ts";
import type { ConfigEntry } from "./config_file.ts";
import { describeValue } from "./describe_value.ts";
import { nearest } from "../text/nearest.ts";
import { SETTING_NAMES, type SettingNames } from "./setting_names.ts";

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

/** All settings with their spellings. */
export const SPELLINGS = Object.entries(SETTING_NAMES) as readonly [
  keyof Config,
  SettingNames,
][];

/** The lines of a file, by setting. */
export function nameEntries(entries: readonly ConfigEntry[]): RawValues {
  const values: RawValue[] = [];
  const problems: ConfigProblem[] = [];
  for (const { key, value, place } of entries.flatMap(openGroup)) {
    const name = settingOf(key);
    const twice = values.find((earlier) => earlier.name === name);
    if (name === undefined) {
      const message = isGroup(key)
        ? `${key} is ${describeValue(value)}, expected a map of ${
          keysOf(key).join(", ")
        }`
        : unknownKey(key);
      problems.push({ place, key, message });
    } else if (twice !== undefined) {
      const message = `${key} is the same as ${twice.key}, expected only one`;
      problems.push({ place, key, message });
    } else {
      values.push({ name, key, value, place });
    }
  }
  return { values, problems };
}

/** The lines within a map of settings, instead of the line that opens it. */
function openGroup(entry: ConfigEntry): readonly ConfigEntry[] {
  if (!isGroup(entry.key)) return [entry];
  return entry.inner ?? (entry.value === null ? [] : [entry]);
}

/** Whether a map of settings has this name. */
function isGroup(key: string): boolean {
  return keysOf(key).length > 0;
}

/** The keys of the map with this name, as spelled in the file. */
function keysOf(group: string): string[] {
  const prefix = `${group}.`;
  return SPELLINGS.filter(([, { key }]) => key.startsWith(prefix))
    .map(([, { key }]) => key.slice(prefix.length));
}

function settingOf(written: string): keyof Config | undefined {
  return SPELLINGS.find(([, { key, aliases }]) =>
    key === written || aliases.includes(written) ||
    (key.includes(".") && aliases.includes(written.replaceAll(".", "-")))
  )?.[0];
}

function unknownKey(key: string): string {
  const keys = SPELLINGS.map(([, { key }]) => key);
  const meant = nearest(key, keys, { limit: 1 });
  const right = meant.length > 0
    ? `did you mean ${meant[0]}?`
    : `expected one of ${keys.join(", ")}`;
  return `unknown key ${describeValue(key)}, ${right}`;
}
