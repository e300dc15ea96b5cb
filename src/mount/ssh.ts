import type { Environment } from "../config/paths.ts";
import type { SshEntry } from "../config/ssh_setting.ts";
import type { System } from "../system/system.ts";
import { formatDuration } from "../text/duration.ts";
import { printable, printableJson } from "../text/printable.ts";
import { Refusal } from "./refusal.ts";

/** Options of ssh for any destination. */
export interface SshWays {
  /** The user's options, as with `-o`. ssh uses the first of two, so these take precedence. */
  readonly options: readonly string[];
  /** Whether there is nobody to ask for a password. */
  readonly isBatch: boolean;
}

const CONNECT_TIMEOUT = "ConnectTimeout=10";

/** A task for diskd on the host of a disk. */
export interface RemoteTask {
  readonly verb: "mount" | "unmount" | "locate";
  /** A safe UUID, see `isFitUuid`; to locate any name of `isFitName`. */
  readonly uuid: string;
  readonly readOnly: boolean;
  /** Only to locate: for how long, in ms; `null`: until the connection ends. */
  readonly forMs?: number | null;
}

/** Ends ssh 15 s after the other host went away: the disk is looked at meanwhile. */
const ALIVE_INTERVAL = "ServerAliveInterval=5";

/**
 * The ssh command for a task on another host. Words from the LAN follow `--`
 * and have been checked: the host in `sshTarget`, the UUID by the caller. The
 * remote shell sees no special characters.
 */
export function sshArgv(
  task: RemoteTask,
  target: SshTarget,
  ways: SshWays,
): string[] {
  const { destination, user } = target;
  return [
    "ssh",
    // No terminal there, no agent and no display: nothing of ours is exposed.
    ...["-T", "-a", "-x"],
    ...(user === null ? [] : ["-l", user]),
    ...sshOptions(target, ways),
    // As in sshfs: forwardings of ssh_config(5) serve other purposes.
    ...["-o", "ClearAllForwardings=yes"],
    ...(task.verb === "locate" ? ["-o", ALIVE_INTERVAL] : []),
    "--",
    destination,
    ...remoteCommand(task, target),
  ];
}

/** ssh_config(5) may have commands for people who log in: `ssh alpha`. */
const NO_COMMANDS = ["RemoteCommand=none", "PermitLocalCommand=no"];

/** Option for a session that runs a command, if ssh_config(5) says otherwise. */
export const COMMAND_SESSION = "SessionType=default";

/**
 * The command for the option `ProxyCommand` that carries a connection through
 * another host. As with `ProxyJump`, options of the user for the destination
 * do not apply there.
 * @throws {Refusal} for an option that a shell would read otherwise
 */
export function proxyCommand(hop: SshTarget, { isBatch }: SshWays): string {
  const words = ["ssh", ...sshOptions(hop, { options: [], isBatch })]
    .map((word) => quotedInProxy(word.replaceAll("%", "%%")));
  return [...words, "-W", '"[%h]:%p"', "--", fullDestination(hop)].join(" ");
}

/**
 * For any shell, without a backslash, which sshfs does not pass on. Only the
 * proxy command of another hop has double quotes, and no word has single ones.
 */
function quotedInProxy(word: string): string {
  if (/^[\w./:@%+=,-]*$/.test(word)) return word;
  if (/^[\w./:@%+=,~ [\]-]*$/.test(word)) return `"${word}"`;
  if (/^[\w./:@%+=,~ [\]"-]*$/.test(word)) return `'${word}'`;
  throw new Refusal("usage", {
    message: `${printable(word)} has a character that no ProxyCommand can have`,
    hints: ["Put it into ~/.ssh/config instead."],
  });
}

/** The options of an ssh command. */
export function sshOptions(
  target: Pick<SshTarget, "options">,
  { options, isBatch }: SshWays,
): string[] {
  const ours = [CONNECT_TIMEOUT, ...(isBatch ? ["BatchMode=yes"] : [])];
  return [...options, ...target.options, ...ours, ...NO_COMMANDS]
    .flatMap((option) => ["-o", option]);
}

/** Runs what follows there as root; without asking, because nobody would see the question. */
const AS_ROOT = ["sudo", "-n", "diskd", "ssh-command", "--"];

/** The command on the other host. */
export function remoteCommand(
  { verb, uuid, readOnly, forMs = null }: RemoteTask,
  { sudo }: Pick<SshTarget, "sudo">,
): string[] {
  const flags = [
    ...(readOnly ? ["--read-only"] : []),
    ...(forMs === null ? [] : ["--for", formatDuration(forMs)]),
    "--json",
  ];
  const command = ["diskd", verb, "--here", uuid, ...flags];
  return sudo ? [...AS_ROOT, ...command] : command;
}

/**
 * The command for sshfs that serves files there as root. sshfs takes it for a
 * command because of the slash; `diskd ssh-command` ignores the path.
 */
export const SFTP_AS_ROOT = [...AS_ROOT, "/usr/lib/openssh/sftp-server"]
  .join(" ");

/** Destination of ssh. Neither part can be read as an option, or as several words. */
export interface SshTarget {
  /** `[user@]host`: announced, or from the configuration. */
  readonly destination: string;
  /** The user of `--user`; `null`: ssh decides. */
  readonly user: string | null;
  /** Options for this host, as with `-o`; those of the user take precedence. */
  readonly options: readonly string[];
  /** Whether diskd runs there with sudo(8). */
  readonly sudo: boolean;
  /** The announced name, if nobody configured where the host is; otherwise `null`. */
  readonly name: string | null;
}

/** The setting `ssh`, by host name or id. */
export type SshNames = ReadonlyMap<string, string | SshEntry>;

interface SshTargetOptions {
  readonly names: SshNames;
  readonly user: string | null;
}

/** A host name, or an IPv4 address. */
const HOST = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?$/;
const USER = /^[A-Za-z_][A-Za-z0-9_.-]{0,31}$/;

/**
 * The destination for a host: by its id in the configuration, by its name
 * there, otherwise its announced name. That name is untrusted, so it must have
 * the form of a host name.
 * @throws {Refusal} without a safe name
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
  const entry = inFull(names.get(hostId) ?? names.get(host) ?? {});
  const hasName = entry.host !== undefined && !entry.host.includes(":");
  const name = hasName ? entry.host : host;
  if (!HOST.test(name)) throw new Refusal("refused", unfit(host, hostId));
  const isOther = entry.user !== undefined && user === null;
  return {
    destination: isOther ? `${entry.user}@${name}` : name,
    user,
    options: optionsOf(entry),
    sudo: entry.sudo === true,
    name: entry.host === undefined ? host : null,
  };
}

function inFull(entry: string | SshEntry): SshEntry {
  if (typeof entry !== "string") return entry;
  const at = entry.lastIndexOf("@");
  const host = entry.slice(at + 1);
  return at === -1 ? { host } : { host, user: entry.slice(0, at) };
}

/** An IPv6 address is an option, because its colons mean something else to sshfs. */
function optionsOf({ host, port, identityFile }: SshEntry): string[] {
  return [
    ...(host?.includes(":") ? [hostNameOption(host)] : []),
    ...(port === undefined ? [] : [`Port=${port}`]),
    ...(identityFile === undefined ? [] : [`IdentityFile=${identityFile}`]),
  ];
}

/** The option for the address of a host. A percent sign begins a token there. */
export function hostNameOption(address: string): string {
  return `HostName=${address.replaceAll("%", "%%")}`;
}

/** `[user@]host` as a single word, for sshfs. */
export function fullDestination(
  { destination, user }: Pick<SshTarget, "destination" | "user">,
): string {
  return user === null ? destination : `${user}@${destination}`;
}

function unfit(host: string, hostId: string) {
  return {
    message: `the host name ${printable(host)} is not safe for ssh, ` +
      "expected letters, digits and . _ - between them",
    hints: [
      "If you know that host, add to the configuration where ssh finds it:",
      sshLine(hostId),
    ],
  };
}

/** The line to add to the configuration, so that ssh finds a host by its name or id. */
export function sshLine(nameOrId: string): string {
  return `ssh: {${printableJson(JSON.stringify(nameOrId))}: user@host}`;
}

/** Dependencies of reaching another host. */
export interface RemoteTools {
  readonly system: System;
  /** All variables; programs receive `ATTENDED_VARIABLES`. */
  readonly env: Environment;
  /** Our user id; `null` if the system has none. */
  readonly uid: number | null;
  readonly ways: SshWays;
  /** Tells the user a printable sentence. */
  readonly say: (text: string) => void;
  /** Aborts when the user interrupts. */
  readonly signal: AbortSignal;
}

/** The host of a disk, and its ssh destination. */
export interface DiskHost {
  /** As announced. */
  readonly host: string;
  readonly hostId: string;
  readonly target: SshTarget;
}
