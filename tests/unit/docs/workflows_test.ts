import assert from "node:assert/strict";
import { join } from "node:path";
import { load } from "js-yaml";
import { PROJECT } from "../../support/program.ts";

interface Step {
  readonly uses?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Job {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

interface Workflow {
  readonly on: unknown;
  readonly permissions?: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
}

/** The text of every file in `.github`, by its path there. */
const FILES = new Map(textsBelow(join(PROJECT, ".github")));

/** Whoever may move a tag could replace the code that makes a release. */
const PINNED = /^(?<action>[\w.-]+\/[\w.\/-]+)@[0-9a-f]{40} # v\d+\.\d+\.\d+$/;

const WORKFLOWS = [...FILES].filter(([path]) => path.includes("/workflows/"))
  .map(([path, text]) => [path, load(text) as Workflow] as const);

Deno.test("each action is pinned by a commit, and says which version that is", () => {
  const used = [...FILES].flatMap(([path, text]) =>
    [...text.matchAll(/\buses["']?\s*:\s*(.*?)\s*$/gm)]
      .map(([, value = ""]) => ({ path, value }))
  );
  assert.ok(used.length >= 4);
  for (const { path, value } of used) assert.match(value, PINNED, path);
  const versions = Map.groupBy(
    used.map(({ value }) => value),
    (value) => PINNED.exec(value)!.groups!["action"],
  );
  for (const [action, values] of versions) {
    assert.equal(new Set(values).size, 1, `${action} in several versions`);
  }
});

Deno.test("each job gets the rights that it needs, and only that of a release may write", () => {
  assert.ok(WORKFLOWS.length >= 2);
  for (const [path, { on, permissions, jobs }] of WORKFLOWS) {
    // It would run the code of a stranger with our rights.
    assert.doesNotMatch(JSON.stringify(on), /pull_request_target|workflow_run/);
    assert.deepEqual(permissions, {}, path);
    for (const [name, job] of Object.entries(jobs)) {
      const access = path.endsWith("/release.yml") ? "write" : "read";
      assert.deepEqual(job.permissions, { contents: access }, name);
    }
  }
});

Deno.test("no checkout leaves its token in the clone", () => {
  for (const [path, { jobs }] of WORKFLOWS) {
    const checkouts = Object.values(jobs)
      .flatMap(({ steps }) => steps)
      .filter(({ uses }) => uses?.startsWith("actions/checkout@"));
    assert.ok(checkouts.length > 0, path);
    for (const step of checkouts) {
      assert.equal(step.with?.["persist-credentials"], false, path);
    }
  }
});

function textsBelow(folder: string): [string, string][] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => {
    const path = join(folder, name);
    if (isDirectory) return textsBelow(path);
    return [[path, Deno.readTextFileSync(path)] as [string, string]];
  });
}
