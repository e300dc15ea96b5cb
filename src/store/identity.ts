import { reasonOf } from "../system/reason.ts";
import { writeWholeSync } from "../system/write_whole.ts";
import { type Sockets, statePath } from "./state_path.ts";

/**
 * Who this host is, from run to run.
 *
 * The id is a hash of the machine id, as machine-id(5) asks, so that the same
 * machine is the same host whatever its name, its addresses and its disks. A
 * file in the state directory holds what cannot be derived: the largest `boot`
 * used so far, and an id of its own where the derived one was taken.
 */

/** Where systemd and D-Bus keep the machine id. */
const MACHINE_ID_PATHS = [
  "/etc/machine-id",
  "/var/lib/dbus/machine-id",
] as const;

/** What an identity is made of, from run to run. */
interface KeptIdentity {
  readonly id: string;
  /** Start of this run in ms since 1970, larger than that of any run before. */
  readonly boot: number;
}

interface IdentityOptions {
  /** The file that keeps it. */
  readonly path: string;
  readonly readText: (path: string) => string | null;
  readonly wallClock: () => number;
  readonly freshId: () => string;
}

/** The file that the identity of a daemon with this socket is in. */
export function identityPath(stateDir: string, sockets: Sockets): string {
  return statePath(stateDir, "identity.json", sockets);
}

/** Reads who we are, and writes nothing yet. Never fails. */
export async function openIdentity(
  options: IdentityOptions,
): Promise<IdentityFile> {
  return new IdentityFile(options, {
    text: options.readText(options.path),
    derivedId: await deriveHostId(options.readText),
  });
}

/** The identity of this run, and the file that the next one reads. */
export class IdentityFile implements KeptIdentity {
  readonly id: string;
  readonly boot: number;
  /** The largest `boot` of earlier runs, 0 at the first. */
  readonly pastBoot: number;
  /** What was wrong with the file, as a sentence for an admin. */
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
      ? `${path} held something that is not diskd's, and was replaced`
      : null;
    this.pastBoot = kept?.boot ?? 0;
    this.id = kept?.id ?? derivedId ?? freshId();
    this.boot = Math.max(Math.trunc(wallClock()), this.pastBoot + 1);
  }

  /**
   * Writes the file, whole or not at all. An id that the machine id leads to
   * is not written, so that a new machine id makes a new host.
   * Returns what went wrong, if anything did, as a sentence for an admin.
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

/** `null` when the file holds something that is not ours. */
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

/** The id that the machine id leads to, `null` where there is none. */
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

/** Machine ids and host ids alike: 128 bits in lower-case hexadecimal. */
const HOST_ID = /^[0-9a-f]{32}$/;

/** An identity that nobody else has: 128 random bits, as a host id looks. */
export function freshId(): string {
  return crypto.getRandomValues(new Uint8Array(16)).toHex();
}
