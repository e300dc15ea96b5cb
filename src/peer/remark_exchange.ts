import type { RejectReason } from "../codec/announcement.ts";
import type { Signatures } from "../codec/host_key.ts";
import { readRemarks, type RemarkDatagram } from "../codec/remark_datagram.ts";
import { signRemark } from "../codec/remark_signature.ts";
import type { Inventory } from "../inventory/inventory.ts";
import {
  cutHostName,
  EARLIEST_MS,
  isPlausible,
  type Remark,
  timeAfter,
} from "../inventory/remark.ts";
import type { Remarks, RemarkWithProof } from "../inventory/remarks.ts";
import type { Counters, Effect, RefuseReason } from "./effect.ts";
import { RemarkTalk } from "./remark_talk.ts";
import type { Remotes } from "./remotes.ts";
import type { Speaker } from "./speaker.ts";
import type { LanLoad } from "./timing.ts";

/** Later than what a host said before, if its right clock is in 1970. */
const REDATED_MS = EARLIEST_MS + 86_400_000;

interface ExchangeOptions {
  readonly inventory: Pick<Inventory, "remarks" | "host">;
  readonly speaker: Speaker;
  readonly counters: Counters;
  readonly remotes: Remotes;
  readonly signatures: Signatures;
  readonly lanLoad: LanLoad;
  /** Returns a number from 0 to below 1. */
  readonly random: () => number;
  /** Ms since 1970. */
  readonly wallTime: (now: number) => number;
}

/** What came with a datagram. */
interface Arriving {
  /** Whether it proves a shared key. */
  readonly hasKey: boolean;
  /** Whether a question is to be answered. */
  readonly isAnswered: boolean;
  readonly now: number;
  /** Checks the signature of its sender. */
  readonly refusal: () => RejectReason | RefuseReason | null;
  /** Pays for the check of another signature. */
  readonly spend: () => RefuseReason | null;
}

type SaidHere = Pick<Remark, "subject" | "field" | "value">;

/** The remarks of this host and of others: makes them, takes them in, and has them spread. */
export class RemarkExchange {
  readonly #options: ExchangeOptions;
  readonly #talk: RemarkTalk;

  constructor(options: ExchangeOptions) {
    const { inventory: { remarks }, speaker } = options;
    this.#options = options;
    this.#talk = new RemarkTalk({
      ...options,
      remarks,
      view: () => ({
        id: speaker.identity.key.id,
        key: speaker.identity.key.publicKey,
        maxBytes: speaker.maxBytes,
        longestAnswerMs: speaker.longestAnswerMs,
      }),
      questionTime: (now) => speaker.questionTime(now),
    });
  }

  get #remarks(): Remarks {
    return this.#options.inventory.remarks;
  }

  /** When `tick` has something to do next. */
  get deadline(): number {
    return this.#options.speaker.mayTalk ? this.#talk.deadline : Infinity;
  }

  /** The datagrams to be sent now. */
  tick(now: number): Uint8Array[] {
    const { speaker } = this.#options;
    return now < this.deadline ? [] : speaker.close(this.#talk.tick(now));
  }

  /** Clocks to be set, a sentence each. */
  problems(now: number): string[] {
    return this.#talk.problems(now);
  }

  /** Somebody says something of a disk, here. */
  say(
    { subject, field, value }: SaidHere,
    now: number,
    { leastMs = 0 }: { readonly leastMs?: number } = {},
  ): Effect[] {
    const { speaker: { identity }, wallTime } = this.#options;
    const { key, name } = identity;
    const at = Math.max(
      leastMs,
      timeAfter(this.#remarks.find(subject, field), wallTime(now)),
    );
    const host = cutHostName(name);
    const remark = signRemark({ subject, field, value, at, host }, key);
    this.#change(now, () => {
      this.#remarks.prove(key.id);
      this.#remarks.take(remark);
    });
    this.#talk.said(remark, now);
    return [{ kind: "remark", remark }];
  }

  /**
   * The clock of this host was far ahead, and is right again: what was said here
   * meanwhile no host took in, so it is said again.
   */
  redate(now: number): Effect[] {
    const { speaker, wallTime } = this.#options;
    const wallMs = wallTime(now);
    const wrong = this.#remarks.counting.of(speaker.identity.key.id)
      .filter(({ at }) => !isPlausible(at, wallMs));
    return wrong.flatMap((remark) => {
      const isCounting =
        this.#remarks.find(remark.subject, remark.field) === remark;
      this.#remarks.remove(remark);
      return isCounting ? this.say(remark, now, { leastMs: REDATED_MS }) : [];
    });
  }

  /**
   * Takes in remarks of an export, as those that a host with the shared key
   * passes on; but nothing is refused for want of a proof, only set aside.
   */
  takeExported(
    remarks: readonly RemarkWithProof[],
    now: number,
  ): { readonly effects: Effect[]; readonly refused: number } {
    const saying = {
      from: this.#options.speaker.identity.key.id,
      hasKey: true,
      isFile: true,
      now,
      spend: () => null,
    };
    const heard = this.#change(
      now,
      () => remarks.map((remark) => this.#talk.heard([remark], saying)),
    );
    return {
      effects: heard.flatMap(({ news }) => effectsOf(news)),
      refused: heard.filter(({ refused }) => refused.size > 0).length,
    };
  }

  /** A host announced itself: whether with a shared key, and which remarks it has, unless it is too far away to be asked. */
  heardHost(
    id: string,
    { hasKey, digest, now }: {
      readonly hasKey: boolean;
      readonly digest: string | null | undefined;
      readonly now: number;
    },
  ): void {
    if (hasKey) this.#change(now, () => this.#remarks.prove(id));
    if (digest !== undefined) this.#talk.heardDigest(id, digest, now);
  }

  /** Remarks of a host that is up, or its question for them. Returns why they are refused, or what follows. */
  hear(
    datagram: RemarkDatagram,
    arriving: Arriving,
  ): Effect[] | RejectReason | RefuseReason {
    const { inventory, remotes, counters, lanLoad } = this.#options;
    const { id, boot, question } = datagram.header;
    const { hasKey, isAnswered, now, refusal } = arriving;
    const host = inventory.host(id);
    if (host === undefined || host.liveness === "gone" || !host.isProven) {
      return "unknown-host";
    }
    if (question !== null) {
      const remote = remotes.get(id);
      if (boot <= remote.askedAt) return "old";
      const refused = refusal();
      if (refused !== null) return refused;
      remote.askedAt = boot;
      lanLoad.note(now);
      if (isAnswered) this.#talk.heardQuestion(question, now);
      return [];
    }
    const remarks = readRemarks(datagram);
    if (remarks === null) return "bad-list";
    if (!this.#talk.isOfUse(remarks, { hasKey })) {
      counters.copies++;
      return [];
    }
    const refused = refusal();
    if (refused !== null) return refused;
    lanLoad.note(now);
    return this.#takeIn(remarks, { ...arriving, from: id });
  }

  #takeIn(
    remarks: readonly RemarkWithProof[],
    saying: Parameters<RemarkTalk["heard"]>[1],
  ): Effect[] {
    const { news, refused } = this.#change(
      saying.now,
      () => this.#talk.heard(remarks, saying),
    );
    for (const reason of refused) this.#options.counters.reject(reason);
    return effectsOf(news);
  }

  /** The first remark, and the last, change the division of our list into parts. */
  #change<T>(now: number, change: () => T): T {
    const { speaker } = this.#options;
    const wasEmpty = this.#remarks.size === 0;
    const changed = change();
    const isEmpty = this.#remarks.size === 0;
    if (wasEmpty !== isEmpty && speaker.hasList) speaker.listChanged(now);
    return changed;
  }
}

function effectsOf(remarks: readonly Remark[]): Effect[] {
  return remarks.map((remark) => ({ kind: "remark", remark }));
}
