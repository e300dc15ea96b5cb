/**
 * Questions through a hub: a host that does not watch it asks one that does. The
 * answer is JSON behind `+`, or the reason why there is none behind `-`.
 */
import {
  Encoded,
  type Handlers,
  type Result,
  Streamed,
} from "../control/handlers.ts";
import { INTERNAL_ERROR, RpcError } from "../control/jsonrpc.ts";
import { checkParams } from "../control/parameters.ts";
import type { DiskRow, MethodName, Methods } from "../control/views.ts";
import { reasonOf } from "../system/reason.ts";
import { isJsonObject } from "../text/json_object.ts";

/** What may be asked. */
const ASKED = ["list", "where", "find", "hosts"] as const;
type AskedMethod = typeof ASKED[number];

/** Longest answer that is taken, and longest part of one that is given. */
const MAX_HUB_ANSWER_BYTES = 64 * 1024 * 1024;
const PART_BYTES = 256 * 1024;

/** Questions answered at once. */
export const MAX_HUB_QUESTIONS = 4;

/** Asks a host that watches, and gives the parts of its answer. */
type AskHub = (question: Uint8Array) => AsyncIterable<Uint8Array>;

/** Answers the questions of other hosts. */
export class HubAnswers {
  readonly #handlers: Pick<Handlers, AskedMethod>;
  #answering = 0;

  constructor(handlers: Pick<Handlers, AskedMethod>) {
    this.#handlers = handlers;
  }

  async *answer(question: Uint8Array): AsyncGenerator<Uint8Array> {
    if (this.#answering >= MAX_HUB_QUESTIONS) {
      return yield encoder.encode("-too many ask at once; try again");
    }
    this.#answering++;
    try {
      const result = await this.#answer(question);
      yield encoder.encode("+");
      yield* result;
    } catch (error) {
      yield encoder.encode(`-${reasonOf(error)}`);
    } finally {
      this.#answering--;
    }
  }

  async #answer(question: Uint8Array): Promise<AsyncIterable<Uint8Array>> {
    const asked: unknown = JSON.parse(new TextDecoder().decode(question));
    if (!isJsonObject(asked) || !isJsonObject(asked.params)) {
      throw new Error("expected a method and its params");
    }
    const method = ASKED.find((one) => one === asked.method);
    if (method === undefined) throw new Error(`expected ${ASKED.join(", ")}`);
    return inParts(await this.#call(method, asked.params));
  }

  async #call<M extends AskedMethod>(
    method: M,
    params: Parameters<typeof checkParams>[1],
  ): Promise<Result<M>> {
    const handler = this.#handlers[method] as (
      params: Methods[M]["params"],
    ) => Result<M> | Promise<Result<M>>;
    return await handler(checkParams(method, params));
  }
}

/** The handlers of a host that does not watch: what it does not know it asks. */
export function askingHandlers(
  handlers: Handlers,
  { ask, onFailure }: {
    readonly ask: AskHub;
    /** Called with why nobody answered, or `null`. */
    readonly onFailure: (reason: string | null) => void;
  },
): Handlers {
  const askOne = async <M extends AskedMethod>(
    method: M,
    params: Methods[M]["params"],
  ): Promise<Methods[M]["result"] | null> => {
    try {
      const answer = await asked(ask, { method, params });
      if (!isAnswer(method, answer)) throw new Error("the answer is of no use");
      onFailure(null);
      return answer as Methods[M]["result"];
    } catch (error) {
      onFailure(reasonOf(error));
      return null;
    }
  };
  return {
    ...handlers,
    async list(params) {
      const own = await whole(handlers.list(params));
      return withOthers(own, await askOne("list", params));
    },
    async hosts(params) {
      const own = await whole(handlers.hosts(params));
      return withOthers(own, await askOne("hosts", params));
    },
    async where(params) {
      const own = await whole(handlers.where(params));
      if (own.some(isPresent)) return own;
      return await askOne("where", params) ?? own;
    },
    async find(params) {
      const own = await whole(handlers.find(params));
      if (own.rows.some(isPresent)) return own;
      const found = await askOne("find", params);
      if (found === null) {
        if (own.rows.length > 0) return own;
        throw new RpcError(INTERNAL_ERROR, NOBODY);
      }
      return { ...found, site: own.site ?? null };
    },
  };
}

const NOBODY =
  "it is not known on this LAN, and no host that watches the hub " +
  "answers; see: diskd status";

function isPresent({ state }: DiskRow): boolean {
  return state !== "detached";
}

/** Rows of hosts that this host does not know itself come from who does. */
function withOthers<Row extends { readonly hostId: string }>(
  own: readonly Row[],
  others: readonly Row[] | null,
): readonly Row[] {
  const known = new Set(own.map(({ hostId }) => hostId));
  return [...own, ...(others ?? []).filter(({ hostId }) => !known.has(hostId))];
}

async function asked(ask: AskHub, question: object): Promise<unknown> {
  const decoder = new TextDecoder();
  const texts: string[] = [];
  let bytes = 0;
  for await (const part of ask(encoder.encode(JSON.stringify(question)))) {
    bytes += part.length;
    if (bytes > MAX_HUB_ANSWER_BYTES) throw new Error("the answer is too long");
    texts.push(decoder.decode(part, { stream: true }));
  }
  const text = texts.join("");
  if (!text.startsWith("+")) throw new Error(text.slice(1, 1_000));
  return JSON.parse(text.slice(1));
}

function isAnswer(method: AskedMethod, answer: unknown): boolean {
  return method === "find"
    ? isJsonObject(answer) && isJsonObject(answer.verdict) &&
      areRows(answer.rows)
    : areRows(answer);
}

function areRows(rows: unknown): boolean {
  return Array.isArray(rows) &&
    rows.every((row) => isJsonObject(row) && typeof row.hostId === "string");
}

async function whole<M extends MethodName>(
  result: Result<M> | Promise<Result<M>>,
): Promise<Methods[M]["result"]> {
  const given = await result;
  if (!(given instanceof Streamed || given instanceof Encoded)) {
    return given as Methods[M]["result"];
  }
  if (given instanceof Encoded) return given.decode();
  const parts: Uint8Array[] = [];
  for await (const part of given.json()) parts.push(part);
  return JSON.parse(await new Blob(parts as BlobPart[]).text());
}

/** JSON in parts of which each fits into a message. */
async function* inParts(result: unknown): AsyncGenerator<Uint8Array> {
  const pieces = result instanceof Streamed
    ? result.json()
    : result instanceof Encoded
    ? result.chunks
    : [encoder.encode(JSON.stringify(result))];
  for await (const piece of pieces) {
    for (let at = 0; at < piece.length; at += PART_BYTES) {
      yield piece.subarray(at, at + PART_BYTES);
    }
  }
}

const encoder = new TextEncoder();
