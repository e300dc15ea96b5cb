import type { JsonPiece } from "../text/json_pieces.ts";
import { JsonPieces } from "../text/json_pieces.ts";

/** Longest element of a list, and longest result that is no list, in characters. */
const MAX_PIECE_CHARS = 256 * 1024 * 1024;

/** An answer that is too long to be read at once: the elements of its list, as they arrive. */
export class LongReply {
  readonly #pieces = new JsonPieces({ maxPieceChars: MAX_PIECE_CHARS });
  /** Of the request; `null` as long as it is not read. */
  id: number | null = null;
  /** The result, if it is no list. */
  result: unknown = undefined;

  /** The elements completed by this text. Throws a `JsonPieceError`. */
  push(text: string): unknown[] {
    return this.#pieces.push(text).flatMap((piece) => this.#take(piece));
  }

  #take(piece: JsonPiece): unknown[] {
    if (piece.kind === "element") return [piece.value];
    if (piece.key === "id") this.id = Number(piece.value);
    if (piece.key === "result") this.result = piece.value;
    return [];
  }
}
