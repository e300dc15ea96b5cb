import { parseBlinkTime } from "./blink.ts";
import { isFitName, isFitUuid } from "./fit_uuid.ts";

/**
 * Requests of a caller restricted to `diskd ssh-command`. sshd(8) passes them
 * in `SSH_ORIGINAL_COMMAND`: the requested command or, for a subsystem, its
 * command in sshd_config(5).
 */

/** The four requests allowed to such a caller. */
type AskedBySsh =
  | {
    readonly kind: "mount";
    readonly uuid: string;
    readonly readOnly: boolean;
  }
  | { readonly kind: "unmount"; readonly uuid: string }
  | {
    readonly kind: "locate";
    /** A UUID, WWN or serial number. */
    readonly name: string;
    readonly forMs: number | null;
  }
  | { readonly kind: "files" };

/** The allowed requests, for the answer to any other. */
export const ALLOWED_BY_SSH = "diskd mount --here UUID [--read-only] --json, " +
  "diskd unmount --here UUID --json, " +
  "diskd locate --here NAME [--for TIME] --json, and sftp";

const TASK = /^diskd (mount|unmount) --here ([^ ]+)( --read-only)? --json$/;

const LOCATE = /^diskd locate --here ([^ ]+)(?: --for ([^ ]+))? --json$/;

/** `internal-sftp` or the path of an sftp-server, with ignored options. */
const SFTP = /^(?:internal-sftp|\/[^ ]*\/sftp-server)(?: |$)/;

/** Parses `SSH_ORIGINAL_COMMAND`; `null` if it is missing or not allowed. */
export function askedBySsh(command: string | undefined): AskedBySsh | null {
  if (command === undefined) return null;
  if (SFTP.test(command)) return { kind: "files" };
  const locate = LOCATE.exec(command);
  if (locate !== null) return askedToLocate(locate);
  const [, verb, uuid = "", readOnly] = TASK.exec(command) ?? [];
  if (!isFitUuid(uuid)) return null;
  if (verb === "mount") {
    return { kind: "mount", uuid, readOnly: readOnly !== undefined };
  }
  return readOnly === undefined ? { kind: "unmount", uuid } : null;
}

function askedToLocate(
  [, name = "", time]: RegExpExecArray,
): AskedBySsh | null {
  const forMs = time === undefined ? null : parseBlinkTime(time);
  if (!isFitName(name) || (time !== undefined && forMs === null)) return null;
  return { kind: "locate", name, forMs };
}
