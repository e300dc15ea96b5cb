import type { Environment } from "../config/paths.ts";

/** Variables passed to programs attended by the user: identity, terminal questions, agents. */
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

/** sshfs searches ssh by itself, so it needs a `PATH`. */
const DEFAULT_PATH = "/usr/sbin:/usr/bin:/sbin:/bin";

/** The environment of ssh, sshfs and udisksctl. */
export function attendedEnvironment(env: Environment): Environment {
  const given = ATTENDED_VARIABLES.map((name) => [name, env[name]] as const);
  return { PATH: DEFAULT_PATH, ...Object.fromEntries(given.filter(isSet)) };
}

function isSet([, value]: readonly [string, string | undefined]): boolean {
  return value !== undefined;
}
