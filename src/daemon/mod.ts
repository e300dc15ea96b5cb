/** `diskd --daemon`: runs until it is told to stop. */
import type { Config } from "../config/config.ts";
import { ConfigError } from "../config/config_error.ts";
import { defaultSocket, type Environment } from "../config/default_paths.ts";
import {
  chooseConfigFile,
  type ConfigFlags,
  loadConfig,
} from "../config/load_config.ts";
import { SocketUnavailable } from "../control/socket_file.ts";
import { denoSystem } from "../system/deno_system.ts";
import { reasonOf } from "../system/reason.ts";
import { VERSION } from "../version.ts";
import { composeDaemon, type Daemon } from "./compose.ts";
import { dropPermissions } from "./drop_permissions.ts";
import { Log, type LogTarget } from "./log.ts";
import { notifySystemd, type ServiceState } from "./notify.ts";
import { Signals } from "./signals.ts";
import { startTasks, stopTasks } from "./task.ts";

/** A stop that takes longer is cut short. */
const STOP_WITHIN_MS = 800;

/** What it is started with; of a `LogTarget` that which writes to standard error. */
export interface DaemonOptions extends Omit<LogTarget, "timeOfDay"> {
  readonly flags: ConfigFlags;
  /** The variables that the configuration looks at, and `NOTIFY_SOCKET`. */
  readonly env: Environment;
  readonly uid: number | null;
}

/** Exit codes of the daemon. */
const STOPPED = 0;
const FAILED = 1;
const WRONG_CONFIGURATION = 2;

/**
 * Starts the daemon in the foreground and settles when it has stopped: with 0
 * after SIGTERM or SIGINT, 1 when it could not start, 2 when the configuration
 * is wrong. What happens is on standard error, a line each.
 */
export async function runDaemon(options: DaemonOptions): Promise<number> {
  const system = denoSystem();
  const load = () => loadConfig({ ...options, readText: system.readText });
  const config = tryLoad(load, options.write);
  if (config === null) return WRONG_CONFIGURATION;
  const log = new Log({ level: config.logLevel, format: config.logFormat }, {
    ...options,
    timeOfDay: () => new Date(system.wallClock()),
  });
  dropPermissions(pathsUsed(config, options));
  const notify = (state: ServiceState) =>
    tellSystemd(state, options, { config, log });
  const daemon = await composeDaemon({
    config,
    system,
    log,
    defaultSocket: defaultSocket(options),
    onReady: () => ready(log, config, () => notify("READY=1")),
  });
  const signals = new Signals();
  try {
    await startTasks(daemon.tasks);
  } catch (error) {
    signals.close();
    log.error(startFailure(error, config));
    return FAILED;
  }
  for await (const signal of signals) {
    if (signal !== "SIGHUP") {
      log.info("stopping", { signal });
      break;
    }
    await notify("RELOADING=1");
    await reload(daemon, { load, config, log });
    await notify("READY=1");
  }
  await notify("STOPPING=1");
  await stopInTime(daemon, log);
  signals.close();
  return STOPPED;
}

/** What is read or written after the start; the file is read again at SIGHUP. */
function pathsUsed(config: Config, options: DaemonOptions): string[] {
  const notifySocket = options.env["NOTIFY_SOCKET"] ?? "";
  const { path } = chooseConfigFile(options);
  return [config.socket, config.stateDir, path, notifySocket];
}

function tryLoad(
  load: () => Config,
  write: (text: string) => void,
): Config | null {
  try {
    return load();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    write(`${error.message}\n`);
    return null;
  }
}

async function ready(
  log: Log,
  { socket }: Config,
  notify: () => Promise<void>,
): Promise<void> {
  log.info("ready", { version: VERSION, socket, pid: Deno.pid });
  await notify();
}

async function tellSystemd(
  state: ServiceState,
  { env }: DaemonOptions,
  { config, log }: { config: Config; log: Log },
): Promise<void> {
  const notifySocket = env["NOTIFY_SOCKET"];
  try {
    await notifySystemd(state, { notifySocket, besides: config.socket });
  } catch (error) {
    log.warn(reasonOf(error));
  }
}

/** What needs a restart to change. */
const FIXED = [
  "socket",
  "socketGroup",
  "stateDir",
  "group",
  "port",
  "ttl",
  "noHistory",
  "historyKeepDays",
  "historyMaxMegabytes",
] as const satisfies readonly (keyof Config)[];

async function reload(
  daemon: Daemon,
  { load, config, log }: { load: () => Config; config: Config; log: Log },
): Promise<void> {
  try {
    const changed = load();
    const fixed = FIXED.filter((key) => changed[key] !== config[key]);
    if (fixed.length > 0) {
      log.warn("changed, but that takes effect at the next start only", {
        keys: fixed.join(" "),
      });
    }
    await daemon.reconfigure(changed);
    log.info("configuration read again");
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    log.error(`${onOneLine(error)}; going on with what was read before`);
  }
}

/** A log has a line an event, a configuration error a line a problem. */
function onOneLine({ message }: ConfigError): string {
  return message.replace(":\n  ", ": ").replaceAll("\n  ", "; ");
}

async function stopInTime(daemon: Daemon, log: Log): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, STOP_WITHIN_MS);
  const stopped = stopTasks(
    daemon.tasks,
    (task, error) =>
      log.warn("did not stop cleanly", {
        task: task.name,
        error: reasonOf(error),
      }),
  );
  await Promise.race([stopped, late.promise]);
  clearTimeout(timer);
}

function startFailure(error: unknown, { port }: Config): string {
  if (error instanceof Deno.errors.AddrInUse) {
    return `Another program keeps UDP port ${port} to itself; stop it, or give ` +
      "all hosts another --port";
  }
  if (error instanceof SocketUnavailable) return error.message;
  return `Cannot start: ${reasonOf(error)}`;
}
