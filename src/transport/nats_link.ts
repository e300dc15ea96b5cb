/**
 * A connection to a NATS server: a bucket of JetStream's key-value store for
 * what is to be kept, and subjects for what passes. Knows nothing of disks.
 *
 * The library takes 100 ms and 10 MB to load, so only who uses a server imports
 * this file.
 */
import { jetstream } from "@nats-io/jetstream";
import { type KV, Kvm } from "@nats-io/kv";
import {
  deadline,
  type Msg,
  type NatsConnection,
  nkeyAuthenticator,
  type Subscription,
} from "@nats-io/nats-core";
import { connect } from "@nats-io/transport-node";
import { Socket } from "node:net";

// The library takes its listeners off before it destroys a socket. An error in
// between, such as a reset by a server that refuses a key, would end the daemon.
const { removeAllListeners } = Socket.prototype;
Socket.prototype.removeAllListeners = function (this: Socket, ...events) {
  removeAllListeners.apply(this, events);
  return this.on("error", () => {});
};

/** Time for an answer of the server. */
const ANSWER_MS = 5_000;
/** Silence, or up to twice as much, after which all values of a bucket have come. */
const SYNCED_MS = 3_000;
/** A value lives for so long without being put again. */
const MAX_AGE_MS = 7 * 24 * 60 * 60 * 1_000;

interface NatsOptions {
  readonly servers: readonly string[];
  /** Seed of an NKey; `null`: the server asks for none. */
  readonly nkeySeed: Uint8Array | null;
  /** Certificates of authorities, in PEM; `null`: those of the system. */
  readonly ca: string | null;
  readonly bucket: string;
  /** Of JetStream, where a leaf node stands between; `null`: that of the server. */
  readonly domain: string | null;
  /** Name of this client, and prefix of the subjects at which it is answered. */
  readonly name: string;
}

/** What the server says of the bucket. */
export interface BucketState {
  /** Whether it was made by this call. */
  readonly isMade: boolean;
  /** When, as the server says it. */
  readonly madeAt: string;
  /** Of the oldest value that it has. */
  readonly firstRevision: number;
  readonly lastRevision: number;
  /** Number of values: at least one of each host that put its list. */
  readonly values: number;
  /** Whether it tells what is put into it on subjects, as watchers need. */
  readonly isRepublished: boolean;
}

/** Processes a message: the subject, and the payload, which stays as it is. */
type TakeMessage = (subject: string, payload: Uint8Array) => void;

export class NatsLink {
  readonly #connection: NatsConnection;
  readonly #options: NatsOptions;
  #bucket: KV | null = null;

  private constructor(connection: NatsConnection, options: NatsOptions) {
    this.#connection = connection;
    this.#options = options;
  }

  /** Connects once. Rejects with the reason of the server, or of the network. */
  static async open(options: NatsOptions): Promise<NatsLink> {
    const { servers, nkeySeed, ca, name } = options;
    const connection = await connect({
      servers: [...servers],
      name,
      inboxPrefix: `_INBOX_${name}`,
      timeout: ANSWER_MS,
      // Who uses it connects again, whatever ended it.
      reconnect: false,
      pingInterval: 20_000,
      maxPingOut: 2,
      ...(nkeySeed !== null && { authenticator: nkeyAuthenticator(nkeySeed) }),
      ...(ca !== null && { tls: { ca } }),
    });
    return new NatsLink(connection, options);
  }

  /** The server that it is connected to. */
  get server(): string {
    return this.#connection.getServer();
  }

  /** Ends when the connection does; with the reason, if there is one. */
  async ended(): Promise<string | null> {
    const error = await this.#connection.closed();
    return error === undefined ? null : error.message;
  }

  /** Calls for each refusal that the server tells without being asked, such as a subject without permission. */
  async onRefusal(tell: (reason: string) => void): Promise<void> {
    for await (const status of this.#connection.status()) {
      if (status.type === "error") tell(status.error.message);
      if (status.type === "slowConsumer") {
        tell("messages come faster than this host reads them");
      }
    }
  }

  /**
   * Opens the bucket, and makes it where that is allowed. Another one may have
   * taken the place of the one that was open. Rejects with the reason of the
   * server.
   */
  async openBucket(): Promise<BucketState> {
    const { bucket, domain } = this.#options;
    const kvm = new Kvm(
      jetstream(this.#connection, domain === null ? {} : { domain }),
    );
    try {
      const kv = await deadline(kvm.open(bucket), ANSWER_MS);
      const state = await this.#stateOf(kv);
      this.#bucket = kv;
      return state;
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    this.#bucket = await deadline(
      kvm.create(bucket, {
        history: 1,
        ttl: MAX_AGE_MS,
        republish: { src: `$KV.${bucket}.>`, dest: `${bucket}.live.>` },
      }),
      ANSWER_MS,
    );
    return { ...await this.#stateOf(this.#bucket), isMade: true };
  }

  /** Keeps a value, and returns its revision. Rejects if the server does not confirm it. */
  async put(key: string, value: Uint8Array): Promise<number> {
    return await deadline(this.#kv.put(key, value), ANSWER_MS);
  }

  /** Drops a value. */
  async drop(key: string): Promise<void> {
    await deadline(this.#kv.delete(key), ANSWER_MS);
  }

  /** Sends to whoever listens now. */
  say(subject: string, payload: Uint8Array): void {
    this.#connection.publish(`${this.#options.bucket}.${subject}`, payload);
  }

  /** Takes in what is put from now on, by key, and what is said on subjects `beat.`. */
  listen(onPut: TakeMessage, onBeat: TakeMessage): void {
    const { bucket } = this.#options;
    this.#subscribe(`${bucket}.live.>`, onPut);
    this.#subscribe(`${bucket}.beat.>`, onBeat);
  }

  /** All values that the bucket has, by key, and when they were put; ends when they have come. */
  async readAll(
    take: (key: string, value: Uint8Array, createdAt: Date) => void,
  ): Promise<number> {
    const { values } = await deadline(this.#kv.status(), ANSWER_MS);
    if (values === 0) return 0;
    const watch = await this.#kv.watch({ key: ">" });
    let count = 0;
    let before = -1;
    const timer = setInterval(() => {
      if (count === before) watch.stop();
      before = count;
    }, SYNCED_MS);
    try {
      for await (const entry of watch) {
        count++;
        if (entry.operation === "PUT") {
          take(entry.key, entry.value, entry.created);
        }
        // The last of those that were there says so too.
        if (entry.isUpdate) break;
      }
    } finally {
      clearInterval(timer);
      watch.stop();
    }
    return count;
  }

  /** Answers questions, of which each goes to one of all that answer. */
  answer(
    subject: string,
    answer: (question: Uint8Array) => AsyncIterable<Uint8Array>,
  ): void {
    this.#connection.subscribe(`${this.#options.bucket}.${subject}`, {
      queue: "diskd",
      callback: (error, message) => {
        if (error === null) void this.#reply(message, answer);
      },
    });
  }

  /** Asks, and gives the parts of the answer, which an empty one ends. Rejects if nobody answers. */
  async *ask(
    subject: string,
    question: Uint8Array,
  ): AsyncGenerator<Uint8Array> {
    const messages = await this.#connection.requestMany(
      `${this.#options.bucket}.${subject}`,
      question,
      { strategy: "sentinel", maxWait: 4 * ANSWER_MS },
    );
    for await (const message of messages) {
      if (message instanceof Error) throw message;
      if (message.data.length === 0) return;
      yield message.data;
    }
    throw new Error("the answer has no end");
  }

  async close(): Promise<void> {
    // What was said leaves first.
    await deadline(this.#connection.flush(), ANSWER_MS).catch(() => {});
    await this.#connection.close();
  }

  get #kv(): KV {
    if (this.#bucket === null) throw new Error("the bucket is not open");
    return this.#bucket;
  }

  async #stateOf(kv: KV): Promise<BucketState> {
    const { streamInfo } = await deadline(kv.status(), ANSWER_MS);
    const { created, state, config: { republish } } = streamInfo;
    return {
      isMade: false,
      madeAt: String(created),
      firstRevision: state.first_seq,
      values: state.messages,
      lastRevision: state.last_seq,
      isRepublished: republish?.dest === `${this.#options.bucket}.live.>`,
    };
  }

  #subscribe(subject: string, take: TakeMessage): Subscription {
    const prefix = subject.length - ">".length;
    return this.#connection.subscribe(subject, {
      callback: (error, message) => {
        if (error !== null) return;
        take(message.subject.slice(prefix), message.data);
      },
    });
  }

  async #reply(
    message: Msg,
    answer: (question: Uint8Array) => AsyncIterable<Uint8Array>,
  ): Promise<void> {
    for await (const part of answer(message.data)) message.respond(part);
    message.respond();
  }
}

function isNotFound(error: unknown): boolean {
  return error instanceof Error && /not found/i.test(error.message);
}
