import type { ConfiguredSockets } from "./configured_sockets.ts";
import { defaultSocket, ROOT_SOCKET, type User } from "./default_paths.ts";

interface ClientSources extends User {
  /** `--socket`. */
  readonly socket?: string | undefined;
  /** What the configuration file says; `null`: there is none to read. */
  readonly configured: ConfiguredSockets | null;
}

/**
 * Paths at which a client looks for the daemon, first the likeliest: only the
 * one that `--socket` or `DISKD_SOCKET` names, else the one in the
 * configuration file, this user's own, root's, and the one for reading in the
 * configuration file, for whoever may not use the others.
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
