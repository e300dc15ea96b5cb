import { printableStart } from "../text/printable.ts";

/** Where the output of a program is not what it should be. */
export interface Misread {
  /** The program, `lsblk`. */
  readonly what: string;
  /** Line, field or device, `line 3`. */
  readonly where: string;
  /** What is there. It is made printable and cut. */
  readonly found: string;
  readonly expected: string;
}

/** A program printed something that is not its format. The one error that the parsers raise. */
export class ProbeError extends Error {
  override readonly name = "ProbeError";

  constructor({ what, where, found, expected }: Misread) {
    super(
      `Cannot read the output of ${what}, ${printableStart(where)}: found ${
        printableStart(found)
      }, expected ${expected}.`,
    );
  }
}
