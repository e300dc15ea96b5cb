/** Checks of the configuration, the keys, and the daemon of this host. */
import { chooseConfigFile, defaultSocket } from "../config/paths.ts";
import { formatSize, sayDuration } from "../render/format.ts";
import { problemsOf } from "../render/status.ts";
import { historyPath } from "../store/state_path.ts";
import { VERSION } from "../version.ts";
import { fault, type Finding, type Given, ok, warning } from "./given.ts";

export function checkConfiguration(given: Given): Finding[] {
  return [...checkFile(given), ...compareWithDaemon(given)];
}

function checkFile(given: Given): Finding[] {
  const { configError, flags, env, readText, system } = given;
  if (configError !== null) {
    return configError.problems.map(({ place, message }) =>
      fault(`${place}: ${message}`, ["diskd config check"])
    );
  }
  const { path } = chooseConfigFile({ flags, env });
  if (readText(path) !== null) return [ok(`${path} is valid`)];
  return system.exists(path)
    ? [
      warning(
        `${path} cannot be read by this user: its settings are not known`,
      ),
    ]
    : [ok(`there is no ${path}, so the settings are the defaults`)];
}

/** What the daemon does otherwise than this command, which speaks as its configuration says. */
function compareWithDaemon(given: Given): Finding[] {
  const { daemon, config, configError } = given;
  if (daemon.kind !== "answers") return [];
  const { group, port, config: running } = daemon.status;
  const found: Finding[] = [];
  if (running.changed.length > 0) {
    const keys = running.changed.join(", ");
    found.push(
      warning(`the file has changed since the daemon read it: ${keys}`, [
        "diskd reload",
      ]),
    );
  }
  if (running.restart.length > 0) {
    const keys = running.restart.join(", ");
    found.push(
      warning(`the daemon must be restarted for what has changed: ${keys}`, [
        "systemctl restart diskd",
      ]),
    );
  }
  if (running.problem !== null && configError === null) {
    found.push(fault(running.problem, ["diskd config check"]));
  }
  if (group !== config.group || port !== config.port) {
    found.push(
      warning(
        `the daemon uses ${group}:${port}, and this command asks ` +
          `${config.group}:${config.port}`,
        [`diskd doctor --group ${group} --port ${port}`],
      ),
    );
  }
  return found;
}

export function judgeKeyFiles({ keyFiles }: Given): Finding[] {
  const found = keyFiles.map(({ path, key, problem, isDenied }): Finding => {
    if (problem === null) return ok(`${path} has the key ${key}`);
    const text = `${path} ${problem}`;
    return isDenied ? warning(text) : fault(text, ["diskd key check"]);
  });
  if (keyFiles.length === 0) {
    found.push(ok("keys.mode is open: any host may take part"));
  }
  return found;
}

export function checkDaemon({ daemon }: Given): Finding[] {
  switch (daemon.kind) {
    case "none":
      return [warning(
        "no daemon runs here, so other hosts do not see the disks of this one",
        ["diskd --daemon, as root, or: systemctl enable --now diskd"],
      )];
    case "other-version":
      return [warning(
        `the daemon is diskd ${daemon.version}, and this command ${VERSION}`,
        ["Restart the daemon: systemctl restart diskd"],
      )];
    case "denied":
      return [warning(daemon.message)];
    case "failed":
      return [fault(daemon.message)];
    case "answers": {
      const { version, pid, uptimeSeconds } = daemon.status;
      const age = sayDuration(uptimeSeconds * 1_000);
      return [
        ok(`diskd ${version} has run for ${age}, pid ${pid}`),
        // A disk that is overdue is no fault of the host.
        ...problemsOf({ ...daemon.status, overdue: [] })
          .map((text) => fault(text)),
      ];
    }
  }
}

export function checkHistory(given: Given): Finding[] {
  const { daemon, config, system } = given;
  if (daemon.kind === "answers") {
    const { on, bytes, problem } = daemon.status.history;
    if (problem !== null) return [fault(problem)];
    if (!on) return [ok("switched off")];
    return [ok(bytes === null ? "kept" : `kept, ${formatSize(bytes)}`)];
  }
  const path = historyPath(config.stateDir, {
    socket: config.socket,
    defaultSocket: defaultSocket(given),
  });
  if (config.noHistory) return [ok("switched off")];
  return [ok(system.exists(path) ? path : `there is none yet in ${path}`)];
}
