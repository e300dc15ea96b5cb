/**
 * A result that is JSON already, so that a long list which is asked for again
 * and again is not made into text each time.
 */
export class Encoded<T> {
  /** UTF-8, without a newline outside of strings. Not copied: do not change it. */
  readonly bytes: Uint8Array<ArrayBuffer>;

  constructor(json: string | Uint8Array<ArrayBuffer>) {
    this.bytes = typeof json === "string"
      ? new TextEncoder().encode(json)
      : json;
  }

  decode(): T {
    return JSON.parse(new TextDecoder().decode(this.bytes));
  }
}
