import type { Host } from "./host.ts";
import type { Process } from "./process.ts";

const CONFIG = "/etc/nats.conf";

/** With a store that survives it. */
export const JETSTREAM = `jetstream { store_dir: "/run/jetstream" }\n`;

/** A real nats-server on a host of the LAN in a box; killed when it is disposed of. */
export class NatsServer implements AsyncDisposable {
  readonly host: Host;
  #process: Process | null = null;

  private constructor(host: Host) {
    this.host = host;
  }

  /** Starts one with these lines of configuration, on port 4222, and waits until it listens. */
  static async start(host: Host, lines: string): Promise<NatsServer> {
    await Deno.writeTextFile(
      host.path(CONFIG),
      `listen: 0.0.0.0:4222\n${lines}`,
    );
    const server = new NatsServer(host);
    await server.startAgain();
    return server;
  }

  /** For `nats.servers`. */
  get url(): string {
    return `nats://${this.host.address}:4222`;
  }

  /** As if the power failed. */
  async kill(): Promise<void> {
    await this.#process?.kill("SIGKILL");
    await this.#process?.outcome;
  }

  async startAgain(): Promise<void> {
    this.#process = this.host.spawn(["nats-server", "-c", CONFIG]);
    await this.#process.waitForLog(/Server is ready/, START_MS);
  }

  /** Waits until it says this. */
  async waitForLog(pattern: RegExp): Promise<void> {
    await this.#process?.waitForLog(pattern, START_MS);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process?.[Symbol.asyncDispose]();
  }
}

/** The machine may be busy. */
const START_MS = 30_000;
