import { type Disk, makeDisk } from "../../src/inventory/disk.ts";
import { datagram } from "./announcements.ts";
import type { RawDatagram, RawPeer } from "./raw_peer.ts";

/** How often each speaks, and how long it says that it is silent: thirty lost in a row make it stale, also where the kernel loses every second one. */
const SPEAK_MS = 1_000;
const EVERY_SECONDS = 10;
/** They take turns. */
const TURN_MS = 50;

/** A host that does not exist, and tells nothing but what is true of it. */
export interface HonestHost {
  readonly id: string;
  readonly name: string;
  readonly address: string;
  readonly labels: readonly string[];
}

/**
 * Hosts that speak through one, each from an address of its own. They go on
 * until they are disposed of.
 */
export class HonestCrowd implements AsyncDisposable {
  readonly hosts: readonly HonestHost[];
  readonly #peer: RawPeer;
  readonly #labels: string[][];
  readonly #seq: number[];
  readonly #rev: number[];
  #isOver = false;
  readonly #speaking: Promise<void>;

  /** `prefix` is the first three bytes of their addresses, `192.168.1`. */
  constructor(
    peer: RawPeer,
    { count, prefix }: { readonly count: number; readonly prefix: string },
  ) {
    this.#peer = peer;
    this.#labels = Array.from({ length: count }, (_, i) => [`honest-${i}`]);
    this.#seq = this.#labels.map(() => 0);
    this.#rev = this.#labels.map(() => 1);
    const labels = this.#labels;
    this.hosts = labels.map((_, i) => ({
      id: `${i}`.padStart(32, "a"),
      name: `honest-${i}`,
      address: `${prefix}.${FIRST_ADDRESS + i}`,
      get labels() {
        return labels[i]!;
      },
    }));
    this.#speaking = this.#speak();
  }

  /** From now on a host has a disk with this label too. */
  attach(number: number, label: string): void {
    this.#labels[number]!.push(label);
    this.#rev[number]!++;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    await this.#speaking;
  }

  async #speak(): Promise<void> {
    const turns = SPEAK_MS / TURN_MS;
    for (let turn = 0; !this.#isOver; turn = (turn + 1) % turns) {
      const numbers = [...this.hosts.keys()]
        .filter((number) => number % turns === turn);
      const next = pause(TURN_MS);
      await this.#peer.send(numbers.map((number) => this.#say(number)));
      await next;
    }
  }

  #say(number: number): RawDatagram {
    const { id, name, address, labels } = this.hosts[number]!;
    const bytes = datagram({
      id,
      host: name,
      boot: 1,
      seq: ++this.#seq[number]!,
      rev: this.#rev[number]!,
      every: EVERY_SECONDS,
      disks: labels.map(asDisk),
    });
    return { source: address, bytes };
  }
}

/** The hosts of the LAN in a box have lower ones. */
const FIRST_ADDRESS = 101;

function asDisk(label: string, number: number): Disk {
  return makeDisk({ device: `/dev/sd${number}`, label, type: "ext4" });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
