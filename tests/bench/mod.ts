/**
 * Measures what diskd promises, and says what was met:
 *
 *     deno task bench [--json] [--only NAME]...
 *
 * It measures the source, or the binary that `DISKD_BIN` names. The figures are
 * medians; on a machine that does other things meanwhile they are worse.
 */
import { parseArgs } from "node:util";
import { VERSION } from "../../src/version.ts";
import { needs } from "../support/needs.ts";
import { decode } from "./decode.ts";
import type { Benchmark, Figure } from "./figure.ts";
import { floods } from "./floods.ts";
import { hub } from "./hub.ts";
import { history } from "./history.ts";
import { listAnswer, listCommand } from "./list.ts";
import { cpu, largeHost, loss } from "./load.ts";
import { memory } from "./memory.ts";
import { page } from "./page.ts";
import { proofs } from "./proofs.ts";
import { relay } from "./relay.ts";
import { reportJson, reportTable } from "./report.ts";
import { commands, start } from "./start.ts";

/** Half an hour of floods is only measured if it is asked for. */
const LONG: readonly Benchmark[] = [floods];

const BENCHMARKS: readonly Benchmark[] = [
  decode,
  proofs,
  relay,
  hub,
  cpu,
  loss,
  largeHost,
  start,
  memory,
  listAnswer,
  listCommand,
  commands,
  history,
  page,
];

const { values } = parseArgs({
  args: Deno.args,
  options: {
    json: { type: "boolean", default: false },
    only: { type: "string", multiple: true, default: [] },
  },
});
const program = Deno.env.get("DISKD_BIN") ?? "source";
console.error(`Measuring diskd ${VERSION}, ${program}`);
const figures: Figure[] = [];
for (const benchmark of chosen(values.only)) {
  console.error(`  ${benchmark.name} ...`);
  figures.push(...await benchmark.measure());
}
const text = values.json
  ? reportJson(figures, {
    program,
    version: VERSION,
    deno: Deno.version.deno,
    at: new Date().toISOString(),
    cpus: navigator.hardwareConcurrency,
  })
  : reportTable(figures);
await new Blob([text]).stream().pipeTo(Deno.stdout.writable);

function chosen(names: readonly string[]): readonly Benchmark[] {
  const all = [...BENCHMARKS, ...LONG];
  const unknown = names.filter((wanted) =>
    !all.some(({ name }) => name === wanted)
  );
  if (unknown.length > 0) {
    const known = all.map(({ name }) => name).join(", ");
    console.error(`No benchmark ${unknown.join(", ")}; there are: ${known}`);
    Deno.exit(2);
  }
  const wanted = names.length === 0
    ? BENCHMARKS
    : all.filter(({ name }) => names.includes(name));
  return wanted.filter(({ name, needsLan }) =>
    !needs(`benchmark ${name}`, { lan: needsLan }).ignore
  );
}
