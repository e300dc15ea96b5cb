import { MAX_LINE_BYTES } from "../control/framing.ts";
import type { ImportView, SightingRow } from "../control/views.ts";
import { renderImport } from "../render/done.ts";
import { reasonOf } from "../system/reason.ts";
import { printable } from "../text/printable.ts";
import type { Context, DaemonClient } from "./context.ts";
import { EXIT } from "./exit_code.ts";
import type { Options } from "./options.ts";
import { ExportFileError, readExport } from "./read_export.ts";
import { note, show } from "./show.ts";
import { withDaemon } from "./with_daemon.ts";

/** Rows sent at once: so few that the daemon's loop is not held by them. */
const MAX_ROWS = 50;
/** Bytes of those: what stands around them has to fit into the line as well. */
const MAX_ROWS_BYTES = MAX_LINE_BYTES - 1024;

/** `diskd import [FILE]`: takes in what another host exported as JSON, from standard input where there is no FILE. */
export async function importFile(
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
  const rows = readExport(await open(path, context), {
    name,
    now: context.now(),
  });
  let sum: ImportView = { added: 0, extended: 0, known: 0 };
  for await (const some of inBatches(rows)) {
    const { added, extended, known } = await client.call("import", {
      rows: some,
    });
    sum = {
      added: sum.added + added,
      extended: sum.extended + extended,
      known: sum.known + known,
    };
  }
  return sum;
}

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

/**
 * As many at a time as a line of the control socket holds.
 * @throws {ExportFileError} where it does not hold one
 */
async function* inBatches(
  rows: AsyncIterable<SightingRow>,
): AsyncGenerator<SightingRow[], void, void> {
  const encoder = new TextEncoder();
  let batch: SightingRow[] = [];
  let bytes = 0;
  for await (const row of rows) {
    const rowBytes = encoder.encode(JSON.stringify(row)).length + 1;
    if (rowBytes > MAX_ROWS_BYTES) {
      throw new ExportFileError(
        `a sighting has ${rowBytes} bytes, at most ${MAX_ROWS_BYTES} are possible`,
      );
    }
    const isFull = batch.length >= MAX_ROWS ||
      bytes + rowBytes > MAX_ROWS_BYTES;
    if (isFull) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(row);
    bytes += rowBytes;
  }
  if (batch.length > 0) yield batch;
}
