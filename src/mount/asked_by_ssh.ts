import { isFitUuid } from "./fit_uuid.ts";

/**
 * What somebody wants who was let in over ssh for `diskd ssh-command` alone.
 * sshd(8) puts it into `SSH_ORIGINAL_COMMAND`: what was to be run, or, where a
 * subsystem was asked for, the command of sshd_config(5) for that.
 */

/** The three things that are done for such a caller. */
type AskedBySsh =
  | {
    readonly kind: "mount";
    readonly uuid: string;
    readonly readOnly: boolean;
  }
  | { readonly kind: "unmount"; readonly uuid: string }
  | { readonly kind: "files" };

/** What may be asked for, as an answer to whoever asks for something else. */
export const ALLOWED_BY_SSH = "diskd mount --here UUID [--read-only] --json, " +
  "diskd unmount --here UUID --json, and sftp";

const TASK = /^diskd (mount|unmount) --here ([^ ]+)( --read-only)? --json$/;

/** `internal-sftp`, or the path of an sftp-server, and options of theirs, to which nobody listens. */
const SFTP = /^(?:internal-sftp|\/[^ ]*\/sftp-server)(?: |$)/;

/** Reads the value of `SSH_ORIGINAL_COMMAND`; `null`: that is not done, or nothing was asked for. */
export function askedBySsh(command: string | undefined): AskedBySsh | null {
  if (command === undefined) return null;
  if (SFTP.test(command)) return { kind: "files" };
  const [, verb, uuid = "", readOnly] = TASK.exec(command) ?? [];
  if (!isFitUuid(uuid)) return null;
  if (verb === "mount") {
    return { kind: "mount", uuid, readOnly: readOnly !== undefined };
  }
  return readOnly === undefined ? { kind: "unmount", uuid } : null;
}
