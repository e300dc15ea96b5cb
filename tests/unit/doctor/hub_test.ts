import assert from "node:assert/strict";
import type { HubRow } from "../../../src/control/views.ts";
import { checkHub } from "../../../src/doctor/hub.ts";
import { renderStatus } from "../../../src/render/status.ts";
import { STATUS } from "../render/rows.ts";
import { given, linesOf } from "./given.ts";

const NOW = Date.UTC(2026, 10, 28);
const HUB: HubRow = {
  servers: ["nats://a.example:4222"],
  server: "a.example:4222",
  site: "home",
  bucket: "diskd",
  watch: true,
  reached: true,
  since: new Date(NOW - 300_000).toISOString(),
  hosts: 12,
  rejected: 0,
  problem: null,
};
const AWAY = { ...HUB, server: null, reached: false };

function found(hub: HubRow | null): string[] {
  const status = { ...STATUS, hub };
  return linesOf(checkHub(given({
    daemon: { kind: "answers", status, hosts: [] },
  })));
}

Deno.test("hub: it is reached, not yet, or not for a reason", () => {
  const problem = "No hub: connection refused; tried nats://a.example:4222";
  assert.deepEqual(found(HUB), [
    "ok: the hub a.example:4222 has been reached for 5 min, and tells of 12 hosts",
  ]);
  assert.deepEqual(found({ ...HUB, watch: false }), [
    "ok: the hub a.example:4222 has been reached for 5 min",
  ]);
  assert.deepEqual(found(AWAY), [
    "warning: the hub has not been reached yet",
  ]);
  assert.deepEqual(found({ ...AWAY, problem }), [`fault: ${problem}`]);
  assert.deepEqual(found(null), []);
});

Deno.test("status: a line for the hub", () => {
  const shown = (hub: HubRow) => {
    const options = {
      now: NOW,
      width: 200,
      color: false,
      zone: { offsetAt: () => 0 },
    };
    const text = renderStatus({ ...STATUS, hub }, options as never);
    return /^ *hub:? +(.*)$/m.exec(text)?.[1];
  };
  assert.match(
    shown(HUB)!,
    /^a\.example:4222 reached since .*; tells of 12 hosts$/,
  );
  assert.match(
    shown({ ...AWAY, rejected: 3 })!,
    /^nats:\/\/a\.example:4222 not reached since .*, 3 values unreadable$/,
  );
});
