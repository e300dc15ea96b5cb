import { nearest } from "../text/nearest.ts";
import { printableStart } from "../text/printable.ts";
import {
  ConfigError,
  type ConfigProblem,
  type RawValue,
  type RawValues,
  wrongValue,
} from "./config_error.ts";
import { describeValue } from "./describe_value.ts";
import { nameEntries, parseConfigFile } from "./config_file.ts";
import { chooseConfigFile, type Environment, type User } from "./paths.ts";
import {
  type Config,
  type ConfigFlags,
  FILE_ONLY_VARIABLES,
  type Setting,
  SETTING_LIST,
  SETTING_VARIABLES,
  SETTINGS,
} from "./settings.ts";

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
  /** Where this program may write. Default: everywhere. */
  readonly writable?: {
    covers(path: string): boolean;
    /** For messages. */
    readonly places: string;
  };
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
  const config = new Map<keyof Config, unknown>(defaults(sources));
  for (const raw of values) {
    const value = SETTINGS[raw.name].type.read(raw.value);
    if (value === undefined) problems.push(wrongValue(raw));
    else config.set(raw.name, value);
  }
  problems.push(...missingDefaults(config));
  if (problems.length > 0) throw new ConfigError(problems);
  const whole = Object.fromEntries(config) as Config;
  // Only now, because an invalid setting has its default value here.
  const clashes = explainClashes([
    ...clashingKeys(whole),
    ...clashingHub(whole),
    ...clashingSockets(whole),
    ...outOfReach(whole, sources),
  ], values);
  if (clashes.length > 0) throw new ConfigError(clashes);
  return whole;
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
  const values = SETTING_LIST.flatMap(([name, { key, variable, type }]) => {
    const text = variable === null ? "" : env[variable] ?? "";
    if (text === "") return [];
    const place = `environment variable ${variable}`;
    return [{ name, key, value: fromText(text, type), place }];
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
    const message = `unknown, ${key} can be set only in the file`;
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
  const values = SETTING_LIST.flatMap(([name, setting]) => {
    const { key, option, flag, type } = setting;
    const said = option === null ? undefined : given.get(option);
    if (said === undefined) return [];
    if (Array.isArray(said) && said.length === 0) return [];
    const value = typeof said === "string" ? fromText(said, type) : said;
    return [{ name, key, value, place: `flag --${flag}` }];
  });
  return { values, problems: [] };
}

function fromText(text: string, type: Setting["type"]): unknown {
  return type.fromText === undefined ? text : type.fromText(text);
}

function defaults(user: User): (readonly [keyof Config, unknown])[] {
  return SETTING_LIST.map(([name, { default: value }]) =>
    [name, typeof value === "function" ? value(user) : value] as const
  );
}

/** Problems: no default of this user, and no other value. */
function missingDefaults(
  config: ReadonlyMap<keyof Config, unknown>,
): ConfigProblem[] {
  return SETTING_LIST.flatMap(([name, setting]) => {
    const { key, flag, variable } = setting;
    const isMissing = typeof setting.default === "function" &&
      config.get(name) === null;
    if (!isMissing) return [];
    const message =
      `${key} has no default if HOME is not set, expected --${flag} or ${variable}`;
    return [{ place: "defaults", key, message }];
  });
}

/** Longer paths are cut in messages. */
const MAX_SHOWN_PATH_CHARS = 400;

/** `given` tells where each was set. */
function explainClashes(
  clashes: readonly Clash[],
  given: readonly RawValue[],
): ConfigProblem[] {
  return clashes.map(([name, message]) => {
    const value = given.findLast((value) => value.name === name);
    const key = value?.key ?? SETTINGS[name].key;
    const place = value?.place ?? "defaults";
    return { place, key, message: `${key} ${message}` };
  });
}

/** A setting that is valid alone, but not with the others, or for this program. */
type Clash = readonly [name: keyof Config, message: string];

function clashingKeys({ keysMode, keysFiles, keysEncrypt }: Config): Clash[] {
  const clashes: Clash[] = [];
  if (keysMode === "open" && keysFiles.length > 0) {
    clashes.push([
      "keysFiles",
      "names key files, but keys.mode is open, which uses none; " +
      "expected mode: accept or mode: require beside it",
    ]);
  }
  if (keysMode !== "open" && keysFiles.length === 0) {
    clashes.push([
      "keysMode",
      `is ${keysMode}, but keys.files names no key file; ` +
      "expected files: [/etc/diskd/key] beside it, and there a key of diskd key new",
    ]);
  }
  if (keysMode === "open" && keysEncrypt) {
    clashes.push([
      "keysEncrypt",
      "is true, but keys.mode is open, so there is no key to encrypt with; " +
      "expected keys.mode accept or require, and keys.files",
    ]);
  }
  return clashes;
}

function clashingHub({ natsServers, site }: Config): Clash[] {
  if (natsServers.length === 0 || site !== null) return [];
  return [[
    "natsServers",
    "names a server, but there is no site; expected site: NAME beside it, " +
    "under which the hosts of other sites show this one",
  ]];
}

function clashingSockets(
  { socket, readSocket, readSocketGroup }: Config,
): Clash[] {
  const clashes: Clash[] = [];
  if (readSocket === socket) {
    clashes.push([
      "readSocket",
      "is the same as socket, expected another path",
    ]);
  }
  if (readSocketGroup !== null && readSocket === null) {
    clashes.push([
      "readSocketGroup",
      "is given, but readSocket is not; expected both or neither",
    ]);
  }
  return clashes;
}

function outOfReach(
  config: Config,
  { writable }: ConfigSources,
): Clash[] {
  if (writable === undefined) return [];
  return (["socket", "readSocket", "stateDir"] as const).flatMap((name) => {
    const path = config[name];
    if (path === null || writable.covers(path)) return [];
    const message = `is ${describeValue(path)}, but diskd is built to use ` +
      `files under ${writable.places} only`;
    return [[name, message] as const];
  });
}
