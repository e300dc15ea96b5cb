import { MAX_LINE_BYTES } from "./framing.ts";

/** What one client, and all of them, may take of the daemon. */
export interface ControlLimits {
  /** Clients at once; one more is told so and turned away. */
  readonly maxClients: number;
  /** Bytes of a line; after a longer one the connection ends. */
  readonly maxLineBytes: number;
  /** Requests of one client that are worked on at once; while there are so many its next lines wait. */
  readonly maxRequestsInFlight: number;
  /** Bytes of events waiting for a client to read them, beyond which the next event drops it. */
  readonly maxPendingBytes: number;
  /** A client that reads nothing for so long, while something waits for it, is dropped. */
  readonly stallMs: number;
  /** How long closing waits for the connections to be gone. */
  readonly closeMs: number;
}

export const CONTROL_LIMITS: ControlLimits = {
  maxClients: 64,
  maxLineBytes: MAX_LINE_BYTES,
  maxRequestsInFlight: 16,
  // All disks of a large host, detached and attached again at one moment.
  maxPendingBytes: 4 * 1024 * 1024,
  stallMs: 10_000,
  closeMs: 500,
};

/** Most rows of one answer to `history`, and as many as it gives unless asked for fewer: more would hold the daemon's loop for too long. */
export const MAX_HISTORY_ROWS = 500;

/** How the line begins that a client gets instead of a greeting when there is no room for it. */
export const BUSY = "busy: ";
