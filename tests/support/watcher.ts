import {
  connectControl,
  type ControlClient,
} from "../../src/control/client.ts";
import type { EventRow } from "../../src/control/views.ts";
import type { Daemon } from "./daemon.ts";

/** Follows the events of a daemon until it is disposed of. */
export class Watcher implements AsyncDisposable {
  readonly events: EventRow[] = [];
  readonly #client: ControlClient;
  readonly #following: Promise<void>;

  private constructor(client: ControlClient) {
    this.#client = client;
    this.#following = this.#follow();
  }

  static async start(daemon: Daemon): Promise<Watcher> {
    const path = daemon.host.path(daemon.socket);
    return new Watcher(await connectControl([path]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.close();
    await this.#following;
  }

  async #follow(): Promise<void> {
    for await (const event of this.#client.watch()) this.events.push(event);
  }
}
