/** What a daemon runs with, complete and validated. */
export interface Config {
  /** Path of the control socket. */
  readonly socket: string;
  /** Group, by name or number, that may use the socket too; `null`: the owner alone. */
  readonly socketGroup: string | null;
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
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
}

export type LogLevel = "error" | "warn" | "info" | "debug";
export type LogFormat = "text" | "json";
