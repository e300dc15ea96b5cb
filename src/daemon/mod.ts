/** `diskd --daemon`: runs until it is stopped. */
import { ConfigError } from "../config/config_error.ts";
import { loadConfig } from "../config/load_config.ts";
import {
  chooseConfigFile,
  defaultSocket,
  defaultStateDir,
  type Environment,
} from "../config/paths.ts";
import type { Config, ConfigFlags } from "../config/settings.ts";
import { nameToBind, SocketUnavailable } from "../control/socket_file.ts";
import {
  checkOwnDirectory,
  closeOwnDirectory,
  ForeignPlace,
} from "../system/own_files.ts";
import { denoSystem } from "../system/deno_system.ts";
import type { System } from "../system/system.ts";
import { EXIT } from "../system/exit_code.ts";
import { reasonOf } from "../system/reason.ts";
import { VERSION } from "../version.ts";
import { composeDaemon, type Daemon } from "./compose.ts";
import { dropPermissions } from "./drop_permissions.ts";
import { loadEndpoints } from "./endpoints.ts";
import { loadTrust, tellTrust } from "./keys.ts";
import { LinkWatch } from "./link_watch.ts";
import { journalPrefix, Log, type LogTarget } from "./log.ts";
import { sayPortTaken } from "./say_network.ts";
import {
  isStderrJournal,
  Notifier,
  startWatchdog,
  watchdogIntervalMs,
} from "./systemd.ts";
import { type Loaded, RunningConfig } from "./running_config.ts";
import { Signals, startTasks, stopTasks } from "./tasks.ts";
import { within } from "../system/within.ts";

/** A longer stop is aborted. */
const STOP_WITHIN_MS = 800;

/** Dependencies of the daemon; the `LogTarget` is standard error. */
interface DaemonOptions extends Omit<LogTarget, "timeOfDay" | "isJournal"> {
  readonly flags: ConfigFlags;
  /**
   * The variables of the configuration, and those of systemd: `JOURNAL_STREAM`,
   * `NOTIFY_SOCKET`, `WATCHDOG_USEC`, `WATCHDOG_PID`.
   */
  readonly env: Environment;
  readonly uid: number | null;
}

/** It could not start; for a command the same code means an unknown name. */
const FAILED = EXIT.notKnown;

/**
 * Runs the daemon in the foreground and settles when it has stopped: with 0
 * after SIGTERM or SIGINT, 1 if it could not start or another daemon speaks
 * for this host, 2 for a wrong configuration. Logs events on standard error, a line each.
 */
export async function runDaemon(given: DaemonOptions): Promise<number> {
  const options = leaveDirectory(given);
  const system = denoSystem();
  const load = () => loadAll(options, system);
  const isJournal = await isStderrJournal(options.env);
  const loaded = await tryLoad(load, { ...options, isJournal });
  if (loaded === null) return EXIT.usage;
  const { config, trust, endpoints } = loaded;
  const log = new Log({ level: config.logLevel, format: config.logFormat }, {
    ...options,
    isJournal,
    timeOfDay: () => new Date(system.wallClock()),
  });
  if (isInForeignPlace(config, { ...options, log })) return FAILED;
  const links = new LinkWatch(system);
  dropPermissions(pathsUsed(config, options));
  const systemd = notifier(options, { config, log });
  tellTrust(log, loaded);
  const signals = new Signals();
  let other: string | null = null;
  const running = new RunningConfig(loaded, {
    file: () => existingFile(options, system),
    load,
    apply: ({ config, trust, endpoints }) =>
      daemon.reconfigure(config, trust, endpoints),
    log,
    systemd,
  });
  const daemon: Daemon = await composeDaemon({
    config,
    trust,
    endpoints,
    system,
    log,
    running,
    uid: options.uid,
    defaultSocket: defaultSocket(options),
    onReady: () => ready(log, config, systemd),
    onYield(isPrivileged) {
      other ??= sayOther(config, { isPrivileged });
      signals.end();
    },
  });
  links.onReturn = daemon.linkReturned;
  try {
    await startTasks(daemon.tasks);
  } catch (error) {
    signals.close();
    await links.stop();
    log.error(startFailure(error, config));
    return FAILED;
  }
  const stopWatchdog = startWatchdog(
    watchdogIntervalMs(options.env, Deno.pid),
    () => systemd.tell("WATCHDOG=1"),
  );
  for await (const signal of signals) {
    if (other !== null) log.error(other);
    else if (signal !== "SIGHUP") log.info("stopping", { signal });
    if (other !== null || signal !== "SIGHUP") break;
    await running.reload();
  }
  stopWatchdog();
  await systemd.tell("STOPPING=1");
  await Promise.all([stopInTime(daemon, log), links.stop()]);
  signals.close();
  return other === null ? EXIT.ok : FAILED;
}

/** @throws {ConfigError} */
async function loadAll(options: DaemonOptions, { readText }: System) {
  const config = loadConfig({ ...options, readText });
  const trust = await loadTrust(config, options);
  return { config, trust, endpoints: loadEndpoints(config, options) };
}

/**
 * Leaves the directory in which the daemon was started, because someone may
 * remove it or unmount its stick. The path of the configuration file, the only
 * relative one, becomes absolute.
 */
function leaveDirectory(options: DaemonOptions): DaemonOptions {
  const { path, given } = chooseConfigFile(options);
  const config = given ? absolute(path) : undefined;
  // Deno changes only to directories it may read, and permission to read `/`
  // covers everything. `/run` is never unmounted while a daemon runs.
  for (const directory of ["/", "/run", "/tmp"]) {
    try {
      Deno.chdir(directory);
      break;
    } catch {
      // Not permitted, or not there.
    }
  }
  return { ...options, flags: { ...options.flags, config } };
}

/** Whether other users could exchange files of the daemon, which is an error in the log. */
function isInForeignPlace(
  { stateDir, socket, readSocket }: Config,
  { uid, env, log }: Pick<DaemonOptions, "uid" | "env"> & { readonly log: Log },
): boolean {
  // Any other may serve other purposes, as /tmp does.
  if (stateDir === defaultStateDir({ uid, env })) closeOwnDirectory(stateDir);
  const folders = [
    [stateDir, "--state-dir"],
    [directoryOf(socket), "--socket"],
    ...(readSocket === null
      ? []
      : [[directoryOf(readSocket), "--read-socket"]] as const),
  ] as const;
  for (const [path, flag] of folders) {
    try {
      checkOwnDirectory(path);
    } catch (error) {
      if (!(error instanceof ForeignPlace)) continue; // Its use will tell.
      log.error(
        `Cannot start: ${error.message}, or name another with ${flag}`,
      );
      return true;
    }
  }
  return false;
}

function directoryOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}

/** The configuration file; `null` if it does not exist. */
function existingFile(options: DaemonOptions, system: System): string | null {
  const { path } = chooseConfigFile(options);
  return system.readText(path) === null ? null : path;
}

function absolute(path: string): string {
  if (path.startsWith("/")) return path;
  try {
    return `${Deno.cwd()}/${path}`;
  } catch {
    // Reading it will fail too, and say why.
    return path;
  }
}

/** Paths used after the start; SIGHUP reads the configuration and the keys again. */
function pathsUsed(config: Config, options: DaemonOptions): string[] {
  const { socket, readSocket, stateDir, keysFiles, notify } = config;
  const notifySocket = options.env["NOTIFY_SOCKET"] ?? "";
  const { path } = chooseConfigFile(options);
  const sockets = readSocket === null ? [socket] : [socket, readSocket];
  const bound = sockets.map(nameToBind);
  const secrets = notify.flatMap(({ urlFile, headersFile }) =>
    [urlFile, headersFile].filter((file) => file !== null)
  );
  return [
    ...[...sockets, ...bound, stateDir, path, notifySocket],
    ...[...keysFiles, ...secrets],
  ];
}

async function tryLoad(
  load: () => Promise<Required<Loaded>>,
  { write, isJournal }: Pick<LogTarget, "write" | "isJournal">,
): Promise<Required<Loaded> | null> {
  try {
    return await load();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const start = isJournal ? journalPrefix("error") : "";
    for (const line of error.message.split("\n")) write(`${start}${line}\n`);
    return null;
  }
}

async function ready(
  log: Log,
  { socket }: Config,
  systemd: Notifier,
): Promise<void> {
  log.info("ready", { version: VERSION, socket, pid: Deno.pid });
  await systemd.tell("READY=1");
}

function notifier(
  { env }: DaemonOptions,
  { config, log }: { config: Config; log: Log },
): Notifier {
  const notifySocket = env["NOTIFY_SOCKET"];
  return new Notifier(
    { notifySocket, besides: config.socket },
    (reason) => log.warn(reason),
  );
}

async function stopInTime(daemon: Daemon, log: Log): Promise<void> {
  const stopped = stopTasks(
    daemon.tasks,
    (task, error) =>
      log.warn("did not stop cleanly", {
        task: task.name,
        error: reasonOf(error),
      }),
  );
  await within(STOP_WITHIN_MS, stopped);
}

/** Another daemon speaks for this host. */
function sayOther(
  { port }: Config,
  { isPrivileged }: { readonly isPrivileged: boolean },
): string {
  const whose = isPrivileged ? ", for the whole system" : "";
  return `diskd already runs on this host${whose}, and other hosts should see ` +
    `its disks once. To ask that daemon: sudo diskd list, or let it answer ` +
    `everybody with its setting readSocket. To see whose it is: ` +
    `sudo ss -ulnp sport = :${port}. A daemon for another LAN needs another ` +
    "--port";
}

function startFailure(error: unknown, { port }: Config): string {
  if (error instanceof Deno.errors.AddrInUse) {
    return sayPortTaken(port);
  }
  if (error instanceof SocketUnavailable) return error.message;
  return `Cannot start: ${reasonOf(error)}`;
}
