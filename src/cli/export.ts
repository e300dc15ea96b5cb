import type { ExportFormat, ExportHeading } from "../render/export.ts";
import { printable } from "../text/printable.ts";
import { command, type Options, wordFlag } from "./command.ts";
import type { Context, DaemonClient } from "./context.ts";
import { EXIT } from "../system/exit_code.ts";
import { note } from "./show.ts";
import { withDaemon } from "./with_daemon.ts";

const FORMATS = ["json", "csv", "yaml"] as const;

const FLAGS = { format: wordFlag("Output format, default json", FORMATS) };

const HELP =
  `import on another host reads JSON. CSV has only the sightings, for a
spreadsheet.`;

/** `diskd export`: prints all hosts, what was said of disks, and all sightings, page by page. */
export const exportAll = command("export", { flags: FLAGS, help: HELP, run });

async function run(
  options: Options<typeof FLAGS>,
  context: Context,
): Promise<number> {
  const { format = "json", json } = options;
  if (json && format !== "json") {
    note(`diskd: --json and --format ${format} exclude each other`, context);
    return EXIT.usage;
  }
  const writer = await loadExportFormat(format);
  return await withDaemon({ options, context }, async (client) => {
    await writeAll(client, {
      writer,
      context,
      isPrintable: format === "json",
    });
    return EXIT.ok;
  });
}

interface Writing {
  readonly writer: ExportFormat;
  readonly context: Context;
  /** Whether the format itself escapes terminal control characters. */
  readonly isPrintable: boolean;
}

async function writeAll(
  client: DaemonClient,
  { writer, context, isPrintable }: Writing,
): Promise<void> {
  const { stdout, isTerminal } = context;
  const shown = isPrintable || !isTerminal ? asItIs : printableTexts;
  // Before any output: there may be no history.
  let page = await client.call("export", {});
  stdout.write(writer.begin(shown(await headingOf(client, context))));
  for (;;) {
    stdout.write(writer.rows(shown(page.rows)));
    await stdout.flush();
    if (page.next === null || stdout.isClosed) break;
    page = await client.call("export", { after: page.next });
  }
  stdout.write(writer.end());
}

async function headingOf(
  client: DaemonClient,
  context: Context,
): Promise<ExportHeading> {
  const { host, hostId } = await client.call("localhost", {});
  const hosts = await client.call("hosts", {});
  const remarks = await client.call("remarks", {});
  const exportedAt = new Date(context.now()).toISOString();
  return { exportedAt, host, hostId, hosts, remarks };
}

function asItIs<Value>(value: Value): Value {
  return value;
}

/** The same with all texts made safe to print. */
function printableTexts<Value>(value: Value): Value {
  return JSON.parse(
    JSON.stringify(value),
    (_, inner) => typeof inner === "string" ? printable(inner) : inner,
  );
}

/** Loads only the requested format. */
async function loadExportFormat(
  name: typeof FORMATS[number],
): Promise<ExportFormat> {
  switch (name) {
    case "json":
      return new (await import("../render/export.ts")).JsonExport();
    case "csv":
      return new (await import("../render/export.ts")).CsvExport();
    case "yaml":
      return new (await import("../render/export_yaml.ts")).YamlExport();
  }
}
