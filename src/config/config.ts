/** Settings of a daemon, complete and validated. */
export interface Config {
  /** Path of the control socket. */
  readonly socket: string;
  /**
   * Group, by name or number, that may also use the socket; `null`: only the
   * owner.
   */
  readonly socketGroup: string | null;
  /** Path of a second, read-only socket; `null`: none. */
  readonly readSocket: string | null;
  /**
   * Group, by name or number, that may use the read-only socket; `null`: every
   * user of this host.
   */
  readonly readSocketGroup: string | null;
  /** Directory for state that outlives the daemon. */
  readonly stateDir: string;
  /**
   * Globs of the names of interfaces to use; empty: all except those of
   * containers and tunnels.
   */
  readonly interfaces: readonly string[];
  /** IPv4 multicast group. */
  readonly group: string;
  /** UDP port, 1 to 65535. */
  readonly port: number;
  /** Time to live of sent datagrams, 1 to 255. */
  readonly ttl: number;
  readonly scanIntervalMs: number;
  readonly announceIntervalMs: number;
  /** Name to announce; `null`: the machine's. */
  readonly hostName: string | null;
  /** Whether to keep no history on disk. */
  readonly noHistory: boolean;
  /** Age in days at which ended sightings are dropped. */
  readonly historyKeepDays: number;
  /**
   * Size limit of the history, in units of 1,000,000 bytes; beyond it the
   * oldest sightings are dropped.
   */
  readonly historyMaxMegabytes: number;
  /** Whether datagrams are signed, and whether unsigned ones are accepted. */
  readonly keysMode: KeysMode;
  /**
   * Paths of the key files; the first key signs. Empty exactly if the mode is
   * `open`.
   */
  readonly keysFiles: readonly string[];
  /** Whether datagrams are encrypted. */
  readonly keysEncrypt: boolean;
  /**
   * Globs of labels and UUIDs of disks that callers from other hosts may mount
   * here.
   */
  readonly mountAllow: readonly string[];
  /** Where ssh finds other hosts: `[user@]host` by host name or id. */
  readonly ssh: Readonly<Record<string, string>>;
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
}

/**
 * `open`: signs nothing, accepts everything. `accept`: signs, accepts
 * everything. `require`: signs, accepts only signed datagrams.
 */
type KeysMode = "open" | "accept" | "require";

export type LogLevel = "error" | "warn" | "info" | "debug";
export type LogFormat = "text" | "json";
