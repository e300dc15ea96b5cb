import assert from "node:assert/strict";
import type { Host } from "./host.ts";
import type { Outcome } from "./process.ts";

/** What a command must come to. A stream that is not named must be empty. */
export interface ExpectedOutcome {
  /** Default 0. */
  readonly code?: number;
  readonly stdout?: RegExp;
  readonly stderr?: RegExp;
}

/** Words behind `diskd`, split at their spaces where they are one text, and what must come of them. */
export type CommandCase = readonly [
  words: string | readonly string[],
  expected: ExpectedOutcome,
];

const NOTHING = /^$/;

/** Where what it prints is of no interest. */
export const ANYTHING = { stdout: /^/, stderr: /^/ };

/** What a command says on standard error while it waits for longer than people like to. */
const PROGRESS = /^(?:Mounting|Unmounting) on .+ \.\.\.\n/gm;

/** Compares how a command ended with how it should have; `what` is for the message. */
export function checkOutcome(
  outcome: Outcome,
  expected: ExpectedOutcome,
  what: string,
): void {
  const { code = 0, stdout = NOTHING, stderr = NOTHING } = expected;
  const about = `${what} exited with ${outcome.code}, standard output:\n` +
    `${outcome.stdout}\nstandard error:\n${outcome.stderr}`;
  assert.equal(outcome.code, code, `expected exit code ${code}, but ${about}`);
  assert.match(outcome.stdout, stdout, `no ${stdout} on stdout: ${about}`);
  // How long something takes is the machine's business.
  const said = stderr.test(outcome.stderr)
    ? outcome.stderr
    : outcome.stderr.replace(PROGRESS, "");
  assert.match(said, stderr, `no ${stderr} on stderr: ${about}`);
}

/** Runs `diskd` on a host, once for each case. */
export async function checkCommands(
  host: Host,
  cases: readonly CommandCase[],
): Promise<void> {
  for (const [words, expected] of cases) {
    const argv = typeof words === "string" ? words.split(" ") : words;
    const outcome = await host.run(["diskd", ...argv]);
    checkOutcome(outcome, expected, `diskd ${argv.join(" ")}`);
  }
}
