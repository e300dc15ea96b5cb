import {
  constructFromEvents,
  type Event,
  EVENT_ID,
  getScalarValue,
  parseEvents,
  YAMLException,
} from "js-yaml";
import type { ConfigProblem } from "./config_error.ts";

/** One line of the file's map. */
export interface ConfigEntry {
  readonly key: string;
  readonly value: unknown;
  /** The file, and the line if it is known. */
  readonly place: string;
}

/** What a configuration file says, not yet validated. */
export interface ConfigFile {
  readonly entries: readonly ConfigEntry[];
  readonly problems: readonly ConfigProblem[];
}

/** Reads the YAML map of a configuration file; `path` is for the problems. An empty file says nothing. */
export function parseConfigFile(text: string, path: string): ConfigFile {
  try {
    const events = parseEvents(text, {});
    const documents = constructFromEvents(events, { source: text });
    if (documents.length > 1) return refused(path, "more than one document");
    const content = documents[0] ?? {};
    if (!isMap(content)) return refused(path, describeKind(content));
    const lines = keyLines(events, text);
    const entries = Object.entries(content).map(([key, value]) => {
      const line = lines.get(key);
      const place = line === undefined ? path : `${path} line ${line}`;
      return { key, value, place };
    });
    return { entries, problems: [] };
  } catch (error) {
    if (error instanceof YAMLException) return notYaml(error, path);
    throw error;
  }
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function describeKind(value: unknown): string {
  return Array.isArray(value) ? "a list" : JSON.stringify(value);
}

function refused(path: string, found: string): ConfigFile {
  const message = `the file is ${found}, ` +
    `expected a map, one "key: value" a line`;
  return { entries: [], problems: [{ place: path, key: null, message }] };
}

function notYaml(error: YAMLException, path: string): ConfigFile {
  const line = error.mark?.line;
  const place = line === undefined ? path : `${path} line ${line + 1}`;
  const message = `not YAML: ${error.reason}`;
  return { entries: [], problems: [{ place, key: null, message }] };
}

/** The line, from 1, of each key of the outermost map. */
function keyLines(
  events: readonly Event[],
  text: string,
): Map<string, number> {
  const lines = new Map<string, number>();
  // 0 outside the document, 1 in it, 2 in its map: keys and values take turns there.
  let depth = 0;
  let isKey = true;
  for (const event of events) {
    if (event.type === EVENT_ID.POP) {
      depth--;
      continue;
    }
    if (depth === 2) {
      if (isKey && event.type === EVENT_ID.SCALAR) {
        lines.set(getScalarValue(text, event), lineAt(text, event.valueStart));
      }
      isKey = !isKey;
    }
    const opens = event.type !== EVENT_ID.SCALAR &&
      event.type !== EVENT_ID.ALIAS;
    if (opens) depth++;
  }
  return lines;
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}
