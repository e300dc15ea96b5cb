import { DEFAULT_CONFIG_FILE } from "../config/default_paths.ts";
import type { ReachSettings } from "../config/reach_settings.ts";
import type { Context } from "./context.ts";

/**
 * What the configuration file says of mounting and of ssh; nothing where there
 * is none, or none that may be read. YAML takes time to load, so only where
 * there is some to read.
 * @throws {ConfigError}
 */
export async function readReachSettings(
  { env, readText }: Pick<Context, "env" | "readText">,
): Promise<ReachSettings> {
  const path = env["DISKD_CONFIG"] || DEFAULT_CONFIG_FILE;
  const text = readText(path);
  if (text === null) return { allow: [], ssh: new Map() };
  const { reachSettings } = await import("../config/reach_settings.ts");
  return reachSettings(text, path);
}
