import { printable } from "../text/printable.ts";
import { typed } from "../text/shell_quoted.ts";
import { EXIT, type ExitName } from "../system/exit_code.ts";

const NO_REFUSALS = ["ok", "problems", "internal", "output"] as const;

/**
 * Reason of a refusal: the name of the exit code. `notAttached` includes a
 * silent host and a disk removed meanwhile; `severalHosts` a disk twice on one
 * host.
 */
type RefusalKind = Exclude<ExitName, typeof NO_REFUSALS[number]>;

/** Exit codes of diskd on another host, passed on to the caller. */
export const REFUSAL_OF_CODE: ReadonlyMap<number, RefusalKind> = new Map(
  Object.entries(EXIT).flatMap(([name, code]) =>
    isRefusalKind(name) ? [[code, name]] : []
  ),
);

function isRefusalKind(name: string): name is RefusalKind {
  return !NO_REFUSALS.some((other) => other === name);
}

/** An action was refused, or undone except for the parts named in the message. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly kind: RefusalKind;
  /** Remedies, a line each; may be empty. */
  readonly hints: readonly string[];

  /**
   * `message` and `hints` must be printable: text from a disk, the LAN or a
   * program has gone through `printable`.
   */
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

/** Nothing is unmounted, because only other programs have the disk mounted. */
export class LeftToOthers extends Refusal {
  /** Their mount points, not printable. */
  readonly left: readonly string[];

  /** `host` is printable; `null`: this host. */
  constructor(left: readonly string[], host: string | null) {
    const places = left.map((path) => printable(path)).join(", ");
    super("refused", {
      message: `${host === null ? "" : `on ${host} `}another program ` +
        `mounted it on ${places}, so diskd leaves it alone`,
      hints: [`To unmount it anyway: ${typed(["umount", left[0] ?? ""])}`],
    });
    this.left = left;
  }
}

/** A note about a mount point of another program, printable. */
export function leftAlone(path: string): string {
  return `It stays mounted on ${printable(path)}: ` +
    "another program mounted it there.";
}
