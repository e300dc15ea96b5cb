import {
  defineScalarTag,
  FAILSAFE_SCHEMA,
  load,
  type LoadOptions,
  NOT_RESOLVED,
} from "js-yaml";

/** A row's fourth element may hold a map with lists: deeper than that nothing means anything here. */
const MAX_DEPTH = 12;

/**
 * 0.01 leaves most texts without quotes that YAML would take for something
 * else (`yes`, `0x10`, `NULL`, `2024-01-01`), and reads them back as texts. So
 * all scalars are texts, but for these three spellings of nothing.
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
 * The value that one YAML document stands for, made of texts, `null`, arrays
 * and plain objects; `undefined` when it is not YAML, or more than one
 * document, or uses aliases or other tags. Never throws.
 */
export function parseYaml(text: string): unknown {
  try {
    return load(text, OPTIONS);
  } catch {
    return undefined;
  }
}
