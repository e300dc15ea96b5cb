import type { Config } from "./config.ts";
import type { ConfigProblem } from "./config_error.ts";
import type { RawValue } from "./name_entries.ts";
import { SETTING_NAMES } from "./setting_names.ts";

/**
 * Checks settings that are valid alone but not together; `given` tells where
 * each was set.
 */
export function checkTogether(
  config: Config,
  given: readonly RawValue[],
): ConfigProblem[] {
  const clashes: Clash[] = [
    ...clashingKeys(config),
    ...clashingSockets(config),
  ];
  return clashes.map(([name, message]) => {
    const value = given.findLast((value) => value.name === name);
    const key = value?.key ?? SETTING_NAMES[name].key;
    const place = value?.place ?? "defaults";
    return { place, key, message: `${key} ${message}` };
  });
}

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
      "is true, but keys.mode is open, so there is no key to seal with; " +
      "expected keys.mode accept or require, and keys.files",
    ]);
  }
  return clashes;
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
