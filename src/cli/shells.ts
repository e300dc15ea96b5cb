/** The shells that there is a completion script for. */
export const SHELLS = ["bash", "zsh", "fish"] as const;

export type Shell = typeof SHELLS[number];

/** @throws {RangeError} for any other word */
export function parseShell(word: string): Shell {
  const shell = SHELLS.find((shell) => shell === word);
  if (shell === undefined) {
    throw new RangeError(`expected one of ${SHELLS.join(", ")}`);
  }
  return shell;
}
