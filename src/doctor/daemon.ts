/** Checks of the configuration, the keys, and the daemon of this host. */
import { chooseConfigFile, defaultSocket } from "../config/paths.ts";
import { formatSize, sayDuration } from "../render/format.ts";
import { problemsOf } from "../render/status.ts";
import { historyPath } from "../store/state_path.ts";
import { VERSION } from "../version.ts";
import { fault, type Finding, type Given, ok, warning } from "./given.ts";

export function checkConfiguration(given: Given): Finding[] {
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

export function judgeKeyFiles(given: Given): Finding[] {
  const { config, keyFiles, daemon } = given;
  const found = keyFiles.map(({ path, key, problem, isDenied }): Finding => {
    if (problem === null) return ok(`${path} has the key ${key}`);
    const text = `${path} ${problem}`;
    return isDenied ? warning(text) : fault(text, ["diskd key check"]);
  });
  if (keyFiles.length === 0) {
    found.push(ok("keys.mode is open: anyone on the LAN is believed"));
  }
  if (daemon.kind !== "answers") return found;
  const { mode, key } = daemon.status.keys;
  const file = keyFiles[0];
  const differs = mode !== config.keysMode ||
    (file !== undefined && file.key !== null && file.key !== key);
  if (!differs || given.configError !== null) return found;
  return [
    ...found,
    warning(
      `the daemon runs with keys.mode ${mode}` +
        `${key === null ? "" : ` and the key ${key}`}, not with these`,
      ["systemctl reload diskd, or kill -HUP"],
    ),
  ];
}

export function checkDaemon({ daemon }: Given): Finding[] {
  switch (daemon.kind) {
    case "none":
      return [warning(
        "no daemon runs here, so other hosts do not see the disks of this one",
        ["diskd --daemon, as root, or: systemctl enable --now diskd"],
      )];
    case "denied":
      return [warning(daemon.message)];
    case "failed":
      return [fault(daemon.message)];
    case "answers": {
      const { version, pid, uptimeSeconds } = daemon.status;
      const age = sayDuration(uptimeSeconds * 1_000);
      const about = `diskd ${version} has run for ${age}, pid ${pid}`;
      return [
        version === VERSION ? ok(about) : warning(
          `${about}, and this command is ${VERSION}`,
          ["Restart the daemon: systemctl restart diskd"],
        ),
        ...problemsOf(daemon.status).map((text) => fault(text)),
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
