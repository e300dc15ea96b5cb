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
] as const;

/** Granted by themselves, beside the broad ones. */
const OWN_PATHS = [
  "/run/diskd",
  "/run/systemd/notify",
  "/var/lib/diskd",
] as const;

/**
 * Gives back the permission to read and write under every broad path that no
 * path in `used` is under. There is no way to get it back in this process.
 * Returns what was given back. Without effect under `deno run -A`.
 */
export function dropPermissions(used: readonly string[]): string[] {
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

function isUnder(path: string, directory: string): boolean {
  return path === directory || path.startsWith(`${directory}/`);
}
