import * as v from "valibot";
import type { Config } from "./config.ts";
import { ConfigError } from "./config_error.ts";
import { parseConfigFile } from "./config_file.ts";
import { nameEntries } from "./name_entries.ts";
import { SETTINGS } from "./settings.ts";
import { wrongValue } from "./wrong_value.ts";
import { printableStart } from "../text/printable.ts";

/** Settings used by the commands for mounting. */
export interface ReachSettings {
  /** Globs of labels and UUIDs, see `Config.mountAllow`. */
  readonly allow: readonly string[];
  /** Host name or id to `[user@]host`, see `Config.ssh`. */
  readonly ssh: ReadonlyMap<string, string>;
}

/**
 * Reads `mount.allow` and `ssh` from a configuration file; `path` is for
 * messages.
 *
 * @throws {ConfigError} if the file is invalid, a key is unknown, or one of the
 * two is wrong; other errors are reported by the daemon
 */
export function reachSettings(
  text: string,
  path: string,
): ReachSettings {
  const file = parseConfigFile(text, printableStart(path));
  const { values, problems } = nameEntries(file.entries);
  const all = [...file.problems, ...problems];
  const take = <Name extends "mountAllow" | "ssh">(
    name: Name,
  ): Config[Name] | null => {
    const value = values.find((value) => value.name === name);
    if (value === undefined) return null;
    const result = v.safeParse(SETTINGS[name].schema, value.value);
    if (result.success) return result.output as Config[Name];
    all.push(wrongValue(value));
    return null;
  };
  const allow = take("mountAllow") ?? [];
  const ssh = new Map(Object.entries(take("ssh") ?? {}));
  if (all.length > 0) throw new ConfigError(all);
  return { allow, ssh };
}
