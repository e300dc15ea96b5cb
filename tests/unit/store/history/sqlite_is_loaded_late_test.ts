import assert from "node:assert/strict";
import { PROJECT } from "../../../support/program.ts";

/** What `deno info --json` says of a module. */
interface Module {
  readonly specifier: string;
  readonly dependencies?: readonly {
    readonly code?: { readonly specifier: string };
    /** Only by `import()`. */
    readonly isDynamic?: boolean;
  }[];
}

const SQLITE = "node:sqlite";

Deno.test("the daemon loads SQLite only when it opens a history", () => {
  const modules = modulesOf("src/daemon/mod.ts");
  assert.ok(modules.has(`file://${PROJECT}/src/daemon/engine.ts`));
  assert.ok(!loadedAtOnce(modules, "src/daemon/mod.ts").has(SQLITE));
  const late = loadedAtOnce(modules, "src/store/history/history_file.ts");
  assert.ok(late.has(SQLITE));
});

Deno.test("only one file names SQLite", () => {
  const modules = modulesOf("main.ts");
  const naming = [...modules.values()].filter(({ dependencies = [] }) =>
    dependencies.some(({ code }) => code?.specifier === SQLITE)
  );
  assert.deepEqual(naming.map(({ specifier }) => specifier), [
    `file://${PROJECT}/src/store/history/history_db.ts`,
  ]);
});

function modulesOf(path: string): Map<string, Module> {
  const { stdout, success } = new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", path],
    cwd: PROJECT,
  }).outputSync();
  assert.ok(success);
  const { modules }: { modules: Module[] } = JSON.parse(
    new TextDecoder().decode(stdout),
  );
  return new Map(modules.map((module) => [module.specifier, module]));
}

/** What comes along with a module, without waiting for an `import()`. */
function loadedAtOnce(modules: Map<string, Module>, path: string): Set<string> {
  const found = new Set([`file://${PROJECT}/${path}`]);
  for (const specifier of found) {
    for (
      const { code, isDynamic } of modules.get(specifier)?.dependencies ?? []
    ) {
      if (code && !isDynamic) found.add(code.specifier);
    }
  }
  return found;
}
