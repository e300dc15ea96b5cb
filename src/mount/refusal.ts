/**
 * Why something was not done, as the exit code tells it: `notKnown`: no disk
 * goes by that name; `usage`: what was typed, or the configuration, is wrong;
 * `unreachable`: no daemon answers; `notAttached`: it is known, and is attached
 * nowhere now, or its host is silent, or it went meanwhile; `severalHosts`: more
 * than one device is meant; `refused`: it may not be done; `failed`: a program
 * that had to do it did not.
 */
export type RefusalKind =
  | "notKnown"
  | "usage"
  | "unreachable"
  | "notAttached"
  | "severalHosts"
  | "refused"
  | "failed";

/** Something was not done, and nothing is left half done but what the message names. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly kind: RefusalKind;
  /** What to do, a line each; may be empty. */
  readonly hints: readonly string[];

  /** `message` and `hints` are printable: what is in them from a disk, the LAN or a program has gone through `printable`. */
  constructor(
    kind: RefusalKind,
    { message, hints = [] }: {
      readonly message: string;
      readonly hints?: readonly string[];
    },
  ) {
    super(message);
    this.kind = kind;
    this.hints = hints;
  }
}
