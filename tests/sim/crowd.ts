/**
 * Thousands of hosts on one LAN. What all of them know of each other does not
 * fit in memory: 5,000 times 5,000 lists. So a few are whole `Peer`s, and the
 * others are real `Speaker`s that share one `Ear`: what one of them hears, all
 * hear, as multicast has it. While the LAN is in two halves, each has its own.
 */
import type { Disk } from "../../src/inventory/disk.ts";
import { Peer } from "../../src/peer/peer.ts";
import { type Effect } from "../../src/peer/effect.ts";
import { Speaker } from "../../src/peer/speaker.ts";
import { Agenda } from "./agenda.ts";
import { Dice } from "./dice.ts";
import { Ear } from "./ear.ts";
import { hostKey, TEST_SIGNATURES } from "../support/host_keys.ts";

/** A word takes so long from one host to another, its kernel and its daemon. */
const LATENCY_MS = 2;

/** The first scan of each host. */
const SCAN_MS = 20;

const INTERVAL_MS = 30_000;

export interface CrowdOptions {
  readonly hosts: number;
  /** Of these, how many are whole peers. */
  readonly wholePeers: number;
  readonly disksOf: (host: number) => readonly Disk[];
  readonly seed: number;
}

/** Of the two halves of the LAN. */
type Side = 0 | 1;

interface Member {
  readonly address: string;
  readonly side: Side;
  readonly index: number;
  /** When it is to be woken. */
  planned: number;
  readonly deadline: () => number;
  readonly wake: () => void;
}

interface WholeMember extends Member {
  readonly peer: Peer;
}

interface SpeakingMember extends Member {
  readonly speaker: Speaker;
}

export class Crowd {
  readonly agenda = new Agenda();
  /** What went over the LAN, of both halves. */
  readonly wire: { readonly at: number; readonly bytes: number }[] = [];
  readonly whole: WholeMember[] = [];
  readonly #dice: Dice;
  readonly #options: CrowdOptions;
  readonly #ears: readonly [Ear, Ear];
  readonly #speaking: SpeakingMember[] = [];
  /** Those who have not heard anybody yet. */
  #unanswered: SpeakingMember[] = [];
  #isSplit = false;

  constructor(options: CrowdOptions) {
    this.#options = options;
    this.#dice = new Dice(options.seed);
    this.#ears = [new Ear(), new Ear()];
    for (let index = 0; index < options.hosts; index++) {
      const isWhole = index < options.wholePeers;
      if (isWhole) this.whole.push(this.#wholeMember(index));
      else this.#speaking.push(this.#speakingMember(index));
    }
  }

  get now(): number {
    return this.agenda.now;
  }

  /** Starts all of them in the same instant. */
  startAll(): void {
    for (const { peer, index, ...member } of this.whole) {
      this.#carryOut(member.address, peer.join(this.now));
      this.agenda.at(this.now + SCAN_MS, () => {
        const disks = this.#options.disksOf(index);
        this.#carryOut(member.address, peer.scanned(disks, this.now));
      });
    }
    this.#unanswered = [...this.#speaking];
    for (const member of this.#speaking) {
      member.speaker.join(this.now);
      this.agenda.at(this.now + SCAN_MS, () => {
        member.speaker.listChanged(this.now);
        this.#plan(member);
      });
    }
    for (const member of this.#members) this.#plan(member);
  }

  /** A user of each whole peer types `ping`, all in the same instant. */
  pingFromAll(): void {
    for (const { peer, address } of this.whole) {
      this.#carryOut(address, peer.ask(this.now));
    }
    for (const member of this.whole) this.#plan(member);
  }

  /** Neither half hears the other. */
  split(): void {
    this.#isSplit = true;
  }

  heal(): void {
    this.#isSplit = false;
  }

  run(durationMs: number): void {
    this.agenda.runUntil(this.now + durationMs);
  }

  get #members(): Member[] {
    return [...this.whole, ...this.#speaking];
  }

  #wholeMember(index: number): WholeMember {
    const peer = new Peer({
      identity: identityOf(index),
      pastBoot: 0,
      announceIntervalMs: INTERVAL_MS,
      random: this.#dice.random,
      freshKey: () => hostKey(`fresh-${index}`),
      signatures: TEST_SIGNATURES,
    });
    const address = addressOf(index);
    return {
      ...this.#place(index),
      peer,
      deadline: () => peer.deadline,
      wake: () => this.#carryOut(address, peer.tick(this.now)),
    };
  }

  #speakingMember(index: number): SpeakingMember {
    const place = this.#place(index);
    const ear = this.#ears[place.side];
    const disks = this.#options.disksOf(index);
    const speaker = new Speaker({
      identity: identityOf(index),
      announceIntervalMs: INTERVAL_MS,
      random: this.#dice.random,
      lanLoad: ear.air,
      view: () => ({
        disks,
        remarks: null,
        site: null,
        othersDatagrams: ear.datagramsARound,
      }),
    });
    return {
      ...place,
      speaker,
      deadline: () => speaker.deadline,
      wake: () =>
        this.#transmit(place.address, speaker.tick(this.now).datagrams),
    };
  }

  #place(
    index: number,
  ): Pick<Member, "index" | "address" | "side" | "planned"> {
    const side = index % 2 === 0 ? 0 : 1;
    return { index, address: addressOf(index), side, planned: Infinity };
  }

  #plan(member: Member): void {
    const at = Math.max(member.deadline(), this.now);
    if (at >= member.planned || at === Infinity) return;
    member.planned = at;
    this.agenda.at(at, () => {
      if (member.planned !== at) return;
      member.planned = Infinity;
      member.wake();
      this.#plan(member);
    });
  }

  #carryOut(address: string, effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.kind === "send") this.#transmit(address, effect.datagrams);
    }
  }

  #transmit(from: string, datagrams: readonly Uint8Array[]): void {
    for (const bytes of datagrams) {
      this.wire.push({ at: this.now, bytes: bytes.length });
      const isSplit = this.#isSplit;
      this.agenda.at(this.now + LATENCY_MS, () => {
        if (!isSplit || sideOf(from) === 0) this.#hear(bytes, from, 0);
        if (!isSplit || sideOf(from) === 1) this.#hear(bytes, from, 1);
      });
    }
  }

  #hear(bytes: Uint8Array, from: string, side: Side): void {
    for (const member of this.whole) {
      if (member.side !== side || member.address === from) continue;
      this.#carryOut(
        member.address,
        member.peer.receive(bytes, from, this.now),
      );
      this.#plan(member);
    }
    const { isAsk, isBack, isAnswer } = this.#ears[side].hear(
      bytes,
      from,
      this.now,
    );
    if (isAnswer && this.#unanswered.length > 0) this.#answer(from);
    if (isAsk || isBack) this.#stir({ from, side, isAsk });
  }

  #answer(from: string): void {
    for (const { speaker, address } of this.#unanswered) {
      if (address !== from) speaker.heard();
    }
    this.#unanswered = this.#unanswered.filter(({ address }) =>
      address === from
    );
  }

  #stir(
    { from, side, isAsk }: { from: string; side: Side; isAsk: boolean },
  ): void {
    for (const member of this.#speaking) {
      if (member.side !== side || member.address === from) continue;
      if (isAsk) member.speaker.asked(this.now);
      else member.speaker.mayBeUnknown(this.now);
      this.#plan(member);
    }
  }
}

function identityOf(index: number) {
  return {
    key: hostKey(index.toString(16).padStart(32, "0")),
    name: `host-${index}.example.net`,
    version: "0.1.0",
    boot: 1_790_000_000_000,
  };
}

function addressOf(index: number): string {
  return `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`;
}

/** Even addresses are on one side, odd ones on the other. */
function sideOf(address: string): Side {
  return Number(address.slice(address.lastIndexOf(".") + 1)) % 2 === 0 ? 0 : 1;
}
