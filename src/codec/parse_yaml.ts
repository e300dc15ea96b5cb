import {
  defineScalarTag,
  FAILSAFE_SCHEMA,
  load,
  type LoadOptions,
  NOT_RESOLVED,
} from "js-yaml";

/**
 * Greatest depth. A row's fourth element may hold a map with lists; nothing
 * valid is nested deeper.
 */
const MAX_DEPTH = 12;

/**
 * 0.01 does not quote most texts that YAML would read as another type (`yes`,
 * `0x10`, `NULL`, `2024-01-01`), and reads them back as texts. So all scalars
 * are texts, except these three spellings of null.
 */
const nothing = defineScalarTag<null>("tag:yaml.org,2002:null", {
  implicit: true,
  implicitFirstChars: ["", "~", "n"],
  resolve: (source) =>
    source === "" || source === "~" || source === "null" ? null : NOT_RESOLVED,
  identify: () => false,
});

const OPTIONS: LoadOptions = {
  schema: FAILSAFE_SCHEMA.withTags(nothing),
  maxDepth: MAX_DEPTH,
  maxAliases: 0,
};

/**
 * Lines and commas of the longest list: a datagram has room for 3,275 rows of
 * three texts, each in a line. What takes longest to parse has more.
 */
const MAX_ENTRIES = 16_384;

/**
 * Parses a single YAML document into texts, `null`, arrays and plain objects.
 * Returns `undefined` for invalid YAML, several documents, aliases or other
 * tags, or too many entries. Never throws.
 */
export function parseYaml(text: string): unknown {
  if (hasManyEntries(text) || hasManyDocuments(text)) return undefined;
  try {
    return load(text, OPTIONS);
  } catch {
    return undefined;
  }
}

function hasManyEntries(text: string): boolean {
  let entries = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === NEWLINE || code === COMMA) entries++;
  }
  return entries > MAX_ENTRIES;
}

const NEWLINE = 0x0a;
const COMMA = 0x2c;

/** The parser reads all of them before it refuses them. */
function hasManyDocuments(text: string): boolean {
  return text.split(DOCUMENT_START, 3).length > 2;
}

/** YAML 1.2.2, 9.1.2: at the start of a line it stands for nothing else. */
const DOCUMENT_START = /(?:^|[\n\r])---(?=\s|$)/;
