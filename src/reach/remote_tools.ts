import type { Environment } from "../config/default_paths.ts";
import type { System } from "../system/system.ts";
import type { SshWays } from "./ssh_argv.ts";
import type { SshTarget } from "./ssh_target.ts";

/** What it takes to reach another host. */
export interface RemoteTools {
  readonly system: System;
  /** All variables there are; programs get those of `ATTENDED_VARIABLES`. */
  readonly env: Environment;
  /** Ours; `null` where the system has none. */
  readonly uid: number | null;
  readonly ways: SshWays;
  /** Aborts when the user wants no more of it. */
  readonly signal: AbortSignal;
}

/** The host that a disk hangs on, and how ssh gets there. */
export interface Holder {
  /** As announced. */
  readonly host: string;
  readonly hostId: string;
  readonly target: SshTarget;
}
