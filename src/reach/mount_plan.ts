import type { DiskRow } from "../control/views.ts";
import type { Argv } from "./typed.ts";
import type { MountView, UnmountView } from "./views.ts";

/** A disk of this host that is to be mounted. */
export interface MountRequest {
  readonly row: DiskRow;
  /** The other devices here that one btrfs has beside `row`; mostly none. */
  readonly members: readonly DiskRow[];
  readonly readOnly: boolean;
  /** An absolute path to mount it at; `null`: wherever such disks are mounted. */
  readonly at: string | null;
  /** Whether udisks may ask for a password at the terminal. */
  readonly mayAsk: boolean;
}

/** A disk of this host that is to be unmounted. It may have been pulled out: `row.state` tells. */
export type UnmountRequest = Pick<
  MountRequest,
  "row" | "members" | "mayAsk"
>;

interface Plan {
  /** What `carryOut` does, in words of a shell not yet quoted; empty when nothing is to do. */
  readonly commands: readonly Argv[];
  /** What the user should know, a printable line each. */
  readonly notes: readonly string[];
}

/** How a disk is going to be mounted, or where it is already. */
export type MountPlan =
  | Plan & { readonly kind: "mounted"; readonly view: MountView }
  | Plan & MountSteps & { readonly kind: "toDo" };

/** What there is to do, and how to know that it was done. */
export interface MountSteps {
  readonly request: MountRequest;
  /** `udisks`: it makes its own directory. `bind`: what is mounted elsewhere is shown at another place too. */
  readonly means: "udisks" | "mount" | "bind";
  /** Directories to make, the outermost first. */
  readonly foldersToMake: readonly string[];
  readonly argv: Argv;
  /** Where it will be; `null`: udisks chooses. */
  readonly target: string | null;
}

/** How a disk is going to be unmounted, or that it is not mounted. */
export type UnmountPlan =
  | Plan & { readonly kind: "nothing"; readonly view: UnmountView }
  | Plan & {
    readonly kind: "toDo";
    readonly request: UnmountRequest;
    readonly steps: readonly UnmountStep[];
  };

export interface UnmountStep {
  readonly argv: Argv;
  /** The mount point that goes. */
  readonly path: string;
  /** Whether its directory is ours to remove. */
  readonly removesFolder: boolean;
}
