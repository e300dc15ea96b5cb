import type { HostKey } from "../codec/host_key.ts";
import { HOST_ID } from "../inventory/host.ts";
import { makeOwnDirectory } from "../system/own_files.ts";
import { reasonOf } from "../system/reason.ts";
import { isJsonObject } from "../text/json_object.ts";
import { writeWholeSync } from "../system/write_whole.ts";
import { HostKeyFile } from "./host_key_file.ts";
import { type Sockets, statePath } from "./state_path.ts";

/**
 * What this host keeps of itself from run to run. Its identity is a key pair in
 * a file of its own, so the same host is the same whatever its name, addresses
 * and disks. A file beside it holds the largest `boot` used so far, and the
 * machine on which both were written, because an image may bring them along.
 */

/** Files of the machine id, by systemd and D-Bus. */
const MACHINE_ID_PATHS = [
  "/etc/machine-id",
  "/var/lib/dbus/machine-id",
] as const;

/** What may change while the daemon runs. */
interface KeptIdentity {
  readonly key: HostKey;
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

/** The machine on which the file was written, with a hash of its machine id. */
type KeptMachine = Machine & { readonly derivedId: string | null };

interface IdentityOptions {
  /** Its file. */
  readonly path: string;
  /** The file with its key. */
  readonly keyPath: string;
  /** The user of this process; `null` if unknown. */
  readonly uid: number | null;
  /** Default: nothing is known of it. */
  readonly machine?: Machine;
  readonly readText: (path: string) => string | null;
  readonly wallClock: () => number;
}

/** The identity file of a daemon with this socket. */
export function identityPath(stateDir: string, sockets: Sockets): string {
  return statePath(stateDir, "identity.json", sockets);
}

/** Reads the identity, and writes nothing but the mode of the key. Never fails. */
export async function openIdentity(
  options: IdentityOptions,
): Promise<IdentityFile> {
  return new IdentityFile(options, {
    text: options.readText(options.path),
    derivedId: await deriveHostId(options.readText),
  });
}

/** The identity of this run, and its files. */
export class IdentityFile implements KeptIdentity {
  readonly key: HostKey;
  readonly boot: number;
  /** The largest `boot` of earlier runs; 0 if there were none. */
  readonly pastBoot: number;
  /** Ids that this host had before: without a key, or with one that was lost. */
  readonly was: readonly string[];
  /** The name of the machine from which the files were copied; `null` if they are of this one. */
  readonly copiedFrom: string | null;
  /** What is wrong with the files, a sentence each for an administrator. */
  readonly problems: readonly string[];
  readonly #path: string;
  readonly #machine: KeptMachine;
  readonly #keyFile: HostKeyFile;

  constructor(
    { path, keyPath, uid, machine = UNKNOWN_MACHINE, wallClock }:
      IdentityOptions,
    { text, derivedId }: { text: string | null; derivedId: string | null },
  ) {
    const kept = parseKept(text);
    const before = kept?.machine ?? null;
    const here = { ...machine, derivedId };
    const isCopy = before !== null && isOtherMachine(before, here);
    this.copiedFrom = isCopy ? before.name : null;
    this.#path = path;
    this.#machine = before !== null && machine.macs.length === 0
      ? { ...before, derivedId }
      : here;
    this.#keyFile = new HostKeyFile(keyPath, { uid, isForeign: isCopy });
    this.key = this.#keyFile.key;
    this.problems = [
      kept === null
        ? `${path} did not contain an identity, and was replaced`
        : null,
      this.#keyFile.problem,
    ].filter((problem) => problem !== null);
    this.pastBoot = kept?.boot ?? 0;
    this.boot = Math.max(Math.trunc(wallClock()), this.pastBoot + 1);
    this.was = isCopy || text === null || kept === null
      ? []
      : idsBefore(this.key, { id: kept.id ?? derivedId, was: kept.was });
  }

  /**
   * Writes both files, each whole or not at all. Returns the reason of a failure
   * as a sentence for an administrator.
   */
  keep({ key, boot }: KeptIdentity): string | null {
    const { was } = this;
    const kept = { boot, id: key.id, was, machine: this.#machine };
    const path = this.#path;
    try {
      const directory = path.slice(0, path.lastIndexOf("/"));
      makeOwnDirectory(directory, 0o700);
      // The key first: a file that names this machine vouches for it.
      this.#keyFile.keep(key);
      writeWholeSync(path, JSON.stringify(kept) + "\n", { synced: true });
      return null;
    } catch (error) {
      return `Cannot write ${path}: ${
        reasonOf(error)
      }. Until that is mended, ` +
        "this host may be another host after a restart, and other hosts may " +
        "ignore it after its clock went back; make " +
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

/** The contents of the file. */
interface KeptState {
  readonly boot: number;
  readonly machine: KeptMachine | null;
  /** That of the key. Missing in the file of a diskd without keys if it was derived from the machine id. */
  readonly id?: string;
  /** See `IdentityFile`. */
  readonly was: readonly string[];
}

/** `null` if the file was not written by diskd. */
function parseKept(text: string | null): KeptState | null {
  if (text === null) return { boot: 0, machine: null, was: [] };
  try {
    const { id, was = [], boot, machine } = JSON.parse(text);
    return (id === undefined || isOwnId(id)) &&
        Array.isArray(was) && was.every(isOwnId) &&
        Number.isSafeInteger(boot) && boot >= 0
      ? { id, was, boot, machine: parseMachine(machine) }
      : null;
  } catch {
    return null;
  }
}

function isOwnId(id: unknown): boolean {
  return typeof id === "string" && HOST_ID.test(id);
}

/** The ids before that of this key: with the last one, if it was another. */
function idsBefore(
  key: HostKey,
  { id, was }: { readonly id: string | null; readonly was: readonly string[] },
): readonly string[] {
  const isOther = id !== null && id !== key.id;
  const before = new Set(isOther ? [...was, id] : was);
  before.delete(key.id);
  return [...before].slice(-MAX_FORMER_IDS);
}

/** Ids of before that are remembered. */
const MAX_FORMER_IDS = 16;

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
