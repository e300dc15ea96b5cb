/** What is known of the user that decides where files are by default. */
export interface User {
  /** `null` where the system has no user ids. */
  readonly uid: number | null;
  readonly env: Environment;
}

export type Environment = Readonly<Record<string, string | undefined>>;

export const DEFAULT_CONFIG_FILE = "/etc/diskd/config.yaml";
export const ROOT_SOCKET = "/run/diskd/control.sock";
const ROOT_STATE_DIR = "/var/lib/diskd";

/**
 * Where the state of this user's daemon and the history of the prompt are:
 * `/var/lib/diskd` for root, else `$XDG_STATE_HOME/diskd`, else
 * `$HOME/.local/state/diskd` (XDG Base Directory Specification 0.8).
 * `null` without any of them.
 */
export function defaultStateDir({ uid, env }: User): string | null {
  if (uid === 0) return ROOT_STATE_DIR;
  const state = absolute(env["XDG_STATE_HOME"]);
  if (state !== null) return `${state}/diskd`;
  const home = absolute(env["HOME"]);
  return home === null ? null : `${home}/.local/state/diskd`;
}

/**
 * Where the control socket of this user's daemon is: `/run/diskd/control.sock`
 * for root, else `$XDG_RUNTIME_DIR/diskd/control.sock`. Without a runtime
 * directory (`su`, cron, containers) it is in the state directory, which
 * nobody else can write to: not in `/tmp`, where anybody could have put a
 * socket of that name before.
 */
export function defaultSocket(user: User): string | null {
  if (user.uid === 0) return ROOT_SOCKET;
  const runtime = absolute(user.env["XDG_RUNTIME_DIR"]);
  if (runtime !== null) return `${runtime}/diskd/control.sock`;
  const stateDir = defaultStateDir(user);
  return stateDir === null ? null : `${stateDir}/control.sock`;
}

/** The specification has relative paths ignored. */
function absolute(path: string | undefined): string | null {
  if (path === undefined || !path.startsWith("/")) return null;
  return path.replace(/\/+$/, "");
}
