import { MAX_LINE_BYTES } from "../control/framing.ts";
import { checkSightingRow } from "../control/sighting_row.ts";
import type {
  ImportedRemarks,
  ImportedRow,
  ImportParams,
  ImportView,
} from "../control/views.ts";
import { renderImport } from "../render/done.ts";
import { EXPORT_FORMAT, EXPORT_VERSION } from "../render/export.ts";
import { reasonOf } from "../system/reason.ts";
import {
  type JsonPiece,
  JsonPieceError,
  JsonPieces,
} from "../text/json_pieces.ts";
import { printable, printableJson } from "../text/printable.ts";
import { command, type Options, proposeFiles } from "./command.ts";
import type { Context, DaemonClient } from "./context.ts";
import { EXIT } from "../system/exit_code.ts";
import { note, show } from "./show.ts";
import { withDaemon } from "./with_daemon.ts";

/** Sightings and remarks sent at once: few, so that they do not hold the daemon's loop. */
const MAX_BATCH_ROWS = 50;
/** Bytes of these: the rest of the line must fit too. */
const MAX_BATCH_BYTES = MAX_LINE_BYTES - 1024;

/**
 * `diskd import [FILE]`: adds the JSON export of another host to the history,
 * and to what was said of disks, from standard input without FILE.
 */
export const importFile = command("import", { propose: proposeFiles, run });

async function run(
  options: Options,
  context: Context,
): Promise<number> {
  const [path] = options.words;
  if (path === undefined && context.isInteractive) {
    note("import reads a file: diskd import FILE", context);
    return EXIT.usage;
  }
  try {
    return await withDaemon({ options, context }, async (client) => {
      const view = await importAll(client, { path, context });
      show(view, { options, context, render: renderImport });
      return EXIT.ok;
    });
  } catch (error) {
    if (!(error instanceof ExportFileError)) throw error;
    note(`diskd: ${error.message}`, context);
    return EXIT.usage;
  }
}

interface ImportOptions {
  readonly path: string | undefined;
  readonly context: Context;
}

async function importAll(
  client: DaemonClient,
  { path, context }: ImportOptions,
): Promise<ImportView> {
  const name = path === undefined ? "Standard input" : printable(path);
  const refused: string[] = [];
  const onRefused = (problem: string) => void refused.push(problem);
  const pieces = readExport(await open(path, context), {
    name,
    now: context.now(),
    onRefused,
  });
  let sum: ImportView = NOTHING_IMPORTED;
  for await (const some of inBatches(pieces, onRefused)) {
    sum = sumOf(sum, await client.call("import", some));
  }
  for (const problem of refused.slice(0, MAX_SHOWN_PROBLEMS)) {
    note(`diskd: ${problem}; skipped`, context);
  }
  return { ...sum, skipped: sum.skipped + refused.length };
}

const NOTHING_IMPORTED = {
  added: 0,
  extended: 0,
  known: 0,
  skipped: 0,
  remarks: { added: 0, known: 0, skipped: 0 },
};

function sumOf(a: ImportView, b: ImportView): ImportView {
  const [one, other] = [a, b].map(({ remarks }) =>
    remarks ?? NOTHING_IMPORTED.remarks
  ) as [ImportedRemarks, ImportedRemarks];
  return {
    added: a.added + b.added,
    extended: a.extended + b.extended,
    known: a.known + b.known,
    skipped: a.skipped + b.skipped,
    remarks: {
      added: one.added + other.added,
      known: one.known + other.known,
      skipped: one.skipped + other.skipped,
    },
  };
}

/** The others are counted. */
const MAX_SHOWN_PROBLEMS = 3;

async function open(
  path: string | undefined,
  context: Context,
): Promise<AsyncIterable<Uint8Array>> {
  try {
    return await context.openInput(path ?? null);
  } catch (error) {
    throw new ExportFileError(
      `cannot read ${printable(path ?? "standard input")}: ${
        reasonOf(error)
      }; or let the shell open it: diskd import < FILE`,
    );
  }
}

/** As many at a time as fit into a line of the control socket, without those that do not fit at all. */
async function* inBatches(
  pieces: AsyncIterable<ExportPiece>,
  onRefused: (problem: string) => void,
): AsyncGenerator<ImportParams, void, void> {
  const encoder = new TextEncoder();
  let batch: ExportPiece[] = [];
  let bytes = 0;
  for await (const piece of pieces) {
    const added = encoder.encode(JSON.stringify(piece)).length + 1;
    if (added > MAX_BATCH_BYTES) {
      const what = "row" in piece ? "a sighting" : "a note, name or tag";
      onRefused(
        `${what} has ${added} bytes, at most ${MAX_BATCH_BYTES} are allowed`,
      );
      continue;
    }
    const isFull = batch.length >= MAX_BATCH_ROWS ||
      bytes + added > MAX_BATCH_BYTES;
    if (isFull) {
      yield paramsOf(batch);
      batch = [];
      bytes = 0;
    }
    batch.push(piece);
    bytes += added;
  }
  if (batch.length > 0) yield paramsOf(batch);
}

function paramsOf(batch: readonly ExportPiece[]): ImportParams {
  const rows = batch.flatMap((piece) => "row" in piece ? [piece.row] : []);
  const remarks = batch
    .flatMap((piece) => "remark" in piece ? [piece.remark] : []);
  return { rows, ...(remarks.length > 0 && { remarks }) };
}

/** Longest value in an export, in characters: a row must fit into a line of the control socket. */
const MAX_VALUE_CHARS = MAX_LINE_BYTES;

/** An invalid or incomplete export. The message says where and why. */
export class ExportFileError extends Error {
  override readonly name = "ExportFileError";
}

interface ReadExportOptions {
  /** Name of the file in messages. */
  readonly name: string;
  /** Ms since 1970. */
  readonly now: number;
  /** Called for a sighting that cannot be imported, with where and why. */
  readonly onRefused: (problem: string) => void;
}

/** A valid sighting, or what may be a remark. */
type ExportPiece =
  | { readonly row: ImportedRow }
  | { readonly remark: unknown };

/**
 * The pieces of a JSON export as they are read.
 * @throws {ExportFileError} if the document is no export, or damaged
 */
export async function* readExport(
  chunks: AsyncIterable<Uint8Array>,
  options: ReadExportOptions,
): AsyncGenerator<ExportPiece, void, void> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const pieces = new JsonPieces({ maxPieceChars: MAX_VALUE_CHARS });
  const heading = new Heading();
  try {
    for await (const chunk of chunks) {
      const text = decoder.decode(chunk, { stream: true });
      for (const piece of pieces.push(text)) {
        const found = takePiece(piece, { heading, ...options });
        if (found !== null) yield found;
      }
    }
    decoder.decode();
    pieces.end();
    heading.check();
  } catch (error) {
    throw describe(error, options.name);
  }
}

interface Taking extends ReadExportOptions {
  readonly heading: Heading;
}

function takePiece(
  piece: JsonPiece,
  { heading, now, name, onRefused }: Taking,
): ExportPiece | null {
  if (piece.kind === "member") {
    heading.take(piece);
    return null;
  }
  if (piece.key !== "sightings" && piece.key !== "remarks") return null;
  heading.check(piece.line);
  if (piece.key === "remarks") return { remark: piece.value };
  const { row, problem } = checkSightingRow(piece.value, now);
  if (row === null) {
    onRefused(
      `${name} line ${piece.line}: sighting ${piece.index + 1}: ${problem}`,
    );
  }
  return row === null ? null : { row };
}

/** The members before the sightings: they identify an export, and a version known here. */
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
    const hint = error.line === 1
      ? "; import reads the JSON of diskd export, and no other format"
      : "";
    return new ExportFileError(
      `${name} line ${error.line}: ${error.message}${hint}`,
    );
  }
  // Thrown by TextDecoder.
  if (error instanceof TypeError) {
    return new ExportFileError(`${name} is not UTF-8, so it is no JSON export`);
  }
  if (error instanceof ExportFileError) return error;
  return new ExportFileError(`cannot read ${name}: ${reasonOf(error)}`);
}

const MAX_SHOWN_CHARS = 40;
