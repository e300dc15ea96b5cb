import assert from "node:assert/strict";
import type { LanAnswer } from "../../../src/daemon/ask_lan.ts";
import { findFaults, sayUnread } from "../../../src/daemon/explain_silence.ts";

const CONFIG = {
  group: "230.1.2.3",
  port: 4711,
  ttl: 2,
  interfaces: [],
  ipv6: true,
  hostName: null,
};

const ETH0 = {
  name: "eth0",
  address: "10.0.0.1",
  prefixLength: 24,
  isInUse: true,
  problem: null,
  unreturned: 0,
};

Deno.test("sayUnread() names three addresses for each reason, counts the others, and is silent on reasons without", () => {
  const unread = new Map(
    [
      ["sealed", new Set(["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"])],
      ["unsigned", new Set<string>()],
      ["other-key", new Set(["10.0.0.9@away"])],
    ] as const,
  );
  const [sealed, otherKey, ...more] = sayUnread(answer({ unread }));
  assert.match(
    sealed!,
    /from 10\.0\.0\.1, 10\.0\.0\.2, 10\.0\.0\.3 and 1 more/,
  );
  assert.match(otherKey!, /came from 10\.0\.0\.9 at away: .*key check/);
  assert.deepEqual(more, []);
});

Deno.test("findFaults() names the commands that open a firewall only if nothing came back", () => {
  assert.deepEqual(findFaults(answer({}), CONFIG), {
    faults: [],
    commands: [],
  });
  const deaf = findFaults(answer({ deaf: ["Nothing comes back"] }), CONFIG);
  assert.deepEqual(deaf.faults, ["Nothing comes back"]);
  assert.ok(deaf.commands.length > 2);
  for (const command of deaf.commands) assert.match(command, /\b4711\b/);
});

Deno.test("findFaults() names the first fault without which there is no other", () => {
  const noPort = answer({ portProblem: "The port is taken", interfaces: [] });
  assert.deepEqual(findFaults(noPort, CONFIG).faults, ["The port is taken"]);
  const { faults } = findFaults(answer({ interfaces: [] }), CONFIG);
  assert.equal(faults.length, 1);
  assert.match(faults[0]!, /^No usable network interface: only loopback/);
});

function answer(changed: Partial<LanAnswer>): LanAnswer {
  return {
    peer: null as never,
    interfaces: [ETH0],
    portProblem: null,
    deaf: [],
    thisHost: null,
    others: [],
    unread: new Map(),
    ...changed,
  };
}
