import { MAX_LINE_BYTES } from "./framing.ts";

/** Limits of a client, and of all clients together. */
export interface ControlLimits {
  /** Clients of all sockets of a daemon at once; further ones are told so and turned away. */
  readonly maxClients: number;
  /** Clients of the read-only socket among them, so that there is room for the owner. */
  readonly maxReaders: number;
  /** Length of a line; a longer one ends the connection. */
  readonly maxLineBytes: number;
  /** Requests of a client processed at once; its further lines wait. */
  readonly maxRequestsInFlight: number;
  /** The same for a client of the read-only socket. */
  readonly maxReaderRequestsInFlight: number;
  /**
   * Unfinished or unread answers to all clients of the read-only socket: each
   * may be the list of the whole LAN.
   */
  readonly maxReaderAnswers: number;
  /** Longest time a client of the read-only socket may take to read an answer. */
  readonly readerAnswerMs: number;
  /** Share of a processor that the clients of the read-only socket take together. */
  readonly readerShare: number;
  /** Processor time that they take at once after some silence. */
  readonly readerBurstMs: number;
  /** Bytes of events waiting for a client; beyond that, the next event drops the client. */
  readonly maxPendingBytes: number;
  /** Longest time a client may read nothing while data waits for it. */
  readonly stallMs: number;
  /** Longest time that closing waits for connections to end. */
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
  readerShare: 0.2,
  readerBurstMs: 500,
  // All disks of a large host, detached and attached again in the same moment.
  maxPendingBytes: 4 * 1024 * 1024,
  stallMs: 10_000,
  closeMs: 500,
};

/**
 * Largest and default number of rows in an answer to `history`: more would hold
 * the daemon's loop for too long.
 */
export const MAX_HISTORY_ROWS = 500;

/** Start of the line sent instead of a greeting if there is no room for a client. */
export const BUSY = "busy: ";

/** Longest path of a control socket, in bytes: unix(7), `sun_path` without its NUL. */
export const MAX_SOCKET_PATH_BYTES = 107;
