import type { DiskRow } from "../control/views.ts";
import type { MountPoint } from "../probe/parse_findmnt.ts";
import type { System } from "../system/system.ts";
import type { Argv } from "../text/shell_quoted.ts";
import { markFor } from "./mount_points.ts";
import { isRoot, type LocalTools, LOOK_TIMEOUT_MS } from "./run_attended.ts";
import type { MountView, UnmountView } from "./views.ts";

/** A local disk to mount. */
export interface MountRequest {
  readonly row: DiskRow;
  /** The other local devices of its btrfs; usually none. */
  readonly members: readonly DiskRow[];
  readonly readOnly: boolean;
  /** An absolute path to mount it at; `null`: the default place. */
  readonly at: string | null;
  /** Whether udisks may ask for a password at the terminal. */
  readonly mayAsk: boolean;
}

/** A local disk to unmount. It may have been pulled out, see `row.state`. */
export type UnmountRequest = Pick<
  MountRequest,
  "row" | "members" | "mayAsk"
>;

interface Plan {
  /** The commands of `carryOut`, unquoted; empty if there is nothing to do. */
  readonly commands: readonly Argv[];
  /** Notes for the user, a printable line each. */
  readonly notes: readonly string[];
}

/** How to mount a disk, or its present mount point. */
export type MountPlan =
  | Plan & { readonly kind: "mounted"; readonly view: MountView }
  | Plan & MountSteps & { readonly kind: "toDo" };

/** The steps, and how to verify them. */
export interface MountSteps {
  readonly request: MountRequest;
  /** `udisks`: it creates its own directory. `bind`: shows an existing mount at another place. */
  readonly means: "udisks" | "mount" | "bind";
  /** Directories to create, outermost first. */
  readonly foldersToMake: readonly string[];
  readonly argv: Argv;
  /** The mount point; `null`: udisks chooses. */
  readonly target: string | null;
}

/** How to unmount a disk, or that it is not mounted. */
export type UnmountPlan =
  | Plan & { readonly kind: "nothing"; readonly view: UnmountView }
  | Plan & {
    readonly kind: "toDo";
    readonly request: UnmountRequest;
    readonly steps: readonly UnmountStep[];
  };

export interface UnmountStep {
  readonly argv: Argv;
  /** The mount point to remove. */
  readonly path: string;
  /** Whether to remove its directory. */
  readonly removesFolder: boolean;
}

/** Options of every mount: the author of a disk must not become root here. */
export const SAFE_OPTIONS: readonly string[] = ["nosuid", "nodev"];

interface DiskToMount {
  readonly uuid: string;
  readonly readOnly: boolean;
}

/**
 * Mounts a device with mount(8) on an existing directory. `members` are the
 * other devices of its btrfs.
 */
export function mountArgv(
  { device, type, target, members, ...options }: DiskToMount & {
    readonly device: string;
    /** `null`: mount(8) detects it. */
    readonly type: string | null;
    readonly target: string;
    readonly members: readonly string[];
  },
): Argv {
  const all = [
    ...optionsOf(options),
    markFor(options.uuid),
    // Without udev nothing has told the kernel of them.
    ...members.filter(isOneOption).map((member) => `device=${member}`),
  ];
  return [
    "mount",
    ...(type === null ? [] : ["-t", type]),
    ...["-o", all.join(",")],
    ...["--source", device],
    ...["--target", target],
  ];
}

/** Shows a mounted directory at another place too. */
export function bindArgv(
  { from, target, ...options }: DiskToMount & {
    readonly from: string;
    readonly target: string;
  },
): Argv {
  const all = ["bind", ...optionsOf(options), markFor(options.uuid)];
  return [
    "mount",
    ...["-o", all.join(",")],
    ...["--source", from],
    ...["--target", target],
  ];
}

/** Creates a directory for `mountArgv`. */
export function makeFolderArgv(path: string): Argv {
  return ["mkdir", "--", path];
}

/**
 * The path comes from the mount table, so it contains no symbolic links; the
 * owner of a directory above must not be able to add one.
 */
export function unmountArgv(
  target: string,
  flags: readonly string[] = [],
): Argv {
  return ["umount", ...flags, "--no-canonicalize", "--", target];
}

/** Mounts a device with udisks, which creates the directory. */
export function udisksMountArgv(
  { device, readOnly, mayAsk }: {
    readonly device: string;
    readonly readOnly: boolean;
    readonly mayAsk: boolean;
  },
): Argv {
  const options = readOnly ? [...SAFE_OPTIONS, "ro"] : SAFE_OPTIONS;
  return [
    ...["udisksctl", "mount"],
    ...["--block-device", device],
    ...["--options", options.join(",")],
    ...interaction(mayAsk),
  ];
}

/** Unmounts it with udisks. */
export function udisksUnmountArgv(
  device: string,
  { mayAsk }: { readonly mayAsk: boolean },
): Argv {
  return [
    ...["udisksctl", "unmount"],
    ...["--block-device", device],
    ...interaction(mayAsk),
  ];
}

function interaction(mayAsk: boolean): string[] {
  return mayAsk ? [] : ["--no-user-interaction"];
}

function optionsOf({ readOnly }: DiskToMount): string[] {
  return readOnly ? [...SAFE_OPTIONS, "ro"] : [...SAFE_OPTIONS];
}

/** mount(8) splits its options at commas. */
function isOneOption(text: string): boolean {
  return !text.includes(",");
}

const MAX_INFO_BYTES = 64 * 1024;

/** Whether udisks runs and knows this device to have a filesystem. */
export async function knowsUdisks(
  device: string,
  system: System,
): Promise<boolean> {
  const args = ["info", "--block-device", device];
  const outcome = await system.run("udisksctl", args, {
    timeoutMs: LOOK_TIMEOUT_MS,
    maxOutputBytes: MAX_INFO_BYTES,
  });
  if (outcome.kind !== "exited" || outcome.code !== 0) return false;
  const info = new TextDecoder().decode(outcome.stdout);
  return /^ *org\.freedesktop\.UDisks2\.Filesystem:$/m.test(info);
}

/** Whether it is in the udisks directory of this user. */
export function isByUdisks(
  { target }: MountPoint,
  tools: Pick<LocalTools, "uid" | "env">,
): boolean {
  const user = isRoot(tools)
    ? "root"
    : tools.env["USER"] || tools.env["LOGNAME"];
  if (!user || user.includes("/")) return false;
  return ["/run/media", "/media"].some((folder) =>
    target.startsWith(`${folder}/${user}/`)
  );
}
