import * as v from "valibot";
import { parseConfigFile } from "./config_file.ts";
import { SETTING_NAMES } from "./setting_names.ts";
import { SETTINGS } from "./settings.ts";

/**
 * The socket that the text of a configuration file names, `null` where it
 * names none. A file that is wrong is the daemon's business: a client passes
 * it over.
 */
export function configuredSocket(text: string): string | null {
  const { entries } = parseConfigFile(text, "");
  const { key } = SETTING_NAMES.socket;
  const entry = entries.find((entry) => entry.key === key);
  const result = v.safeParse(SETTINGS.socket.schema, entry?.value);
  return result.success ? result.output : null;
}
