import * as v from "valibot";
import { parseConfigFile } from "./config_file.ts";
import { SETTING_NAMES } from "./setting_names.ts";
import { SETTINGS } from "./settings.ts";

/** The sockets that a configuration file names, `null` for one that it does not. */
export interface ConfiguredSockets {
  readonly socket: string | null;
  readonly readSocket: string | null;
}

/**
 * What the text of a configuration file says of sockets. A file that is wrong
 * is the daemon's business: a client passes it over.
 */
export function configuredSockets(text: string): ConfiguredSockets {
  const { entries } = parseConfigFile(text, "");
  const find = (name: "socket" | "readSocket"): string | null => {
    const { key, aliases } = SETTING_NAMES[name];
    const entry = entries.find((entry) =>
      entry.key === key || aliases.includes(entry.key)
    );
    const result = v.safeParse(SETTINGS[name].schema, entry?.value);
    return result.success ? result.output : null;
  };
  return { socket: find("socket"), readSocket: find("readSocket") };
}
