import type { CommandContext } from "@stricli/core";
import type { Context } from "./context.ts";

/** What stricli hands through to a command, and gets back. */
export interface Invocation extends CommandContext {
  readonly process: {
    readonly stdout: { write(text: string): void };
    readonly stderr: { write(text: string): void };
    readonly env: Readonly<Record<string, string | undefined>>;
    /** Set by stricli, below 0 for what it refused itself. */
    exitCode?: number | string | null;
  };
  readonly context: Context;
  /** `--socket`, where words before the one to complete have it. */
  readonly socket?: string | undefined;
  /** What the command came to; stricli itself knows no exit codes. */
  outcome: Outcome | null;
}

export type Outcome =
  | { readonly kind: "exit"; readonly code: number }
  | { readonly kind: "thrown"; readonly error: unknown };
