import type { PingView } from "../control/views.ts";
import type { Host } from "../inventory/host.ts";
import type { Peer } from "../peer/peer.ts";
import { V1_VERSION } from "../peer/v1_hosts.ts";
import type { Clock } from "./clock.ts";
import type { Engine } from "./engine.ts";

/** Answers to a ping may take this long on their way. */
const PING_SLACK_MS = 150;

/** What a ping needs. */
export interface PingerParts {
  readonly engine: Pick<Engine, "ask">;
  readonly peer: Peer;
  readonly clock: Clock;
}

/** Asks, waits, and tells who answered. Two pings at once are one. */
export class Pinger {
  readonly #parts: PingerParts;
  #running: Promise<PingView> | null = null;

  constructor(parts: PingerParts) {
    this.#parts = parts;
  }

  ping(): Promise<PingView> {
    this.#running ??= this.#ping().finally(() => this.#running = null);
    return this.#running;
  }

  async #ping(): Promise<PingView> {
    const { engine, peer, clock } = this.#parts;
    const askedAt = clock.now();
    engine.ask();
    const waitMs = peer.longestAnswerMs + PING_SLACK_MS;
    await new Promise((done) => setTimeout(done, waitMs));
    const heard = peer.takeAnswers();
    const answers = [...heard].map(([id, at]) => {
      const host = peer.inventory.host(id);
      return {
        host: host?.name ?? id,
        hostId: id,
        address: host?.addresses[0] ?? null,
        afterMs: Math.round(at - askedAt),
      };
    });
    const silent = [...peer.inventory.hosts()]
      .filter((host) => this.#shouldAnswer(host) && !heard.has(host.id))
      .map(({ id, name, addresses }) => ({
        host: name,
        hostId: id,
        address: addresses[0] ?? null,
      }));
    const durationMs = Math.round(clock.now() - askedAt);
    return { answers, silent, durationMs };
  }

  /** A host that is up and knows what a question is. */
  #shouldAnswer({ id, liveness, version }: Host): boolean {
    const { self } = this.#parts.peer.inventory;
    return id !== self.id && liveness === "up" && version !== V1_VERSION;
  }
}
