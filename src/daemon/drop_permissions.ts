import { ATTENDED_VARIABLES } from "../mount/attended_environment.ts";
import { PROGRAM_PLACES } from "../system/run_program.ts";

/**
 * Where a daemon's socket, state and configuration may be, and a client's.
 * Deno cannot grant a path that is chosen when the program starts, so the
 * binary is granted all of these, and the daemon gives back the ones that its
 * configuration does not use. With the default paths of root none is left but
 * those in `permissions` of deno.json that are diskd's own.
 */
const BROAD_PATHS = [
  "/run",
  "/var/run",
  "/tmp",
  "/var/tmp",
  "/home",
  "/root",
  "/mnt",
  "/media",
  "/srv",
] as const;

/** Granted by themselves, beside the broad ones. */
const OWN_PATHS = [
  "/run/diskd",
  "/run/systemd/notify",
  "/var/lib/diskd",
] as const;

/** Programs that `mount`, `unmount`, `open` and `ssh-command` run, and no daemon. */
export const REACH_PROGRAMS: readonly string[] = [
  "ssh",
  "sshfs",
  "fusermount3",
  "fusermount",
  "mount",
  "umount",
  "udisksctl",
  "bwrap",
];

/** What these programs are told of the user, and what sshd(8) says that was asked. The daemon has read by then what it wants of it. */
export const REACH_VARIABLES: readonly string[] = [
  ...ATTENDED_VARIABLES,
  "SSH_ORIGINAL_COMMAND",
];

/**
 * Gives back what no daemon needs: the permission to run programs that mount
 * disks or reach other hosts, to see the variables that are for these, and to
 * read and write under every broad path that no path in `used` is under. There
 * is no way to get it back in this process. Returns the paths that were given
 * back. Without effect under `deno run -A`.
 */
export function dropPermissions(used: readonly string[]): string[] {
  for (const command of REACH_PROGRAMS.flatMap(inAllPlaces)) {
    Deno.permissions.revokeSync({ name: "run", command });
  }
  for (const variable of REACH_VARIABLES) {
    Deno.permissions.revokeSync({ name: "env", variable });
  }
  return dropPaths(used);
}

function dropPaths(used: readonly string[]): string[] {
  const needed = used.filter((path) =>
    !OWN_PATHS.some((own) => isUnder(path, own))
  );
  const dropped = BROAD_PATHS.filter((broad) =>
    !needed.some((path) => isUnder(path, broad))
  );
  for (const path of dropped) {
    Deno.permissions.revokeSync({ name: "write", path });
    Deno.permissions.revokeSync({ name: "read", path });
  }
  return dropped;
}

function inAllPlaces(program: string): string[] {
  return PROGRAM_PLACES.map((place) => `${place}/${program}`);
}

function isUnder(path: string, directory: string): boolean {
  return path === directory || path.startsWith(`${directory}/`);
}
