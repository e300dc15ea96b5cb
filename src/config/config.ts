/** What a daemon runs with, complete and validated. */
export interface Config {
  /** Path of the control socket. */
  readonly socket: string;
  /** Group, by name or number, that may use the socket too; `null`: the owner alone. */
  readonly socketGroup: string | null;
  /** Path of a second socket, on which things can be read and nothing be changed; `null`: there is none. */
  readonly readSocket: string | null;
  /** Group, by name or number, that may use the second socket; `null`: every user of this host. */
  readonly readSocketGroup: string | null;
  /** Directory for what must outlive the daemon. */
  readonly stateDir: string;
  /** Globs of interface names to speak on; empty: all but those of containers and tunnels. */
  readonly interfaces: readonly string[];
  /** IPv4 multicast group. */
  readonly group: string;
  /** UDP port, 1 to 65535. */
  readonly port: number;
  /** Time to live of what is sent, 1 to 255 router hops. */
  readonly ttl: number;
  readonly scanIntervalMs: number;
  readonly announceIntervalMs: number;
  /** Name to announce instead of the machine's; `null`: the machine's. */
  readonly hostName: string | null;
  /** Whether to keep no history on disk. */
  readonly noHistory: boolean;
  /** Sightings that ended longer ago are dropped. */
  readonly historyKeepDays: number;
  /** How large the history may get, in units of 1,000,000 bytes; beyond that the oldest sightings are dropped. */
  readonly historyMaxMegabytes: number;
  /** Whether datagrams are signed, and what is taken in without. */
  readonly keysMode: KeysMode;
  /** Paths of the key files; the key in the first one signs. Empty exactly when the mode is `open`. */
  readonly keysFiles: readonly string[];
  /** Whether datagrams are sealed, so that nobody without a key reads them. */
  readonly keysEncrypt: boolean;
  /** Labels and UUIDs, as globs, of the disks that a caller from outside may have mounted here. */
  readonly mountAllow: readonly string[];
  /** Where ssh finds other hosts: `[user@]host` by host name or id. */
  readonly ssh: Readonly<Record<string, string>>;
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
}

/**
 * `open`: nothing is signed, all is taken in. `accept`: what is sent is signed,
 * what is not signed is taken in. `require`: only what is signed is taken in.
 */
type KeysMode = "open" | "accept" | "require";

export type LogLevel = "error" | "warn" | "info" | "debug";
export type LogFormat = "text" | "json";
