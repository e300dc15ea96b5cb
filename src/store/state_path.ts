/** Which daemon of a host it is, and which one it would be by default. */
export interface Sockets {
  readonly socket: string;
  /** `null` where there is no default. */
  readonly defaultSocket: string | null;
}

/**
 * Where a daemon keeps the file `name`, `identity.json`: daemons of one host
 * that share a state directory differ by their socket, so the name of it is in
 * those of all but the usual one, `identity_run_y_control.sock.json`.
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

/** The file that the history of a daemon with this socket is in. */
export function historyPath(stateDir: string, sockets: Sockets): string {
  return statePath(stateDir, "history.db", sockets);
}

/** The files that keep what a daemon with this socket accepted last, see `AcceptedMarks`. */
export function acceptedPaths(
  stateDir: string,
  sockets: Sockets,
): { readonly journal: string; readonly snapshot: string } {
  return {
    // Beside the socket: that is in memory, and is this daemon's alone.
    journal: `${sockets.socket}.accepted`,
    snapshot: statePath(stateDir, "accepted.txt", sockets),
  };
}
