import { ConfigError } from "../config/config_error.ts";
import { DaemonUnreachable, RemoteFailure } from "../control/client.ts";
import {
  INVALID_PARAMS,
  NO_HISTORY,
  WRONG_SOCKET,
} from "../control/jsonrpc.ts";
import { Refusal } from "../mount/refusal.ts";
import { printable } from "../text/printable.ts";
import type { Context } from "./context.ts";
import { EXIT } from "./exit_code.ts";
import { note } from "./show.ts";
import { OutputError } from "./text_output.ts";

/** Says why a command failed, and returns the exit code for it. */
export function reportFailure(error: unknown, context: Context): number {
  if (error instanceof DaemonUnreachable) {
    note(`diskd: ${printable(error.message)}`, context);
    note("Without a daemon: diskd scan", context);
    return EXIT.unreachable;
  }
  if (error instanceof ConfigError) {
    note(error.message, context);
    return EXIT.usage;
  }
  if (error instanceof Refusal) {
    note(`diskd: ${error.message}`, context);
    for (const hint of error.hints) note(hint, context);
    return EXIT[error.kind];
  }
  if (error instanceof RemoteFailure && error.code === NO_HISTORY) {
    note(`diskd: ${printable(error.message)}`, context);
    return EXIT.notKnown;
  }
  if (error instanceof RemoteFailure && error.code === WRONG_SOCKET) {
    note(`diskd: ${printable(error.message)}`, context);
    return EXIT.unreachable;
  }
  if (error instanceof RemoteFailure) {
    note(`diskd: the daemon says: ${printable(error.message)}`, context);
    return error.code === INVALID_PARAMS ? EXIT.usage : EXIT.internal;
  }
  if (error instanceof OutputError) {
    note(`diskd: ${error.message}`, context);
    return EXIT.output;
  }
  return reportBug(error, context);
}

function reportBug(error: unknown, context: Context): number {
  const message = error instanceof Error ? error.message : String(error);
  const stack = error instanceof Error ? error.stack : undefined;
  const isDebugging = context.env["DISKD_LOG_LEVEL"] === "debug";
  const more = isDebugging ? "" : " (DISKD_LOG_LEVEL=debug shows more)";
  note(
    "diskd: this should not have happened, please report it: " +
      `${printable(message)}${more}`,
    context,
  );
  if (isDebugging && stack !== undefined) note(stack, context);
  return EXIT.internal;
}
