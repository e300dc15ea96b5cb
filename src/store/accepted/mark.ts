/** What was accepted last from a host: whatever is at or below that is a replay, see docs/protocol.md. */
export interface Mark {
  /** Host id: 1 to 64 letters, digits, `-` and `_`. */
  readonly id: string;
  readonly boot: number;
  readonly seq: number;
}

/** Whether `a` came after `b`, both of one host. */
export function isLater(a: Mark, b: Mark): boolean {
  return a.boot > b.boot || (a.boot === b.boot && a.seq > b.seq);
}
