/** Settings in the configuration file that commands read themselves. */
import { printableStart } from "../text/printable.ts";
import { ConfigError, wrongValue } from "./config_error.ts";
import { nameEntries, parseConfigFile } from "./config_file.ts";
import type { ConfiguredSockets } from "./paths.ts";
import { type Config, SETTINGS } from "./settings.ts";
import type { SshEntry } from "./ssh_setting.ts";

/**
 * Reads the sockets of a configuration file. A client ignores errors in the
 * file; the daemon reports them.
 */
export function configuredSockets(text: string): ConfiguredSockets {
  const { entries } = parseConfigFile(text, "");
  const find = (name: "socket" | "readSocket"): string | null => {
    const { key, aliases, type } = SETTINGS[name];
    const entry = entries.find((entry) =>
      entry.key === key || aliases.includes(entry.key)
    );
    return type.read(entry?.value) ?? null;
  };
  return { socket: find("socket"), readSocket: find("readSocket") };
}

/** Settings used by the commands that act on a disk, here or on its host. */
export interface MountSettings {
  /** Globs of what names a disk, see `Config.mountAllow`. */
  readonly allow: readonly string[];
  /** See `Config.locateAllow`. */
  readonly locateAllow: readonly string[];
  /** By host name or id, see `Config.ssh`. */
  readonly ssh: ReadonlyMap<string, string | SshEntry>;
}

/**
 * Reads `mount.allow`, `locate.allow` and `ssh` from a configuration file;
 * `path` is for messages.
 *
 * @throws {ConfigError} if the file is invalid, a key is unknown, or one of the
 * three is wrong; other errors are reported by the daemon
 */
export function mountSettings(
  text: string,
  path: string,
): MountSettings {
  const file = parseConfigFile(text, printableStart(path));
  const { values, problems } = nameEntries(file.entries);
  const all = [...file.problems, ...problems];
  const take = <Name extends "mountAllow" | "locateAllow" | "ssh">(
    name: Name,
  ): Config[Name] | null => {
    const value = values.find((value) => value.name === name);
    if (value === undefined) return null;
    const read = SETTINGS[name].type.read(value.value);
    if (read === undefined) all.push(wrongValue(value));
    return read as Config[Name] ?? null;
  };
  const allow = take("mountAllow") ?? [];
  const locateAllow = take("locateAllow") ?? [];
  const ssh = new Map(Object.entries(take("ssh") ?? {}));
  if (all.length > 0) throw new ConfigError(all);
  return { allow, locateAllow, ssh };
}
