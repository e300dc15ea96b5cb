import type { DiskChoice } from "../config/expect_setting.ts";
import {
  type DiskIdentifiers,
  type HostIdentifiers,
  resolveDisks,
} from "../inventory/resolve.ts";

/** What tells whether a disk is chosen. */
export interface Choosable {
  /** With the name that somebody gave it. */
  readonly names: DiskIdentifiers;
  readonly tags: readonly string[];
  /** The host that has it, or had it last. */
  readonly host?: HostIdentifiers;
}

/** Whether a setting means this disk, by any of its names, or by a tag. */
export function isChosen(
  { names, tags, host }: Choosable,
  choices: readonly DiskChoice[],
): boolean {
  const options = {
    diskOf: (names: DiskIdentifiers) => names,
    ...(host !== undefined && { hostOf: () => host }),
  };
  return choices.some((choice) =>
    typeof choice === "string"
      ? resolveDisks(choice, [names], options).found.length > 0
      : tags.includes(choice.tag)
  );
}
