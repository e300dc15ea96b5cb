import { type AddressRange, isInNetwork } from "../inventory/in_network.ts";

/** A network of this host, by our address there. */
export interface OwnNetwork extends AddressRange {
  /** The interface that is in it. */
  readonly device: string;
  /** The sending address of the interface in this family: the first one. */
  readonly via: string;
}

/**
 * Addresses of the interfaces for an answer. `nowhere`: the question came from
 * none of our networks.
 */
type AnswerVia = readonly string[] | "everywhere" | "nowhere";

/** The networks of this host, searched by address. */
export class OwnNetworks {
  #networks: readonly OwnNetwork[] = [];
  #addresses: ReadonlySet<string> = new Set();
  #vias: readonly string[] = [];
  #devices = 0;

  set(networks: readonly OwnNetwork[]): void {
    this.#networks = networks;
    this.#addresses = new Set(networks.map(({ address }) => address));
    this.#vias = [...new Set(networks.map(({ via }) => via))];
    this.#devices = new Set(networks.map(({ device }) => device)).size;
  }

  /** The sending addresses of each interface. */
  get vias(): readonly string[] {
    return this.#vias;
  }

  /** Those of the interfaces that are in the network of this address. */
  viasAt(address: string): string[] {
    return this.#networks.filter((network) => isInNetwork(network, address))
      .map(({ via }) => via);
  }

  /** Those of the same interfaces in each family. */
  viasBeside(address: string): readonly string[] {
    const via = this.viaTo(address);
    return via === "everywhere" ? this.#vias : via === "nowhere" ? [] : via;
  }

  /** Whether this is in one of our networks, and we have no other. */
  isInOnly(address: string): boolean {
    return this.#devices < 2 && this.viasAt(address).length > 0;
  }

  /** Whether this is one of our addresses. */
  has(address: string): boolean {
    return this.#addresses.has(address);
  }

  /** Whether this is certainly none of our addresses; unknown without any network. */
  isForeign(address: string): boolean {
    return this.#addresses.size > 0 && !this.has(address);
  }

  /** Whether this is in one of our networks; without any, all are. */
  isNear(address: string): boolean {
    return this.#networks.length === 0 ||
      this.#networks.some((network) => isInNetwork(network, address));
  }

  /**
   * The interfaces for an answer to this address, each in every family that it
   * has. A host with a single interface always uses it.
   */
  viaTo(address: string): AnswerVia {
    if (this.#devices < 2) return "everywhere";
    const devices = new Set(
      this.#networks.filter((network) => isInNetwork(network, address))
        .map(({ device }) => device),
    );
    const vias = this.#networks.filter(({ device }) => devices.has(device))
      .map(({ via }) => via);
    return vias.length === 0 ? "nowhere" : [...new Set(vias)];
  }
}

/** The first announcement of a host after a question. */
export interface PingAnswer {
  /** Monotonic ms. */
  readonly at: number;
  readonly address: string;
}

/** Records which hosts announce themselves after a question. */
export class PingAnswers {
  #answers: Map<string, PingAnswer> | null = null;

  /** Begins recording. */
  start(): void {
    this.#answers = new Map();
  }

  note(id: string, answer: PingAnswer): void {
    if (this.#answers === null || this.#answers.has(id)) return;
    this.#answers.set(id, answer);
  }

  /** Ends recording. Returns the answers by host id. */
  take(): ReadonlyMap<string, PingAnswer> {
    const answers = this.#answers ?? new Map();
    this.#answers = null;
    return answers;
  }
}
