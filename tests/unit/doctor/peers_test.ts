import assert from "node:assert/strict";
import type { PeerRow, StatusView } from "../../../src/control/views.ts";
import { checkPeers } from "../../../src/doctor/peers.ts";
import { STATUS } from "../render/rows.ts";
import { ETH0, given, linesOf } from "./given.ts";

const NOW = Date.UTC(2026, 10, 28);
const REACHED: PeerRow = {
  peer: "cabin.example",
  address: "10.8.0.2",
  site: "cabin",
  reached: true,
  since: new Date(NOW - 300_000).toISOString(),
  problem: null,
};
const SILENT: PeerRow = {
  ...REACHED,
  peer: "10.8.0.3",
  address: "10.8.0.3",
  site: null,
  reached: false,
};

function found(known: Partial<StatusView>, mode = STATUS.keys.mode) {
  const status = { ...STATUS, keys: { ...STATUS.keys, mode }, ...known };
  return checkPeers(given({
    daemon: { kind: "answers", status, hosts: [] },
  }));
}

Deno.test("peers: each is reached, not yet, or not for a reason", () => {
  const problem = "The peer 10.8.0.3 is not heard since 2026; is it there?";
  const nameless = { ...SILENT, peer: "attic.example", address: null };
  const peers = [
    REACHED,
    SILENT,
    { ...SILENT, problem },
    { ...nameless, problem: "The peer attic.example has no address by name" },
  ];
  const findings = found({ peers }, "require");
  assert.deepEqual(linesOf(findings), [
    "ok: the peer cabin.example (10.8.0.2) of site cabin has been reached for 5 min",
    "warning: the peer 10.8.0.3 has not been heard yet",
    `fault: ${problem}`,
    "fault: The peer attic.example has no address by name",
  ]);
  assert.deepEqual(findings[2]!.remedies, ["On 10.8.0.3: diskd doctor"]);
  assert.deepEqual(findings[3]!.remedies, []);
});

Deno.test("peers: one that is heard may be at fault all the same", () => {
  const problem = "The peer 10.8.0.2 calls its site home, as this host does";
  const findings = found({ peers: [{ ...REACHED, problem }] }, "require");
  assert.deepEqual(linesOf(findings), [`fault: ${problem}`]);
});

Deno.test("peers: without a shared key that is required, a relay warns once", () => {
  const two = { peers: [REACHED, { ...REACHED, peer: "b" }] };
  for (const mode of ["open", "accept"] as const) {
    const [, , ...others] = linesOf(found(two, mode));
    assert.equal(others.length, 1);
    assert.match(others[0]!, /^warning: no shared key is required: whoever/);
  }
});

Deno.test("peers: a host that is no relay has none, and a daemon that does not answer tells nothing", () => {
  assert.deepEqual(found({ peers: [] }), []);
  assert.deepEqual(found({}), []);
  const { config } = given();
  const asked = checkPeers(given({ config: { ...config, peers: ["b"] } }));
  assert.deepEqual(asked.map(({ result }) => result), ["warning"]);
});

Deno.test("peers: relay alone needs two interfaces to join", () => {
  const { config } = given();
  const relay = { ...config, relay: true };
  const daemon = { kind: "answers", status: STATUS, hosts: [] } as const;
  const one = checkPeers(given({ config: relay, daemon }));
  assert.match(
    linesOf(one)[0]!,
    /^warning: relay is set, but .* eth0 10\.0\.0\.1: /,
  );
  const interfaces = [ETH0, { ...ETH0, name: "eth1", address: "10.0.1.1" }];
  const two = checkPeers(
    given({ config: relay, daemon }, { lan: { interfaces } }),
  );
  assert.deepEqual(linesOf(two), [
    "ok: this host joins eth0 10.0.0.1, eth1 10.0.1.1",
  ]);
});
