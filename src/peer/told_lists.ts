import type { Header } from "../codec/announcement.ts";
import type { FarPlace } from "../codec/envelope.ts";

/** Memory for the datagrams of all hosts together; beyond it the oldest are dropped. */
export const MAX_TOLD_BYTES = 33_554_432;

/** What a host announced last. */
export interface ToldList {
  readonly id: string;
  readonly boot: number;
  readonly rev: number;
  readonly place: FarPlace;
  /** The relay on a network of ours that told of it; `null`: there was none. */
  readonly relay: string | null;
  /** Number of parts of the whole list. */
  readonly count: number;
  /** Whether it said goodbye. */
  readonly isGone: boolean;
  /** By number of the part, in the order in which they were heard. */
  readonly parts: ReadonlyMap<number, Uint8Array>;
}

type KeptList = ToldList & { readonly parts: Map<number, Uint8Array> };

/**
 * The present announcement of each host, as signed, so that a relay can answer
 * for hosts of other networks.
 */
export class ToldLists {
  readonly #byId = new Map<string, KeptList>();
  #bytes = 0;

  /** Keeps a copy of a datagram. */
  keep(
    { id, boot, rev, part, parts, bye }: Header,
    datagram: Uint8Array,
    { place, relay }: Pick<ToldList, "place" | "relay">,
  ): void {
    const before = this.#byId.get(id!);
    const isSame = before?.boot === boot && before.rev === rev && parts > 1;
    const kept = new Map(isSame ? before.parts : []);
    // A later part has the larger `seq`: parts are said in the order of hearing.
    kept.delete(part);
    kept.set(part, datagram.slice());
    this.forget(id!);
    this.#byId.set(id!, {
      id: id!,
      boot,
      rev,
      place,
      relay,
      count: parts,
      isGone: bye,
      parts: kept,
    });
    this.#bytes += bytesOf(kept);
    for (const oldest of this.#byId.keys()) {
      if (this.#bytes <= MAX_TOLD_BYTES) return;
      this.forget(oldest);
    }
  }

  forget(id: string): void {
    const kept = this.#byId.get(id);
    if (kept === undefined) return;
    this.#byId.delete(id);
    this.#bytes -= bytesOf(kept.parts);
  }

  get(id: string): ToldList | undefined {
    return this.#byId.get(id);
  }

  clear(): void {
    this.#byId.clear();
    this.#bytes = 0;
  }

  values(): Iterable<ToldList> {
    return this.#byId.values();
  }
}

function bytesOf(parts: ReadonlyMap<number, Uint8Array>): number {
  let bytes = 0;
  for (const one of parts.values()) bytes += one.length;
  return bytes;
}
