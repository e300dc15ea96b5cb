import { EXIT, type ExitName } from "../system/exit_code.ts";

const NO_REFUSALS = ["ok", "internal", "output"] as const;

/**
 * Why something was not done: the name of the exit code. `notAttached` is also
 * said where the host is silent, or the disk went meanwhile; `severalHosts`
 * where one host has it more than once.
 */
type RefusalKind = Exclude<ExitName, typeof NO_REFUSALS[number]>;

/** What the exit codes of diskd on another host mean, which the caller's then mean too. */
export const REFUSAL_OF_CODE: ReadonlyMap<number, RefusalKind> = new Map(
  Object.entries(EXIT).flatMap(([name, code]) =>
    isRefusalKind(name) ? [[code, name]] : []
  ),
);

function isRefusalKind(name: string): name is RefusalKind {
  return !NO_REFUSALS.some((other) => other === name);
}

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
