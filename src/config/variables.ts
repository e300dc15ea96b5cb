import { FILE_ONLY_VARIABLES, SETTING_VARIABLES } from "./setting_names.ts";

/** Variables of the default paths. */
const PATH_VARIABLES = ["HOME", "XDG_RUNTIME_DIR", "XDG_STATE_HOME"];

/**
 * Variables to read from the environment for `loadConfig`. A program with named
 * permissions can read a variable but not list all, so it finds a misspelled
 * one only by asking for it: the likely misspellings are included.
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
