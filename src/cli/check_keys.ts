import type { Config } from "../config/config.ts";

/** A key file of the configuration, looked at. */
export interface CheckedKey {
  readonly path: string;
  /** Id of the key, `null` where there is no good one. */
  readonly key: string | null;
  /** What is wrong, the rest of the sentence that begins with the path. */
  readonly problem: string | null;
  /** Whether this user may not look. */
  readonly isDenied: boolean;
}

/** Looks at each key file as the daemon of this configuration would. */
export async function checkKeys(
  config: Config,
  uid: number | null,
): Promise<CheckedKey[]> {
  if (config.keysFiles.length === 0) return [];
  const { checkKeyFiles, daemonUser } = await import("../daemon/keys.ts");
  return await checkKeyFiles(config, { uid: daemonUser(config, uid) });
}
