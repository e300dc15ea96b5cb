import type { JsonObject } from "../text/json_object.ts";
import {
  type Access,
  Encoded,
  type MethodHandlers,
  refusal,
  type Result,
  Streamed,
  type TextStyle,
} from "./handlers.ts";
import {
  errorLine,
  INTERNAL_ERROR,
  parseRequest,
  type Request,
  RESULT_END,
  resultLine,
  resultStart,
  RpcError,
} from "./jsonrpc.ts";
import {
  checkParams,
  isMethodName,
  none,
  unknownMethod,
} from "./parameters.ts";
import { parseTypedLine, socketHelp, type SocketWord } from "./typed_line.ts";
import type { MethodName, Methods } from "./views.ts";

/** The answer to a line of a client, and the fate of the connection. */
export interface Answer {
  readonly chunks: readonly Uint8Array[];
  /** What follows them, made as the client reads. Default: nothing. */
  readonly rest?: AsyncIterable<Uint8Array>;
  readonly then: "go-on" | "watch" | "quit";
}

export interface AnswersOptions {
  readonly handlers: MethodHandlers;
  readonly text: TextStyle;
  /** Which methods are allowed. */
  readonly access: Access;
  /** Called with each error other than `RpcError`, a bug in diskd, and with the request. */
  readonly onFailure: (error: unknown, asked: string) => void;
  /** Called when an answer is made and not told yet. Must not throw. Default: nothing. */
  readonly beforeTelling?: () => void;
}

/** Turns a line into an answer: the control socket without the socket. */
export class Answers {
  readonly #options: AnswersOptions;

  constructor(options: AnswersOptions) {
    this.#options = options;
  }

  /** Answers a line of JSON-RPC. Never rejects. */
  async toJson(line: string): Promise<Answer> {
    const request = parseRequest(line);
    if (request.kind === "invalid") {
      return goOn([errorLine(request.id, request.error)]);
    }
    const { id } = request;
    try {
      if (request.method === "watch") {
        none(request.params);
        return { chunks: answerChunks(id, null), then: "watch" };
      }
      const result = await this.#request(request);
      if (!(result instanceof Streamed)) {
        return { chunks: answerChunks(id, result), then: "go-on" };
      }
      return id === undefined ? goOn([]) : {
        ...goOn([resultStart(id)]),
        rest: this.#telling(streamedChunks(result)),
      };
    } catch (error) {
      const told = this.#tell(error, request.method);
      return goOn(id === undefined ? [] : [errorLine(id, told)]);
    }
  }

  /** Answers a typed line: lines of text, then an empty line. Never rejects. */
  async toText(line: string): Promise<Answer> {
    const typed = parseTypedLine(line);
    switch (typed.kind) {
      case "empty":
        return goOn([]);
      case "wrong":
        return goOn([paragraph(typed.message)]);
      case "command":
        return await this.#command(typed.command, typed.params);
    }
  }

  async #command(command: SocketWord, params: JsonObject): Promise<Answer> {
    switch (command.name) {
      case "help":
        return goOn([paragraph(socketHelp(this.#options.access))]);
      case "quit":
        return { chunks: [], then: "quit" };
      case "watch":
        return {
          chunks: encode([paragraph("following events, quit ends it")]),
          then: "watch",
        };
      default:
        return await this.#callAll(command, params);
    }
  }

  async #callAll(
    { word, methods }: SocketWord,
    given: JsonObject,
  ): Promise<Answer> {
    const called = methods.filter(isMethodName);
    try {
      // Refuse before running the first half of a command.
      for (const method of called) this.#refuse(method);
      let answer = goOn([]);
      for (const method of called) answer = await this.#asText(method, given);
      return answer;
    } catch (error) {
      const { message } = this.#tell(error, word);
      return goOn([paragraph(`error: ${message}`)]);
    }
  }

  async #asText<M extends MethodName>(
    method: M,
    given: JsonObject,
  ): Promise<Answer> {
    const params = checkParams(method, given);
    const result = await this.#call(method, given);
    const { text } = this.#options;
    const show = (value: Methods[M]["result"]) =>
      text.answer(method, value, params);
    if (result instanceof Streamed) {
      return { ...goOn([]), rest: this.#telling(tables(result, show)) };
    }
    const value = result instanceof Encoded ? result.decode() : result;
    return goOn([paragraph(show(value))]);
  }

  /** Nothing of an answer is told before what it is made of is kept. */
  async *#telling(
    chunks: AsyncIterable<Uint8Array>,
  ): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      this.#options.beforeTelling?.();
      yield chunk;
    }
  }

  async #request({ method, params }: Request): Promise<unknown> {
    if (!isMethodName(method)) throw unknownMethod(method);
    this.#refuse(method);
    return await this.#call(method, params);
  }

  /**
   * @throws {RpcError} `WRONG_SOCKET` if this socket does not allow the method.
   */
  #refuse(method: MethodName): void {
    const error = refusal(this.#options.access, method);
    if (error !== null) throw error;
  }

  async #call<M extends MethodName>(
    method: M,
    given: JsonObject,
  ): Promise<Result<M>> {
    const params = checkParams(method, given);
    const result = await this.#options.handlers[method](params);
    this.#options.beforeTelling?.();
    return result;
  }

  /** The error as reported to the client. */
  #tell(error: unknown, method: string): RpcError {
    if (error instanceof RpcError) return error;
    this.#options.onFailure(error, method);
    const message = error instanceof Error ? error.message : String(error);
    return new RpcError(INTERNAL_ERROR, message);
  }
}

function answerChunks(id: Request["id"], result: unknown): Uint8Array[] {
  if (id === undefined) return [];
  if (!(result instanceof Encoded)) {
    return encode([resultLine(id, JSON.stringify(result))]);
  }
  const [start, end] = encode([resultStart(id), RESULT_END]);
  return [start!, ...result.chunks, end!];
}

async function* streamedChunks(
  result: Streamed<unknown>,
): AsyncGenerator<Uint8Array> {
  yield* result.json();
  yield* encode([RESULT_END]);
}

/** A paragraph of tables, one for every few thousand rows: a table is as wide as the widest of its rows. */
async function* tables<T>(
  result: Streamed<T>,
  show: (value: T) => string,
): AsyncGenerator<Uint8Array> {
  let hasRows = false;
  for await (const group of result.groups(MIN_TABLE_BYTES)) {
    const isEmpty = Array.isArray(group) && group.length === 0;
    if (!isEmpty || !hasRows) yield* encode([fullLines(show(group))]);
    hasRows = true;
  }
  yield* encode(["\n"]);
}

/** Of JSON. */
const MIN_TABLE_BYTES = 4 * 1024 * 1024;

/** Text without empty lines, followed by one, so that a program finds its end. */
function paragraph(text: string): string {
  return `${fullLines(text)}\n`;
}

/** Each ends with a line end. */
function fullLines(text: string): string {
  return text.split("\n").filter((line) => line !== "")
    .map((line) => `${line}\n`).join("");
}

function goOn(lines: readonly string[]): Answer {
  return { chunks: encode(lines), then: "go-on" };
}

function encode(texts: readonly string[]): Uint8Array[] {
  const encoder = new TextEncoder();
  return texts.map((text) => encoder.encode(text));
}
