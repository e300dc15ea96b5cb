import { join } from "node:path";
import { PROJECT } from "../../support/program.ts";

/** Every document, by its path in the project. */
export const DOCUMENTS: ReadonlyMap<string, string> = new Map(
  [
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "CODE_OF_CONDUCT.md",
    ".github/pull_request_template.md",
    ...[...Deno.readDirSync(join(PROJECT, "docs"))]
      .filter(({ name }) => name.endsWith(".md"))
      .map(({ name }) => `docs/${name}`)
      .sort(),
  ].map((path) => [path, Deno.readTextFileSync(join(PROJECT, path))]),
);

export function document(path: string): string {
  const text = DOCUMENTS.get(path);
  if (text === undefined) throw new Error(`There is no document ${path}.`);
  return text;
}
