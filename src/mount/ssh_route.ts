import type { System } from "../system/system.ts";
import { printable } from "../text/printable.ts";
import { LOOK_TIMEOUT_MS } from "./run_attended.ts";
import {
  COMMAND_SESSION,
  fullDestination,
  hostNameOption,
  type SshTarget,
  type SshWays,
} from "./ssh.ts";

/** What ssh_config(5) and the resolver say of a destination, and what diskd makes of it. */
interface SshRoute {
  readonly target: SshTarget;
  /** A printable sentence for the user; `null`: ssh goes where it would go anyway. */
  readonly note: string | null;
}

/** Where the daemon hears a host. */
export interface HeardAt {
  /** The best first. */
  readonly addresses: readonly string[];
  /** Those of other hosts that are up and have the same name. */
  readonly namesakes: readonly string[];
}

export const NOT_HEARD: HeardAt = { addresses: [], namesakes: [] };

interface RouteOptions {
  readonly heardAt: HeardAt;
  readonly ways: SshWays;
  readonly system: Pick<System, "run" | "lookUp">;
}

/** `ssh -G` prints some 5 KB. */
const MAX_SETTINGS_BYTES = 256 * 1024;

/** A DNS server that does not answer takes longer. */
const LOOK_UP_MS = 5_000;

const SSH_PORT = "22";

/**
 * Adds what ssh needs to run a command on a host that the daemon hears. If
 * nothing else says where the host is, its name does not lead to it, and no
 * proxy looks the name up, ssh gets the address; known_hosts(5) and `Host` of
 * ssh_config(5) still go by the name.
 */
export async function routeTo(
  target: SshTarget,
  options: RouteOptions,
): Promise<SshRoute> {
  const settings = await settingsOf(target, options);
  if (settings === null) return { target, note: null };
  const ours = sessionOptions(settings);
  const way = await wayToName(target, { ...options, settings });
  return {
    target: {
      ...target,
      options: [...target.options, ...ours, ...way.options],
    },
    note: way.note,
  };
}

type SshSettings = ReadonlyMap<string, string>;

/** The settings of ssh for a destination, by their names in lower case; `null` if ssh does not say. */
async function settingsOf(
  target: SshTarget,
  { ways, system }: RouteOptions,
): Promise<SshSettings | null> {
  const options = [...ways.options, ...target.options]
    .flatMap((option) => ["-o", option]);
  const outcome = await system.run(
    "ssh",
    ["-G", ...options, "--", fullDestination(target)],
    { timeoutMs: LOOK_TIMEOUT_MS, maxOutputBytes: MAX_SETTINGS_BYTES },
  );
  if (outcome.kind !== "exited" || outcome.code !== 0) return null;
  const lines = new TextDecoder().decode(outcome.stdout).split("\n");
  return new Map(lines.map((line) => {
    const [, key = "", value = ""] = /^(\S+) (.*)$/.exec(line) ?? [];
    return [key.toLowerCase(), value] as const;
  }));
}

/** Undoes settings with which ssh would run no command. OpenSSH before 8.7 does not know them. */
function sessionOptions(settings: SshSettings): string[] {
  const all = [COMMAND_SESSION, "ForkAfterAuthentication=no", "StdinNull=no"];
  return all.filter((option) => {
    const [key = "", value] = option.split("=");
    const given = settings.get(key.toLowerCase());
    return given !== undefined && given !== value;
  });
}

interface NameOptions extends RouteOptions {
  readonly settings: SshSettings;
}

interface Way {
  readonly options: readonly string[];
  readonly note: string | null;
}

const BY_NAME: Way = { options: [], note: null };

async function wayToName(
  { name }: SshTarget,
  { settings, heardAt, system }: NameOptions,
): Promise<Way> {
  if (name === null || isFoundBySsh(name, settings)) return BY_NAME;
  const { addresses, namesakes } = heardAt;
  const address = addresses.filter((text) => ADDRESS.test(text))
    .find(fitsFamily(settings.get("addressfamily")));
  if (address === undefined) return BY_NAME;
  const found = await system.lookUp(name, LOOK_UP_MS);
  // Of two hosts of one name, DNS says which has it: the other may be a liar.
  const named = [...addresses, ...namesakes];
  if (found.some((one) => named.some((other) => isSameAddress(one, other)))) {
    return BY_NAME;
  }
  const alias = settings.has("hostkeyalias")
    ? []
    : [`HostKeyAlias=${knownName(name, settings)}`];
  const options = [hostNameOption(address), ...alias];
  return { options, note: noteOf(name, { found, address }) };
}

/** IPv4, or IPv6 with an interface: what the daemon says becomes an option of ssh. */
const ADDRESS = /^[0-9a-f:][0-9a-f.:]*(?:%[a-z0-9][a-z0-9._-]*)?$/i;

/** Whether ssh_config(5) says where it is, or how to get there. */
function isFoundBySsh(name: string, settings: SshSettings): boolean {
  const isSet = (key: string) => (settings.get(key) ?? "none") !== "none";
  return !areSame(settings.get("hostname") ?? "", name) ||
    isSet("proxyjump") || isSet("proxycommand");
}

function fitsFamily(family: string | undefined) {
  return (address: string) =>
    family === "inet"
      ? !address.includes(":")
      : family !== "inet6" || address.includes(":");
}

/** The interface of a link-local address is a name or a number. */
function isSameAddress(one: string, other: string): boolean {
  const [plain, otherPlain] = [one, other].map((text) => text.split("%")[0]);
  return areSame(plain!, otherPlain!);
}

function areSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** As known_hosts(5) has it without an alias. */
function knownName(name: string, settings: SshSettings): string {
  const port = settings.get("port") ?? SSH_PORT;
  const known = port === SSH_PORT ? name : `[${name}]:${port}`;
  return known.toLowerCase();
}

function noteOf(
  name: string,
  { found, address }: {
    readonly found: readonly string[];
    readonly address: string;
  },
): string | null {
  const [other] = found;
  if (other === undefined) return null;
  return `${name} is ${printable(other)} by name, but is heard at ${
    printable(address)
  }; ssh goes there. To choose: ssh: {${name}: HOST} in the configuration.`;
}
