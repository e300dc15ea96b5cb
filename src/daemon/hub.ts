import type { HubRow } from "../control/views.ts";
import { STALE_AFTER_INTERVALS } from "../inventory/host.ts";
import type { NamedByHub } from "../peer/listener.ts";
import type { ToldList } from "../peer/told_lists.ts";
import { reasonOf } from "../system/reason.ts";
import type { System } from "../system/system.ts";
import { pause } from "../system/within.ts";
import type { BucketState, NatsLink } from "../transport/nats_link.ts";
import type { Clock } from "./clocks.ts";
import { BucketWatch } from "./bucket_watch.ts";
import { HeldMessages } from "./held_messages.ts";
import type { HubAnswers } from "./hub_questions.ts";
import {
  beatSubject,
  hubKey,
  MAX_VALUE_BYTES,
  readBeatSubject,
  readHubKey,
  readValue,
  writeValues,
} from "./hub_value.ts";
import { type Log, ProblemLog } from "./log.ts";

/** Wait before connecting again, at first and at most. */
const HUB_RETRY_MS = { first: 1_000, max: 60_000 } as const;

/** A list is put again after so long, though it did not change: values end after a week. */
const PUT_AGAIN_MS = 24 * 60 * 60 * 1_000;

/** Intervals between two looks whether the bucket is still there. */
const BUCKET_LOOK_INTERVALS = 10;

/** Changes within this time are put together. */
const GATHER_PUT_MS = 20;

/** Words of others within this time are passed on together. */
const GATHER_OTHERS_MS = 50;

/** Of all hosts of a hub together, about. */
const BEATS_PER_SECOND = 100;

/** A connection, as used here. */
export type HubLink = Pick<
  NatsLink,
  | "server"
  | "ended"
  | "onRefusal"
  | "openBucket"
  | "put"
  | "drop"
  | "say"
  | "listen"
  | "readAll"
  | "answer"
  | "ask"
  | "close"
>;

interface HubOptions {
  readonly servers: readonly string[];
  readonly bucket: string;
  readonly site: string;
  /** Whether to know the hosts there. */
  readonly isWatching: boolean;
  /** Between two words that this host is there, in ms. */
  readonly everyMs: () => number;
  readonly open: () => Promise<HubLink>;
  readonly id: () => string;
  /** An address of this host for those elsewhere; `null`: it has none. */
  readonly address: () => string | null;
  /** Which list this host has; another text for each. */
  readonly mark: () => string;
  /** That of this host, which says it speaks this often, or less. */
  readonly announcement: (everyMs: number) => readonly Uint8Array[] | null;
  readonly goodbye: () => readonly Uint8Array[];
  /** The ids of the other hosts that this one knows. */
  readonly others: () => Iterable<string>;
  /** What one of them announced, if this host speaks for it; `null` otherwise. */
  readonly nearList: (id: string) => ToldList | null;
  /** Processes an envelope synchronously. */
  readonly receive: (bytes: Uint8Array, named: NamedByHub) => void;
  readonly system: Pick<System, "now" | "wallClock" | "random">;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * This host on a NATS server: puts its list there, says that it is there, and
 * takes in those of others. Connects again whatever happens.
 */
export class Hub {
  readonly #options: HubOptions;
  readonly #problemLog: ProblemLog;
  readonly #over = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #link: HubLink | null = null;
  #since: number;
  #problem: string | null = null;
  /** Why something was refused, until the next connection. */
  #refusal: string | null = null;
  #said = { mark: "", at: -Infinity, chunks: 0 };
  #putTimer: ReturnType<typeof setTimeout> | undefined;
  #putting: Promise<void> = Promise.resolve();
  #answers: Pick<HubAnswers, "answer"> = {
    async *answer() {
      // Nobody can be told anything yet.
    },
  };
  #silence: string | null = null;
  /** Whether the bucket tells of changes. */
  #isRepublished = true;
  /** Whether a put failed, perhaps for want of the bucket. */
  #isDoubtful = false;
  #saidByOthers = new Set<string>();
  #othersTimer: ReturnType<typeof setTimeout> | undefined;
  /** Which lists of others were put, by id; empty: that is to be done. */
  #marks = new Map<string, string>();
  /** When the hub told of each host, monotonic ms. */
  readonly #heardAt = new Map<string, number>();
  #rejected = 0;
  readonly #bucket = new BucketWatch();
  readonly #live = new HeldMessages();
  /** In the bucket. */
  #values = 0;

  constructor(options: HubOptions) {
    this.#options = options;
    this.#since = options.clock.now();
    const { log } = options;
    this.#problemLog = new ProblemLog(log, "the hub works again");
  }

  get view(): HubRow {
    const { servers, site, bucket, isWatching, clock } = this.#options;
    return {
      servers,
      server: this.#link?.server ?? null,
      site,
      bucket,
      watch: isWatching,
      reached: this.#link !== null,
      since: clock.timeOfDay(this.#since),
      hosts: this.#heardAt.size,
      rejected: this.#rejected,
      problem: this.problems[0] ?? null,
    };
  }

  /** Why it does not work, and what to do, a sentence each. */
  get problems(): string[] {
    const { bucket, isWatching } = this.#options;
    const isDeaf = isWatching && !this.#isRepublished;
    return [
      this.#problem,
      this.#refusal,
      this.#silence,
      isDeaf ? sayNotRepublished(bucket) : null,
    ].filter((one) => one !== null);
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Says goodbye, and ends. */
  async stop(): Promise<void> {
    const link = this.#link;
    if (link !== null) {
      for (const datagram of this.#options.goodbye()) {
        this.#beat(link, datagram);
      }
      await link.close().catch(() => {});
    }
    this.#over.abort();
    clearTimeout(this.#putTimer);
    clearTimeout(this.#othersTimer);
    await this.#running;
  }

  /** Answers what hosts ask that do not watch, from the next connection on. */
  answerWith(answers: HubAnswers): void {
    this.#answers = answers;
  }

  /** Asks a host that watches. Rejects if nobody answers. */
  async *ask(question: Uint8Array): AsyncGenerator<Uint8Array> {
    if (this.#link === null) throw new Error("the hub is not reached");
    yield* this.#link.ask(QUESTIONS, question);
  }

  /** Why nobody answers a question; `null`: somebody does. */
  askFailed(reason: string | null): void {
    this.#silence = reason === null ? null : `No host that watches the hub ` +
      `answers (${reason}), so only hosts of this LAN are listed here; one ` +
      "host or more need watch: true";
    this.#problemLog.tell(this.problems);
  }

  /** Another host announced itself. */
  hostSaid(id: string): void {
    if (this.#link === null || this.#isThere(id)) return;
    if (this.#options.nearList(id) === null) return;
    this.#saidByOthers.add(id);
    this.#othersTimer ??= setTimeout(() => {
      this.#othersTimer = undefined;
      this.#putting = this.#putting.then(() => this.#speakForOthers());
    }, GATHER_OTHERS_MS);
  }

  get isWatching(): boolean {
    return this.#options.isWatching;
  }

  /** This host said something: perhaps its list is another one. */
  said(): void {
    if (this.#link === null || this.#putTimer !== undefined) return;
    if (this.#said.mark === this.#options.mark()) return;
    this.#putTimer = setTimeout(() => {
      this.#putTimer = undefined;
      this.#putSoon();
    }, GATHER_PUT_MS);
  }

  async #run(): Promise<void> {
    const { signal } = this.#over;
    const { system, open, clock } = this.#options;
    let waitMs: number = HUB_RETRY_MS.first;
    while (!signal.aborted) {
      try {
        const link = await open();
        if (signal.aborted) return void await link.close();
        await this.#use(link);
      } catch (error) {
        this.#fail(reasonOf(error));
      }
      if (this.#link !== null) {
        this.#since = clock.now();
        waitMs = HUB_RETRY_MS.first;
      }
      this.#link = null;
      if (signal.aborted) return;
      await pause(waitMs * (0.5 + system.random()), signal);
      waitMs = Math.min(2 * waitMs, HUB_RETRY_MS.max);
    }
  }

  /** Uses a connection until it ends. */
  async #use(link: HubLink): Promise<void> {
    const { log, clock, isWatching } = this.#options;
    const over = new AbortController();
    const ended = link.ended().then((reason) => {
      over.abort();
      if (!this.#over.signal.aborted) {
        this.#fail(reason ?? "the server closed the connection");
      }
    });
    this.#refusal = null;
    void link.onRefusal((reason) => this.#refuse(reason)).catch(() => {});
    if (isWatching) {
      this.#live.begin();
      link.listen(this.#takePut, this.#takeBeat);
      link.answer(QUESTIONS, (question) => this.#answers.answer(question));
    }
    try {
      await this.#openBucket(link);
      this.#link = link;
      this.#since = clock.now();
      this.#problem = null;
      log.info("connected to the hub", { server: link.server });
      this.#putAll();
      if (isWatching) await this.#sync(link);
      this.#live.end();
      this.#problemLog.tell(this.problems);
      await this.#stayThere(link, over.signal);
    } catch (error) {
      await link.close().catch(() => {});
      throw error;
    } finally {
      over.abort();
    }
    await ended;
  }

  async #openBucket(link: HubLink): Promise<void> {
    this.#bucket.begin(await this.#stateOfBucket(link));
  }

  async #stateOfBucket(link: HubLink): Promise<BucketState> {
    const { bucket, log } = this.#options;
    try {
      const state = await link.openBucket();
      if (state.isMade) log.info("made the bucket", { bucket });
      this.#values = state.values;
      this.#isRepublished = state.isRepublished;
      return state;
    } catch (error) {
      throw new Error(sayNoBucket(bucket, reasonOf(error)));
    }
  }

  /** What was put, or told, may be lost while the connection lasts. */
  async #lookAtBucket(link: HubLink): Promise<void> {
    const { isWatching } = this.#options;
    const state = await this.#stateOfBucket(link);
    this.#problemLog.tell(this.problems);
    const { isLost, isMissed } = this.#bucket.look(state);
    if (!isLost && (!isMissed || !isWatching)) return;
    this.#bucket.begin(state);
    if (isLost) this.#putAll();
    if (isWatching) await this.#sync(link);
  }

  /** Puts the list of this host, and those of the hosts for which it speaks. */
  #putAll(): void {
    this.#said.mark = "";
    this.#putSoon();
    this.#forgetOthersPut();
    for (const id of this.#options.others()) this.hostSaid(id);
  }

  /** Between two words that this host is there: longer where many are. */
  get #everyMs(): number {
    const leastMs = this.#values / BEATS_PER_SECOND * 1_000;
    return Math.max(this.#options.everyMs(), leastMs);
  }

  /** Says that this host is there, and looks after what it put. */
  async #stayThere(link: HubLink, signal: AbortSignal): Promise<void> {
    const { system } = this.#options;
    const lookMs = () => BUCKET_LOOK_INTERVALS * this.#everyMs;
    let lookAt = system.now() + lookMs() * (0.5 + system.random());
    while (!signal.aborted) {
      const waitMs = this.#everyMs * (0.75 + system.random() / 2);
      await pause(waitMs, signal);
      if (signal.aborted) return;
      const [first] = this.#options.announcement(this.#everyMs) ?? [];
      if (first !== undefined) this.#beat(link, first);
      const now = system.now();
      if (now - this.#said.at >= PUT_AGAIN_MS) this.#putSoon();
      if (now < lookAt && !this.#isDoubtful) continue;
      this.#isDoubtful = false;
      lookAt = now + lookMs();
      await this.#lookAtBucket(link);
    }
  }

  #beat(link: HubLink, datagram: Uint8Array): void {
    const { site, id, address } = this.#options;
    const [value] = writeValues([datagram], {
      site,
      from: address() ?? noAddress(id()),
    });
    link.say(`beat.${beatSubject({ site, id: id() })}`, value!);
  }

  #putSoon(): void {
    this.#putting = this.#putting.then(() => this.#put());
  }

  /** Puts the present list. */
  async #put(): Promise<void> {
    const link = this.#link;
    if (link === null) return;
    const { mark, announcement, address, site, id, system } = this.#options;
    const present = mark();
    const datagrams = announcement(this.#everyMs);
    if (datagrams === null) return;
    const from = address() ?? noAddress(id());
    const values = writeValues(datagrams, { site, from });
    try {
      this.#bucket.putsAnew();
      for (const [i, value] of values.entries()) {
        const key = hubKey({ site, id: id(), chunk: i + 1 });
        this.#bucket.put(await link.put(key, value));
      }
      for (let chunk = values.length; chunk < this.#said.chunks; chunk++) {
        await link.drop(hubKey({ site, id: id(), chunk: chunk + 1 }));
      }
      this.#said = {
        mark: present,
        at: system.now(),
        chunks: values.length,
      };
      if (this.#isPutRefused) this.#refusal = null;
    } catch (error) {
      if (this.#link !== link) return;
      this.#refuse(`${PUT_REFUSED} ${reasonOf(error)}`);
      this.#isDoubtful = true;
      this.#putTimer ??= setTimeout(() => {
        this.#putTimer = undefined;
        this.#putSoon();
      }, HUB_RETRY_MS.max / 4);
    }
    this.#problemLog.tell(this.problems);
  }

  /** Whether a host, or another relay for it, speaks on the hub. */
  #isThere(id: string): boolean {
    const { system } = this.#options;
    const heardAt = this.#heardAt.get(id) ?? -Infinity;
    return system.now() - heardAt < STALE_AFTER_INTERVALS * this.#everyMs;
  }

  /** Puts the lists of hosts of this LAN, or says that they are there. */
  async #speakForOthers(): Promise<void> {
    const link = this.#link;
    const ids = this.#saidByOthers;
    this.#saidByOthers = new Set();
    if (link === null) return;
    for (const id of ids) {
      const told = this.#options.nearList(id);
      if (told === null || this.#isThere(id)) continue;
      try {
        await this.#speakFor(link, told);
      } catch (error) {
        this.#refuse(
          `The hub does not take the list of ${id}, for which this ` +
            `host speaks as a relay: ${reasonOf(error)}`,
        );
      }
    }
  }

  /** What is put for others has to be put again. */
  #forgetOthersPut(): void {
    for (const id of this.#marks.keys()) this.#marks.set(id, "");
  }

  async #speakFor(link: HubLink, told: ToldList): Promise<void> {
    const { site } = this.#options;
    const { id, boot, rev, parts, count, place } = told;
    const where = { site, from: place.from ?? noAddress(id) };
    const mark = `${boot} ${rev}`;
    // The server repeats a put before it confirms it.
    if (!this.#marks.has(id)) this.#marks.set(id, "");
    const isWhole = parts.size === count && !told.isGone;
    if (isWhole && this.#marks.get(id) !== mark) {
      const values = writeValues([...parts.values()], where);
      for (const [i, value] of values.entries()) {
        await link.put(hubKey({ site, id, chunk: i + 1 }), value);
      }
      this.#marks.set(id, mark);
      return;
    }
    const first = parts.get(1);
    if (first === undefined) return;
    const [value] = writeValues([first], where);
    link.say(`beat.${beatSubject({ site, id })}`, value!);
  }

  get #isPutRefused(): boolean {
    return this.#refusal?.startsWith(PUT_REFUSED) ?? false;
  }

  /** Takes in all that the hub has. */
  async #sync(link: HubLink): Promise<void> {
    const { log, system } = this.#options;
    const startedAt = system.now();
    await link.readAll(this.#takeKept);
    log.info("read the hub", {
      hosts: this.#heardAt.size,
      seconds: Math.round((system.now() - startedAt) / 100) / 10,
    });
  }

  readonly #takePut = (key: string, value: Uint8Array): void => {
    const named = readHubKey(key);
    const isHeard = named === null || value.length === 0 ||
      this.#live.take(value, () => this.#take(named, value));
    if (isHeard) this.#bucket.told();
  };

  /** Who put it may be off since. */
  readonly #takeKept = (key: string, value: Uint8Array, at: Date): void => {
    const named = readHubKey(key);
    if (named === null) return;
    const { system } = this.#options;
    const ageMs = Math.max(0, system.wallClock() - at.getTime());
    this.#take({ ...named, keptSince: system.now() - ageMs }, value);
  };

  readonly #takeBeat = (subject: string, value: Uint8Array): void => {
    const named = readBeatSubject(subject);
    if (named === null) return;
    this.#live.take(value, () => this.#take(named, value));
  };

  #take({ id, site, keptSince }: NamedByHub, value: Uint8Array): void {
    const { receive, system } = this.#options;
    const isOwn = id === this.#options.id();
    if (isOwn && keptSince !== undefined) return;
    const envelopes = value.length > MAX_VALUE_BYTES ? null : readValue(value);
    if (envelopes === null) {
      this.#rejected++;
      return;
    }
    // What this host says for another comes back.
    if (!isOwn && !this.#marks.has(id)) {
      const before = this.#heardAt.get(id) ?? -Infinity;
      this.#heardAt.set(id, Math.max(before, keptSince ?? system.now()));
    }
    for (const envelope of envelopes) {
      receive(envelope, { id, site, keptSince });
    }
  }

  #fail(reason: string): void {
    const { servers } = this.#options;
    this.#problem = `No hub: ${reason}; tried ${servers.join(", ")}`;
    this.#problemLog.tell(this.problems);
  }

  #refuse(reason: string): void {
    this.#refusal = reason;
    this.#problemLog.tell(this.problems);
  }
}

/** Subject of questions. */
const QUESTIONS = "ask";

/** Of a host that is reached by no address: one of those that lead nowhere, RFC 6666. So few hosts may share one that each has its own. */
function noAddress(id: string): string {
  return `100::${id.slice(0, 4)}:${id.slice(4, 8)}`;
}

const PUT_REFUSED = "The hub does not take the list of this host:";

function sayNoBucket(bucket: string, reason: string): string {
  if (/no responders|jetstream is not enabled|timeout/i.test(reason)) {
    return `JetStream does not answer (${reason}); the server needs ` +
      `jetstream { store_dir: "/var/lib/nats" } in its configuration, and ` +
      "a leaf node needs its hub";
  }
  return `the bucket ${bucket} is not there and cannot be made here ` +
    `(${reason}); with the rights for it: ${sayHowToMake(bucket)}`;
}

function sayNotRepublished(bucket: string): string {
  return `The bucket ${bucket} tells nobody what is put into it, so changes ` +
    `of other hosts are known only from time to time; with the rights for ` +
    `it, as servers before 2.9.12 let nobody change that: nats kv del ` +
    `${bucket}, and ${
      sayHowToMake(bucket)
    }; all hosts then put their lists again`;
}

function sayHowToMake(bucket: string): string {
  return `nats kv add ${bucket} --history=1 --ttl=168h ` +
    `--republish-source='$KV.${bucket}.>' ` +
    `--republish-destination='${bucket}.live.>'`;
}
