import type { Argv } from "./typed.ts";
import { markFor } from "./mount_points.ts";

/** What every disk is mounted with: whoever made it does not get to be root here. */
export const SAFE_OPTIONS: readonly string[] = ["nosuid", "nodev"];

export interface MountOptions {
  readonly uuid: string;
  readonly readOnly: boolean;
}

/** A device by mount(8), at a directory that is there. `members` are the other devices of one btrfs. */
export function mountArgv(
  { device, type, target, members, ...options }: MountOptions & {
    readonly device: string;
    /** `null`: mount(8) finds out. */
    readonly type: string | null;
    readonly target: string;
    readonly members: readonly string[];
  },
): Argv {
  const all = [
    ...optionsOf(options),
    markFor(options.uuid),
    // Where udev does not run nobody told the kernel of them.
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

/** What is mounted at one directory shown at another, too. */
export function bindArgv(
  { from, target, ...options }: MountOptions & {
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

/** A directory for `mountArgv`. */
export function makeFolderArgv(path: string): Argv {
  return ["mkdir", "--", path];
}

/** The path is of the table of mounts, so it has no symbolic links to follow; who owns a directory above must not be able to make one. */
export function unmountArgv(target: string): Argv {
  return ["umount", "--no-canonicalize", "--", target];
}

/** A device by udisks, which makes the directory. */
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

/** The same device away again. */
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

function optionsOf({ readOnly }: MountOptions): string[] {
  return readOnly ? [...SAFE_OPTIONS, "ro"] : [...SAFE_OPTIONS];
}

/** mount(8) cuts its options at commas. */
function isOneOption(text: string): boolean {
  return !text.includes(",");
}
