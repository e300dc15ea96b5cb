import assert from "node:assert/strict";
import { COMMAND_LINE } from "../../../src/cli/app.ts";
import type { ListParams } from "../../../src/control/views.ts";
import { diskRow, hostRow, STATUS } from "../render/rows.ts";
import { fakeContext } from "./fake_context.ts";

const HERE = diskRow({ label: "here" });
const THERE = diskRow({ host: "beta", hostId: "b", label: "there" });

async function run(...words: string[]) {
  const context = fakeContext({
    answers: {
      status: STATUS,
      list: ({ all, host }: ListParams) => {
        assert.equal(all, true);
        return [HERE, THERE].filter(({ hostId }) =>
          host === undefined || hostId === host
        );
      },
      hosts: [hostRow()],
      duplicates: [HERE, THERE].map((row) => ({
        kind: "uuid" as const,
        value: "8261",
        reason: "clone" as const,
        disks: [row],
      })),
      overdue: [],
    },
  });
  const code = await COMMAND_LINE.run(["metrics", ...words], context);
  const { stdout, stderr } = context;
  return { code, stdout: stdout.text, stderr: stderr.text };
}

function labelsIn(text: string): string[] {
  return [...text.matchAll(/^diskd_disk_info\{.*,label="(\w+)"/gm)]
    .map(([, label]) => label!);
}

Deno.test("metrics are those of the disks of this host", async () => {
  const { code, stdout, stderr } = await run();
  assert.deepEqual([code, stderr], [0, ""]);
  assert.deepEqual(labelsIn(stdout), ["here"]);
  assert.match(stdout, /^diskd_duplicate_identifiers\{kind="uuid"\} 1$/m);
});

Deno.test("metrics --all are those of all hosts", async () => {
  const { stdout } = await run("--all");
  assert.deepEqual(labelsIn(stdout), ["here", "there"]);
  assert.match(stdout, /^diskd_duplicate_identifiers\{kind="uuid"\} 2$/m);
  assert.match(stdout, /^diskd_host_state\{/m);
});

Deno.test("metrics refuses --json", async () => {
  const { code, stdout, stderr } = await run("--json");
  assert.deepEqual([code, stdout], [2, ""]);
  assert.match(stderr, /no --json/);
});
