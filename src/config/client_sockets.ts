import { defaultSocket, ROOT_SOCKET, type User } from "./default_paths.ts";

export interface ClientSources extends User {
  /** `--socket`. */
  readonly socket?: string | undefined;
  /** What the configuration file says, see `configuredSocket`; `null`: nothing. */
  readonly configured: string | null;
}

/**
 * Paths at which a client looks for the daemon, first the likeliest: only the
 * one that `--socket` or `DISKD_SOCKET` names, else the one in the
 * configuration file, this user's own, and root's.
 */
export function clientSockets(sources: ClientSources): string[] {
  const named = sources.socket || sources.env["DISKD_SOCKET"];
  if (named) return [named];
  const paths = [sources.configured, defaultSocket(sources), ROOT_SOCKET];
  return [...new Set(paths.filter((path) => path !== null))];
}
