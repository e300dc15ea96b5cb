import { HOST_ID } from "../inventory/host.ts";
import { reasonOf } from "../system/reason.ts";
import { writeWholeSync } from "../system/write_whole.ts";
import { type Sockets, statePath } from "./state_path.ts";

/**
 * The identity of this host from run to run.
 *
 * The id is a hash of the machine id, as machine-id(5) recommends, so the same
 * machine is the same host whatever its name, addresses and disks. A file in
 * the state directory holds the rest: the largest `boot` used so far, and a
 * fresh id if the derived one was taken.
 */

/** Files of the machine id, by systemd and D-Bus. */
const MACHINE_ID_PATHS = [
  "/etc/machine-id",
  "/var/lib/dbus/machine-id",
] as const;

/** An identity as stored. */
interface KeptIdentity {
  readonly id: string;
  /** Start of this run in ms since 1970, larger than that of any earlier run. */
  readonly boot: number;
}

interface IdentityOptions {
  /** Its file. */
  readonly path: string;
  readonly readText: (path: string) => string | null;
  readonly wallClock: () => number;
  readonly freshId: () => string;
}

/** The identity file of a daemon with this socket. */
export function identityPath(stateDir: string, sockets: Sockets): string {
  return statePath(stateDir, "identity.json", sockets);
}

/** Reads the identity without writing. Never fails. */
export async function openIdentity(
  options: IdentityOptions,
): Promise<IdentityFile> {
  return new IdentityFile(options, {
    text: options.readText(options.path),
    derivedId: await deriveHostId(options.readText),
  });
}

/** The identity of this run, and its file. */
export class IdentityFile implements KeptIdentity {
  readonly id: string;
  readonly boot: number;
  /** The largest `boot` of earlier runs; 0 if there were none. */
  readonly pastBoot: number;
  /** Why the file could not be used, as a sentence for an administrator. */
  readonly problem: string | null;
  readonly #path: string;
  readonly #derivedId: string | null;

  constructor(
    { path, wallClock, freshId }: IdentityOptions,
    { text, derivedId }: { text: string | null; derivedId: string | null },
  ) {
    const kept = parseKept(text);
    this.#path = path;
    this.#derivedId = derivedId;
    this.problem = kept === null
      ? `${path} did not contain an identity, and was replaced`
      : null;
    this.pastBoot = kept?.boot ?? 0;
    this.id = kept?.id ?? derivedId ?? freshId();
    this.boot = Math.max(Math.trunc(wallClock()), this.pastBoot + 1);
  }

  /**
   * Writes the file, whole or not at all. An id derived from the machine id is
   * not written, so that a new machine id makes a new host. Returns the reason
   * of a failure as a sentence for an administrator.
   */
  keep({ id, boot }: KeptIdentity): string | null {
    const kept = id === this.#derivedId ? { boot } : { id, boot };
    try {
      const directory = this.#path.slice(0, this.#path.lastIndexOf("/"));
      Deno.mkdirSync(directory, { recursive: true, mode: 0o700 });
      writeWholeSync(this.#path, JSON.stringify(kept) + "\n");
      return null;
    } catch (error) {
      return `Cannot write ${this.#path}: ${
        reasonOf(error)
      }. Until that is mended, ` +
        "other hosts may ignore this one after its clock went back; make " +
        "the directory writable, or name another with --state-dir";
    }
  }
}

/** `null` if the file was not written by diskd. */
function parseKept(
  text: string | null,
): { id?: string; boot: number } | null {
  if (text === null) return { boot: 0 };
  try {
    const { id, boot } = JSON.parse(text);
    const idFits = id === undefined ||
      (typeof id === "string" && HOST_ID.test(id));
    return idFits && Number.isSafeInteger(boot) && boot >= 0
      ? { id, boot }
      : null;
  } catch {
    return null;
  }
}

/** The id derived from the machine id; `null` without machine id. */
export async function deriveHostId(
  readText: (path: string) => string | null,
): Promise<string | null> {
  for (const path of MACHINE_ID_PATHS) {
    const machineId = readText(path)?.trim() ?? "";
    if (HOST_ID.test(machineId)) return await hostIdOf(machineId);
  }
  return null;
}

async function hostIdOf(machineId: string): Promise<string> {
  const text = new TextEncoder().encode(`diskd host ${machineId}`);
  const digest = await crypto.subtle.digest("SHA-256", text);
  return new Uint8Array(digest, 0, 16).toHex();
}

/** A unique id: 128 random bits in the form of a host id. */
export function freshId(): string {
  return crypto.getRandomValues(new Uint8Array(16)).toHex();
}
