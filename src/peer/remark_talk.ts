import type { RemarkHeader, RemarkQuestion } from "../codec/remark_datagram.ts";
import { writeRemarkQuestion, writeRemarks } from "../codec/remark_datagram.ts";
import {
  formProblem,
  isSigned,
  type RemarkRefusal,
} from "../codec/remark_signature.ts";
import type { Signatures } from "../codec/host_key.ts";
import { isPlausible, type Remark } from "../inventory/remark.ts";
import type { Remarks, RemarkWithProof } from "../inventory/remarks.ts";
import type { RefuseReason } from "./effect.ts";
import { ANSWER_WAIT_MS, type LanLoad, REPEAT_AFTER_MS } from "./timing.ts";
import { WrongClocks } from "./wrong_clocks.ts";

/**
 * Spreads remarks. A new one is said at once and repeated like a change of the
 * list. Who hears in an announcement that its host has others asks that host,
 * and says which it has; the answer is all remarks of the buckets that differ.
 * Everybody hears it, so it serves all who lack the same.
 */

/** Remarks said at once in an answer, and the time until the next ones: some 20 datagrams a second. */
export const ANSWER_REMARKS = 10;
export const ANSWER_PAUSE_MS = 200;

/** New remarks that are said at once and repeated; more are said like an answer. */
const MAX_PUSHES = 30;

/** Time between two questions to a host; doubled while they bring nothing new. */
export const ASK_REMARKS_MS = { first: 10_000, max: 60_000 } as const;

/** Time between two questions to any hosts. */
export const ASK_PAUSE_MS = 1_000;

/** Signatures whose last hearing is remembered. */
const MAX_HEARD = 20_000;

/** Public keys whose ids are kept ready. */
const MAX_IDS = 1_000;

/** Hosts of which is remembered when they were asked. */
export const MAX_ASKED = 1_000;

interface TalkOptions {
  readonly remarks: Remarks;
  readonly signatures: Signatures;
  /** Returns a number from 0 to below 1. */
  readonly random: () => number;
  readonly lanLoad: LanLoad;
  /** This host. */
  readonly view: () => TalkView;
  /** The time of a question, as other hosts compare it. */
  readonly questionTime: (now: number) => number;
  /** Ms since 1970. */
  readonly wallTime: (now: number) => number;
}

interface TalkView extends Pick<RemarkHeader, "id" | "key"> {
  /** Room in a datagram. */
  readonly maxBytes: number;
  /** Longest wait of an answer on this LAN. */
  readonly longestAnswerMs: number;
}

/** When a host may be asked. */
interface AskedHost {
  at: number;
  gapMs: number;
}

interface Push {
  readonly remark: Remark;
  readonly dueAt: number[];
}

/** Why a remark of a datagram was not taken in. */
type Unwanted = RemarkRefusal | RefuseReason;

/** What came of the remarks of a datagram. */
interface Heard {
  readonly news: readonly Remark[];
  readonly refused: ReadonlySet<Unwanted>;
}

/** Who says remarks. */
interface Saying {
  readonly from: string;
  /** Whether the datagram proves a shared key. */
  readonly hasKey: boolean;
  /** Whether a file says it, which may hold what is set aside. Default: no. */
  readonly isFile?: boolean;
  readonly now: number;
  /** Pays for the check of a signature, or returns why it cannot. */
  readonly spend: () => RefuseReason | null;
}

export class RemarkTalk {
  readonly #options: TalkOptions;
  readonly #wrongClocks = new WrongClocks();
  #pushes: Push[] = [];
  /** What is still to be said in answers, and since when. */
  readonly #answer = new Map<Remark, number>();
  #answerAt = Infinity;
  #answeredAt = -Infinity;
  /** By signature. */
  #heardAt = new Map<string, number>();
  #asked = new Map<string, AskedHost>();
  /** By public key. */
  readonly #ids = new Map<string, string>();
  #question: { readonly to: string; readonly at: number } | null = null;
  #askedAt = -Infinity;
  #newsAt = -Infinity;

  constructor(options: TalkOptions) {
    this.#options = options;
  }

  /** When `tick` has something to do next. */
  get deadline(): number {
    return Math.min(
      ...this.#pushes.map(({ dueAt }) => dueAt[0]!),
      this.#question?.at ?? Infinity,
      this.#answerAt,
    );
  }

  /** Hosts remembered, for the limits. */
  get askedHosts(): number {
    return this.#asked.size;
  }

  /** Clocks to be set, a sentence each. */
  problems(now: number): string[] {
    return this.#wrongClocks.problems(now, this.#options.wallTime(now));
  }

  /** A remark was made here. */
  said(remark: Remark, now: number): void {
    if (this.#pushes.length >= MAX_PUSHES) return this.#say([remark], now);
    const dueAt = [now, ...REPEAT_AFTER_MS.map((ms) => now + ms)];
    this.#pushes.push({ remark, dueAt });
  }

  /** An announcement of a host said which remarks it has. */
  heardDigest(id: string, digest: string | null, now: number): void {
    if (digest === this.#options.remarks.digest) {
      this.#asked.delete(id);
      return;
    }
    if (digest === null || this.#question !== null) return;
    if (now < (this.#asked.get(id)?.at ?? -Infinity)) return;
    if (this.#isBeingAnswered(now)) return;
    const { longestAnswerMs } = this.#options.view();
    const { min } = ANSWER_WAIT_MS;
    const waitMs = min + this.#options.random() * (longestAnswerMs - min);
    const at = Math.max(now + waitMs, this.#askedAt + ASK_PAUSE_MS);
    this.#question = { to: id, at };
  }

  /** Another host would say the same again. */
  #isBeingAnswered(now: number): boolean {
    return now - this.#newsAt < ASK_PAUSE_MS &&
      now - this.#askedAt < ASK_REMARKS_MS.max;
  }

  /** A host asks one, perhaps this one. */
  heardQuestion({ to, has }: RemarkQuestion, now: number): void {
    const { remarks: { counting }, view } = this.#options;
    const differing = counting.differing(has);
    if (to === view().id) {
      return this.#say(counting.inBuckets(differing), now);
    }
    // It asks for us too.
    if (differing.size === 0) this.#wait(to, now);
  }

  /**
   * Whether a datagram with these remarks matters. Most do not, because what is
   * said is repeated, and a replay brings nothing new.
   */
  isOfUse(
    remarks: readonly RemarkWithProof[],
    { hasKey }: Pick<Saying, "hasKey">,
  ): boolean {
    return this.#answer.size > 0 || remarks.some((one) => {
      const { remark, isProven } = this.#withAuthor(one);
      return this.#isOfUse({ remark, isProven: hasKey && isProven });
    });
  }

  #isOfUse({ remark, isProven }: RemarkWithProof): boolean {
    const { remarks } = this.#options;
    return remarks.isNews(remark) || (isProven && !remarks.isProven(remark.by));
  }

  /** Remarks of a host. */
  heard(remarks: readonly RemarkWithProof[], saying: Saying): Heard {
    const news: Remark[] = [];
    const refused = new Set<Unwanted>();
    for (const one of remarks) {
      const said = this.#withAuthor(one);
      const found = this.#take(said, saying);
      if (found === "news") news.push(said.remark);
      else if (found !== "known") refused.add(found);
    }
    if (news.length > 0) {
      this.#asked.delete(saying.from);
      this.#newsAt = saying.now;
    }
    return { news, refused };
  }

  /** The datagrams to be signed and sent now. */
  tick(now: number): Uint8Array[] {
    return [
      ...this.#push(now),
      ...this.#ask(now),
      ...this.#answerNow(now),
    ];
  }

  #withAuthor({ remark, isProven }: RemarkWithProof): RemarkWithProof {
    return { remark: { ...remark, by: this.#idOf(remark.key) }, isProven };
  }

  /** The id of the host with this key; no id for none. */
  #idOf(key: string): string {
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    if (this.#ids.size === MAX_IDS) this.#ids.clear();
    const id = this.#options.signatures.idOf(key) ?? "";
    this.#ids.set(key, id);
    return id;
  }

  #take(
    { remark, isProven }: RemarkWithProof,
    { hasKey, isFile = false, now, spend }: Saying,
  ): "news" | "known" | Unwanted {
    const { remarks, signatures, wallTime } = this.#options;
    const vouches = hasKey && isProven;
    if (remarks.counting.holds(remark)) {
      this.#noteHeard(remark, now);
      if (vouches) remarks.prove(remark.by);
      return "known";
    }
    const problem = formProblem(remark, signatures);
    if (problem !== null) return problem;
    if (!vouches && !isFile && !remarks.isHeeded(remark.by)) {
      return "unproven-remark";
    }
    if (!this.#isOfUse({ remark, isProven: vouches })) return "known";
    const excess = spend();
    if (excess !== null) return excess;
    if (!isSigned(remark, signatures)) return "bad-signature";
    if (!isPlausible(remark.at, wallTime(now))) {
      this.#wrongClocks.note(remark, now);
      return "bad-clock";
    }
    if (vouches) remarks.prove(remark.by);
    this.#noteHeard(remark, now);
    return remarks.take(remark) ? "news" : "known";
  }

  #push(now: number): Uint8Array[] {
    const due = this.#pushes.filter(({ dueAt }) => dueAt[0]! <= now);
    if (due.length === 0) return [];
    for (const { dueAt } of due) {
      while (dueAt.length > 0 && dueAt[0]! <= now) dueAt.shift();
    }
    this.#pushes = this.#pushes
      .filter(({ remark, dueAt }) => dueAt.length > 0 && this.#counts(remark));
    return this.#write(due.map(({ remark }) => remark), now);
  }

  #ask(now: number): Uint8Array[] {
    const question = this.#question;
    if (question === null || now < question.at) return [];
    this.#question = null;
    this.#askedAt = now;
    const { to } = question;
    this.#wait(to, now);
    const { remarks, view, questionTime, lanLoad } = this.#options;
    const { id, key } = view();
    lanLoad.note(now);
    return [
      writeRemarkQuestion(
        { id, key, boot: questionTime(now) },
        { to, has: remarks.counting.table },
      ),
    ];
  }

  /** A host was asked, and is given time to answer. */
  #wait(to: string, now: number): void {
    const before = this.#asked.get(to)?.gapMs ?? ASK_REMARKS_MS.first / 2;
    const gapMs = Math.min(2 * before, ASK_REMARKS_MS.max);
    this.#asked.delete(to);
    this.#asked.set(to, { at: now + gapMs, gapMs });
    if (this.#question?.to === to) this.#question = null;
    if (this.#asked.size <= MAX_ASKED) return;
    this.#asked = new Map([...this.#asked].slice(-MAX_ASKED / 2));
  }

  /** Says these as soon as there is time. */
  #say(remarks: Iterable<Remark>, now: number): void {
    for (const remark of remarks) this.#answer.set(remark, now);
    if (this.#answer.size > 0 && this.#answerAt === Infinity) {
      this.#answerAt = Math.max(now, this.#answeredAt + ANSWER_PAUSE_MS);
    }
  }

  #answerNow(now: number): Uint8Array[] {
    if (now < this.#answerAt) return [];
    this.#answeredAt = now;
    this.#answerAt = now + ANSWER_PAUSE_MS;
    if (this.#options.lanLoad.isBusy(now)) return [];
    const chosen: Remark[] = [];
    for (const [remark, askedAt] of this.#answer) {
      if (chosen.length === ANSWER_REMARKS) break;
      this.#answer.delete(remark);
      const heardAt = this.#heardAt.get(remark.signature) ?? -Infinity;
      if (heardAt <= askedAt) chosen.push(remark);
    }
    if (this.#answer.size === 0) this.#answerAt = Infinity;
    return this.#write(chosen, now);
  }

  #counts(remark: Remark): boolean {
    return this.#options.remarks.counting.holds(remark);
  }

  #write(remarks: readonly Remark[], now: number): Uint8Array[] {
    const { view, lanLoad, remarks: known } = this.#options;
    const counting = remarks.filter((remark) => this.#counts(remark));
    for (const remark of counting) this.#noteHeard(remark, now);
    const said = counting
      .map((remark) => ({ remark, isProven: known.isProven(remark.by) }));
    const datagrams = writeRemarks(view(), said, view());
    for (const _ of datagrams) lanLoad.note(now);
    return datagrams;
  }

  #noteHeard({ signature }: Remark, now: number): void {
    this.#heardAt.delete(signature);
    this.#heardAt.set(signature, now);
    if (this.#heardAt.size <= MAX_HEARD) return;
    this.#heardAt = new Map([...this.#heardAt].slice(-MAX_HEARD / 2));
  }
}
