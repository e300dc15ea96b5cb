import assert from "node:assert/strict";
import { type Arrows, MODULE_MAP, PURE_FILES } from "../../lint/module_map.ts";
import { document } from "./documents.ts";
import { codeSpans, rowsOf } from "./markdown.ts";

const CONTRIBUTING = document("docs/contributing.md");
const ROWS = rowsOf(CONTRIBUTING, "Folder");

Deno.test("contributing.md has each folder of the map, and its arrows", () => {
  const said = ROWS.map(([folder = "", , imports = ""]) => [
    codeSpans(folder)[0]!,
    imports,
  ]);
  assert.deepEqual(
    said.map(([folder]) => folder),
    Object.keys(MODULE_MAP),
  );
  for (const [folder, imports] of said) {
    assert.deepEqual(
      [...namedFolders(imports!, folder!)].sort(),
      allowed(MODULE_MAP[folder!]!).sort(),
      folder,
    );
  }
});

Deno.test("contributing.md says which folders are pure", () => {
  const said = ROWS
    .filter(([, knows = ""]) => / Pure$/.test(knows))
    .map(([folder = ""]) => codeSpans(folder)[0]);
  const enforced = Object.keys(MODULE_MAP).filter((folder) =>
    PURE_FILES.some((pattern) => pattern.test(`${folder}/any.ts`))
  );
  assert.deepEqual(said, enforced);
});

/** "all of the above" means what stands above in the map. */
function namedFolders(imports: string, folder: string): Set<string> {
  const folders = Object.keys(MODULE_MAP);
  const above = imports.startsWith("all of the above")
    ? folders.slice(0, folders.indexOf(folder))
    : [];
  const named = codeSpans(imports).filter((span) => folders.includes(span));
  return new Set([...above, ...named]);
}

function allowed({ imports = [], types = [], later = [] }: Arrows): string[] {
  return [...imports, ...types, ...later];
}
