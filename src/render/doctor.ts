import type { DoctorRow, DoctorView } from "../control/views.ts";
import { printable } from "../text/printable.ts";
import { bold, count, grey, type ViewOptions } from "./format.ts";

/** `doctor`: a line for each finding, below it what to do, and how many need something. */
export function renderDoctor(
  { findings }: DoctorView,
  options: ViewOptions,
): string {
  const width = Math.max(...findings.map(({ check }) => check.length));
  const lines = findings.flatMap(({ check, result, text, remedies }) => {
    const start = `${paint(result, options)}  ${check.padEnd(width)}  `;
    const indent = " ".repeat(WORD_CHARS + width + 4);
    return [
      start + printable(text),
      ...remedies.map((remedy) => `${indent}${printable(remedy)}`),
    ];
  });
  return `${lines.join("\n")}\n\n${bold(summarize(findings), options)}\n`;
}

/** Of the longest result, `warning`. */
const WORD_CHARS = 7;

function paint(result: DoctorRow["result"], options: ViewOptions): string {
  const word = result.padEnd(WORD_CHARS);
  return result === "ok" ? grey(word, options) : bold(word, options);
}

function summarize(findings: readonly DoctorRow[]): string {
  const number = (wanted: DoctorRow["result"]) =>
    findings.filter(({ result }) => result === wanted).length;
  const faults = number("fault");
  const warnings = number("warning");
  if (faults + warnings === 0) return "All is well";
  return [
    faults === 0 ? "No fault" : count(faults, "fault"),
    ...warnings === 0 ? [] : [count(warnings, "warning")],
  ].join(", ");
}
