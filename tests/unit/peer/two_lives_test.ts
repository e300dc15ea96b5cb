import assert from "node:assert/strict";
import { makeDisk } from "../../../src/inventory/disk.ts";
import { QUIET_MS, TwoLives } from "../../../src/peer/two_lives.ts";
import { VirtualLan } from "../../support/virtual_lan.ts";

Deno.test("two machines cloned with their machine id become two hosts, the later one under a fresh id", () => {
  const { lan, first, second, watcher } = clones();
  lan.run(10_000);
  assert.equal(first.peer.identity.id, "same");
  assert.equal(second.peer.identity.id, "fresh-second");
  assert.deepEqual(second.identities.map(({ reason }) => reason), ["moved"]);
  assert.equal(first.identities.filter((e) => e.reason === "moved").length, 0);
  for (const host of [first, second, watcher]) {
    const places = host.peer.inventory.where("on both");
    assert.deepEqual(
      places.map(({ host }) => host.name).sort(),
      ["first", "second"],
    );
    assert.ok(places.every(({ state }) => state === "attached"));
  }
});

Deno.test("the first of two lives is believed again although the second had a later boot", () => {
  const { lan, first, watcher } = clones();
  lan.run(10_000);
  const fresh = makeDisk({ device: "/dev/sdz", label: "new on first" });
  lan.do(first, first.peer.scanned([fresh], lan.now));
  const [place] = watcher.peer.inventory.where("new on first");
  assert.equal(place?.state, "attached");
  assert.ok(first.peer.identity.boot > 200);
});

Deno.test("a restarted daemon that hears its own earlier life keeps its id", () => {
  const lives = new TwoLives(100);
  for (let seq = 0; seq < 10; seq++) {
    assert.equal(lives.hear({ boot: 100, seq }, 200, seq), "ignore");
  }
});

Deno.test("an older life that does not go on is an echo", () => {
  const lives = new TwoLives(0);
  for (let i = 0; i < 10; i++) {
    assert.equal(lives.hear({ boot: 100, seq: 7 }, 200, i), "ignore");
  }
  assert.equal(lives.hear({ boot: 100, seq: 8 }, 200, 11), "move");
});

Deno.test("against a later life we speak up at most once a second", () => {
  const lives = new TwoLives(0);
  assert.equal(lives.hear({ boot: 300, seq: 1 }, 200, 0), "speak");
  assert.equal(lives.hear({ boot: 300, seq: 2 }, 200, 999), "ignore");
  assert.equal(lives.hear({ boot: 300, seq: 3 }, 200, 1_000), "speak");
});

Deno.test("boot is raised only once the later life has been quiet", () => {
  const lives = new TwoLives(0);
  lives.hear({ boot: 300, seq: 1 }, 200, 0);
  lives.hear({ boot: 300, seq: 2 }, 200, 2_000);
  assert.equal(lives.raisedBoot(QUIET_MS), null);
  assert.equal(lives.raisedBoot(2_000 + QUIET_MS), 301);
  assert.equal(lives.raisedBoot(1e9), null);
});

Deno.test("a boot that nothing can be above of is not believed", () => {
  const lives = new TwoLives(0);
  const { MAX_SAFE_INTEGER: boot } = Number;
  assert.equal(lives.hear({ boot, seq: 1 }, 200, 0), "ignore");
  assert.equal(lives.deadline, Infinity);
});

function clones() {
  const lan = new VirtualLan();
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
  return { lan, watcher, first, second };
}
