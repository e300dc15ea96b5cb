import {
  constructFromEvents,
  type Event,
  EVENT_ID,
  getScalarValue,
  parseEvents,
  YAMLException,
} from "js-yaml";
import { isJsonObject, type JsonObject } from "../text/json_object.ts";
import { nearest } from "../text/nearest.ts";
import type { ConfigProblem, RawValue, RawValues } from "./config_error.ts";
import { describeValue } from "./describe_value.ts";
import { explainYaml } from "./yaml_reason.ts";
import { type Config, SETTING_LIST } from "./settings.ts";

/** Longest configuration file, in UTF-16 units. The example has some 3,000. */
const MAX_CONFIG_CHARS = 65_536;

/** Greatest depth of maps and lists; no setting is deeper. */
const MAX_DEPTH = 8;

/** A line of the file's map. */
interface ConfigEntry {
  readonly key: string;
  readonly value: unknown;
  /** If the value is a map: its lines, such as `history.keepDays` for `keepDays` in `history`. */
  readonly inner: readonly ConfigEntry[] | null;
  /** The file, and the line if known. */
  readonly place: string;
}

/** Contents of a configuration file, not yet validated. */
interface ConfigFile {
  readonly entries: readonly ConfigEntry[];
  readonly problems: readonly ConfigProblem[];
}

/**
 * Parses the YAML map of a configuration file; `path` is for messages. An empty
 * file has no entries.
 */
export function parseConfigFile(text: string, path: string): ConfigFile {
  if (text.length > MAX_CONFIG_CHARS) return tooLong(text, path);
  try {
    const events = parseEvents(text, { maxDepth: MAX_DEPTH });
    // Nested aliases could expand beyond all memory.
    const options = { source: text, maxAliases: 0 };
    const documents = constructFromEvents(events, options);
    if (documents.length > 1) return refused(path, "more than one document");
    const content = documents[0] ?? {};
    if (!isJsonObject(content)) return refused(path, describeKind(content));
    const lines = keyLines(events, text);
    const place = (key: string) =>
      lines.has(key) ? `${path} line ${lines.get(key)}` : path;
    return { entries: entriesOf(content, { prefix: "", place }), problems: [] };
  } catch (error) {
    if (error instanceof YAMLException) return notYaml(error, path);
    throw error;
  }
}

interface EntryPlaces {
  readonly prefix: string;
  readonly place: (key: string) => string;
}

function entriesOf(
  map: JsonObject,
  { prefix, place }: EntryPlaces,
): ConfigEntry[] {
  return Object.entries(map).map(([name, value]) => {
    const key = prefix + name;
    const isInner = prefix === "" && isJsonObject(value);
    const inner = isInner
      ? entriesOf(value, { prefix: `${key}.`, place })
      : null;
    return { key, value, inner, place: place(key) };
  });
}

function describeKind(value: unknown): string {
  return Array.isArray(value) ? "a list" : describeValue(value);
}

function tooLong(text: string, path: string): ConfigFile {
  const message = `the file has ${text.length} characters, ` +
    `expected at most ${MAX_CONFIG_CHARS}`;
  return { entries: [], problems: [{ place: path, key: null, message }] };
}

function refused(path: string, found: string): ConfigFile {
  const message = `the file is ${found}, ` +
    `expected a map, one "key: value" a line`;
  return { entries: [], problems: [{ place: path, key: null, message }] };
}

function notYaml(error: YAMLException, path: string): ConfigFile {
  const line = error.mark?.line;
  const place = line === undefined ? path : `${path} line ${line + 1}`;
  const message = explainYaml(error.reason);
  return { entries: [], problems: [{ place, key: null, message }] };
}

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
  return SETTING_LIST.filter(([, { key }]) => key.startsWith(prefix))
    .map(([, { key }]) => key.slice(prefix.length));
}

function settingOf(written: string): keyof Config | undefined {
  return SETTING_LIST.find(([, { key, aliases }]) =>
    key === written || aliases.includes(written) ||
    (key.includes(".") && aliases.includes(written.replaceAll(".", "-")))
  )?.[0];
}

function unknownKey(key: string): string {
  const keys = SETTING_LIST.map(([, { key }]) => key);
  const meant = nearest(key, keys, { limit: 1 });
  const right = meant.length > 0
    ? `did you mean ${meant[0]}?`
    : `expected one of ${keys.join(", ")}`;
  return `unknown key ${describeValue(key)}, ${right}`;
}

/** An open map, list or document. */
interface Frame {
  readonly isMap: boolean;
  /** Prefix of the keys of a map in their paths; `null`: they have no path. */
  readonly prefix: string | null;
  /** The same for the next map opened within. */
  innerPrefix: string | null;
  /** Whether a key of the map comes next: keys and values alternate. */
  isKeyNext: boolean;
}

/**
 * The line, counted from 1, of each key of a YAML map and its inner maps, by
 * path: `port`, `history.keepDays`.
 */
function keyLines(
  events: readonly Event[],
  text: string,
): Map<string, number> {
  const lines = new Map<string, number>();
  const frames: Frame[] = [];
  for (const event of events) {
    if (event.type === EVENT_ID.POP) {
      frames.pop();
      continue;
    }
    const around = frames.at(-1);
    const opened = openedBy(event, around);
    if (around?.isMap) {
      if (around.isKeyNext) noteKey(event, { frame: around, text, lines });
      around.isKeyNext = !around.isKeyNext;
    }
    if (opened !== null) frames.push(opened);
  }
  return lines;
}

function openedBy(event: Event, around: Frame | undefined): Frame | null {
  switch (event.type) {
    case EVENT_ID.DOCUMENT:
      return { isMap: false, prefix: null, innerPrefix: "", isKeyNext: false };
    case EVENT_ID.SEQUENCE:
      return {
        isMap: false,
        prefix: null,
        innerPrefix: null,
        isKeyNext: false,
      };
    case EVENT_ID.MAPPING: {
      const prefix = around?.isKeyNext ? null : around?.innerPrefix ?? null;
      return { isMap: true, prefix, innerPrefix: null, isKeyNext: true };
    }
    default:
      return null;
  }
}

interface KeyPlace {
  readonly frame: Frame;
  readonly text: string;
  readonly lines: Map<string, number>;
}

function noteKey(event: Event, { frame, text, lines }: KeyPlace): void {
  frame.innerPrefix = null;
  if (event.type !== EVENT_ID.SCALAR || frame.prefix === null) return;
  const path = frame.prefix + getScalarValue(text, event);
  lines.set(path, lineAt(text, event.valueStart));
  frame.innerPrefix = `${path}.`;
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}
