/**
 * Measures how the source is built:
 *
 *     deno task structure [--list] [--no-ways] [FOLDER]
 *
 * FOLDER is a copy of the project; default this one. `--list` says what was
 * counted. The ways through the program need root; `--no-ways` leaves them out.
 */
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { Project } from "../lint/project.ts";
import { whatIsLacking } from "../support/needs.ts";
import { PROJECT } from "../support/program.ts";
import { measures, sizes } from "./measures.ts";
import { measureWays } from "./ways.ts";

const { values: { list, ways }, positionals: [folder = PROJECT] } = parseArgs({
  args: Deno.args,
  allowPositionals: true,
  allowNegative: true,
  options: {
    list: { type: "boolean", default: false },
    ways: { type: "boolean", default: true },
  },
});
const root = resolve(folder);
const project = Project.read(root);

print(
  ["folder", "files", "lines", "code", "mean", "median", "p90", "longest"],
  sizes(project).map((one) => ({
    cells: [
      ...[one.name, one.files, one.lines, one.code],
      ...[one.mean, one.median, one.p90, one.max],
    ],
    found: [],
  })),
);
print(
  ["what", "number"],
  measures(project).map(({ name, value, found }) => ({
    cells: [name, value],
    found,
  })),
);
const lacking = whatIsLacking({ lan: true });
if (ways && lacking !== "") console.error(`SKIPPED: ways: ${lacking}`);
if (ways && lacking === "") {
  print(
    ["way", "files loaded", "files run", "functions run"],
    (await measureWays(root)).map(({ name, loaded, run, functions }) => ({
      cells: [name, loaded.length, run.length, functions],
      found: run,
    })),
  );
}

interface Row {
  readonly cells: readonly (string | number)[];
  /** Shown below it with `--list`. */
  readonly found: readonly string[];
}

/** A table with names on the left and numbers on the right. */
function print(head: readonly string[], rows: readonly Row[]): void {
  const all = [{ cells: head, found: [] }, ...rows];
  const widths = head.map((_, column) =>
    Math.max(...all.map(({ cells }) => String(cells[column]).length))
  );
  for (const { cells, found } of all) {
    const [name, ...numbers] = cells.map((cell, column) =>
      column === 0
        ? String(cell).padEnd(widths[column]!)
        : String(cell).padStart(widths[column]!)
    );
    console.log([name, ...numbers].join("  "));
    if (list) { for (const one of found) console.log(`    ${one}`); }
  }
  console.log();
}
