import { MAX_LINE_BYTES } from "./framing.ts";

/** What one client, and all of them, may take of the daemon. */
export interface ControlLimits {
  /** Clients at once, of all sockets of a daemon; one more is told so and turned away. */
  readonly maxClients: number;
  /** Those among them that may come by a socket for reading, so that they leave room for the owner. */
  readonly maxReaders: number;
  /** Bytes of a line; after a longer one the connection ends. */
  readonly maxLineBytes: number;
  /** Requests of one client that are worked on at once; while there are so many its next lines wait. */
  readonly maxRequestsInFlight: number;
  /** The same of a client of a socket for reading. */
  readonly maxReaderRequestsInFlight: number;
  /** Answers to all clients of a socket for reading that are made, or not read yet, at once: each may be the list of the whole LAN. */
  readonly maxReaderAnswers: number;
  /** A client of such a socket that takes longer to read an answer is dropped. */
  readonly readerAnswerMs: number;
  /** Bytes of events waiting for a client to read them, beyond which the next event drops it. */
  readonly maxPendingBytes: number;
  /** A client that reads nothing for so long, while something waits for it, is dropped. */
  readonly stallMs: number;
  /** How long closing waits for the connections to be gone. */
  readonly closeMs: number;
}

export const CONTROL_LIMITS: ControlLimits = {
  maxClients: 64,
  maxReaders: 32,
  maxLineBytes: MAX_LINE_BYTES,
  maxRequestsInFlight: 16,
  maxReaderRequestsInFlight: 1,
  maxReaderAnswers: 4,
  readerAnswerMs: 10_000,
  // All disks of a large host, detached and attached again at one moment.
  maxPendingBytes: 4 * 1024 * 1024,
  stallMs: 10_000,
  closeMs: 500,
};

/** Most rows of one answer to `history`, and as many as it gives unless asked for fewer: more would hold the daemon's loop for too long. */
export const MAX_HISTORY_ROWS = 500;

/** How the line begins that a client gets instead of a greeting when there is no room for it. */
export const BUSY = "busy: ";
