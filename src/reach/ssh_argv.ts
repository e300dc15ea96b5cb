import type { SshTarget } from "./ssh_target.ts";

/** How ssh goes about it, wherever it goes. */
export interface SshWays {
  /** The user's own, as behind `-o`. ssh takes the first of two, so these count. */
  readonly options: readonly string[];
  /** Nobody is there to be asked for a password. */
  readonly isBatch: boolean;
}

const CONNECT_TIMEOUT = "ConnectTimeout=10";

/** What diskd is to do on the host that a disk hangs on. */
export interface HolderTask {
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
  task: HolderTask,
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
    ...holderCommand(task),
  ];
}

/** The options of ssh that say how it goes about it. */
export function sshOptions({ options, isBatch }: SshWays): string[] {
  const ours = [CONNECT_TIMEOUT, ...(isBatch ? ["BatchMode=yes"] : [])];
  return [...options, ...ours].flatMap((option) => ["-o", option]);
}

/** What runs on the other host. */
export function holderCommand({ verb, uuid, readOnly }: HolderTask): string[] {
  const flags = readOnly ? ["--read-only", "--json"] : ["--json"];
  return ["diskd", verb, "--here", uuid, ...flags];
}
