import { Keyring } from "../../src/codec/keyring.ts";
import { formatKey } from "../../src/store/key_file.ts";
import type { Host } from "./host.ts";

/** Where the configuration of root's daemon is. */
export const CONFIG_FILE = "/etc/diskd/config.yaml";

/** Makes a key as an admin does, and puts it on each of these hosts. */
export async function shareKey(
  path: string,
  hosts: readonly Host[],
): Promise<void> {
  const { stdout } = await hosts[0]!.run(["diskd", "key", "new"]);
  for (const host of hosts) {
    await Deno.mkdir(host.path("/etc/diskd"), { recursive: true });
    await Deno.writeTextFile(host.path(path), stdout, { mode: 0o600 });
  }
}

/** Writes the configuration of a host. */
export async function configure(host: Host, text: string): Promise<void> {
  await Deno.mkdir(host.path("/etc/diskd"), { recursive: true });
  await Deno.writeTextFile(host.path(CONFIG_FILE), text);
}

/** What the honest hosts share. */
const SECRET = new Uint8Array(32).fill(0x11);
/** What mallory made himself. */
const OTHER_SECRET = new Uint8Array(32).fill(0x66);

const KEY_FILE = "/etc/diskd/key";

/** Has a host take in nothing but what is signed with the key of the honest ones. */
export function requireKey(host: Host): Promise<void> {
  return useKey(host, "require");
}

/** Gives a host the key of the honest ones. */
export async function useKey(
  host: Host,
  mode: "accept" | "require",
): Promise<void> {
  await configure(host, `keys: {mode: ${mode}, files: [${KEY_FILE}]}\n`);
  await Deno.writeTextFile(host.path(KEY_FILE), `${formatKey(SECRET)}\n`, {
    mode: 0o600,
  });
}

/** The key of the honest hosts, with one of whom mallory shares it. */
export function honestKeyring(): Keyring {
  return keyring(SECRET);
}

/** A key that is not the one of the honest hosts. */
export function malloryKey(): Keyring {
  return keyring(OTHER_SECRET);
}

function keyring(secret: Uint8Array): Keyring {
  return new Keyring({
    secrets: [secret],
    require: true,
    encrypt: false,
    freshNonce: () => crypto.getRandomValues(new Uint8Array(12)),
  });
}

/** Each with one bit turned over, another one in each. */
export function withOneBitChanged(
  datagrams: readonly Uint8Array[],
): Uint8Array[] {
  return datagrams.map((bytes, i) => {
    const changed = bytes.slice();
    // Behind `diskd:#`, so that it is looked at at all.
    const at = 7 + (i * 131) % (bytes.length - 7);
    changed[at]! ^= 1;
    return changed;
  });
}
