import type { TextStyle } from "./handlers.ts";
import { notificationLine } from "./jsonrpc.ts";
import { EVENT_METHOD, type EventRow } from "./views.ts";

/** What a client speaks. */
export type Side = "json" | "text";

/**
 * Events as the bytes of a line. All clients that watch are told of an event
 * before the next one comes, so the line is made once and shared, however
 * many they are and however slowly they read.
 */
export class EventLines {
  readonly #text: Pick<TextStyle, "event">;
  #event: EventRow | null = null;
  #made: Partial<Record<Side, Uint8Array>> = {};

  constructor(text: Pick<TextStyle, "event">) {
    this.#text = text;
  }

  /** Not copied: do not change it. */
  bytes(event: EventRow, side: Side): Uint8Array {
    if (event !== this.#event) {
      this.#event = event;
      this.#made = {};
    }
    return this.#made[side] ??= this.#make(event, side);
  }

  #make(event: EventRow, side: Side): Uint8Array {
    const line = side === "json"
      ? notificationLine(EVENT_METHOD, event)
      : `${this.#text.event(event)}\n`;
    return new TextEncoder().encode(line);
  }
}
