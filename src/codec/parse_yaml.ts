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
 * Parses a single YAML document into texts, `null`, arrays and plain objects.
 * Returns `undefined` for invalid YAML, several documents, aliases or other
 * tags. Never throws.
 */
export function parseYaml(text: string): unknown {
  try {
    return load(text, OPTIONS);
  } catch {
    return undefined;
  }
}
