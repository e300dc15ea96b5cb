import { defaultStateDir, type User } from "../config/paths.ts";
import type { DiskRow } from "../control/views.ts";
import { directoryName, longerDirectoryName } from "../mount/folders.ts";
import { callerOf, noteForCaller } from "../mount/caller.ts";
import { readMountPoints } from "../mount/mount_points.ts";
import { mountRemote, remoteCommands } from "../mount/mount_remote.ts";
import {
  chooseOwnPlace,
  choosePlace,
  type PlaceOptions,
  type ShownPlace,
  sourceOf,
} from "../mount/places.ts";
import { Refusal } from "../mount/refusal.ts";
import type { DiskHost, RemoteTools } from "../mount/ssh.ts";
import { checkSshfs } from "../mount/sshfs.ts";
import type { MountView } from "../mount/views.ts";
import { placeThere, renderMounted, renderOpened } from "../render/done.ts";
import { isPrintable, printable } from "../text/printable.ts";
import { typed } from "../text/shell_quoted.ts";
import { findDisk, type FoundDisk } from "./choose_disk.ts";
import { command, type Options, path, toggle, withSystem } from "./command.ts";
import type { Context, MountCall, MountContext } from "./context.ts";
import { knownNames } from "./known_names.ts";
import { EXIT } from "../system/exit_code.ts";
import { findMeddler, sayMeddler } from "../system/trusted_path.ts";
import { mountHere, mountLocal } from "./mount_for_caller.ts";
import {
  diskHostOf,
  HERE,
  REMOTE_FLAGS,
  remoteTools,
  showCommands,
  withProgress,
} from "./mount_tools.ts";
import { note, show } from "./show.ts";

const OPEN_FLAGS = {
  readOnly: toggle("Mount read-only"),
  ...REMOTE_FLAGS,
};

type OpenOptions = Options<typeof OPEN_FLAGS>;

const OPEN_HELP =
  `The same as mount --at with a new directory, which unmount removes. It prints
the directory.`;

/** `diskd open NAME`: makes its files readable on this host, and prints their directory. */
export const open = command("open", {
  flags: OPEN_FLAGS,
  help: OPEN_HELP,
  propose: knownNames,
  run: withSystem(runOpen),
});

const MOUNT_FLAGS = {
  at: path("Also show the files in this directory of this host", "DIRECTORY"),
  ...OPEN_FLAGS,
  here: HERE,
};

type MountOptions = Options<typeof MOUNT_FLAGS>;

const MOUNT_HELP =
  `Mounting a local disk needs only root or udisks. On another host diskd mounts it
over ssh, if mount.allow in the configuration of that host names the disk. It
prints the mount point: beta:/run/media/diskd/backup-2019. With --at, sshfs also
shows the files here. A mounted disk stays as it is. Disks are mounted with
nosuid and nodev: setuid programs and device files on them have no effect.`;

/**
 * `diskd mount NAME`: mounts it on its host, and with `--at` shows it here.
 * Several words form a single name with spaces.
 */
export const mount = command("mount", {
  flags: MOUNT_FLAGS,
  help: MOUNT_HELP,
  propose: knownNames,
  run: withSystem(runMount),
});

async function runMount(
  options: MountOptions,
  context: MountContext,
): Promise<number> {
  const name = options.words.join(" ");
  if (options.here) {
    return await mountHere({ uuid: name, ...options }, { options, context });
  }
  if (name.trim() === "") {
    note("mount needs a name; see: diskd list", context);
    return EXIT.usage;
  }
  const view = await mountWhereItIs(name, { options, context });
  if (view !== null) showMounted(view, { options, context });
  return EXIT.ok;
}

async function mountWhereItIs(
  name: string,
  { options, context }: MountCall<MountOptions>,
): Promise<MountView | null> {
  const { host, readOnly, dryRun } = options;
  const at = options.at === undefined ? null : resolvePath(options.at, context);
  const disk = await findDisk(name, { host, options, context });
  if (!disk.isHere) {
    const choose = at === null ? null : chooseSafely.bind(null, at, context);
    return await mountRemotely(disk, { choose, options, context });
  }
  if (at !== null) refuseExchange(at, context);
  const { mayAsk } = context;
  const request = { ...disk, readOnly, at, mayAsk };
  const view = await mountLocal(request, { dryRun, options, context });
  if (view !== null) noteAccess(view.path, { view, context });
  return view;
}

function showMounted(
  view: MountView,
  { options, context }: MountCall<MountOptions>,
): void {
  show(view, { options, context, render: renderMounted });
  if (view.at === null || options.json) return;
  note(`Mounted on ${placeThere(view)}`, context);
}

/** Chooses the local directory for a disk. */
type ChoosePlace = (options: PlaceOptions) => ShownPlace;

interface RemoteMountCall extends MountCall<OpenOptions> {
  /** `null`: not shown on this host. */
  readonly choose: ChoosePlace | null;
}

/**
 * Mounts a disk on its host, and shows it here if requested; `null` after a dry
 * run.
 * @throws {Refusal}
 * @throws {ConfigError}
 */
async function mountRemotely(
  { row, uuid, heardAt }: FoundDisk,
  { choose, options, context }: RemoteMountCall,
): Promise<MountView | null> {
  const { readOnly, dryRun } = options;
  const flags = options;
  const diskHost = await diskHostOf({ row, heardAt }, { flags, context });
  const tools = remoteTools(options, context);
  if (choose !== null && !dryRun) await checkSshfs(tools);
  const place = choose === null
    ? null
    : choose(await placeOptions({ uuid, diskHost }, tools));
  const isShared = callerOf(context) !== null;
  const { label } = row;
  const request = { uuid, label, diskHost, readOnly, isShared, place };
  const path = knownPath(row);
  // Before any action, because it also finds options that sshfs cannot pass on.
  const commands = remoteCommands(request, { path, ways: tools.ways });
  if (dryRun) {
    showCommands(commands, { options, context });
    if (place !== null && place.shown === null && path === null) {
      note(`PATH is the answer of ${printable(row.uniqueHost)}.`, context);
    }
    return null;
  }
  const text = `Mounting on ${printable(row.uniqueHost)} over ssh ...`;
  const view = await withProgress(text, {
    context,
    work: () => mountRemote(request, tools),
  });
  if (view.at !== null) noteAccess(view.at, { view, context });
  if (place?.shown && readOnly && !view.readOnly) {
    note(
      `It stays shown read-write in ${
        printable(place.path)
      }, as it was before.`,
      context,
    );
  }
  return view;
}

async function placeOptions(
  disk: { readonly uuid: string; readonly diskHost: DiskHost },
  { system, uid }: RemoteTools,
): Promise<PlaceOptions> {
  return {
    source: sourceOf(disk),
    mounts: await readMountPoints(system),
    uid,
    folders: system.folders,
  };
}

/** Its mount point as announced by its host: untrusted, and only for display. */
function knownPath({ mounts }: DiskRow): string | null {
  return mounts.find((path) => path.startsWith("/") && isPrintable(path)) ??
    null;
}

/**
 * An absolute path, without `.`, `..` and superfluous slashes.
 * @throws {Refusal} `usage` for a relative path without a known directory
 */
export function resolvePath(
  path: string,
  { cwd }: Pick<Context, "cwd">,
): string {
  const base = path.startsWith("/") ? "" : cwd();
  if (base === null) {
    throw new Refusal("usage", {
      message: `--at is ${printable(path)}, expected an absolute path: ` +
        "diskd may not read the working directory",
    });
  }
  const parts: string[] = [];
  for (const part of `${base}/${path}`.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}

/** Does not touch a directory that shows the disk already, because it may hang. */
function chooseSafely(
  at: string,
  context: MountContext,
  options: PlaceOptions,
): ShownPlace {
  const place = choosePlace(at, options);
  if (place.shown === null) refuseExchange(at, context);
  return place;
}

/**
 * Refuses to root a mount point that another user than the one behind sudo
 * could exchange, and so have the disk mounted over another directory.
 * @throws {Refusal}
 */
function refuseExchange(path: string, context: MountContext): void {
  if (context.uid !== 0) return;
  const owner = callerOf(context)?.uid ?? null;
  refuseMeddler(path, { owner, upTo: "place" });
}

/** @throws {Refusal} if there is another than `owner` and root */
function refuseMeddler(
  path: string,
  { owner, upTo }: {
    readonly owner: number | null;
    readonly upTo: "place" | "contents";
  },
): void {
  const owners = new Set(owner === null ? [] : [owner]);
  const meddler = findMeddler(path, { owners, upTo });
  if (meddler === null) return;
  const deed = `exchange what is at ${path}`;
  throw new Refusal("refused", {
    message: printable(sayMeddler(meddler, deed)),
    hints: ["Choose another directory: diskd mount NAME --at DIR"],
  });
}

async function runOpen(
  options: OpenOptions,
  context: MountContext,
): Promise<number> {
  const name = options.words.join(" ");
  if (name.trim() === "") {
    note("open needs a name; see: diskd list", context);
    return EXIT.usage;
  }
  const { host } = options;
  const disk = await findDisk(name, { host, options, context });
  const view = disk.isHere
    ? await openHere(disk, { options, context })
    : await mountRemotely(disk, {
      choose: chooseOpenPlace({ ...disk.row, uuid: disk.uuid }, context),
      options,
      context,
    });
  if (view !== null) show(view, { options, context, render: renderOpened });
  return EXIT.ok;
}

/** Its mount point is on this host anyway. */
async function openHere(
  disk: FoundDisk,
  { options, context }: {
    readonly options: OpenOptions;
    readonly context: MountContext;
  },
): Promise<MountView | null> {
  const { readOnly, dryRun } = options;
  const request = { ...disk, readOnly, at: null, mayAsk: context.mayAsk };
  const view = await mountLocal(request, { dryRun, options, context });
  if (view === null) return null;
  noteAccess(view.path, { view, context });
  return { ...view, at: view.path };
}

/** Tells the user behind sudo if a directory is closed to him, and the remedy. */
function noteAccess(
  path: string,
  { view, context }: {
    readonly view: MountView;
    readonly context: MountContext;
  },
): void {
  const caller = callerOf(context);
  if (caller === null) return;
  const { folders } = context.system;
  const opening = typed(["chmod", "o+rx", view.path]);
  const remedy = `As root on ${printable(view.host)}: ${opening}`;
  const text = noteForCaller(path, { caller, folders, remedy });
  if (text !== null) note(text, context);
}

/**
 * The directory of opened disks, in memory if possible; `null` if there is none.
 * Root's is not in `/run/diskd`, which belongs to the user of the service.
 */
export function openFolder({ uid, env }: User): string | null {
  if (uid === 0) return "/run/diskd-open";
  const runtime = env["XDG_RUNTIME_DIR"];
  if (runtime?.startsWith("/")) {
    return `${runtime.replace(/\/+$/, "")}/diskd/open`;
  }
  const stateDir = defaultStateDir({ uid, env });
  return stateDir === null ? null : `${stateDir}/open`;
}

/**
 * A new directory for a disk, named after it.
 * @throws {Refusal} if there is no place for it
 */
export function chooseOpenPlace(
  disk: NamedDisk,
  user: User,
): ChoosePlace {
  const folder = openFolder(user);
  if (folder === null) {
    throw new Refusal("refused", {
      message: "there is no place for a new directory: neither " +
        "XDG_RUNTIME_DIR nor HOME is set",
      hints: ["Choose a directory: diskd mount NAME --at DIR"],
    });
  }
  // Not its directories: one whose host is gone would hang.
  refuseMeddler(folder, { owner: user.uid, upTo: "contents" });
  const paths = pathsFor(disk, folder);
  return (options) =>
    chooseOwnPlace(paths, { ...options, above: parentsOf(folder) });
}

/** Removes the unused directories of a disk, possibly left by a killed run. */
export function removeOpenPlaces(
  disk: NamedDisk,
  { uid, env, system: { folders } }: User & Pick<MountContext, "system">,
): void {
  const folder = openFolder({ uid, env });
  if (folder === null) return;
  for (const path of pathsFor(disk, folder)) {
    if (folders.look(path)?.kind === "folder") folders.remove(path);
  }
}

interface NamedDisk {
  readonly label: string | null;
  readonly uuid: string;
}

function pathsFor({ label, uuid }: NamedDisk, folder: string): string[] {
  return [directoryName(label, uuid), longerDirectoryName(label, uuid)]
    .map((name) => `${folder}/${name}`);
}

/** The directory and its parents, outermost first. */
function parentsOf(folder: string): string[] {
  const parts = folder.split("/").slice(1);
  return parts.map((_, index) => `/${parts.slice(0, index + 1).join("/")}`);
}
