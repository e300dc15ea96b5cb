import type { Trust } from "../codec/trust.ts";
import { ConfigError } from "../config/config_error.ts";
import {
  type Config,
  type Setting,
  SETTING_LIST,
  SETTINGS,
} from "../config/settings.ts";
import type { ConfigView } from "../control/views.ts";
import type { Endpoint } from "./endpoints.ts";
import { tellTrust } from "./keys.ts";
import type { Log } from "./log.ts";
import type { Notifier } from "./systemd.ts";

/** What is read at the start, at SIGHUP and at `diskd reload`. */
export interface Loaded {
  readonly config: Config;
  readonly trust: Trust;
  /** Those of the setting `notify`, with their secrets. Default: none. */
  readonly endpoints?: readonly Endpoint[];
}

interface RunningConfigOptions {
  /** Path of the configuration file; `null` if it does not exist. */
  readonly file: () => string | null;
  /** @throws {ConfigError} */
  readonly load: () => Promise<Loaded>;
  /** Applies what may change at run time. */
  readonly apply: (loaded: Loaded) => Promise<void>;
  readonly log: Log;
  readonly systemd: Pick<Notifier, "tell">;
}

/** The configuration in use, compared with the file. */
export class RunningConfig {
  readonly #options: RunningConfigOptions;
  #config: Config;
  #keyId: string | null;
  #endpoints: Loaded["endpoints"];
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    { config, trust, endpoints }: Loaded,
    options: RunningConfigOptions,
  ) {
    this.#options = options;
    this.#config = config;
    this.#keyId = trust.keyId;
    this.#endpoints = endpoints;
  }

  /** What has changed in the file, and is not in use. */
  async view(): Promise<ConfigView> {
    try {
      return this.#compare(await this.#options.load());
    } catch (error) {
      return this.#wrong(error);
    }
  }

  /** Reads the file and the keys again, one call after the other, and applies what may change at run time. */
  reload(): Promise<ConfigView> {
    const done = this.#last.then(() => this.#tellingSystemd());
    this.#last = done.catch(() => {});
    return done;
  }

  async #tellingSystemd(): Promise<ConfigView> {
    const { systemd } = this.#options;
    await systemd.tell("RELOADING=1");
    const view = await this.#reload();
    await systemd.tell("READY=1");
    return view;
  }

  async #reload(): Promise<ConfigView> {
    const { load, apply, log } = this.#options;
    try {
      const loaded = await load();
      const view = this.#compare(loaded);
      if (view.restart.length > 0) {
        log.warn("changed, but takes effect only at the next start", {
          keys: view.restart.join(" "),
        });
      }
      await apply(loaded);
      this.#config = inUse(this.#config, loaded.config);
      this.#keyId = loaded.trust.keyId;
      this.#endpoints = loaded.endpoints;
      tellTrust(log, loaded);
      log.info("configuration read again");
      return view;
    } catch (error) {
      const view = this.#wrong(error);
      log.error(`${view.problem}; keeping the previous configuration`);
      return view;
    }
  }

  #compare({ config, trust, endpoints }: Loaded): ConfigView {
    const keysOf = (applied: Setting["applied"]) =>
      SETTING_LIST.filter(([name, setting]) =>
        setting.applied === applied && !isSame(config[name], this.#config[name])
      ).map(([, { key }]) => key);
    const changed = keysOf("at SIGHUP");
    const keys = "keys.files";
    if (trust.keyId !== this.#keyId && !changed.includes(keys)) {
      changed.push(keys);
    }
    // Their files may have changed, and the setting not.
    const { key } = SETTINGS.notify;
    if (!isSame(endpoints, this.#endpoints) && !changed.includes(key)) {
      changed.push(key);
    }
    return {
      file: this.#options.file(),
      changed,
      restart: keysOf("at a restart"),
      problem: null,
    };
  }

  #wrong(error: unknown): ConfigView {
    if (!(error instanceof ConfigError)) throw error;
    return {
      file: this.#options.file(),
      changed: [],
      restart: [],
      problem: onOneLine(error),
    };
  }
}

/** The running settings after a reload: those that need a restart stay. */
function inUse(running: Config, loaded: Config): Config {
  const values = SETTING_LIST.map(([name, { applied }]) =>
    [name, (applied === "at a restart" ? running : loaded)[name]] as const
  );
  return Object.fromEntries(values) as unknown as Config;
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** A log has a line per event, a configuration error a line per problem. */
function onOneLine({ message }: ConfigError): string {
  return message.replace(":\n  ", ": ").replaceAll("\n  ", "; ");
}
