import { HOST_ID } from "../inventory/host.ts";
import { reasonOf } from "../system/reason.ts";
import { isJsonObject } from "../text/json_object.ts";
import { writeWholeSync } from "../system/write_whole.ts";
import { type Sockets, statePath } from "./state_path.ts";

/**
 * The identity of this host from run to run.
 *
 * The id is a hash of the machine id, as machine-id(5) recommends, so the same
 * machine is the same host whatever its name, addresses and disks. A file in
 * the state directory holds the rest: the largest `boot` used so far, a fresh
 * id if there is no machine id or the derived id was taken, and the machine on
 * which it was written, because an image may bring the file along.
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

/** What tells this machine from a copy of its disk. */
export interface Machine {
  /** Host name. */
  readonly name: string;
  /** Hardware addresses of its network cards; empty while none is up. */
  readonly macs: readonly string[];
}

/** The machine on which the file was written, with the id from its machine id. */
type KeptMachine = Machine & { readonly derivedId: string | null };

interface IdentityOptions {
  /** Its file. */
  readonly path: string;
  /** Default: nothing is known of it. */
  readonly machine?: Machine;
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
  readonly #machine: KeptMachine;

  constructor(
    { path, machine = UNKNOWN_MACHINE, wallClock, freshId }: IdentityOptions,
    { text, derivedId }: { text: string | null; derivedId: string | null },
  ) {
    const kept = parseKept(text);
    const before = kept?.machine ?? null;
    const here = { ...machine, derivedId };
    const isCopy = before !== null && isOtherMachine(before, here);
    this.#path = path;
    this.#derivedId = derivedId;
    this.#machine = before !== null && machine.macs.length === 0
      ? { ...before, derivedId }
      : here;
    this.problem = kept === null
      ? `${path} did not contain an identity, and was replaced`
      : null;
    this.pastBoot = kept?.boot ?? 0;
    this.id = isCopy
      ? newId(derivedId, before.derivedId) ?? freshId()
      : kept?.id ?? derivedId ?? freshId();
    this.boot = Math.max(Math.trunc(wallClock()), this.pastBoot + 1);
  }

  /**
   * Writes the file, whole or not at all. An id derived from the machine id is
   * not written, so that a new machine id makes a new host. Returns the reason
   * of a failure as a sentence for an administrator.
   */
  keep({ id, boot }: KeptIdentity): string | null {
    const machine = this.#machine;
    const kept = id === this.#derivedId
      ? { boot, machine }
      : { id, boot, machine };
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

const UNKNOWN_MACHINE: Machine = { name: "", macs: [] };

/**
 * Whether the file was written on another machine. A new machine id says so.
 * Otherwise both the name and all network cards must be others: one of them
 * changes now and then.
 */
function isOtherMachine(before: KeptMachine, here: KeptMachine): boolean {
  if (newId(here.derivedId, before.derivedId) !== null) return true;
  if (before.macs.length === 0 || here.macs.length === 0) return false;
  return before.name !== here.name &&
    !here.macs.some((mac) => before.macs.includes(mac));
}

/** The id from another machine id than before; `null` without one. */
function newId(now: string | null, before: string | null): string | null {
  return before !== null && now !== before ? now : null;
}

/** `null` if the file was not written by diskd. */
function parseKept(
  text: string | null,
): { id?: string; boot: number; machine: KeptMachine | null } | null {
  if (text === null) return { boot: 0, machine: null };
  try {
    const { id, boot, machine } = JSON.parse(text);
    const idFits = id === undefined ||
      (typeof id === "string" && HOST_ID.test(id));
    return idFits && Number.isSafeInteger(boot) && boot >= 0
      ? { id, boot, machine: parseMachine(machine) }
      : null;
  } catch {
    return null;
  }
}

/** `null` if it is none: nothing is known then. */
function parseMachine(machine: unknown): KeptMachine | null {
  if (!isJsonObject(machine)) return null;
  const { name, macs, derivedId } = machine;
  const isWhole = typeof name === "string" && Array.isArray(macs) &&
    macs.every((mac) => typeof mac === "string") &&
    (derivedId === null || typeof derivedId === "string");
  return isWhole ? { name, macs, derivedId } : null;
}

/**
 * The id derived from the machine id; `null` without machine id. The file of
 * D-Bus counts only if the other is missing: one that is empty, or says
 * `uninitialized`, is that of an image, whose second file is a clone's too.
 */
export async function deriveHostId(
  readText: (path: string) => string | null,
): Promise<string | null> {
  for (const path of MACHINE_ID_PATHS) {
    const text = readText(path);
    if (text === null) continue;
    const machineId = text.trim();
    const isOne = HOST_ID.test(machineId) && machineId !== NO_MACHINE;
    return isOne ? await hostIdOf(machineId) : null;
  }
  return null;
}

/** sd-id128(3): no machine has the id of zeros. */
const NO_MACHINE = "0".repeat(32);

async function hostIdOf(machineId: string): Promise<string> {
  const text = new TextEncoder().encode(`diskd host ${machineId}`);
  const digest = await crypto.subtle.digest("SHA-256", text);
  return new Uint8Array(digest, 0, 16).toHex();
}

/** A unique id: 128 random bits in the form of a host id. */
export function freshId(): string {
  return crypto.getRandomValues(new Uint8Array(16)).toHex();
}
