import { isFitUuid } from "./fit_uuid.ts";

/**
 * Requests of a caller restricted to `diskd ssh-command`. sshd(8) passes them
 * in `SSH_ORIGINAL_COMMAND`: the requested command or, for a subsystem, its
 * command in sshd_config(5).
 */

/** The three requests allowed to such a caller. */
type AskedBySsh =
  | {
    readonly kind: "mount";
    readonly uuid: string;
    readonly readOnly: boolean;
  }
  | { readonly kind: "unmount"; readonly uuid: string }
  | { readonly kind: "files" };

/** The allowed requests, for the answer to any other. */
export const ALLOWED_BY_SSH = "diskd mount --here UUID [--read-only] --json, " +
  "diskd unmount --here UUID --json, and sftp";

const TASK = /^diskd (mount|unmount) --here ([^ ]+)( --read-only)? --json$/;

/** `internal-sftp` or the path of an sftp-server, with ignored options. */
const SFTP = /^(?:internal-sftp|\/[^ ]*\/sftp-server)(?: |$)/;

/** Parses `SSH_ORIGINAL_COMMAND`; `null` if it is missing or not allowed. */
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
