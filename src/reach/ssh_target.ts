import { printable } from "../text/printable.ts";
import { Refusal } from "./refusal.ts";

/** Where ssh goes. Neither part can be taken for an option, nor for more than one word. */
export interface SshTarget {
  /** `[user@]host`: announced, or from the configuration. */
  readonly destination: string;
  /** Who was asked for besides; `null`: ssh knows. */
  readonly user: string | null;
}

export interface SshTargetOptions {
  /** The configuration's `ssh`: host name or id to `[user@]host`. */
  readonly names: ReadonlyMap<string, string>;
  readonly user: string | null;
}

/** A host name, or an IPv4 address. */
const HOST = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?$/;
const USER = /^[A-Za-z_][A-Za-z0-9_.-]{0,31}$/;

/**
 * Whom to ask for a host: by its id in the configuration, by its name there,
 * else its announced name as it is. That name is anybody's word, so it must
 * have the form of a host name.
 * @throws {Refusal} where there is no name that is fit
 */
export function sshTarget(
  { host, hostId }: { readonly host: string; readonly hostId: string },
  { names, user }: SshTargetOptions,
): SshTarget {
  if (user !== null && !USER.test(user)) {
    throw new Refusal("usage", {
      message: `--user is ${printable(user)}, expected the name of a user: ` +
        "letters, digits and _ . -, not beginning with a digit, . or -",
    });
  }
  const configured = names.get(hostId) ?? names.get(host);
  if (configured !== undefined) {
    return { destination: forUser(configured, user), user };
  }
  if (!HOST.test(host)) throw new Refusal("refused", unfit(host, hostId));
  return { destination: host, user };
}

/** `[user@]host` as one word, as sshfs wants it. */
export function fullDestination({ destination, user }: SshTarget): string {
  return user === null ? destination : `${user}@${destination}`;
}

/** `--user` comes before the configuration. */
function forUser(configured: string, user: string | null): string {
  return user === null
    ? configured
    : configured.slice(configured.lastIndexOf("@") + 1);
}

function unfit(host: string, hostId: string) {
  return {
    message: `the host name ${printable(host)} is not fit for ssh, ` +
      "expected letters, digits and . _ - between them",
    hints: [
      "If you know that host, say in the configuration where ssh finds it:",
      sshLine(hostId),
    ],
  };
}

/** What to write into the configuration, so that ssh finds a host that is named by its name or id. */
export function sshLine(nameOrId: string): string {
  return `ssh: {"${printable(nameOrId)}": user@host}`;
}
