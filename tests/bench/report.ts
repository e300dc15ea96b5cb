import { type Figure, type Goal, verdict } from "./figure.ts";
import { median } from "./statistics.ts";

const TITLES = ["what", "measured", "goal", "0.01", ""];

/** The figures as a Markdown table that is aligned in a terminal too. */
export function reportTable(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => [
    figure.what,
    figure.samples.length === 0
      ? "-"
      : quantity(median(figure.samples), figure.unit),
    goalText(figure.goal, figure.unit),
    figure.old ?? "",
    verdict(figure),
  ]);
  const widths = TITLES.map((title, column) =>
    Math.max(...[title, ...rows.map((row) => row[column]!)].map(lengthOf))
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(" | ")} |\n`;
  const rule = line(widths.map((width) => "-".repeat(width)));
  return line(TITLES) + rule + rows.map(line).join("");
}

/** The figures as one JSON document, with every sample. */
export function reportJson(
  figures: readonly Figure[],
  about: Readonly<Record<string, string | number>>,
): string {
  const measured = figures.map((figure) => ({
    ...figure,
    median: figure.samples.length === 0 ? null : median(figure.samples),
    verdict: verdict(figure),
  }));
  return `${JSON.stringify({ ...about, figures: measured }, null, 2)}\n`;
}

function goalText(goal: Goal | null, unit: Figure["unit"]): string {
  if (goal === null) return "";
  return "atMost" in goal
    ? `<= ${quantity(goal.atMost, unit)}`
    : `>= ${quantity(goal.atLeast, unit)}`;
}

/** Three digits where the value is small, thousands apart where it is large. */
function quantity(value: number, unit: Figure["unit"]): string {
  const digits = Number.isInteger(value) || value >= 100
    ? 0
    : value >= 10
    ? 1
    : 2;
  const text = value.toLocaleString("en", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return unit.startsWith("/") ? text + unit : `${text} ${unit}`.trimEnd();
}

function lengthOf(text: string): number {
  return text.length;
}
