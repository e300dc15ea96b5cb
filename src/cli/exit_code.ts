/** What the program ends with. Scripts rely on 0 to 7. */
export const EXIT = {
  /** Found, or done. */
  ok: 0,
  /** Nothing of that name is known. */
  notKnown: 1,
  /** Wrong arguments, or a wrong configuration. */
  usage: 2,
  /** No daemon answers, or only on a socket that is not for what was asked. */
  unreachable: 3,
  /** Known, but not attached now. */
  notAttached: 4,
  /** Attached to several hosts at once. */
  severalHosts: 5,
  /** It may not be done, or must not. */
  refused: 6,
  /** ssh, sshfs, mount or another program that had to do it did not. */
  failed: 7,
  /** A mistake in diskd itself: `EX_SOFTWARE` of sysexits.h. */
  internal: 70,
  /** The output cannot be written: `EX_IOERR` of sysexits.h. */
  output: 74,
} as const;
