import { FILE_ONLY_VARIABLES, SETTING_VARIABLES } from "./setting_names.ts";

/** Variables that decide the default paths. */
const PATH_VARIABLES = ["HOME", "XDG_RUNTIME_DIR", "XDG_STATE_HOME"];

/**
 * Names to read from the environment for `loadConfig`. A program with named
 * permissions can ask for a variable but not list them all, so a misspelled
 * one is found only if it is asked for: the likely misspellings are among these.
 */
export const CONFIG_VARIABLES: readonly string[] = [
  ...PATH_VARIABLES,
  ...SETTING_VARIABLES,
  ...FILE_ONLY_VARIABLES.keys(),
  ...likelyMisspellings(),
];

function likelyMisspellings(): string[] {
  return SETTING_VARIABLES.flatMap((name) => {
    const joined = `DISKD_${name.slice("DISKD_".length).replaceAll("_", "")}`;
    return [`${name}S`, joined].filter((guess) => guess !== name);
  });
}
