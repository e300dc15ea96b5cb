import * as v from "valibot";
import type { Config } from "./config.ts";
import { parseDuration } from "../text/duration.ts";

/**
 * `sun_path` has 108 bytes including its NUL, unix(7); the socket is created
 * under a name that is three bytes longer.
 */
const MAX_SOCKET_PATH_BYTES = 104;
/** `PATH_MAX` less its NUL, limits.h. */
const MAX_PATH_BYTES = 4095;
/** `HOST_NAME_MAX`, gethostname(2). */
const MAX_HOST_NAME_LENGTH = 64;
const MIN_INTERVAL_MS = 100;
const MAX_INTERVAL_MS = 86_400_000;
/** A hundred years. */
const MAX_KEEP_DAYS = 36_500;
const MAX_HISTORY_MEGABYTES = 65_536;
/** Two suffice to change a key; the rest allows for slow changes. */
export const MAX_KEY_FILES = 8;
/** Globs in `mount.allow`. */
export const MAX_ALLOWED = 1_000;
/** A label of btrfs has at most 255 bytes. */
const MAX_GLOB_BYTES = 255;
/** Hosts in `ssh`. */
export const MAX_SSH_NAMES = 1_000;
/**
 * `[user@]host`, which ssh can read neither as an option nor as several words.
 */
const SSH_NAME =
  /^(?:[A-Za-z_][A-Za-z0-9_.-]{0,31}@)?[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?$/;

/** The valid values of a setting. */
interface Setting<Value> {
  /** Description of the valid values, to follow the word "expected". */
  readonly expected: string;
  /** For the value from YAML. */
  readonly schema: v.GenericSchema<unknown, Value>;
  /**
   * Converts text from flags and environment to the value YAML would give.
   * Default: unchanged text.
   */
  readonly fromText?: (text: string) => unknown;
}

/** The valid values of every setting, by its name in `Config`. */
export const SETTINGS: {
  readonly [Name in keyof Config]: Setting<Config[Name]>;
} = {
  socket: {
    expected: `an absolute path of at most ${MAX_SOCKET_PATH_BYTES} bytes`,
    schema: pathOf(MAX_SOCKET_PATH_BYTES),
  },
  socketGroup: {
    expected: "the name or number of a group",
    schema: v.nullable(groupName()),
  },
  readSocket: {
    expected: `an absolute path of at most ${MAX_SOCKET_PATH_BYTES} bytes`,
    schema: v.nullable(pathOf(MAX_SOCKET_PATH_BYTES)),
  },
  readSocketGroup: {
    expected: "the name or number of a group",
    schema: v.nullable(groupName()),
  },
  stateDir: {
    expected: "the absolute path of a directory",
    schema: pathOf(MAX_PATH_BYTES),
  },
  interfaces: {
    expected: "interface names, where * and ? may stand for others",
    schema: interfaceGlobs(),
    fromText: (text) => text.split(",").map((glob) => glob.trim()),
  },
  group: {
    expected: "an IPv4 multicast address, 224.0.0.0 to 239.255.255.255",
    schema: multicastAddress(),
  },
  port: wholeNumber(1, 65_535),
  ttl: wholeNumber(1, 255),
  scanIntervalMs: interval(),
  announceIntervalMs: interval(),
  hostName: {
    expected:
      `a name of 1 to ${MAX_HOST_NAME_LENGTH} characters, none of them a control character`,
    schema: v.nullable(hostName()),
  },
  noHistory: yesOrNo(),
  historyKeepDays: wholeNumber(1, MAX_KEEP_DAYS),
  historyMaxMegabytes: wholeNumber(1, MAX_HISTORY_MEGABYTES),
  keysMode: oneOf(["open", "accept", "require"]),
  keysFiles: {
    expected:
      `the absolute paths of at most ${MAX_KEY_FILES} key files, none twice`,
    schema: keyFiles(),
  },
  keysEncrypt: yesOrNo(),
  mountAllow: {
    expected:
      `at most ${MAX_ALLOWED} labels or UUIDs, where * and ? may stand for others; a number in quotes`,
    schema: diskGlobs(),
  },
  ssh: {
    expected:
      `a map of at most ${MAX_SSH_NAMES} host names or ids to host, or user@host`,
    schema: sshNames(),
  },
  logLevel: oneOf(["error", "warn", "info", "debug"]),
  logFormat: oneOf(["text", "json"]),
};

function wholeNumber(from: number, to: number): Setting<number> {
  return {
    expected: `a whole number from ${from} to ${to}`,
    schema: v.pipe(
      v.number(),
      v.integer(),
      v.minValue(from),
      v.maxValue(to),
    ),
    fromText: (text) => /^\d+$/.test(text) ? Number(text) : text,
  };
}

function yesOrNo(): Setting<boolean> {
  const words: Readonly<Record<string, boolean>> = {
    "true": true,
    "1": true,
    "false": false,
    "0": false,
  };
  return {
    expected: "true or false",
    schema: v.boolean(),
    fromText: (text) => words[text] ?? text,
  };
}

function oneOf<const Word extends string>(
  words: readonly Word[],
): Setting<Word> {
  return {
    expected: `one of ${words.join(", ")}`,
    schema: v.picklist(words),
  };
}

function interval(): Setting<number> {
  return {
    expected: "seconds, or 500ms, 2m, 1h: at least 100ms, at most 24h",
    schema: v.pipe(
      v.union([v.number(), v.string()]),
      v.transform((value) =>
        typeof value === "number" ? value * 1000 : parseDuration(value)
      ),
      v.number(),
      v.minValue(MIN_INTERVAL_MS),
      v.maxValue(MAX_INTERVAL_MS),
    ),
  };
}

function pathOf(maxBytes: number): v.GenericSchema<unknown, string> {
  return v.pipe(
    v.string(),
    v.nonEmpty(),
    v.maxBytes(maxBytes),
    v.startsWith("/"),
    v.check((path) => !path.includes("\0")),
  );
}

function groupName(): v.GenericSchema<unknown, string> {
  return v.pipe(
    v.union([v.string(), v.pipe(v.number(), v.integer(), v.minValue(0))]),
    v.transform(String),
    v.regex(/^[^\s:,]+$/),
  );
}

function interfaceGlobs(): v.GenericSchema<unknown, readonly string[]> {
  const glob = v.pipe(v.string(), v.regex(/^[^\s/]+$/));
  return v.union([
    v.array(glob),
    v.pipe(glob, v.transform((text) => [text])),
  ]);
}

function keyFiles(): v.GenericSchema<unknown, readonly string[]> {
  const path = pathOf(MAX_PATH_BYTES);
  return v.union([
    v.pipe(
      v.array(path),
      v.maxLength(MAX_KEY_FILES),
      v.check((paths) => new Set(paths).size === paths.length),
    ),
    v.pipe(path, v.transform((only) => [only])),
  ]);
}

function diskGlobs(): v.GenericSchema<unknown, readonly string[]> {
  const glob = v.pipe(v.string(), v.nonEmpty(), v.maxBytes(MAX_GLOB_BYTES));
  return v.union([
    v.pipe(v.array(glob), v.maxLength(MAX_ALLOWED)),
    v.pipe(glob, v.transform((only) => [only])),
  ]);
}

/** Not a valibot record, which ignores keys like `constructor`. */
function sshNames(): v.GenericSchema<
  unknown,
  Readonly<Record<string, string>>
> {
  const isName = (value: unknown): value is string =>
    typeof value === "string" && SSH_NAME.test(value);
  return v.pipe(
    v.custom<Readonly<Record<string, unknown>>>((value) =>
      typeof value === "object" && value !== null && !Array.isArray(value)
    ),
    v.check((map) => Object.keys(map).length <= MAX_SSH_NAMES),
    v.custom<Readonly<Record<string, string>>>((map) =>
      Object.entries(map as object)
        .every(([host, name]) => host !== "" && isName(name))
    ),
  );
}

function multicastAddress(): v.GenericSchema<unknown, string> {
  return v.pipe(
    v.string(),
    v.ipv4(),
    v.check((address) => {
      const first = Number(address.split(".")[0]);
      return first >= 224 && first <= 239;
    }),
  );
}

function hostName(): v.GenericSchema<unknown, string> {
  return v.pipe(
    v.string(),
    v.regex(/^[^\p{Cc}]+$/u),
    v.maxLength(MAX_HOST_NAME_LENGTH),
  );
}
