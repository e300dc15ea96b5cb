import assert from "node:assert/strict";
import { PROJECT } from "../../support/program.ts";

interface Graph {
  readonly modules: readonly { readonly specifier: string }[];
}

Deno.test("the program has no library in it that only its tests use", async () => {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", "main.ts"],
    cwd: PROJECT,
    stderr: "null",
  }).output();
  const { modules }: Graph = JSON.parse(new TextDecoder().decode(stdout));
  const libraries = modules
    .map(({ specifier }) => specifier)
    .filter((specifier) => specifier.startsWith("npm:"))
    .join(" ");
  assert.match(libraries, /preact@/);
  assert.doesNotMatch(
    libraries,
    /(?:playwright-core|axe-core|fast-check|linkedom)@/,
  );
});
