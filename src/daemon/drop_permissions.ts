import { ATTENDED_VARIABLES } from "../mount/attended_environment.ts";
import { CALLER_VARIABLES } from "../mount/caller.ts";
import { PROGRAM_PLACES } from "../system/run_program.ts";

/**
 * Possible places of the socket, state and configuration of a daemon, and of a
 * client's files. Deno cannot grant a path chosen at the start, so the binary
 * has all of these, and the daemon drops those not used by its configuration.
 * With root's default paths only diskd's own paths in `permissions` of
 * deno.json are left.
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

/** Granted separately, in addition to the broad ones. */
const OWN_PATHS = [
  "/run/diskd",
  "/run/systemd/notify",
  "/var/lib/diskd",
] as const;

/** Programs of `mount`, `unmount`, `open`, `locate` and `ssh-command`, never run by the daemon. */
export const MOUNT_PROGRAMS: readonly string[] = [
  "ssh",
  "sshfs",
  "fusermount3",
  "fusermount",
  "mount",
  "umount",
  "udisksctl",
  "bwrap",
  "find",
  "ps",
  "stat",
  "dd",
  "ledctl",
];

/** Programs of `doctor`. The daemon runs only `ip`, once, before it drops them: see `LinkWatch`. */
export const DOCTOR_PROGRAMS: readonly string[] = [
  "ip",
  "nft",
  "ss",
  "timedatectl",
];

/**
 * Variables for these programs, who typed a command, and the request from sshd(8). The daemon has
 * read the ones it needs by then.
 */
export const MOUNT_VARIABLES: readonly string[] = [
  ...ATTENDED_VARIABLES,
  ...CALLER_VARIABLES,
  "SSH_ORIGINAL_COMMAND",
];

/**
 * Permanently drops permissions the daemon does not need: to run programs that
 * mount disks, reach other hosts, or look at the network, to read their variables, and to read and
 * write below every broad path without a path in `used`. Returns the dropped
 * paths. No effect under `deno run -A`.
 */
export function dropPermissions(used: readonly string[]): string[] {
  for (
    const command of [...MOUNT_PROGRAMS, ...DOCTOR_PROGRAMS].flatMap(
      inAllPlaces,
    )
  ) {
    Deno.permissions.revokeSync({ name: "run", command });
  }
  for (const variable of MOUNT_VARIABLES) {
    Deno.permissions.revokeSync({ name: "env", variable });
  }
  return dropPaths(used);
}

/**
 * Permanently drops what the page does not need once it listens: all programs
 * and variables, what only the daemon writes, and every broad path without a
 * path in `used`. Not the network: Deno wants it for Unix sockets too. No effect
 * under `deno run -A`.
 */
export function dropForWeb(used: readonly string[]): void {
  for (const name of ["run", "env", "sys"] as const) {
    Deno.permissions.revokeSync({ name });
  }
  const dropped = dropPaths(used);
  // With a path, Deno also drops what it is in.
  if (dropped.includes("/run")) dropPath("/run/systemd/notify");
  dropPath("/var/lib/diskd");
}

function dropPaths(used: readonly string[]): string[] {
  const needed = used.filter((path) =>
    !OWN_PATHS.some((own) => isUnder(path, own))
  );
  const dropped = BROAD_PATHS.filter((broad) =>
    !needed.some((path) => isUnder(path, broad))
  );
  dropped.forEach(dropPath);
  return dropped;
}

function dropPath(path: string): void {
  Deno.permissions.revokeSync({ name: "write", path });
  Deno.permissions.revokeSync({ name: "read", path });
}

function inAllPlaces(program: string): string[] {
  return PROGRAM_PLACES.map((place) => `${place}/${program}`);
}

function isUnder(path: string, directory: string): boolean {
  return path === directory || path.startsWith(`${directory}/`);
}
