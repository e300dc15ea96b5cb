/**
 * `deno task bundle`: makes what `deno task compile:bundle` compiles, the same
 * bytes and times from the same source in any folder.
 *
 * - `dist/stage/`: the source, the packages that it imports, and a lock file
 *   of those alone. In the bundle stands where each module was, and Deno's own
 *   cache is elsewhere on each machine.
 * - `dist/bundle/`: the bundle, dated by `sourceDateSeconds()`, because the
 *   binary keeps the time of each file.
 * - `dist/compile.json`: of deno.json what the compiled program needs. Else the
 *   binary would keep the names of the packages that only tests import.
 */
import { cpSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import deno from "../../deno.json" with { type: "json" };
import { sourceDateSeconds } from "./source_date.ts";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));
const DIST = join(PROJECT, "dist");
const STAGE = join(DIST, "stage");
const BUNDLE = join(DIST, "bundle");

const { unstable, permissions } = deno;
/** A configuration on its own: no member of the project's workspace. */
const APART = { workspace: [], unstable };

function main(): void {
  for (const folder of [STAGE, BUNDLE]) remove(folder);
  stage();
  const options = ["--quiet", "--code-splitting", "--node-modules-dir=auto"];
  runDeno(STAGE, ["bundle", ...options, "--outdir", BUNDLE, "main.ts"]);
  dateBundle(sourceDateSeconds(PROJECT));
  writeJson(join(DIST, "compile.json"), { ...APART, permissions });
}

function stage(): void {
  Deno.mkdirSync(STAGE, { recursive: true });
  for (const part of ["main.ts", "src", "deno.lock"]) {
    cpSync(join(PROJECT, part), join(STAGE, part), { recursive: true });
  }
  const imports = importsOf(importedPackages());
  writeJson(join(STAGE, "deno.json"), { ...APART, imports });
}

/** By name and version, what main.ts imports, however indirectly. */
function importedPackages(): Set<string> {
  const graph: {
    readonly modules: readonly { readonly npmPackage?: string }[];
  } = JSON.parse(runDeno(PROJECT, ["info", "--json", "main.ts"]));
  return new Set(graph.modules.flatMap(({ npmPackage }) => npmPackage ?? []));
}

/** Of deno.json, the imports of these packages. */
function importsOf(packages: ReadonlySet<string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(deno.imports)
      .filter(([, specifier]) => packages.has(specifier.replace(/^npm:/, ""))),
  );
}

function dateBundle(seconds: number): void {
  for (const { name } of Deno.readDirSync(BUNDLE)) {
    Deno.utimeSync(join(BUNDLE, name), seconds, seconds);
  }
}

/** Standard output of Deno. Throws where it fails. */
function runDeno(cwd: string, args: readonly string[]): string {
  const { code, stdout } = new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd,
    stderr: "inherit",
  }).outputSync();
  if (code === 0) return new TextDecoder().decode(stdout);
  throw new Error(`deno ${args.join(" ")} exited with ${code}.`);
}

function writeJson(path: string, value: unknown): void {
  Deno.writeTextFileSync(path, JSON.stringify(value, null, 2) + "\n");
}

function remove(path: string): void {
  try {
    Deno.removeSync(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

if (import.meta.main) main();
