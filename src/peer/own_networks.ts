/** An IPv4 network that this host is in. */
export interface OwnNetwork {
  /** Our address there. */
  readonly address: string;
  /** Bits of an address that are the same for all of the network. */
  readonly prefixLength: number;
  /** The address that we speak from on this interface: of several addresses the first. */
  readonly via: string;
}

/** Addresses of the interfaces that an answer goes out of. `nowhere`: who asked is in none of our networks. */
export type AnswerVia = readonly string[] | "everywhere" | "nowhere";

/** The networks that this host is in, and which of them an address is in. */
export class OwnNetworks {
  #networks: readonly OwnNetwork[] = [];
  #addresses: ReadonlySet<string> = new Set();
  #vias: readonly string[] = [];

  set(networks: readonly OwnNetwork[]): void {
    this.#networks = networks;
    this.#addresses = new Set(networks.map(({ address }) => address));
    this.#vias = [...new Set(networks.map(({ via }) => via))];
  }

  /** The address that we speak from on each interface. */
  get vias(): readonly string[] {
    return this.#vias;
  }

  /** Whether this address is one of ours. */
  has(address: string): boolean {
    return this.#addresses.has(address);
  }

  /** Whether this address is certainly not one of ours: without a network we do not know. */
  isForeign(address: string): boolean {
    return this.#addresses.size > 0 && !this.has(address);
  }

  /** Where an answer to this address goes. A host with one interface has only that one. */
  viaTo(address: string): AnswerVia {
    if (this.#vias.length < 2) return "everywhere";
    const vias = this.#networks.filter((network) => isIn(network, address))
      .map(({ via }) => via);
    return vias.length === 0 ? "nowhere" : [...new Set(vias)];
  }
}

function isIn(network: OwnNetwork, address: string): boolean {
  const size = 2 ** (32 - network.prefixLength);
  const ours = Math.floor(numberOf(network.address) / size);
  return ours === Math.floor(numberOf(address) / size);
}

function numberOf(address: string): number {
  return address.split(".").reduce((sum, byte) => sum * 256 + Number(byte), 0);
}

/** Who has announced since a user asked. */
export class PingAnswers {
  #heardAt: Map<string, number> | null = null;

  /** Begins to note them. */
  start(): void {
    this.#heardAt = new Map();
  }

  note(id: string, now: number): void {
    if (this.#heardAt === null || this.#heardAt.has(id)) return;
    this.#heardAt.set(id, now);
  }

  /** By host id, and when. Ends the noting. */
  take(): ReadonlyMap<string, number> {
    const heardAt = this.#heardAt ?? new Map();
    this.#heardAt = null;
    return heardAt;
  }
}
