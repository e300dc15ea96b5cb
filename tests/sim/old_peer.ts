import type { ShownDisk } from "./history.ts";
import type { Medium, Station } from "./medium.ts";

type Row = readonly [string | null, string | null, string | null];

/** A datagram that was captured from App::Diskd 0.01, and the rows that 0.01 reads out of it. */
export interface Capture {
  readonly bytes: Uint8Array;
  readonly rows: readonly Row[];
}

const FOLDER = new URL("../fixtures/v1/", import.meta.url);

/** The captured datagrams that 0.01 itself can read. */
export function readCaptures(): Capture[] {
  const index: Record<string, { rows?: Row[] }> = JSON.parse(
    Deno.readTextFileSync(new URL("index.json", FOLDER)),
  );
  return Object.entries(index).flatMap(([file, { rows }]) =>
    rows === undefined
      ? []
      : [{ bytes: Deno.readFileSync(new URL(file, FOLDER)), rows }]
  );
}

/** A host that runs 0.01: it says what it has, and listens to whatever comes. */
export class OldPeer implements Station {
  readonly address: string;
  readonly #medium: Medium;
  #last: Capture | null = null;

  constructor(address: string, medium: Medium) {
    this.address = address;
    this.#medium = medium;
    medium.add(this);
  }

  receive(): void {}

  say(capture: Capture): void {
    this.#last = capture;
    this.#medium.send(this, capture.bytes);
  }

  /** The disks that others are to show for it; those without a device cannot be told. */
  get disks(): ShownDisk[] {
    return (this.#last?.rows ?? []).flatMap(([uuid, label, device]) =>
      device === null ? [] : [{
        device,
        uuid: uuid || null,
        label: label || null,
        mounts: [],
        size: null,
      }]
    );
  }
}
