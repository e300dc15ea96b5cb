/** How a view is drawn. */
export interface ViewOptions {
  /** Width of the terminal; `Infinity` where the text does not go to one: then nothing is cut. */
  readonly columns: number;
  readonly color: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
}
