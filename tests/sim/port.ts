import type { Medium, Station } from "./medium.ts";

/** A network of a machine, and its address there. */
export interface NetworkPlace {
  readonly medium: Medium;
  readonly lease: string;
}

/** A machine, which is itself what is plugged into its first network. */
export interface Plugged extends Station {
  receive(bytes: Uint8Array, from: string, at?: Port): void;
}

/** What a machine has plugged into another network. */
export class Port implements Station, NetworkPlace {
  readonly medium: Medium;
  readonly lease: string;
  readonly #machine: Plugged;

  constructor(machine: Plugged, lease: string, medium: Medium) {
    this.#machine = machine;
    this.lease = lease;
    this.medium = medium;
    medium.add(this);
  }

  /** It has a network when the machine has one. */
  get address(): string | null {
    return this.#machine.address === null ? null : this.lease;
  }

  receive(bytes: Uint8Array, from: string): void {
    this.#machine.receive(bytes, from, this);
  }
}
