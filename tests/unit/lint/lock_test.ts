import assert from "node:assert/strict";
import { join } from "node:path";
import { Project } from "../../lint/project.ts";
import { PROJECT } from "../../support/program.ts";

/** What this test needs of deno.lock, version 5. */
interface Lock {
  /** `npm:js-yaml@5.5.0` to `5.5.0`. */
  readonly specifiers: Readonly<Record<string, string>>;
  /** By name and version: `js-yaml@5.5.0`. */
  readonly npm: Readonly<Record<string, LockedPackage>>;
}

interface LockedPackage {
  /** `argparse`, or `argparse@3.0.4` where several versions are locked. */
  readonly dependencies?: readonly string[];
}

/** Specifiers in `lock` other than `wanted`, and packages that no specifier leads to. */
function strays(lock: Lock, wanted: readonly string[]): string[] {
  const specifiers = Object.keys(lock.specifiers);
  const reached = new Set(
    wanted.flatMap((specifier) =>
      specifier in lock.specifiers
        ? [`${nameIn(specifier)}@${lock.specifiers[specifier]}`]
        : []
    ),
  );
  for (const key of reached) {
    for (const dependency of lock.npm[key]?.dependencies ?? []) {
      const found = Object.keys(lock.npm).filter((one) =>
        one === dependency || one.startsWith(`${dependency}@`)
      );
      for (const one of found) reached.add(one);
    }
  }
  return [
    ...specifiers.filter((one) => !wanted.includes(one)),
    ...Object.keys(lock.npm).filter((one) => !reached.has(one)),
  ];
}

/** Of `npm:@babel/parser@7.29.15` `@babel/parser`. */
function nameIn(specifier: string): string {
  return specifier.slice("npm:".length, specifier.lastIndexOf("@"));
}

function readJson<T>(path: string): T {
  return JSON.parse(Deno.readTextFileSync(join(PROJECT, path)));
}

function configured(): Record<string, string> {
  return readJson<{ imports: Record<string, string> }>("deno.json").imports;
}

const CASES: readonly (readonly [string, Lock, string[]])[] = [
  ["nothing where all is imported", {
    specifiers: { "npm:a@1": "1.0.0", "npm:@s/b@2": "2.0.0_a@1.0.0" },
    npm: {
      "a@1.0.0": { dependencies: ["c"] },
      "c@3.0.0": { dependencies: ["d@4.0.0", "a"] },
      "d@4.0.0": {},
      "@s/b@2.0.0_a@1.0.0": {},
    },
  }, []],
  ["a specifier that nobody wants, with its package", {
    specifiers: { "npm:a@1": "1.0.0", "npm:left-pad@*": "1.3.0" },
    npm: { "a@1.0.0": {}, "left-pad@1.3.0": {} },
  }, ["npm:left-pad@*", "left-pad@1.3.0"]],
  ["another version of a package", {
    specifiers: { "npm:a@1": "1.0.0" },
    npm: {
      "a@1.0.0": { dependencies: ["c@2.0.0"] },
      "a@0.9.0": {},
      "c@1.0.0": {},
      "c@2.0.0": {},
    },
  }, ["a@0.9.0", "c@1.0.0"]],
];

for (const [what, lock, expected] of CASES) {
  Deno.test(`strays() of deno.lock finds ${what}`, () => {
    assert.deepEqual(strays(lock, ["npm:a@1", "npm:@s/b@2"]), expected);
  });
}

Deno.test("deno.lock has the packages that deno.json names, what those need, and no others", () => {
  const lock = readJson<Lock>("deno.lock");
  assert.deepEqual(strays(lock, Object.values(configured())), []);
});

Deno.test("deno.json names each package that a file imports, and no others", () => {
  const packages = Project.read(PROJECT).packages;
  assert.deepEqual(packages, Object.keys(configured()).toSorted());
});

Deno.test("deno.json names one version of each package", () => {
  for (const specifier of Object.values(configured())) {
    assert.match(specifier, /^npm:.+@\d+\.\d+\.\d+$/);
  }
});
