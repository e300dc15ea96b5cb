import { reasonOf } from "../system/reason.ts";

/** The daemon could not be asked, or did not answer. Its message says what to type next. */
export class DaemonUnreachable extends Error {
  override readonly name = "DaemonUnreachable";
  readonly reason: UnreachableReason;

  constructor(reason: UnreachableReason, message: string) {
    super(message);
    this.reason = reason;
  }
}

export type UnreachableReason =
  /** There is no socket. */
  | "not-found"
  /** There is one, but nobody listens on it. */
  | "refused"
  /** This user may not connect to it. */
  | "denied"
  /** The connection ended before the answer came. */
  | "closed"
  /** No answer came in time. */
  | "timeout"
  /** The system would not connect, for another reason. */
  | "failed";

/** The daemon answered that it could not do what was asked. */
export class RemoteFailure extends Error {
  override readonly name = "RemoteFailure";
  /** A code of JSON-RPC 2.0. */
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** One path that could not be connected to. */
export interface FailedAttempt {
  readonly path: string;
  readonly error: unknown;
}

/** Says why none of the paths answered: one that may not be used tells more than one that is not there. */
export function unreachable(
  attempts: readonly FailedAttempt[],
): DaemonUnreachable {
  const denied = attempts.find(({ error }) => kindOf(error) === "denied");
  if (denied !== undefined) {
    return new DaemonUnreachable(
      "denied",
      `a diskd may be there, but you may not use ${denied.path} (permission denied); type this as root (sudo diskd ...), or join the group of its socket`,
    );
  }
  const failed = attempts.find(({ error }) => kindOf(error) === "failed");
  if (failed !== undefined) {
    return new DaemonUnreachable(
      "failed",
      `cannot connect to ${failed.path}: ${
        reasonOf(failed.error)
      }; give the right path with --socket`,
    );
  }
  const stale = attempts.some(({ error }) => kindOf(error) === "refused");
  const paths = attempts.map(({ path }) => path).join(" or ");
  return new DaemonUnreachable(
    stale ? "refused" : "not-found",
    `no diskd answers on ${paths}; start it with: diskd --daemon (as root)`,
  );
}

function kindOf(error: unknown): UnreachableReason {
  if (error instanceof Deno.errors.NotFound) return "not-found";
  if (error instanceof Deno.errors.ConnectionRefused) return "refused";
  if (error instanceof Deno.errors.PermissionDenied) return "denied";
  return "failed";
}
