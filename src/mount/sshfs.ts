import { isReadOnly, type MountPoint } from "../probe/parse_findmnt.ts";
import type { AttendOutcome, RunOutcome, System } from "../system/system.ts";
import { printable, printableStart } from "../text/printable.ts";
import { typed } from "../text/shell_quoted.ts";
import { attendedEnvironment } from "./attended_environment.ts";
import { readMountPoints } from "./mount_points.ts";
import { Refusal } from "./refusal.ts";
import {
  COMMAND_SESSION,
  fullDestination,
  type RemoteTools,
  SFTP_AS_ROOT,
  sshOptions,
  type SshTarget,
  type SshWays,
} from "./ssh.ts";
import { answers, processesIn, sayProcesses } from "./stuck_mount.ts";

/** It prints nothing. */
const MAX_OUTPUT_BYTES = 4_096;
const RUN = { timeoutMs: 30_000, maxOutputBytes: 65_536 };

/**
 * An option of sshfs that is on where sshfs has it: a link that is absolute or
 * has `..` in it is not followed. Without it, such a link on the disk leads to
 * files of this host. Other options do not help: `transform_symlinks` leaves
 * links that lead out of the directory, and with `follow_symlinks` a link looks
 * like what it leads to, so that `rm -r` removes that.
 */
const CONTAINED_LINKS = "contain_symlinks";

const FREE_LINKS =
  "sshfs here has no contain_symlinks: links on the disk may lead to files of " +
  "this host; update sshfs (CVE-2026-47187, mended in 3.7.6)";

/**
 * Warns if sshfs follows links to files of this host.
 * @throws {Refusal} without sshfs on this host
 */
export async function checkSshfs(
  { system, say }: Pick<RemoteTools, "system" | "say">,
): Promise<void> {
  const outcome = await system.run("sshfs", ["--help"], RUN);
  if (outcome.kind === "exited") {
    const help = new TextDecoder().decode(outcome.stdout) + outcome.stderr;
    if (!help.includes(CONTAINED_LINKS)) say(FREE_LINKS);
    return;
  }
  throw new Refusal("failed", {
    message: outcome.kind === "denied"
      ? `sshfs cannot be run: ${printable(outcome.reason)}`
      : "there is no sshfs on this host",
    hints: ["Install it; the Debian package is sshfs."],
  });
}

/**
 * Shows a remote directory in a local one, and verifies it.
 * @throws {Refusal}; then nothing is mounted there
 */
export async function mountSshfs(
  request: SshfsRequest,
  tools: RemoteTools,
): Promise<void> {
  const { system, env, signal } = tools;
  const argv = sshfsArgv(request, tools.ways);
  const outcome = await system.attend("sshfs", argv.slice(1), {
    env: attendedEnvironment(env),
    maxOutputBytes: MAX_OUTPUT_BYTES,
    signal,
  });
  const isDone = outcome.kind === "exited" && outcome.code === 0;
  if (!isDone) throw sshfsFailed(outcome, { request, argv, signal });
  const mounts = await readSshfsMounts(tools);
  const destination = fullDestination(request.target);
  const isThere = mounts.some((mount) =>
    mount.directory === request.directory && mount.uuid === request.uuid &&
    mount.destination === destination
  );
  if (isThere) return;
  throw new Refusal("failed", {
    message: "sshfs reported success, but nothing is mounted at " +
      printable(request.directory),
  });
}

/**
 * Removes an sshfs mount. If the other host is gone, also one that is in use,
 * which it says first: the directory is free then, and the mount ends with its
 * last user.
 * @throws {Refusal} if it is in use, and answers
 */
export async function unmountSshfs(
  directory: string,
  { system, say, isStuck }: Pick<RemoteTools, "system" | "say"> & {
    /** Whether it is known not to answer. Default: no. */
    readonly isStuck?: boolean;
  },
): Promise<void> {
  let outcome = await runFirst(unmountArgvs(directory), system);
  const isGone = () => outcome.kind === "exited" && outcome.code === 0;
  if (isGone()) return;
  const isBusy = outcome.kind !== "missing";
  if (isBusy && (isStuck || !await answers(directory, system))) {
    const processes = await processesIn(directory, system);
    say(sayProcesses(directory, { gone: "host", processes }));
    outcome = await runFirst(unmountArgvs(directory, ["-z"]), system);
    if (isGone()) return;
  }
  const why = outcome.kind === "exited"
    ? printableStart(outcome.stderr.trim(), 300)
    : `fusermount3: ${outcome.kind}`;
  throw new Refusal("failed", {
    message: `cannot unmount ${printable(directory)}: ${why}`,
    hints: [
      "It may be in use. To see by which process: " +
      typed(["fuser", "-vm", directory]),
    ],
  });
}

/** Runs the first of these commands that is installed. */
async function runFirst(
  commands: readonly (readonly string[])[],
  system: System,
): Promise<RunOutcome> {
  for (const [program = "", ...args] of commands) {
    const outcome = await system.run(program, args, RUN);
    if (outcome.kind !== "missing") return outcome;
  }
  return { kind: "missing" };
}

/** The commands to remove it, of libfuse 3 and of libfuse 2. */
export function unmountArgvs(
  directory: string,
  flags: readonly string[] = [],
): string[][] {
  return ["fusermount3", "fusermount"]
    .map((program) => [program, "-u", ...flags, "--", directory]);
}

function sshfsFailed(
  outcome: AttendOutcome,
  { request, argv, signal }: {
    readonly request: SshfsRequest;
    readonly argv: readonly string[];
    readonly signal: AbortSignal;
  },
): Refusal {
  const from = `${fullDestination(request.target)}:${request.path}`;
  if (signal.aborted) {
    return new Refusal("failed", {
      message: `interrupted while sshfs was mounting ${printable(from)}`,
    });
  }
  const how = outcome.kind === "exited"
    ? `exit code ${outcome.code}`
    : outcome.kind;
  const [program, ...args] = argv;
  const talking = [program!, "-o", "sshfs_verbose", ...args];
  return new Refusal("failed", {
    message: `sshfs cannot show ${printable(from)} (${how})`,
    hints: [
      "It hides the messages of ssh. To see them: " +
      typed(talking),
      "That host may allow no sftp, or that user may not read the disk.",
    ],
  });
}

/** The remote and local directory of an sshfs mount. */
interface SshfsRequest {
  /** A safe UUID, see `isFitUuid`. */
  readonly uuid: string;
  readonly target: SshTarget;
  /** Absolute, on the other host. */
  readonly path: string;
  /** Absolute, on this host. */
  readonly directory: string;
  readonly readOnly: boolean;
  /** Whether other users may use it, as far as the files allow. */
  readonly isShared: boolean;
}

/** Start of the source of diskd's mounts, to find them again. */
const FSNAME = "diskd";

/** Without the second, every user would have the rights of the ssh user. */
const SHARED = ["allow_other", "default_permissions"];

const ALWAYS = ["nosuid", "nodev", "reconnect", "ServerAliveInterval=15"];

/**
 * The sshfs command that shows a remote directory locally.
 *
 * In `-o` sshfs separates options at commas, which a backslash escapes
 * (fuse_opt.c of libfuse); it splits `ssh_command` at every space, without an
 * escape (tokenize_on_space of sshfs.c). So an ssh option with a space is
 * passed to sshfs itself, which knows most of them. Words from the other host
 * only follow `--`.
 * @throws {Refusal} for an option that sshfs cannot pass on unchanged
 */
export function sshfsArgv(request: SshfsRequest, ways: SshWays): string[] {
  const { uuid, target, path, directory, readOnly, isShared } = request;
  // sshfs asks for a subsystem, which is a type of its own.
  const forTarget = target.options.filter((option) =>
    target.sudo || option !== COMMAND_SESSION
  );
  const options = ways.options.map(fitOption);
  const isLong = (option: string) => option.includes(" ");
  const isShort = (option: string) => !isLong(option);
  const long = [...options, ...forTarget].filter(isLong);
  const words = sshOptions(
    { options: forTarget.filter(isShort) },
    { ...ways, options: options.filter(isShort) },
  );
  // With a terminal there, what passes through would change.
  const ssh = ["ssh", ...words, "-o", "RequestTTY=no"].join(" ");
  const own = [
    ...ALWAYS,
    ...(readOnly ? ["ro"] : []),
    ...(isShared ? SHARED : []),
    `fsname=${fsname({ uuid, destination: fullDestination(target) })}`,
  ];
  return [
    "sshfs",
    ...["-o", `ssh_command=${escapeCommas(ssh)}`],
    ...long.flatMap((option) => ["-o", escapeCommas(option)]),
    ...(target.sudo ? ["-o", `sftp_server=${SFTP_AS_ROOT}`] : []),
    ...["-o", own.join(",")],
    "--",
    `${fullDestination(target)}:${path}`,
    directory,
  ];
}

/** Identifies diskd's mounts: disk and host, both checked words. */
export interface SshfsSource {
  readonly uuid: string;
  /** `[user@]host`. */
  readonly destination: string;
}

function fsname({ uuid, destination }: SshfsSource): string {
  return `${FSNAME}:${uuid}:${destination}`;
}

/** Parses a source made by `sshfsArgv`; `null` for any other. */
export function readFsname(source: string): SshfsSource | null {
  const [name, uuid, destination, ...more] = source.split(":");
  if (name !== FSNAME || !uuid || !destination || more.length > 0) return null;
  return { uuid, destination };
}

/** `Key=value`, equivalent to `Key value` for ssh. */
function fitOption(option: string): string {
  if (/[\\\n]/.test(option)) {
    throw new Refusal("usage", {
      message: `--ssh-option ${printable(option)} has a backslash or a ` +
        "newline, which sshfs would not pass on to ssh",
      hints: ["Put it into ~/.ssh/config instead."],
    });
  }
  return option.trim().replace(/^(\w+)\s*(?:=|\s)\s*/, "$1=");
}

function escapeCommas(option: string): string {
  return option.replaceAll(",", "\\,");
}

/** A local directory with the files of a remote disk. */
export interface SshfsMount extends SshfsSource {
  readonly directory: string;
  readonly isReadOnly: boolean;
  /** Whether other users may use it. */
  readonly isShared: boolean;
}

/**
 * Our sshfs mounts. Only the kernel remembers them, and findmnt touches no
 * filesystem, so a hanging one does not matter.
 * @throws {Refusal} `failed` if findmnt fails
 */
export async function readSshfsMounts(
  { system, uid }: { readonly system: System; readonly uid: number | null },
): Promise<SshfsMount[]> {
  return sshfsMountsAmong(await readMountPoints(system), uid);
}

/**
 * Our sshfs mounts among the given ones. FUSE records the owner; a mount of
 * another user may have any name.
 */
export function sshfsMountsAmong(
  mounts: readonly MountPoint[],
  uid: number | null,
): SshfsMount[] {
  return mounts.flatMap((mount) => {
    const named = readFsname(mount.source ?? "");
    if (named === null || !mount.options.includes(`user_id=${uid}`)) return [];
    const { target: directory, options } = mount;
    const isShared = options.includes("allow_other");
    return [{ ...named, directory, isReadOnly: isReadOnly(mount), isShared }];
  });
}
