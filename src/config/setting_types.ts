/**
 * Types of settings. Each describes its valid values in words, and checks them
 * with plain functions: every command loads the table of settings, and loading
 * a library for the checks would cost each command more than the checks.
 */
import { formatDuration, parseDuration } from "../text/duration.ts";
import { isJsonObject } from "../text/json_object.ts";

/** The valid values of a setting, and how they are written. */
export interface SettingType<Value> {
  /** Description of the valid values, to follow the word "expected". */
  readonly expected: string;
  /** Form of a flag: a value follows, the flag can be repeated, or nothing follows. */
  readonly form: "value" | "list" | "switch";
  /** The value in the help of a flag: `NUMBER`. */
  readonly placeholder: string;
  /** Completions of the value: these words, or the names of files. */
  readonly proposals?: readonly string[] | "files";
  /** Checks and converts the value from YAML; `undefined`: it is invalid. */
  readonly read: (raw: unknown) => Value | undefined;
  /**
   * Converts text from flags and environment to the value YAML would give.
   * Default: unchanged text.
   */
  readonly fromText?: (text: string) => unknown;
  /** What is wrong with an invalid value within a map; `null`: nothing more is known. */
  readonly explain?: (raw: unknown, key: string) => string | null;
  /** The value for people. Default: as it is. */
  show?(value: Value): string;
  /** The value for JSON, if it may have secrets in it. Default: as it is. */
  withoutSecrets?(value: Value): unknown;
}

/** The value of a type. */
export type ValueOf<Type> = Type extends SettingType<infer Value> ? Value
  : never;

/** The same type, or `null`, which YAML gives for an empty value. */
export function optional<Value>(
  type: SettingType<Value>,
): SettingType<Value | null> {
  return { ...type, read: (raw) => raw === null ? null : type.read(raw) };
}

export function wholeNumber(from: number, to: number): SettingType<number> {
  const isValid = (raw: unknown): raw is number =>
    Number.isInteger(raw) && Number(raw) >= from && Number(raw) <= to;
  return {
    expected: `a whole number from ${from} to ${to}`,
    form: "value",
    placeholder: "NUMBER",
    read: (raw) => isValid(raw) ? raw : undefined,
    fromText: (text) => /^\d+$/.test(text) ? Number(text) : text,
  };
}

const SWITCH_WORDS: Readonly<Record<string, boolean>> = {
  "true": true,
  "1": true,
  "false": false,
  "0": false,
};

export function yesOrNo(): SettingType<boolean> {
  return {
    expected: "true or false",
    form: "switch",
    placeholder: "",
    read: (raw) => typeof raw === "boolean" ? raw : undefined,
    fromText: (text) => SWITCH_WORDS[text] ?? text,
  };
}

export function oneOf<const Word extends string>(
  words: readonly Word[],
): SettingType<Word> {
  return {
    expected: `one of ${words.join(", ")}`,
    form: "value",
    placeholder: words.join("|"),
    proposals: words,
    read: (raw) => words.find((word) => word === raw),
  };
}

/**
 * A duration in milliseconds; a number without a unit is seconds. `from` and
 * `to` are such durations too, as people write them.
 */
export function duration(
  { from, to }: { readonly from: string; readonly to: string },
): SettingType<number> {
  const [fromMs, toMs] = [
    Number(parseDuration(from)),
    Number(parseDuration(to)),
  ];
  return {
    expected: `seconds, or 500ms, 2m, 1h: at least ${from}, at most ${to}`,
    form: "value",
    placeholder: "TIME",
    read(raw) {
      if (typeof raw !== "string" && typeof raw !== "number") return undefined;
      const ms = parseDuration(String(raw));
      return ms !== null && ms >= fromMs && ms <= toMs ? ms : undefined;
    },
    show: formatDuration,
  };
}

interface TextLimits {
  readonly expected: string;
  readonly placeholder: string;
}

/** Text that passes a check. */
export function textThat(
  isValid: (text: string) => boolean,
  { expected, placeholder }: TextLimits,
): SettingType<string> {
  return {
    expected,
    form: "value",
    placeholder,
    read: (raw) => typeof raw === "string" && isValid(raw) ? raw : undefined,
  };
}

/** An absolute path. */
export function absolutePath(
  maxBytes: number,
  limits: TextLimits,
): SettingType<string> {
  const type = textThat((text) => isAbsolutePath(text, maxBytes), limits);
  return { ...type, proposals: "files" };
}

export function isAbsolutePath(path: string, maxBytes: number): boolean {
  return path.startsWith("/") && !path.includes("\0") &&
    bytesOf(path) <= maxBytes;
}

/** A group of users, by name or number. */
export function userGroup(): SettingType<string> {
  const isNumber = (raw: unknown) => Number.isInteger(raw) && Number(raw) >= 0;
  return {
    expected: "the name or number of a group",
    form: "value",
    placeholder: "GROUP",
    read(raw) {
      const text = isNumber(raw) ? String(raw) : raw;
      return typeof text === "string" && /^[^\s:,]+$/.test(text)
        ? text
        : undefined;
    },
  };
}

/** A list of texts that pass a check; YAML may also have a single one. */
export function listOf(
  isValid: (text: string) => boolean,
  { most = Infinity, isSet = false, ...limits }: TextLimits & {
    /** Greatest length. Default: no limit. */
    readonly most?: number;
    /** Whether nothing may be in it twice. Default: no. */
    readonly isSet?: boolean;
  },
): SettingType<readonly string[]> {
  const isText = (raw: unknown): raw is string =>
    typeof raw === "string" && isValid(raw);
  return {
    ...limits,
    form: "list",
    read(raw) {
      const list: readonly unknown[] = Array.isArray(raw) ? raw : [raw];
      if (!list.every(isText) || list.length > most) return undefined;
      return isSet && new Set(list).size < list.length ? undefined : list;
    },
    fromText: (text) => text.split(",").map((one) => one.trim()),
  };
}

/** A map of any keys except the empty one to texts that pass a check. */
export function mapOf(
  isValid: (text: string) => boolean,
  { most, ...limits }: TextLimits & { readonly most: number },
): SettingType<Readonly<Record<string, string>>> {
  const isMap = (raw: unknown): raw is Readonly<Record<string, string>> => {
    if (!isJsonObject(raw)) return false;
    const entries = Object.entries(raw);
    return entries.length <= most &&
      entries.every(([key, value]) =>
        key !== "" && typeof value === "string" && isValid(value)
      );
  };
  return {
    ...limits,
    form: "list",
    read: (raw) => isMap(raw) ? raw : undefined,
  };
}

export function isMulticastAddress(text: string): boolean {
  const bytes = text.split(".");
  const isByte = (byte: string) =>
    /^(?:0|[1-9]\d{0,2})$/.test(byte) && Number(byte) <= 255;
  const first = Number(bytes[0]);
  return bytes.length === 4 && bytes.every(isByte) && first >= 224 &&
    first <= 239;
}

/** Whether it is `[user@]host`, which ssh can read neither as an option nor as several words. */
export function isSshName(text: string): boolean {
  return SSH_NAME.test(text);
}

const SSH_NAME =
  /^(?:[A-Za-z_][A-Za-z0-9_.-]{0,31}@)?[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?$/;

export function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}
