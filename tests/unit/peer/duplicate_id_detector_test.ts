import assert from "node:assert/strict";
import { makeDisk } from "../../../src/inventory/disk.ts";
import {
  DuplicateIdDetector,
  MAX_MOVES,
  MAX_RAISED_BOOT,
  QUIET_MS,
} from "../../../src/peer/own_identity.ts";
import { VirtualLan } from "../../support/virtual_lan.ts";

Deno.test("two machines with the same machine id that meet later become two hosts, the later one under a fresh id", () => {
  const { lan, first, second, watcher } = clonesThatMeet();
  lan.run(10_000);
  assert.equal(first.peer.identity.id, "same");
  assert.equal(second.peer.identity.id, "fresh-second");
  assert.deepEqual(second.identities.map(({ reason }) => reason), ["moved"]);
  assert.equal(first.identities.filter((e) => e.reason === "moved").length, 0);
  for (const host of [first, second, watcher]) {
    const places = host.peer.inventory.where("on both").found;
    assert.deepEqual(
      places.map(({ host }) => host.name).sort(),
      ["first", "second"],
    );
    assert.ok(places.every(({ state }) => state === "attached"));
  }
});

Deno.test("the first of two lives is believed again although the second had a later boot", () => {
  const { lan, first, watcher } = clonesThatMeet();
  lan.run(10_000);
  const fresh = makeDisk({ device: "/dev/sdz", label: "new on first" });
  lan.do(first, first.peer.scanned([fresh], lan.now));
  const [place] = watcher.peer.inventory.where("new on first").found;
  assert.equal(place?.state, "attached");
  assert.ok(first.peer.identity.boot > 200);
});

Deno.test("a restarted daemon that hears its own earlier life keeps its id", () => {
  const lives = new DuplicateIdDetector(100);
  for (let seq = 0; seq < 10; seq++) {
    assert.equal(lives.hear({ boot: 100, seq }, OWN, seq), "echo");
  }
});

Deno.test("against a later life, or our own that is further than we are, we speak up at most once a second", () => {
  const later = [{ boot: 300, seq: 1 }, { boot: OWN.boot, seq: OWN.seq + 1 }];
  for (const other of later) {
    const lives = new DuplicateIdDetector(0);
    assert.equal(lives.hear(other, OWN, 0), "speak");
    assert.equal(lives.hear(other, OWN, 999), "ignore");
    assert.equal(lives.hear(other, OWN, 1_000), "speak");
  }
});

Deno.test("boot is raised only once the later life has been quiet", () => {
  const lives = new DuplicateIdDetector(0);
  lives.hear({ boot: 300, seq: 1 }, OWN, 0);
  lives.hear({ boot: 300, seq: 2 }, OWN, 2_000);
  assert.equal(lives.quiet(QUIET_MS), null);
  assert.deepEqual(lives.quiet(2_000 + QUIET_MS), raised(301));
  assert.equal(lives.quiet(1e9), null);
});

Deno.test("where boot cannot be raised any more a fresh id is taken", () => {
  const lives = new DuplicateIdDetector(0);
  lives.hear({ boot: MAX_RAISED_BOOT - 1, seq: 1 }, OWN, 0);
  assert.deepEqual(lives.quiet(10_000), raised(MAX_RAISED_BOOT));
  lives.hear({ boot: Number.MAX_SAFE_INTEGER, seq: 1 }, OWN, 20_000);
  assert.deepEqual(lives.quiet(30_000), { kind: "move" });
});

Deno.test("a life that is over is an echo, and nobody is asked", () => {
  const lives = new DuplicateIdDetector(0);
  lives.outlived(OWN.boot);
  const now = { boot: OWN.boot + 1, seq: 1 };
  assert.equal(lives.hear(OWN, now, 0), "echo");
});

Deno.test("an older life is asked whether it goes on, at most once a second", () => {
  const lives = new DuplicateIdDetector(0);
  assert.equal(lives.hear({ boot: 100, seq: 7 }, OWN, 0), "ask");
  assert.equal(lives.mayAsk(0), true);
  assert.equal(lives.mayAsk(999), false);
  assert.equal(lives.mayAsk(1_000), true);
});

Deno.test("nobody can make us take more than MAX_MOVES fresh ids", () => {
  const lives = new DuplicateIdDetector(0);
  for (let i = 0; i < MAX_MOVES; i++) assert.equal(lives.move(), true);
  assert.equal(lives.move(), false);
  lives.hear({ boot: Number.MAX_SAFE_INTEGER, seq: 1 }, OWN, 200);
  assert.equal(lives.quiet(10_000), null);
});

/** What we said last. */
const OWN = { boot: 200, seq: 50 };

function raised(boot: number) {
  return { kind: "raise", boot };
}

/** Each was alone, on a switch of its own, until the switches were joined. */
function clonesThatMeet() {
  const lan = new VirtualLan();
  lan.passes = (_bytes, from, to) => from === to;
  const watcher = lan.host("watcher");
  lan.do(watcher, watcher.peer.join(0));
  lan.do(watcher, watcher.peer.scanned([], 0));
  const start = (name: string, boot: number) => {
    const identity = { id: "same", name, version: "0.1.0", boot };
    const host = lan.host(name, { identity });
    lan.do(host, host.peer.join(lan.now));
    const disk = makeDisk({ device: "/dev/sda1", label: "on both" });
    lan.do(host, host.peer.scanned([disk], lan.now));
    lan.run(5_000);
    return host;
  };
  const first = start("first", 100);
  const second = start("second", 200);
  lan.passes = () => true;
  for (const host of [first, second]) lan.do(host, host.peer.join(lan.now));
  return { lan, watcher, first, second };
}
