import assert from "node:assert/strict";
import type { MethodName, Methods } from "../../../src/control/views.ts";
import { METRICS_TYPE } from "../../../src/render/metrics.ts";
import { Documents } from "../../../src/web/documents.ts";
import type { WebReply } from "../../../src/web/reply.ts";
import { diskRow, hostRow, STATUS } from "../render/rows.ts";

const ANSWERS = {
  status: STATUS,
  list: [diskRow()],
  hosts: [hostRow()],
  duplicates: [],
  overdue: [],
};

/** A connection to a daemon; `asked` tells what it was asked for. */
class FakeLink {
  readonly asked: string[] = [];
  problem: string | null = null;
  failure: Error | null = null;

  call<M extends MethodName>(
    method: M,
    params: Methods[M]["params"],
  ): Promise<Methods[M]["result"]> {
    this.asked.push(`${method} ${JSON.stringify(params)}`);
    if (this.failure !== null) return Promise.reject(this.failure);
    const answer = ANSWERS[method as keyof typeof ANSWERS];
    return Promise.resolve(answer as Methods[M]["result"]);
  }
}

function documents(link: FakeLink): Documents {
  return new Documents({ link, now: () => 0 });
}

function at(path: string): URL {
  return new URL(path, "http://diskd/");
}

function textOf({ body }: WebReply): string {
  return new TextDecoder().decode(body);
}

Deno.test("/metrics is of the disks of its host", async () => {
  const link = new FakeLink();
  const reply = (await documents(link).get(at("/metrics")))!;
  assert.deepEqual([reply.status, reply.type], [200, METRICS_TYPE]);
  assert.match(textOf(reply), /^diskd_up 1$/m);
  assert.doesNotMatch(textOf(reply), /^diskd_host_state/m);
  assert.ok(link.asked.includes('list {"all":true,"host":"9f0c"}'));
});

Deno.test("/metrics has all hosts with ?all=1", async () => {
  const link = new FakeLink();
  const reply = (await documents(link).get(at("/metrics?all=1")))!;
  assert.match(textOf(reply), /^diskd_host_state\{/m);
  assert.ok(link.asked.includes('list {"all":true}'));
});

Deno.test("/metrics says that the daemon is not there", async () => {
  const link = new FakeLink();
  link.failure = new Error("no diskd answers");
  link.problem = "no diskd answers";
  const reply = (await documents(link).get(at("/metrics")))!;
  assert.equal(reply.status, 200);
  assert.match(textOf(reply), /^diskd_up 0$/m);
});

Deno.test("/metrics fails if the daemon is there and does not answer this", async () => {
  const link = new FakeLink();
  link.failure = new Error("too late");
  const reply = (await documents(link).get(at("/metrics")))!;
  assert.equal(reply.status, 503);
  assert.match(textOf(reply), /too late/);
});
