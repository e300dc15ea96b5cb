import { constructFromEvents, parseEvents, YAMLException } from "js-yaml";
import type { ConfigProblem } from "./config_error.ts";
import { describeValue } from "./describe_value.ts";
import { keyLines } from "./key_lines.ts";
import { printableStart } from "../text/printable.ts";

/** Longest configuration file, in UTF-16 units. The example has some 3,000. */
const MAX_CONFIG_CHARS = 65_536;

/** Greatest depth of maps and lists; no setting is deeper. */
const MAX_DEPTH = 8;

/** A line of the file's map. */
export interface ConfigEntry {
  readonly key: string;
  readonly value: unknown;
  /**
   * If the value is a map: its lines, such as `history.keepDays` for `keepDays`
   * in `history`.
   */
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
    if (!isMap(content)) return refused(path, describeKind(content));
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
  map: Record<string, unknown>,
  { prefix, place }: EntryPlaces,
): ConfigEntry[] {
  return Object.entries(map).map(([name, value]) => {
    const key = prefix + name;
    const isInner = prefix === "" && isMap(value);
    const inner = isInner
      ? entriesOf(value, { prefix: `${key}.`, place })
      : null;
    return { key, value, inner, place: place(key) };
  });
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
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
  const message = `not YAML: ${printableStart(error.reason)}`;
  return { entries: [], problems: [{ place, key: null, message }] };
}
