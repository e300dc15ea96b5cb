import type { Environment } from "../config/default_paths.ts";
import type { System } from "../system/system.ts";
import { printable } from "../text/printable.ts";
import { Refusal } from "./refusal.ts";

/** How ssh goes about it, wherever it goes. */
export interface SshWays {
  /** The user's own, as behind `-o`. ssh takes the first of two, so these count. */
  readonly options: readonly string[];
  /** Nobody is there to be asked for a password. */
  readonly isBatch: boolean;
}

const CONNECT_TIMEOUT = "ConnectTimeout=10";

/** What diskd is to do on the host that a disk hangs on. */
export interface RemoteTask {
  readonly verb: "mount" | "unmount";
  /** A fit one, see `isFitUuid`. */
  readonly uuid: string;
  readonly readOnly: boolean;
}

/**
 * The command that has a task done on another host. Words of the LAN stand
 * behind `--` and have been checked: the host in `sshTarget`, the UUID by
 * whoever gives the task. The shell over there sees words without any sign.
 */
export function sshArgv(
  task: RemoteTask,
  target: SshTarget,
  ways: SshWays,
): string[] {
  const { destination, user } = target;
  return [
    "ssh",
    // No terminal there, no agent and no display: nothing of ours is lent out.
    ...["-T", "-a", "-x"],
    ...(user === null ? [] : ["-l", user]),
    ...sshOptions(ways),
    // As sshfs has it: ports of ssh_config(5) are for other work.
    ...["-o", "ClearAllForwardings=yes"],
    "--",
    destination,
    ...remoteCommand(task),
  ];
}

/** The options of ssh that say how it goes about it. */
export function sshOptions({ options, isBatch }: SshWays): string[] {
  const ours = [CONNECT_TIMEOUT, ...(isBatch ? ["BatchMode=yes"] : [])];
  return [...options, ...ours].flatMap((option) => ["-o", option]);
}

/** What runs on the other host. */
export function remoteCommand({ verb, uuid, readOnly }: RemoteTask): string[] {
  const flags = readOnly ? ["--read-only", "--json"] : ["--json"];
  return ["diskd", verb, "--here", uuid, ...flags];
}

/** Where ssh goes. Neither part can be taken for an option, nor for more than one word. */
export interface SshTarget {
  /** `[user@]host`: announced, or from the configuration. */
  readonly destination: string;
  /** Who was asked for besides; `null`: ssh knows. */
  readonly user: string | null;
}

interface SshTargetOptions {
  /** The configuration's `ssh`: host name or id to `[user@]host`. */
  readonly names: ReadonlyMap<string, string>;
  readonly user: string | null;
}

/** A host name, or an IPv4 address. */
const HOST = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?$/;
const USER = /^[A-Za-z_][A-Za-z0-9_.-]{0,31}$/;

/**
 * Whom to ask for a host: by its id in the configuration, by its name there,
 * else its announced name as it is. That name is anybody's word, so it must
 * have the form of a host name.
 * @throws {Refusal} where there is no name that is fit
 */
export function sshTarget(
  { host, hostId }: { readonly host: string; readonly hostId: string },
  { names, user }: SshTargetOptions,
): SshTarget {
  if (user !== null && !USER.test(user)) {
    throw new Refusal("usage", {
      message: `--user is ${printable(user)}, expected the name of a user: ` +
        "letters, digits and _ . -, not beginning with a digit, . or -",
    });
  }
  const configured = names.get(hostId) ?? names.get(host);
  if (configured !== undefined) {
    return { destination: forUser(configured, user), user };
  }
  if (!HOST.test(host)) throw new Refusal("refused", unfit(host, hostId));
  return { destination: host, user };
}

/** `[user@]host` as one word, as sshfs wants it. */
export function fullDestination({ destination, user }: SshTarget): string {
  return user === null ? destination : `${user}@${destination}`;
}

/** `--user` comes before the configuration. */
function forUser(configured: string, user: string | null): string {
  return user === null
    ? configured
    : configured.slice(configured.lastIndexOf("@") + 1);
}

function unfit(host: string, hostId: string) {
  return {
    message: `the host name ${printable(host)} is not fit for ssh, ` +
      "expected letters, digits and . _ - between them",
    hints: [
      "If you know that host, say in the configuration where ssh finds it:",
      sshLine(hostId),
    ],
  };
}

/** What to write into the configuration, so that ssh finds a host that is named by its name or id. */
export function sshLine(nameOrId: string): string {
  return `ssh: {"${printable(nameOrId)}": user@host}`;
}

/** What it takes to reach another host. */
export interface RemoteTools {
  readonly system: System;
  /** All variables there are; programs get those of `ATTENDED_VARIABLES`. */
  readonly env: Environment;
  /** Ours; `null` where the system has none. */
  readonly uid: number | null;
  readonly ways: SshWays;
  /** Aborts when the user wants no more of it. */
  readonly signal: AbortSignal;
}

/** The host that a disk hangs on, and how ssh gets there. */
export interface DiskHost {
  /** As announced. */
  readonly host: string;
  readonly hostId: string;
  readonly target: SshTarget;
}
