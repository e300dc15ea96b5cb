import type { Environment } from "../config/default_paths.ts";

/** What programs that the user attends get of the environment: who the user is, how to ask, and where the agents are. */
export const ATTENDED_VARIABLES = [
  "HOME",
  "PATH",
  "USER",
  "LOGNAME",
  "LANG",
  "TERM",
  "SSH_AUTH_SOCK",
  "SSH_ASKPASS",
  "SSH_ASKPASS_REQUIRE",
  "DISPLAY",
  "WAYLAND_DISPLAY",
  "XDG_RUNTIME_DIR",
  "KRB5CCNAME",
] as const;

/** sshfs looks for ssh by itself, so it needs one. */
const DEFAULT_PATH = "/usr/sbin:/usr/bin:/sbin:/bin";

/** The environment of ssh, sshfs, udisksctl. */
export function attendedEnvironment(env: Environment): Environment {
  const given = ATTENDED_VARIABLES.map((name) => [name, env[name]] as const);
  return { PATH: DEFAULT_PATH, ...Object.fromEntries(given.filter(isSet)) };
}

function isSet([, value]: readonly [string, string | undefined]): boolean {
  return value !== undefined;
}
