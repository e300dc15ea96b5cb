import * as v from "valibot";
import { parseConfigFile } from "./config_file.ts";
import { SETTING_NAMES } from "./setting_names.ts";
import { SETTINGS } from "./settings.ts";

/** The sockets of a configuration file; `null` if missing. */
export interface ConfiguredSockets {
  readonly socket: string | null;
  readonly readSocket: string | null;
}

/**
 * Reads the sockets of a configuration file. A client ignores errors in the
 * file; the daemon reports them.
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
