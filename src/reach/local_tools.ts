import type { Environment } from "../config/default_paths.ts";
import type { System } from "../system/system.ts";

/** What it takes to mount and unmount on this host. */
export interface LocalTools {
  readonly system: System;
  /** Who we are; `null`: not known, and so not root. */
  readonly uid: number | null;
  readonly env: Environment;
}

/** Whether we may call mount(8) ourselves. */
export function isRoot({ uid }: Pick<LocalTools, "uid">): boolean {
  return uid === 0;
}
