/** What was last accepted from a host: only what is above it is taken in. */
export interface Accepted {
  readonly id: string;
  /** Start of the life that said it, ms since 1970. */
  readonly boot: number;
  /** Number of the announcement in that life. */
  readonly seq: number;
}
