import { defaultStateDir, type User } from "../config/default_paths.ts";
import { directoryName, longerDirectoryName } from "../mount/folders.ts";
import { chooseOwnPlace } from "../mount/places.ts";
import { Refusal } from "../mount/refusal.ts";
import type { ChoosePlace } from "./mount_remotely.ts";
import type { ReachContext } from "./reach_context.ts";

/**
 * Where `open` shows disks: directories that go when the machine stops, if
 * there is a place for such. `null` without any place.
 */
export function openFolder({ uid, env }: User): string | null {
  if (uid === 0) return "/run/diskd/open";
  const runtime = env["XDG_RUNTIME_DIR"];
  if (runtime?.startsWith("/")) {
    return `${runtime.replace(/\/+$/, "")}/diskd/open`;
  }
  const stateDir = defaultStateDir({ uid, env });
  return stateDir === null ? null : `${stateDir}/open`;
}

/**
 * A directory of a disk's own, named after it.
 * @throws {Refusal} where there is no place for it
 */
export function chooseOpenPlace(
  disk: Named,
  user: User,
): ChoosePlace {
  const folder = openFolder(user);
  if (folder === null) {
    throw new Refusal("refused", {
      message: "there is no place for a directory of its own: neither " +
        "XDG_RUNTIME_DIR nor HOME is set",
      hints: ["Choose a directory: diskd mount NAME --at DIR"],
    });
  }
  const paths = pathsFor(disk, folder);
  return (options) =>
    chooseOwnPlace(paths, { ...options, above: parentsOf(folder) });
}

/** Removes the directories of a disk that nothing is mounted on: a run that was killed may have left one. */
export function removeOpenPlaces(
  disk: Named,
  { uid, env, system: { folders } }: User & Pick<ReachContext, "system">,
): void {
  const folder = openFolder({ uid, env });
  if (folder === null) return;
  for (const path of pathsFor(disk, folder)) {
    if (folders.look(path)?.kind === "folder") folders.remove(path);
  }
}

interface Named {
  readonly label: string | null;
  readonly uuid: string;
}

function pathsFor({ label, uuid }: Named, folder: string): string[] {
  return [directoryName(label, uuid), longerDirectoryName(label, uuid)]
    .map((name) => `${folder}/${name}`);
}

/** The directory and those above it, the outermost first. */
function parentsOf(folder: string): string[] {
  const parts = folder.split("/").slice(1);
  return parts.map((_, index) => `/${parts.slice(0, index + 1).join("/")}`);
}
