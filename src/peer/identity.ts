/** Who we are to others. */
export interface Identity {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  /** Start of this life, ms since 1970; grows from run to run. */
  readonly boot: number;
}
