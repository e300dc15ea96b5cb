import { MAX_LINE_BYTES } from "../control/framing.ts";
import { checkSightingRow } from "../control/sighting_row.ts";
import type { SightingRow } from "../control/views.ts";
import { EXPORT_FORMAT, EXPORT_VERSION } from "../render/export.ts";
import {
  type JsonPiece,
  JsonPieceError,
  JsonPieces,
} from "../text/json_pieces.ts";
import { printableJson } from "../text/printable.ts";

/** Longest value in an export, in characters: a row has to fit into a line of the control socket. */
const MAX_VALUE_CHARS = MAX_LINE_BYTES;

/** A file that is no export, or not a whole one. Its message says what, and where. */
export class ExportFileError extends Error {
  override readonly name = "ExportFileError";
}

export interface ReadExportOptions {
  /** What the file is called in messages. */
  readonly name: string;
  /** Ms since 1970. */
  readonly now: number;
}

/**
 * The sightings of an export in JSON, one by one as they are read, each
 * checked.
 * @throws {ExportFileError}
 */
export async function* readExport(
  chunks: AsyncIterable<Uint8Array>,
  options: ReadExportOptions,
): AsyncGenerator<SightingRow, void, void> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const pieces = new JsonPieces({ maxPieceChars: MAX_VALUE_CHARS });
  const heading = new Heading();
  try {
    for await (const chunk of chunks) {
      const text = decoder.decode(chunk, { stream: true });
      for (const piece of pieces.push(text)) {
        const row = takePiece(piece, { heading, now: options.now });
        if (row !== null) yield row;
      }
    }
    decoder.decode();
    pieces.end();
    heading.check();
  } catch (error) {
    throw describe(error, options.name);
  }
}

interface Taking {
  readonly heading: Heading;
  readonly now: number;
}

function takePiece(
  piece: JsonPiece,
  { heading, now }: Taking,
): SightingRow | null {
  if (piece.kind === "member") {
    heading.take(piece);
    return null;
  }
  if (piece.key !== "sightings") return null;
  heading.check(piece.line);
  const { row, problem } = checkSightingRow(piece.value, now);
  if (row !== null) return row;
  throw new JsonPieceError(
    piece.line,
    `sighting ${piece.index + 1}: ${problem}`,
  );
}

/** What stands before the sightings: that it is an export, and one that this version can read. */
class Heading {
  readonly #members = new Map<string, unknown>();

  take({ key, value }: JsonPiece): void {
    this.#members.set(key, value);
  }

  check(line = 1): void {
    const format = this.#members.get("format");
    const version = this.#members.get("version");
    if (format !== EXPORT_FORMAT) {
      throw new JsonPieceError(
        line,
        `"format" is ${
          shown(format)
        }, expected "${EXPORT_FORMAT}" before the sightings`,
      );
    }
    if (version !== EXPORT_VERSION) {
      throw new JsonPieceError(
        line,
        `"version" is ${shown(version)}, expected ${EXPORT_VERSION}; ` +
          "a later diskd may have written it",
      );
    }
  }
}

function shown(value: unknown): string {
  return value === undefined
    ? "missing"
    : printableJson(JSON.stringify(value).slice(0, MAX_SHOWN_CHARS));
}

function describe(error: unknown, name: string): unknown {
  if (error instanceof JsonPieceError) {
    return new ExportFileError(
      `${name} line ${error.line}: ${error.message}`,
    );
  }
  // What TextDecoder throws.
  if (error instanceof TypeError) {
    return new ExportFileError(`${name} is not UTF-8, thus no export in JSON`);
  }
  return error;
}

const MAX_SHOWN_CHARS = 40;
