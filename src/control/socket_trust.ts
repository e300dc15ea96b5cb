import { statOrNull } from "../system/file_at.ts";
import { findMeddler, sayMeddler } from "../system/trusted_path.ts";

/** Directory of root's socket. Root, or systemd, gives it to the user of the service. */
export const SERVICE_FOLDER = "/run/diskd";

/**
 * Says who could answer on a socket in place of a daemon that a user trusts:
 * one of root, of the user of the service, or his own. `null` if nobody could,
 * or nothing is there. Deno cannot ask the kernel who is at the other end, so
 * the owners of the socket and of the directories on the way count.
 */
export function doubtSocket(path: string, uid: number | null): string | null {
  const owners = new Set<number>();
  if (uid !== null) owners.add(uid);
  const service = serviceUser();
  if (service !== null) owners.add(service);
  const meddler = tryFind(path, owners, "owner");
  if (meddler === null) return null;
  const trusted = [
    "root",
    ...(service === null || service === 0
      ? []
      : [`the user of the service (${service})`]),
    ...(uid === null || uid === 0 ? [] : ["you"]),
  ].join(" or ");
  const said = sayMeddler(meddler, `answer on ${path} in place of diskd`);
  return `${said}; expected ${trusted}`;
}

/** `null` if the service was never started: only root can make its directory. */
function serviceUser(): number | null {
  if (tryFind(SERVICE_FOLDER, new Set(), "place") !== null) return null;
  return lookAt(SERVICE_FOLDER)?.uid ?? null;
}

function lookAt(path: string): Deno.FileInfo | null {
  try {
    return statOrNull(path);
  } catch {
    return null; // Not permitted.
  }
}

/** A path that cannot be followed leads to no socket either. */
function tryFind(
  path: string,
  owners: ReadonlySet<number>,
  upTo: "place" | "owner",
): ReturnType<typeof findMeddler> {
  try {
    return findMeddler(path, { owners, upTo });
  } catch {
    return null;
  }
}
