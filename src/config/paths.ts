import { SERVICE_FOLDER } from "../control/socket_trust.ts";

/** The user, as far as it decides the default paths. */
export interface User {
  /** `null` if the system has no user ids. */
  readonly uid: number | null;
  readonly env: Environment;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** The variable that names the configuration file. */
export const CONFIG_FILE_VARIABLE = "DISKD_CONFIG";
const DEFAULT_CONFIG_FILE = "/etc/diskd/config.yaml";
const ROOT_SOCKET = `${SERVICE_FOLDER}/control.sock`;
const ROOT_STATE_DIR = "/var/lib/diskd";

/** The configuration file; `given` by name, it must exist. */
interface ConfigFileChoice {
  readonly path: string;
  readonly given: boolean;
}

/** The configuration file of `--config`, the environment, or the default. */
export function chooseConfigFile(
  { flags, env }: {
    readonly flags?: { readonly config?: string };
    readonly env: Environment;
  },
): ConfigFileChoice {
  const given = flags?.config || env[CONFIG_FILE_VARIABLE];
  return { path: given || DEFAULT_CONFIG_FILE, given: Boolean(given) };
}

/**
 * State directory of this user's daemon: `/var/lib/diskd` for root, otherwise
 * `ownStateDir`.
 */
export function defaultStateDir({ uid, env }: User): string | null {
  return uid === 0 ? ROOT_STATE_DIR : ownStateDir({ env });
}

/**
 * `$XDG_STATE_HOME/diskd` or `$HOME/.local/state/diskd` (XDG Base Directory
 * Specification 0.8), for root too: the directory of the daemon may belong to
 * the user of the service. `null` without any of them.
 */
export function ownStateDir({ env }: Pick<User, "env">): string | null {
  const state = absolute(env["XDG_STATE_HOME"]);
  if (state !== null) return `${state}/diskd`;
  const home = absolute(env["HOME"]);
  return home === null ? null : `${home}/.local/state/diskd`;
}

/**
 * Control socket of this user's daemon: `/run/diskd/control.sock` for root,
 * otherwise `$XDG_RUNTIME_DIR/diskd/control.sock`. Without a runtime directory
 * (`su`, cron, containers) it is in the state directory, which nobody else can
 * write to, and not in `/tmp`, where anyone could have created a socket of that
 * name before.
 */
export function defaultSocket(user: User): string | null {
  if (user.uid === 0) return ROOT_SOCKET;
  const runtime = absolute(user.env["XDG_RUNTIME_DIR"]);
  if (runtime !== null) return `${runtime}/diskd/control.sock`;
  const stateDir = defaultStateDir(user);
  return stateDir === null ? null : `${stateDir}/control.sock`;
}

/** The specification says to ignore relative paths. */
function absolute(path: string | undefined): string | null {
  if (path === undefined || !path.startsWith("/")) return null;
  return path.replace(/\/+$/, "");
}

/** The sockets of a configuration file; `null` if missing. */
export interface ConfiguredSockets {
  readonly socket: string | null;
  readonly readSocket: string | null;
}

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
  const named = namedSocket(sources);
  if (named) return [named];
  const paths = [
    configured?.socket ?? null,
    defaultSocket(sources),
    ROOT_SOCKET,
    configured?.readSocket ?? null,
  ];
  return [...new Set(paths.filter((path) => path !== null))];
}

/** The socket of `--socket` or `DISKD_SOCKET`; a client looks at no other. */
export function namedSocket(
  { socket, env }: Pick<ClientSources, "socket" | "env">,
): string | undefined {
  return socket || env["DISKD_SOCKET"];
}
