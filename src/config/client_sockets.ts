import type { ConfiguredSockets } from "./configured_sockets.ts";
import { defaultSocket, ROOT_SOCKET, type User } from "./default_paths.ts";

interface ClientSources extends User {
  /** `--socket`. */
  readonly socket?: string | undefined;
  /** Sockets in the configuration file; `null` without a readable file. */
  readonly configured: ConfiguredSockets | null;
}

/**
 * Paths at which a client looks for the daemon, in order: only that of
 * `--socket` or `DISKD_SOCKET` if given; otherwise that of the configuration
 * file, this user's default, root's, and the read-only socket of the
 * configuration file, for users who may not use the others.
 */
export function clientSockets(sources: ClientSources): string[] {
  const { configured } = sources;
  const named = sources.socket || sources.env["DISKD_SOCKET"];
  if (named) return [named];
  const paths = [
    configured?.socket ?? null,
    defaultSocket(sources),
    ROOT_SOCKET,
    configured?.readSocket ?? null,
  ];
  return [...new Set(paths.filter((path) => path !== null))];
}
