import assert from "node:assert/strict";
import { makeDisk } from "../../src/inventory/disk.ts";
import { type VirtualHost, VirtualLan } from "../support/virtual_lan.ts";

const LOSS = 0.2;
const CHANGES = 1_000;

/** Longer than an interval with its jitter, by when a lost change is told again. */
const ROUND_MS = 40_000;

Deno.test("with 20 % loss 99 of 100 changes are known to another host within 1.5 s", () => {
  const { median, p99 } = delaysOf({ hosts: 2 });
  assert.equal(median, 0);
  assert.ok(p99 <= 1_500, `p99 is ${p99} ms`);
});

Deno.test("with 20 % loss 99 of 100 changes are known to ten hosts within 3 s, half of them within 0.3 s", () => {
  const { median, p99 } = delaysOf({ hosts: 10 });
  assert.ok(median <= 300, `median is ${median} ms`);
  assert.ok(p99 <= 3_000, `p99 is ${p99} ms`);
});

/** How long it takes until all know of a change, in ms. */
function delaysOf({ hosts }: { hosts: number }) {
  const lan = new VirtualLan(hosts);
  const [alpha, ...others] = Array.from(
    { length: hosts },
    (_, i) => lan.host(`host${i}`),
  );
  for (const host of [alpha!, ...others]) {
    lan.do(host, host.peer.join(lan.now));
    lan.do(host, host.peer.scanned([], lan.now));
  }
  lan.run(ROUND_MS);
  lan.passes = () => lan.random() >= LOSS;
  const delays = Array.from(
    { length: CHANGES },
    (_, i) => delayOf(`disk ${i}`, { lan, alpha: alpha!, others }),
  ).sort((a, b) => a - b);
  return {
    median: delays[CHANGES / 2]!,
    p99: delays[Math.ceil(0.99 * CHANGES) - 1]!,
  };
}

function delayOf(
  label: string,
  { lan, alpha, others }: {
    lan: VirtualLan;
    alpha: VirtualHost;
    others: readonly VirtualHost[];
  },
): number {
  const disk = makeDisk({ device: "/dev/sdb1", label });
  for (const { changes } of others) changes.length = 0;
  const changedAt = lan.now;
  lan.do(alpha, alpha.peer.scanned([disk], changedAt));
  lan.run(ROUND_MS);
  const known = others.map(({ changes }) =>
    changes.find((change) => change.disk?.label === label)?.at ?? Infinity
  );
  return Math.max(...known) - changedAt;
}
