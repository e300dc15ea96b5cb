/** The socket of a daemon, and the default socket. */
export interface Sockets {
  readonly socket: string;
  /** `null` if there is no default. */
  readonly defaultSocket: string | null;
}

/**
 * Path of a daemon's file `name`, such as `identity.json`. Daemons that share a
 * state directory have different sockets, so all except the default one include
 * it in the name: `identity_run_y_control.sock.json`.
 */
export function statePath(
  stateDir: string,
  name: string,
  { socket, defaultSocket }: Sockets,
): string {
  if (socket === defaultSocket) return `${stateDir}/${name}`;
  const dot = name.lastIndexOf(".");
  const which = socket.replaceAll("_", "__").replaceAll("/", "_");
  return `${stateDir}/${name.slice(0, dot)}${which}${name.slice(dot)}`;
}

/** The history file of a daemon with this socket. */
export function historyPath(stateDir: string, sockets: Sockets): string {
  return statePath(stateDir, "history.db", sockets);
}

/** The file with what a daemon knows of names. */
export function namesPath(stateDir: string, sockets: Sockets): string {
  return statePath(stateDir, "names.json", sockets);
}

/** The file with the notes, names and tags of disks. */
export function remarksPath(stateDir: string, sockets: Sockets): string {
  return statePath(stateDir, "remarks.jsonl", sockets);
}

/** The file with the disks that are expected. */
export function expectedPath(stateDir: string, sockets: Sockets): string {
  return statePath(stateDir, "expected.jsonl", sockets);
}

/** The files of a daemon's `ReplayGuard`. */
export function acceptedPaths(
  stateDir: string,
  sockets: Sockets,
): { readonly journal: string; readonly snapshot: string } {
  return {
    // Beside the socket: there it is in memory, and belongs to this daemon
    // alone.
    journal: `${sockets.socket}.accepted`,
    snapshot: statePath(stateDir, "accepted.txt", sockets),
  };
}
