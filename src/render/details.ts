/** A line of details: what, and its text; `null`: not known, so left out. */
export type Detail = readonly [what: string, text: string | null];

/** Lines of `what  text`, the texts below each other. They are never cut. */
export function renderDetails(
  details: readonly Detail[],
  { indent = "" }: { readonly indent?: string } = {},
): string {
  const known = details.filter(([, text]) => text !== null);
  const width = Math.max(...known.map(([what]) => what.length));
  return known
    .map(([what, text]) => `${indent}${what.padEnd(width)}  ${text}\n`)
    .join("");
}
