import * as v from "valibot";
import { checkTogether } from "./check_together.ts";
import type { Config } from "./config.ts";
import { ConfigError, type ConfigProblem } from "./config_error.ts";
import { parseConfigFile } from "./config_file.ts";
import {
  DEFAULT_CONFIG_FILE,
  defaultSocket,
  defaultStateDir,
  type Environment,
  type User,
} from "./default_paths.ts";
import { nearest } from "../text/nearest.ts";
import { printableStart } from "../text/printable.ts";
import { nameEntries, type RawValues, SPELLINGS } from "./name_entries.ts";
import {
  CONFIG_FILE_VARIABLE,
  FILE_ONLY_VARIABLES,
  SETTING_NAMES,
  SETTING_VARIABLES,
} from "./setting_names.ts";
import { SETTINGS } from "./settings.ts";
import { wrongValue } from "./wrong_value.ts";

/**
 * Settings from the command line, as text: `--scan-interval 5m` is
 * `scanInterval: "5m"`.
 */
export interface ConfigFlags {
  readonly socket?: string;
  readonly socketGroup?: string;
  readonly readSocket?: string;
  readonly readSocketGroup?: string;
  readonly stateDir?: string;
  readonly interface?: readonly string[];
  readonly group?: string;
  readonly port?: string;
  readonly ttl?: string;
  readonly scanInterval?: string;
  readonly announceInterval?: string;
  readonly hostName?: string;
  readonly noHistory?: boolean;
  readonly historyKeepDays?: string;
  readonly historyMaxMegabytes?: string;
  readonly logLevel?: string;
  readonly logFormat?: string;
  /** Path of the file to read instead of the default; it must exist. */
  readonly config?: string;
}

/** Sources of a configuration. */
interface ConfigSources extends User {
  readonly flags: ConfigFlags;
  /**
   * Variables; empty ones count as not set. Only `DISKD_...` and those for the
   * default paths are read.
   */
  readonly env: Environment;
  /** Text of a file; `null` if it is missing or must not be read. */
  readonly readText: (path: string) => string | null;
  /** Read if it exists. Default `/etc/diskd/config.yaml`. */
  readonly defaultFile?: string;
}

/** The configuration file; `given` by name, it must exist. */
interface ConfigFileChoice {
  readonly path: string;
  readonly given: boolean;
}

/**
 * Loads the configuration: flags override the environment, which overrides the
 * file, which overrides defaults. Every value is validated, even if overridden.
 *
 * @throws {ConfigError} with all problems
 */
export function loadConfig(sources: ConfigSources): Config {
  const raw = [
    readFile(sources),
    readEnvironment(sources.env),
    readFlags(sources.flags),
  ];
  const problems = raw.flatMap((source) => source.problems);
  const values = raw.flatMap((source) => source.values);
  const found: Partial<Record<keyof Config, unknown>> = {};
  for (const { name, key, value, place } of values) {
    const result = v.safeParse(SETTINGS[name].schema, value);
    if (result.success) found[name] = result.output;
    else problems.push(wrongValue({ name, key, value, place }));
  }
  const config = withDefaults(found as Partial<Config>, sources);
  problems.push(...missingPaths(config));
  if (problems.length > 0) throw new ConfigError(problems);
  // Only now, because an invalid setting has its default value here.
  const clashes = checkTogether(config as Config, values);
  if (clashes.length > 0) throw new ConfigError(clashes);
  return config as Config;
}

/** The file that `loadConfig` reads for these sources. */
export function chooseConfigFile(
  sources: Pick<ConfigSources, "flags" | "env" | "defaultFile">,
): ConfigFileChoice {
  const given = sources.flags.config || sources.env[CONFIG_FILE_VARIABLE];
  if (given) return { path: given, given: true };
  return { path: sources.defaultFile ?? DEFAULT_CONFIG_FILE, given: false };
}

function readFile(sources: ConfigSources): RawValues {
  const { path, given } = chooseConfigFile(sources);
  const place = printableStart(path, MAX_SHOWN_PATH_CHARS);
  const text = sources.readText(path);
  if (text === null) {
    const message = "cannot be read: there is no such file, or no permission";
    const problems = given ? [{ place, key: null, message }] : [];
    return { values: [], problems };
  }
  const file = parseConfigFile(text, place);
  const named = nameEntries(file.entries);
  return { ...named, problems: [...file.problems, ...named.problems] };
}

function readEnvironment(env: Environment): RawValues {
  const values = SPELLINGS.flatMap(([name, { key, variable }]) => {
    const text = variable === null ? "" : env[variable] ?? "";
    if (text === "") return [];
    const place = `environment variable ${variable}`;
    return [{ name, key, value: fromText(name, text), place }];
  });
  const unknown = Object.keys(env).filter((name) =>
    env[name] !== undefined && name.startsWith("DISKD_") &&
    !SETTING_VARIABLES.includes(name)
  );
  return { values, problems: unknown.map(unknownVariable) };
}

function unknownVariable(variable: string): ConfigProblem {
  const place = `environment variable ${printableStart(variable)}`;
  const key = FILE_ONLY_VARIABLES.get(variable);
  if (key !== undefined) {
    const message = `unknown, ${key} can be set in the file alone`;
    return { place, key: variable, message };
  }
  const meant = nearest(variable, SETTING_VARIABLES, { limit: 1 });
  const right = meant.length > 0
    ? `did you mean ${meant[0]}?`
    : `expected one of ${SETTING_VARIABLES.join(", ")}`;
  const message = `unknown, ${right}`;
  return { place, key: variable, message };
}

function readFlags(flags: ConfigFlags): RawValues {
  const given = new Map<string, unknown>(Object.entries(flags));
  const values = SPELLINGS.flatMap(([name, { key, flag }]) => {
    const said = flag === null ? undefined : given.get(camelCase(flag));
    if (said === undefined) return [];
    if (Array.isArray(said) && said.length === 0) return [];
    const value = typeof said === "string" ? fromText(name, said) : said;
    return [{ name, key, value, place: `flag --${flag}` }];
  });
  return { values, problems: [] };
}

function camelCase(flag: string): string {
  return flag.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

function fromText(name: keyof Config, text: string): unknown {
  const { fromText } = SETTINGS[name];
  return fromText === undefined ? text : fromText(text);
}

/** `Config`, possibly without default paths. */
type Incomplete = Omit<Config, "socket" | "stateDir"> & {
  readonly socket: string | null;
  readonly stateDir: string | null;
};

function withDefaults(found: Partial<Config>, user: User): Incomplete {
  return {
    socket: defaultSocket(user),
    socketGroup: null,
    readSocket: null,
    readSocketGroup: null,
    stateDir: defaultStateDir(user),
    interfaces: [],
    group: "230.1.2.3",
    port: 32003,
    ttl: 2,
    scanIntervalMs: 2_500,
    announceIntervalMs: 30_000,
    hostName: null,
    noHistory: false,
    historyKeepDays: 400,
    historyMaxMegabytes: 256,
    keysMode: "open",
    keysFiles: [],
    keysEncrypt: false,
    mountAllow: [],
    ssh: {},
    logLevel: "info",
    logFormat: "text",
    ...found,
  };
}

function missingPaths(config: Incomplete): ConfigProblem[] {
  return (["socket", "stateDir"] as const).flatMap((name) => {
    if (config[name] !== null) return [];
    const { key, flag, variable } = SETTING_NAMES[name];
    const message =
      `${key} has no default where HOME is not set, expected --${flag} or ${variable}`;
    return [{ place: "defaults", key, message }];
  });
}

/** Longer paths are cut in messages. */
const MAX_SHOWN_PATH_CHARS = 400;
