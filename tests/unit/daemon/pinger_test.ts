import assert from "node:assert/strict";
import { Clock } from "../../../src/daemon/clocks.ts";
import { Pinger } from "../../../src/daemon/handlers.ts";
import { Peer } from "../../../src/peer/peer.ts";
import { signedDatagrams } from "../../support/announcements.ts";
import { hostKey, TEST_SIGNATURES } from "../../support/host_keys.ts";

const SELF = "a".repeat(32);
const BETA = "b".repeat(32);
const DEAF = "d".repeat(32);

Deno.test("Pinger.ping() tells who answered and who did not, and counts 0.01 and the gone for neither", async () => {
  const { peer, pinger, clock, asked } = setUp();
  announce(peer, { id: BETA, host: "beta", seq: 1 });
  announce(peer, { id: DEAF, host: "deaf", seq: 1 });
  announce(peer, { id: "c".repeat(32), host: "gone", seq: 1 });
  announce(peer, { id: "c".repeat(32), host: "gone", seq: 2, bye: true });
  const v1 = new TextEncoder().encode(
    "diskd:---\n- - u\n  - l\n  - /dev/sda\n",
  );
  peer.receive(v1, "10.0.0.9", 0);
  assert.equal(peer.inventory.counts().hosts, 4);
  const ping = pinger.ping();
  clock.ms = 40;
  announce(peer, { id: BETA, host: "beta", seq: 2, now: 40 });
  clock.ms = 1_200;
  assert.equal(pinger.ping(), ping, "two at once are one");
  assert.deepEqual(await ping, {
    answers: [{
      host: "beta",
      hostId: BETA,
      uniqueHost: "beta",
      address: "10.0.0.2",
      afterMs: 40,
    }],
    silent: [{
      host: "deaf",
      hostId: DEAF,
      uniqueHost: "deaf",
      address: "10.0.0.2",
    }],
    durationMs: 1_200,
  });
  assert.equal(asked(), 1);
});

Deno.test("Pinger.ping() counts a host that was silent before as silent", async () => {
  const { peer, pinger, clock } = setUp();
  announce(peer, { id: BETA, host: "beta", seq: 1 });
  clock.ms = 10 * 60_000;
  peer.tick(clock.ms);
  assert.equal(peer.inventory.host(BETA)?.liveness, "stale");
  const { silent } = await pinger.ping();
  assert.deepEqual(silent.map(({ host }) => host), ["beta"]);
});

function setUp() {
  const clock = { ms: 0 };
  const peer = new Peer({
    identity: { key: hostKey(SELF), name: "alpha", version: "0.1.0", boot: 1 },
    pastBoot: 0,
    announceIntervalMs: 30_000,
    random: () => 0,
    freshKey: () => hostKey(SELF),
    signatures: TEST_SIGNATURES,
  });
  peer.scanned([], 0);
  let questions = 0;
  const pinger = new Pinger({
    peer,
    clock: new Clock({ now: () => clock.ms, wallClock: () => clock.ms }),
    engine: {
      ask() {
        questions++;
        peer.ask(clock.ms);
      },
    },
  });
  return { peer, pinger, clock, asked: () => questions };
}

interface Said {
  readonly id: string;
  readonly host: string;
  readonly seq: number;
  readonly bye?: boolean;
  readonly now?: number;
}

function announce(
  peer: Peer,
  { id, host, seq, bye = false, now = 0 }: Said,
): void {
  const datagrams = signedDatagrams({
    id,
    key: hostKey(id).publicKey,
    host,
    version: "0.1.0",
    boot: 5,
    seq,
    rev: 1,
    every: 30,
    ask: false,
    bye,
    disks: [],
  });
  for (const bytes of datagrams) peer.receive(bytes, "10.0.0.2", now);
}
