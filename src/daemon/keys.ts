/** Turns the key files of the configuration into the `Trust` of the protocol. */
import { NONCE_BYTES } from "../codec/sealed.ts";
import { type Trust, TRUST_EVERYBODY } from "../codec/trust.ts";
import type { Config } from "../config/settings.ts";
import { ConfigError, type ConfigProblem } from "../config/config_error.ts";
import { type KeyFile, readKeyFile } from "../store/key_file.ts";
import type { Log } from "./log.ts";

/** The settings of keys. */
export type KeysConfig = Pick<Config, "keysMode" | "keysFiles" | "keysEncrypt">;

/** Result of checking a key file. */
export interface CheckedKeyFile {
  readonly path: string;
  /** Id of the key; `null` if it is invalid. */
  readonly key: string | null;
  /** The problem, continuing a sentence begun with the path. */
  readonly problem: string | null;
  /** Whether this user may not read it, so the problem is unknown. */
  readonly isDenied: boolean;
}

/** The user whose keys are read. */
interface KeyReader {
  /** The user of the daemon. */
  readonly uid: number | null;
}

/**
 * Reads the key files for the protocol.
 * @throws {ConfigError} with all their problems
 */
export async function loadTrust(
  config: KeysConfig,
  reader: KeyReader,
): Promise<Trust> {
  if (config.keysMode === "open") return TRUST_EVERYBODY;
  const files = readAll(config, reader);
  const problems = files.flatMap(({ path, found }): ConfigProblem[] =>
    found.kind === "key"
      ? []
      : [{ place: path, key: "keys.files", message: found.reason }]
  );
  if (problems.length > 0) throw new ConfigError(problems);
  const [first, ...others] = files.flatMap(({ found }) =>
    found.kind === "key" ? [found.secret] : []
  );
  // Loaded only now: the code takes 10 ms and 9 MB.
  const { Keyring } = await import("../codec/keyring.ts");
  return new Keyring({
    secrets: [first!, ...others],
    require: config.keysMode === "require",
    encrypt: config.keysEncrypt,
    freshNonce: () => crypto.getRandomValues(new Uint8Array(NONCE_BYTES)),
  });
}

/** The id of each configured key, or the problem of its file. */
export async function checkKeyFiles(
  config: KeysConfig,
  reader: KeyReader,
): Promise<CheckedKeyFile[]> {
  if (config.keysFiles.length === 0) return [];
  const { Key } = await import("../codec/keyring.ts");
  return readAll(config, reader).map(({ path, found }) => {
    const isKey = found.kind === "key";
    return {
      path,
      key: isKey ? new Key(found.secret).id : null,
      problem: isKey ? null : found.reason,
      isDenied: found.kind === "denied",
    };
  });
}

/**
 * The user of a daemon with this state directory: for root, the owner of the
 * directory; other users ask about their own daemon.
 */
export function daemonUser(
  { stateDir }: Pick<Config, "stateDir">,
  uid: number | null,
): number | null {
  if (uid !== 0) return uid;
  try {
    return Deno.statSync(stateDir).uid;
  } catch {
    return uid;
  }
}

/** Logs the key in use, and the hosts ignored because of it. */
export function tellTrust(
  log: Pick<Log, "info">,
  { config, trust }: { readonly config: KeysConfig; readonly trust: Trust },
): void {
  const { keysMode, keysEncrypt } = config;
  if (trust.keyId === null) return;
  log.info(keysEncrypt ? "encrypting datagrams" : "signing datagrams", {
    key: trust.keyId,
    mode: keysMode,
  });
  if (keysMode !== "require") return;
  log.info("hosts that do not sign are ignored, including App::Diskd 0.01");
}

interface ReadFile {
  readonly path: string;
  readonly found: KeyFile;
}

function readAll({ keysFiles }: KeysConfig, reader: KeyReader): ReadFile[] {
  const pathOfKey = new Map<string, string>();
  return keysFiles.map((path) => {
    const found = readKeyFile(path, reader);
    if (found.kind !== "key") return { path, found };
    const secret = found.secret.toHex();
    const twin = pathOfKey.get(secret);
    pathOfKey.set(secret, path);
    return { path, found: twin === undefined ? found : sameKey(twin) };
  });
}

function sameKey(twin: string): KeyFile {
  const reason = `holds the same key as ${twin}; expected only one of them`;
  return { kind: "refused", reason };
}
