import { printable } from "../text/printable.ts";
import { Refusal } from "./refusal.ts";
import { sshOptions, type SshWays } from "./ssh_argv.ts";
import { fullDestination, type SshTarget } from "./ssh_target.ts";

/** What sshfs is to show, and where. */
export interface SshfsRequest {
  /** A fit one, see `isFitUuid`. */
  readonly uuid: string;
  readonly target: SshTarget;
  /** Absolute, on the other host. */
  readonly path: string;
  /** Absolute, on this host. */
  readonly directory: string;
  readonly readOnly: boolean;
}

/** Begins the source of mounts of ours, so that they are found again. */
const FSNAME = "diskd";

const ALWAYS = ["nosuid", "nodev", "reconnect", "ServerAliveInterval=15"];

/**
 * The command that makes a directory of another host readable on this one.
 *
 * Behind `-o` sshfs takes names of options between commas, and a backslash
 * keeps a comma from ending one (fuse_opt.c of libfuse); the value of
 * `ssh_command` it takes apart at each space, and there is no way to keep one
 * (tokenize_on_space of sshfs.c). So an option of ssh with a space is handed to
 * sshfs by itself, which knows most of them. Words from the other host stand
 * behind `--` alone.
 * @throws {Refusal} for an option that sshfs could not hand on as it is
 */
export function sshfsArgv(request: SshfsRequest, ways: SshWays): string[] {
  const { uuid, target, path, directory, readOnly } = request;
  const options = ways.options.map(fitOption);
  const short = options.filter((option) => !option.includes(" "));
  const long = options.filter((option) => option.includes(" "));
  const ssh = ["ssh", ...sshOptions({ ...ways, options: short })].join(" ");
  const own = [
    ...ALWAYS,
    ...(readOnly ? ["ro"] : []),
    `fsname=${fsname({ uuid, destination: fullDestination(target) })}`,
  ];
  return [
    "sshfs",
    ...["-o", `ssh_command=${escapeCommas(ssh)}`],
    ...long.flatMap((option) => ["-o", escapeCommas(option)]),
    ...["-o", own.join(",")],
    "--",
    `${fullDestination(target)}:${path}`,
    directory,
  ];
}

/** What tells our mounts from others: which disk, and whose. Both are checked words. */
export interface SshfsSource {
  readonly uuid: string;
  /** `[user@]host`. */
  readonly destination: string;
}

function fsname({ uuid, destination }: SshfsSource): string {
  return `${FSNAME}:${uuid}:${destination}`;
}

/** What a source says that `sshfsArgv` gave; `null` for another. */
export function readFsname(source: string): SshfsSource | null {
  const [name, uuid, destination, ...more] = source.split(":");
  if (name !== FSNAME || !uuid || !destination || more.length > 0) return null;
  return { uuid, destination };
}

/** `Key=value`, which is the same to ssh as `Key value`. */
function fitOption(option: string): string {
  if (/[\\\n]/.test(option)) {
    throw new Refusal("usage", {
      message: `--ssh-option ${printable(option)} has a backslash or a ` +
        "newline, which sshfs would not hand on to ssh",
      hints: ["Say it in ~/.ssh/config instead."],
    });
  }
  return option.trim().replace(/^(\w+)\s*(?:=|\s)\s*/, "$1=");
}

function escapeCommas(option: string): string {
  return option.replaceAll(",", "\\,");
}
