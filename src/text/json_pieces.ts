import { printableStart } from "./printable.ts";

/** A part of a JSON document, with the line it begins on, counted from 1. */
export type JsonPiece =
  /** A member of the outermost object whose value is no array. */
  | {
    readonly kind: "member";
    readonly key: string;
    readonly value: unknown;
    readonly line: number;
  }
  /** An element of an array in a member of the outermost object. `index` counts from 0. */
  | {
    readonly kind: "element";
    readonly key: string;
    readonly value: unknown;
    readonly index: number;
    readonly line: number;
  };

/** The document is invalid. The message continues a sentence, and is safe to print. */
export class JsonPieceError extends Error {
  override readonly name = "JsonPieceError";
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

/**
 * Splits a JSON document of any size as it arrives: an object with long arrays
 * in some of its members. Looks only for strings, brackets and commas and
 * leaves each piece to `JSON.parse`, so it never holds more than a piece.
 * Throws a `JsonPieceError`.
 */
export class JsonPieces {
  readonly #maxPieceChars: number;
  /** Text of the piece in earlier chunks. */
  #held = "";
  /**
   * Start of the piece in this chunk; 0 if it began in an earlier chunk, -1 if
   * there is no piece.
   */
  #start = -1;
  #startLine = 1;
  #line = 1;
  /** Number of open brackets. */
  #depth = 0;
  #quote: "none" | "in" | "escape" = "none";
  /** The open array, with the key of its member. */
  #array: { readonly key: string; index: number } | null = null;
  #isDone = false;

  constructor({ maxPieceChars }: { readonly maxPieceChars: number }) {
    this.#maxPieceChars = maxPieceChars;
  }

  /** Returns the pieces completed by `chunk`. */
  push(chunk: string): JsonPiece[] {
    const pieces: JsonPiece[] = [];
    let backslash = chunk.indexOf("\\");
    for (let at = 0; at < chunk.length; at++) {
      if (this.#quote === "in") {
        // Most of a document is in quotes.
        if (backslash >= 0 && backslash < at) {
          backslash = chunk.indexOf("\\", at);
        }
        const end = chunk.indexOf('"', at);
        const next = backslash >= 0 && backslash < end ? backslash : end;
        at = next >= 0 ? next : backslash >= 0 ? backslash : chunk.length - 1;
      }
      const piece = this.#step(chunk, at);
      if (piece !== null) pieces.push(piece);
    }
    this.#hold(chunk);
    return pieces;
  }

  /** Ends the document. Throws if it is incomplete. */
  end(): void {
    if (!this.#isDone) {
      throw new JsonPieceError(this.#line, "the document ends in the middle");
    }
  }

  #step(chunk: string, at: number): JsonPiece | null {
    const character = chunk[at]!;
    if (character === "\n") this.#line++;
    if (this.#quote !== "none") {
      this.#quote = nextQuote(this.#quote, character);
      return null;
    }
    if (WHITE.has(character)) return null;
    switch (character) {
      case "[":
      case "{":
        return this.#open(chunk, at);
      case "]":
      case "}":
        return this.#close(chunk, at);
      case ",":
        if (this.#depth === this.#pieceDepth) return this.#take(chunk, at);
        break;
      case '"':
        this.#quote = "in";
    }
    this.#begin(at);
    return null;
  }

  /** Number of open brackets at the end of a piece. */
  get #pieceDepth(): number {
    return this.#array === null ? 1 : 2;
  }

  #open(chunk: string, at: number): null {
    if (this.#depth === 0) {
      if (this.#isDone || chunk[at] !== "{") {
        throw new JsonPieceError(this.#line, "expected one object");
      }
    } else if (
      this.#depth === 1 && this.#array === null && chunk[at] === "["
    ) {
      this.#array = { key: this.#takeKey(chunk, at), index: 0 };
    } else {
      this.#begin(at);
    }
    this.#depth++;
    return null;
  }

  #close(chunk: string, at: number): JsonPiece | null {
    if (this.#depth === 0) {
      throw new JsonPieceError(this.#line, "expected one object");
    }
    if (this.#depth !== this.#pieceDepth) {
      this.#depth--;
      this.#begin(at);
      return null;
    }
    if ((chunk[at] === "]") !== (this.#array !== null)) {
      throw new JsonPieceError(this.#line, `not JSON: ${chunk[at]}`);
    }
    const piece = this.#take(chunk, at);
    this.#depth--;
    if (this.#array === null) this.#isDone = true;
    this.#array = null;
    return piece;
  }

  #begin(at: number): void {
    if (this.#depth === 0) {
      throw new JsonPieceError(this.#line, "expected one object");
    }
    if (this.#start >= 0) return;
    this.#start = at;
    this.#startLine = this.#line;
  }

  /** Text of the piece before `at`. */
  #text(chunk: string, at: number): string {
    const text = this.#held +
      (this.#start < 0 ? "" : chunk.slice(this.#start, at));
    this.#held = "";
    this.#start = -1;
    this.#refuseLong(text);
    return text;
  }

  #refuseLong({ length }: string): void {
    if (length <= this.#maxPieceChars) return;
    throw new JsonPieceError(
      this.#startLine,
      `a value is longer than ${this.#maxPieceChars} characters`,
    );
  }

  #takeKey(chunk: string, at: number): string {
    const text = this.#text(chunk, at);
    return Object.keys(this.#parse(`{${text}0}`) as object)[0]!;
  }

  #take(chunk: string, at: number): JsonPiece | null {
    const text = this.#text(chunk, at);
    if (text === "") return null;
    const line = this.#startLine;
    const array = this.#array;
    if (array !== null) {
      const { key } = array;
      const value = this.#parse(text);
      return { kind: "element", key, value, index: array.index++, line };
    }
    const [member] = Object.entries(this.#parse(`{${text}}`) as object);
    return { kind: "member", key: member![0], value: member![1], line };
  }

  #parse(text: string): unknown {
    try {
      return JSON.parse(text);
    } catch {
      const shown = printableStart(text, MAX_SHOWN_CHARS);
      throw new JsonPieceError(this.#startLine, `not JSON: ${shown}`);
    }
  }

  #hold(chunk: string): void {
    if (this.#start < 0) return;
    this.#held += chunk.slice(this.#start);
    this.#start = 0;
    this.#refuseLong(this.#held);
  }
}

function nextQuote(
  quote: "in" | "escape",
  character: string,
): "none" | "in" | "escape" {
  if (quote === "escape") return "in";
  if (character === "\\") return "escape";
  return character === '"' ? "none" : "in";
}

const WHITE: ReadonlySet<string> = new Set([" ", "\t", "\n", "\r"]);
const MAX_SHOWN_CHARS = 40;
