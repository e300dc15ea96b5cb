import { isInNetwork } from "../inventory/in_network.ts";
import type { System } from "../system/system.ts";
import { printable } from "../text/printable.ts";
import { LOOK_TIMEOUT_MS } from "./run_attended.ts";
import { Refusal } from "./refusal.ts";
import {
  COMMAND_SESSION,
  fullDestination,
  hostNameOption,
  proxyCommand,
  sshLine,
  type SshNames,
  type SshTarget,
  sshTarget,
  type SshWays,
} from "./ssh.ts";

/** What ssh_config(5) and the resolver say of a destination, and what diskd makes of it. */
interface SshRoute {
  readonly target: SshTarget;
  /** A printable sentence for the user; `null`: ssh goes where it would go anyway. */
  readonly note: string | null;
  /** Names of the relays on the way, the first one first. */
  readonly through: readonly string[];
}

/** Where the daemon hears a host. */
export interface HeardAt {
  /** The best first. */
  readonly addresses: readonly string[];
  /** Those of other hosts that are up and have the same name. */
  readonly namesakes: readonly string[];
  /** `null`: it is of this site, so its addresses are good here. */
  readonly beyond: Beyond | null;
}

/** What lies before a host of another site. */
interface Beyond {
  /** Where the addresses are good. */
  readonly site: string;
  /** Of which site the relays are, for people: `cabin`, `this site`. */
  readonly relaysOf: string;
  /** Hosts that are up and reach those addresses, the best first. */
  readonly relays: readonly HeardRelay[];
}

interface HeardRelay {
  readonly host: string;
  readonly hostId: string;
  readonly heardAt: HeardAt;
}

export const NOT_HEARD: HeardAt = {
  addresses: [],
  namesakes: [],
  beyond: null,
};

interface RouteOptions {
  readonly heardAt: HeardAt;
  readonly ways: SshWays;
  /** The setting `ssh`, for relays. */
  readonly names: SshNames;
  /** Whether it is a relay on the way to another host. */
  readonly isRelay?: boolean;
  readonly system: Pick<System, "run" | "lookUp" | "accepts" | "interfaces">;
}

/** `ssh -G` prints some 5 KB. */
const MAX_SETTINGS_BYTES = 256 * 1024;

/** A DNS server that does not answer takes longer. */
const LOOK_UP_MS = 5_000;

const SSH_PORT = "22";

/** A host that ssh reaches itself answers sooner. */
const ACCEPT_MS = 1_000;

/** Relays may ask for a password meanwhile. sshd(8) waits as long: LoginGraceTime. */
const PATIENT = "ConnectTimeout=120";

/**
 * Adds what ssh needs to run a command on a host that the daemon hears. If
 * nothing else says where the host is, its name does not lead to it, and no
 * proxy looks the name up, ssh gets the address; known_hosts(5) and `Host` of
 * ssh_config(5) still go by the name. A host of another site that does not
 * answer there is reached through relays, each found in the same way.
 * @throws {Refusal} if there is no relay to it
 */
export async function routeTo(
  target: SshTarget,
  options: RouteOptions,
): Promise<SshRoute> {
  const settings = await settingsOf(target, options);
  if (settings === null) return { target, note: null, through: [] };
  const ours = sessionOptions(settings);
  const way = await wayToName(target, { ...options, settings });
  return {
    target: {
      ...target,
      options: [...target.options, ...ours, ...way.options],
    },
    note: way.note,
    through: way.through,
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

type Way = Omit<SshRoute, "target"> & { readonly options: readonly string[] };

const BY_NAME: Way = { options: [], note: null, through: [] };

async function wayToName(
  { name }: SshTarget,
  options: NameOptions,
): Promise<Way> {
  const { settings, heardAt, system } = options;
  if (name === null || isFoundBySsh(name, settings)) return BY_NAME;
  const { addresses, namesakes, beyond } = heardAt;
  const fit = addresses.filter((text) => ADDRESS.test(text))
    .filter(fitsFamily(settings.get("addressfamily")));
  const [address] = fit;
  if (address === undefined) return BY_NAME;
  const found = await system.lookUp(name, LOOK_UP_MS);
  const leadsTo = (known: readonly string[]) =>
    found.some((one) => known.some((other) => isSameAddress(one, other)));
  const isNamed = leadsTo(addresses);
  // Of two hosts of one name, DNS says which has it: the other may be a liar.
  if (!isNamed && leadsTo(namesakes)) return BY_NAME;
  const alias = settings.has("hostkeyalias")
    ? []
    : [`HostKeyAlias=${knownName(name, settings)}`];
  const goTo = (one: string): Way => ({
    ...BY_NAME,
    options: isNamed ? [] : [hostNameOption(one), ...alias],
  });
  if (beyond === null) {
    const note = isNamed ? null : noteOf(name, { found, address });
    return { ...goTo(address), note };
  }
  const far = { name, addresses: fit.filter(isGoodFromElsewhere), beyond };
  const isAt = `${name} is at ${printable(beyond.site)}`;
  const straight = await answering(far.addresses, far, options);
  if (straight !== null) {
    const note = `${isAt}; ssh goes straight to ${printable(straight)}.`;
    return { ...goTo(straight), note };
  }
  // As a VPN gives names: they lead to it from everywhere.
  const other = await answering(found.slice(0, 1), far, options);
  if (other !== null) {
    const note = `${isAt}; ssh goes by that name, to ${printable(other)}.`;
    return { ...BY_NAME, note };
  }
  const [best] = far.addresses;
  if (best === undefined) throw onlyLinkLocal(far, address);
  const { proxy, through } = await throughRelay(far, options);
  const note = `${isAt}; ssh goes through ${through.join(" and ")}. ${
    choose(name)
  }`;
  const byAddress = [hostNameOption(best), ...alias];
  return { options: [...byAddress, PATIENT, proxy], note, through };
}

/** A host of another site. */
interface FarHost {
  readonly name: string;
  /** Those to which a relay there can go, the best first. */
  readonly addresses: readonly string[];
  readonly beyond: Beyond;
}

/** A link-local IPv6 address is good with the interface of who goes there, which nobody knows for a relay. */
function isGoodFromElsewhere(address: string): boolean {
  return !/^fe[89ab][0-9a-f]:/i.test(address);
}

function onlyLinkLocal({ name, beyond }: FarHost, address: string): Refusal {
  const site = printable(beyond.site);
  return new Refusal("failed", {
    message: `${name} is at ${site} and has no address there but ` +
      `${printable(address)}, which is link-local: ssh cannot go there ` +
      "through a relay",
    hints: [
      "Give that host another address. Or, if ssh reaches it another way, " +
      `add to the configuration: ${sshLine(name)}`,
    ],
  });
}

/** The first of some addresses where its sshd can be reached from here; `null`: none. */
async function answering(
  addresses: readonly string[],
  far: FarHost,
  options: NameOptions,
): Promise<string | null> {
  const reached = await Promise.all(
    addresses.map((one) => answers(one, far, options)),
  );
  return addresses.find((_, i) => reached[i]) ?? null;
}

/** Whether its sshd can be reached from here at an address. The same address in a network of ours belongs to another host. */
async function answers(
  address: string,
  { beyond }: FarHost,
  { settings, system, isRelay = false }: NameOptions,
): Promise<boolean> {
  // To try that too takes longer than to go through the relay before it.
  if (isRelay && beyond.relays.length > 0) return false;
  if (system.interfaces().some((own) => isInNetwork(own, address))) {
    return false;
  }
  const port = Number(settings.get("port") ?? SSH_PORT);
  return await system.accepts({ address, port }, ACCEPT_MS);
}

/** @throws {Refusal} without a relay */
async function throughRelay(
  far: FarHost,
  options: NameOptions,
): Promise<{ readonly proxy: string; readonly through: readonly string[] }> {
  const { names, system, ways: { isBatch } } = options;
  const [relay] = far.beyond.relays;
  if (relay === undefined) throw noRelay(far, options);
  const hop = sshTarget(relay, { names, user: null });
  const ways = { options: [], isBatch };
  const { heardAt } = relay;
  const { target, through } = await routeTo(hop, {
    heardAt,
    ways,
    names,
    system,
    isRelay: true,
  });
  return {
    proxy: `ProxyCommand=${proxyCommand(target, ways)}`,
    through: [...through, printable(relay.host)],
  };
}

function noRelay(
  { name, addresses: [address], beyond }: FarHost,
  { isRelay = false }: RouteOptions,
): Refusal {
  const { site, relaysOf } = beyond;
  const missing = `no relay of ${printable(relaysOf)} is up`;
  return new Refusal("failed", {
    message: isRelay
      ? `${missing}, through which ssh would go to ${name}`
      : `${name} is at ${printable(site)} and does not answer at ` +
        `${printable(address!)} from here, and ${missing}`,
    hints: [
      `Start diskd on a relay of ${printable(relaysOf)}: diskd hosts shows ` +
      "which hosts are relays.",
      "If ssh reaches that host another way, add to the configuration: " +
      sshLine(name),
    ],
  });
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
  }; ssh goes there. ${choose(name)}`;
}

function choose(name: string): string {
  return `To choose: ssh: {${name}: HOST} in the configuration.`;
}
