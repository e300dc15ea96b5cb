/** Maps within a setting: their keys, and the types of their values. */
import { isJsonObject } from "../text/json_object.ts";
import { nearest } from "../text/nearest.ts";
import { describeValue } from "./describe_value.ts";
import type { SettingType } from "./setting_types.ts";

/** A key of such a map. */
export interface EntryField<Value = unknown>
  extends Pick<SettingType<Value>, "expected" | "read"> {
  /** No message shows the value. Default: it may. */
  readonly isSecret?: true;
}

type EntryFields = Readonly<Record<string, EntryField>>;

/** What is wrong with a map, to continue its name; `null`: nothing is. */
export function entryProblem(
  entry: Readonly<Record<string, unknown>>,
  fields: EntryFields,
): string | null {
  for (const [name, value] of Object.entries(entry)) {
    if (!Object.hasOwn(fields, name)) return sayUnknown(name, fields);
    const { read, expected, isSecret = false } = fields[name]!;
    if (read(value) !== undefined) continue;
    const found = isSecret ? "wrong" : describeValue(value);
    return `.${name} is ${found}, expected ${expected}`;
  }
  return null;
}

function sayUnknown(name: string, fields: EntryFields): string {
  const known = Object.keys(fields);
  // An address without its key.
  if (name.includes("://")) {
    return ` has an address as a key, expected one of ${known.join(", ")}`;
  }
  const [meant] = nearest(name, known, { limit: 1 });
  const right = meant === undefined
    ? `expected one of ${known.join(", ")}`
    : `did you mean ${meant}?`;
  return ` has the unknown key ${describeValue(name)}, ${right}`;
}

type ValuesOf<Fields extends EntryFields> = {
  readonly [Name in keyof Fields]: Fields[Name] extends EntryField<infer Value>
    ? Value
    : never;
};

interface EntryListOptions<Fields extends EntryFields, Entry> {
  /** Entries. */
  readonly most: number;
  readonly required?: readonly (keyof Fields & string)[];
  /** What else is wrong with an entry, to continue its name. Default: nothing. */
  readonly problem?: (entry: Partial<ValuesOf<Fields>>) => string | null;
  /** Of an entry with all required values. */
  readonly make: (values: ValuesOf<Fields>) => Entry;
  readonly show: (entry: Entry) => string;
  /** Default: it has no secrets. */
  readonly withoutSecrets?: (entry: Entry) => unknown;
}

/** A list of maps; YAML may also have a single one. */
export function entryList<Fields extends EntryFields, Entry>(
  fields: Fields,
  { most, required = [], problem, make, show, withoutSecrets }:
    EntryListOptions<Fields, Entry>,
): SettingType<readonly Entry[]> {
  const keys = Object.keys(fields).join(", ");
  const expected = `a list of at most ${most} maps of ${keys}`;
  const listOf = (raw: unknown): readonly unknown[] =>
    (Array.isArray(raw) ? raw : [raw]).map(inCamelCase);
  const valuesOf = (raw: Readonly<Record<string, unknown>>) =>
    Object.fromEntries(
      Object.entries(raw).map((
        [key, value],
      ) => [key, fields[key]!.read(value)]),
    ) as Partial<ValuesOf<Fields>>;
  /** Continues the name of the entry. */
  const wrong = (raw: unknown): string | null => {
    if (!isJsonObject(raw)) return ` is no map, expected one of ${keys}`;
    const missing = required.find((key) => !Object.hasOwn(raw, key));
    return entryProblem(raw, fields) ??
      (missing === undefined
        ? problem?.(valuesOf(raw)) ?? null
        : ` has no ${missing}, expected ${fields[missing]!.expected}`);
  };
  return {
    expected,
    form: "list",
    placeholder: "ENTRY",
    read(raw) {
      const list = listOf(raw);
      if (list.length > most) return undefined;
      const entries: Entry[] = [];
      for (const one of list) {
        if (wrong(one) !== null || !isJsonObject(one)) return undefined;
        entries.push(make(valuesOf(one) as ValuesOf<Fields>));
      }
      return entries;
    },
    // Says no whole value, which may have secrets in it.
    explain(raw, key) {
      const list = listOf(raw);
      if (list.length > most) {
        return `${key} has ${list.length} entries, expected ${expected}`;
      }
      const at = list.findIndex((one) => wrong(one) !== null);
      const which = Array.isArray(raw) ? `.${at + 1}` : "";
      return `${key}${which}${wrong(list[at])}`;
    },
    show: (entries) => entries.map(show).join("; "),
    ...(withoutSecrets && {
      withoutSecrets: (entries: readonly Entry[]) =>
        entries.map(withoutSecrets),
    }),
  };
}

/** A map whose keys may be written as flags are: `seen-every`. */
function inCamelCase(raw: unknown): unknown {
  return !isJsonObject(raw) ? raw : Object.fromEntries(
    Object.entries(raw).map(([key, value]) => [
      key.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      value,
    ]),
  );
}
