import assert from "node:assert/strict";
import { codeSpans, rowsOf } from "./markdown.ts";

/**
 * Asserts that the table of constants in a document has each of these, with
 * the value that it has in the code, and none besides.
 */
export function assertConstants(
  text: string,
  constants: Readonly<Record<string, unknown>>,
): void {
  const documented = rowsOf(text, "Constant").map(([name = "", value = ""]) => [
    codeSpans(name)[0],
    (value.match(/\d+(?:\.\d+)?/g) ?? []).map(Number),
  ]);
  const actual = Object.entries(constants).map(([name, value]) => [
    name,
    typeof value === "number" ? [value] : Object.values(value as object),
  ]);
  assert.deepEqual(
    Object.fromEntries(documented),
    Object.fromEntries(actual),
  );
}

/** The limits and times that a module exports, alone or in a list or object. A negative number is neither, but stands for "none". */
export function numbersOf(module: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(module).filter(([, value]) =>
      (typeof value === "number" && value >= 0) ||
      (typeof value === "object" && value !== null &&
        Object.values(value).every((one) => typeof one === "number"))
    ),
  );
}
