import type { RawDatagram, RawPeer } from "./raw_peer.ts";
import { numberedKey, signedText, type SigningKey } from "./signed_text.ts";

/** Until told otherwise, thirty lost in a row make one silent, also where the kernel loses every second one. */
const SPEAK_MS = 1_000;
const EVERY_SECONDS = 10;
/** They take turns. */
const TURN_MS = 50;

export interface CrowdOptions {
  readonly count: number;
  /** The first three bytes of their addresses, `192.168.1`. */
  readonly prefix: string;
  /** How often each speaks. Default: 1 s. */
  readonly speakMs?: number;
  /** How often it says that it does. Default: 10 s. */
  readonly everySeconds?: number;
}

/** A host that does not exist, and tells nothing but what is true of it. */
export interface HonestHost {
  readonly key: SigningKey;
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
  readonly #turns: number;
  readonly #everySeconds: number;
  /** What they said last, the latest at the end. */
  readonly #said: RawDatagram[] = [];
  readonly #labels: string[][];
  readonly #seq: number[];
  readonly #rev: number[];
  #isOver = false;
  /** Datagrams and bytes that they said so far. */
  readonly total = { datagrams: 0, bytes: 0 };
  readonly #speaking: Promise<void>;

  constructor(peer: RawPeer, options: CrowdOptions) {
    const { count, prefix } = options;
    this.#peer = peer;
    this.#turns = (options.speakMs ?? SPEAK_MS) / TURN_MS;
    this.#everySeconds = options.everySeconds ?? EVERY_SECONDS;
    this.#labels = Array.from({ length: count }, (_, i) => [`honest-${i}`]);
    this.#seq = this.#labels.map(() => 0);
    this.#rev = this.#labels.map(() => 1);
    this.hosts = this.#labels.map((labels, i) => {
      const key = numberedKey(FIRST_KEY + i);
      const address = `${prefix}.${FIRST_ADDRESS + i}`;
      return { key, id: key.id, name: `honest-${i}`, address, labels };
    });
    this.#speaking = this.#speak();
  }

  /** From now on a host has a disk with this label too. */
  attach(number: number, label: string): void {
    this.#labels[number]!.push(label);
    this.#rev[number]!++;
  }

  /** What they said, the last thousands of it. */
  get said(): readonly RawDatagram[] {
    return [...this.#said];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    await this.#speaking;
  }

  async #speak(): Promise<void> {
    for (let turn = 0; !this.#isOver; turn = (turn + 1) % this.#turns) {
      const numbers = [...this.hosts.keys()]
        .filter((number) => number % this.#turns === turn);
      const next = pause(TURN_MS);
      await this.#peer.send(numbers.map((number) => this.#say(number)));
      await next;
    }
  }

  #say(number: number): RawDatagram {
    const { key, name, address, labels } = this.hosts[number]!;
    const about = {
      host: name,
      boot: BOOT,
      seq: ++this.#seq[number]!,
      rev: this.#rev[number]!,
      every: this.#everySeconds,
    };
    const rows = labels.map((label, i) => [null, label, `/dev/sd${i}`]);
    const bytes = signedText(key, about, rows);
    const said = { source: address, bytes };
    this.total.datagrams++;
    this.total.bytes += bytes.length;
    if (this.#said.push(said) > MAX_SAID) this.#said.splice(0, MAX_SAID / 2);
    return said;
  }
}

/** All their lives are one. */
const BOOT = 1;
const MAX_SAID = 10_000;
/** Of their keys; the numbers below are for others. */
const FIRST_KEY = 1_000_000;
/** The hosts of the LAN in a box have lower ones. */
const FIRST_ADDRESS = 101;

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
