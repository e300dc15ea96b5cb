import assert from "node:assert/strict";
import { readDatagram } from "../../../src/codec/read_datagram.ts";
import {
  isFirst,
  PROBE_ANSWER_GAP_MS,
  PROBE_GAP_MS,
  ProbeAnswers,
  PROBERS_PER_SECOND,
  PROBES,
} from "../../../src/peer/probing.ts";
import { START_WAIT_MS } from "../../../src/peer/timing.ts";
import { makeDisk } from "../../../src/inventory/disk.ts";
import { type VirtualHost, VirtualLan } from "../../support/virtual_lan.ts";
import { start } from "./support.ts";
import { hostKey, signedBy } from "../../support/host_keys.ts";

const shared = makeDisk({ device: "/dev/sda1", label: "shared", uuid: "u-1" });

Deno.test("a host probes before it announces itself, and that takes less than a second", () => {
  const lan = new VirtualLan();
  const alpha = lan.host("alpha");
  start(lan, alpha, [shared]);
  lan.run(1_000);
  const kinds = alpha.sent.map(({ bytes }) => kindOf(bytes));
  assert.deepEqual(kinds.slice(0, PROBES + 1), [
    ...Array(PROBES).fill("probe"),
    "announcement",
  ]);
  const announcedAt = alpha.sent[PROBES]!.at;
  assert.ok(announcedAt <= START_WAIT_MS + PROBES * PROBE_GAP_MS);
  lan.do(alpha, alpha.peer.join(lan.now));
  lan.run(5_000);
  const probes = alpha.sent.filter(({ bytes }) => kindOf(bytes) === "probe");
  assert.equal(probes.length, PROBES, "it probes once in a run");
});

Deno.test("a probe is a question, and lists nobody", () => {
  const { lan, watcher, first } = oneHost();
  const newcomer = lan.host("newcomer");
  lan.do(newcomer, newcomer.peer.join(lan.now));
  lan.run(60_000);
  assert.ok(newcomer.peer.inventory.host(first.peer.identity.key.id));
  assert.equal(watcher.peer.inventory.host("id-newcomer"), undefined);
  assert.deepEqual(watcher.changes, []);
});

for (const boot of [100, 150, 200, 300, 10_000]) {
  Deno.test(`a clone with boot ${boot} takes a fresh id before it announces anything, and nobody is told of a change`, () => {
    const { lan, first, watcher } = oneHost();
    const identity = { ...first.peer.identity, name: "clone", boot };
    const clone = lan.host("clone", { identity, pastBoot: boot - 1 });
    start(lan, clone, [makeDisk({ device: "/dev/sdb", label: "its own" })]);
    lan.run(20_000);
    assert.equal(clone.peer.identity.key.id, "fresh-clone");
    assert.deepEqual(clone.identities.map(({ reason }) => reason), ["moved"]);
    assert.deepEqual(clone.yielded, []);
    assert.deepEqual(first.identities, []);
    assert.deepEqual(watcher.changes.map(({ event }) => event), [
      "host-up",
      "attached",
    ]);
    const ids = clone.sent.map(({ bytes }) => idOf(bytes));
    assert.ok(!ids.includes("same"));
    assert.equal(first.peer.inventory.host("fresh-clone")?.liveness, "up");
  });
}

Deno.test("a clone whose state was copied while the first ran is told apart, too", () => {
  const { lan, first, watcher } = oneHost();
  const { boot } = first.peer.identity;
  const identity = { ...first.peer.identity, name: "clone", boot: boot + 1 };
  const clone = lan.host("clone", { identity, pastBoot: boot });
  start(lan, clone, [shared]);
  lan.run(20_000);
  assert.equal(clone.peer.identity.key.id, "fresh-clone");
  assert.equal(first.peer.identity.key.id, "same");
  assert.equal(
    watcher.changes.filter(({ event }) => event === "detached").length,
    0,
  );
});

Deno.test("of clones that start at the same moment one keeps the id: the one with the smaller boot", () => {
  for (const boots of [[300, 200, 400], [200, 200, 200]]) {
    for (let seed = 1; seed < 20; seed++) {
      const lan = new VirtualLan(seed);
      const clones = boots.map((boot, i) =>
        lan.host(`clone${i}`, {
          identity: {
            key: hostKey("same"),
            name: `clone${i}`,
            version: "0.1.0",
            boot,
          },
        })
      );
      for (const clone of clones) start(lan, clone, [shared]);
      lan.run(20_000);
      const keeping = clones.filter(({ peer }) =>
        peer.identity.key.id === "same"
      );
      assert.equal(keeping.length, 1, `seed ${seed}`);
      const smallest = Math.min(...boots);
      assert.equal(keeping[0]!.peer.identity.boot, smallest);
      for (const { changes } of clones) {
        assert.ok(changes.every(({ event }) => event !== "detached"));
      }
    }
  }
});

Deno.test("a host that starts anew at once has its id still, and others are told nothing", () => {
  const { lan, first, watcher } = oneHost();
  lan.unplug("first");
  const { identity } = first.peer;
  const again = lan.host("first", {
    identity: { ...identity, boot: identity.boot + 1 },
    pastBoot: identity.boot,
  });
  start(lan, again, [shared]);
  lan.run(20_000);
  assert.equal(again.peer.identity.key.id, identity.key.id);
  assert.deepEqual(again.identities, []);
  assert.deepEqual(watcher.changes, []);
});

const RANKS = [
  { of: "a user's daemon beside another user's", first: false, second: false },
  { of: "a user's daemon beside root's", first: true, second: false },
  { of: "root's daemon beside another of root's", first: true, second: true },
] as const;

for (const id of ["same", "another"]) {
  for (const ranks of RANKS) {
    Deno.test(`${ranks.of}, with ${id} id, announces nothing and yields`, () => {
      const { lan, first, watcher } = oneHost({ isPrivileged: ranks.first });
      const second = beside(lan, first, { id, isPrivileged: ranks.second });
      lan.run(20_000);
      assert.equal(second.yielded.length > 0, true);
      assert.ok(second.yielded[0]! - 10_000 <= 1_000);
      lan.do(second, second.peer.bye());
      assert.ok(second.sent.every(({ bytes }) => kindOf(bytes) === "probe"));
      assert.deepEqual(first.yielded, []);
      assert.deepEqual(first.identities, []);
      assert.deepEqual(watcher.changes, []);
    });
  }
}

Deno.test("root's daemon goes on in place of a user's daemon with its id, and others are told nothing", () => {
  const { lan, first, watcher } = oneHost({ boot: 500 });
  const second = beside(lan, first, { id: "same", isPrivileged: true });
  lan.run(2_000);
  assert.deepEqual(second.yielded, []);
  assert.equal(first.yielded.length > 0, true);
  lan.do(first, first.peer.bye());
  lan.unplug("first");
  lan.run(600_000);
  assert.equal(second.peer.identity.key.id, "same");
  assert.ok(second.peer.identity.boot > 500);
  assert.deepEqual(watcher.changes, []);
  assert.equal(watcher.peer.inventory.host("same")?.liveness, "up");
});

Deno.test("a user's daemon with an id of its own says goodbye once root's daemon is there", () => {
  const { lan, first, watcher } = oneHost();
  const second = beside(lan, first, { id: "another", isPrivileged: true });
  lan.run(2_000);
  assert.equal(first.yielded.length > 0, true);
  lan.do(first, first.peer.bye());
  assert.equal(watcher.peer.inventory.host("same")?.liveness, "gone");
  assert.equal(watcher.peer.inventory.host("another")?.liveness, "up");
  assert.deepEqual(second.yielded, []);
  const places = watcher.peer.inventory.where("shared").found;
  assert.deepEqual(places.map(({ state }) => state), ["attached"]);
});

Deno.test("of two daemons that start at the same moment on one host one yields", () => {
  for (const isPrivileged of [[false, false], [true, true], [false, true]]) {
    for (const ids of [["same", "same"], ["same", "another"]]) {
      for (let seed = 1; seed < 10; seed++) {
        const lan = new VirtualLan(seed);
        const watcher = lan.host("watcher");
        start(lan, watcher, []);
        lan.run(10_000);
        const first = lan.host("first", {
          identity: {
            key: hostKey(ids[0]!),
            name: "host",
            version: "0.1.0",
            boot: 7,
          },
          isPrivileged: isPrivileged[0]!,
        });
        const second = lan.host("second", {
          identity: {
            key: hostKey(ids[1]!),
            name: "host",
            version: "0.1.0",
            boot: 7,
          },
          isPrivileged: isPrivileged[1]!,
          beside: first,
        });
        for (const host of [first, second]) start(lan, host, [shared]);
        lan.run(20_000);
        const staying = [first, second].filter((one) => !one.yielded.length);
        assert.equal(staying.length, 1, `seed ${seed}`);
        if (isPrivileged[1] && !isPrivileged[0]) {
          assert.equal(staying[0], second);
        }
        assert.deepEqual(
          watcher.changes.map(({ event }) => event),
          ["host-up", "attached"],
        );
      }
    }
  }
});

Deno.test("no user of the host keeps root's daemon from starting, whatever they say", () => {
  const lan = new VirtualLan();
  const root = lan.host("root", { isPrivileged: true });
  start(lan, root, [shared]);
  for (let i = 0; i < 100; i++) {
    lan.run(10);
    const nonce = nonceOf(root) ?? 0;
    for (const lie of [{ answer: nonce }, { probe: 0 }]) {
      lan.inject(
        said({ id: root.peer.identity.key.id, boot: 0, ...lie }),
        root.address,
      );
    }
  }
  lan.run(1_000);
  assert.deepEqual(root.yielded, []);
  assert.ok(root.sent.some(({ bytes }) => kindOf(bytes) === "announcement"));
});

Deno.test("a recorded answer, or one to somebody else, has no effect", () => {
  const { lan, first } = oneHost();
  const clone = () =>
    lan.host("clone", { identity: { ...first.peer.identity, boot: 900 } });
  start(lan, clone(), []);
  lan.run(1_000);
  const answers = first.sent.filter(({ bytes }) => kindOf(bytes) === "answer");
  assert.ok(answers.length > 0);
  lan.unplug("first");
  lan.unplug("clone");
  const again = clone();
  start(lan, again, []);
  for (let i = 0; i < 20; i++) {
    for (const { bytes } of answers) lan.inject(bytes, first.address);
    lan.run(50);
  }
  lan.run(10_000);
  assert.equal(again.peer.identity.key.id, "same");
});

Deno.test("a recorded probe has no effect, neither on whom it speaks of nor on its clone", () => {
  const { lan, first, watcher } = oneHost();
  const probes = first.sent.map(({ bytes }) => bytes)
    .filter((bytes) => kindOf(bytes) === "probe");
  assert.equal(probes.length, PROBES);
  const replay = (address: string) => {
    for (const bytes of probes) lan.inject(bytes, address);
  };
  for (const address of ["10.0.0.99", first.address]) {
    replay(address);
    lan.run(5_000);
    lan.unplug("first");
    const { identity } = first.peer;
    const again = lan.host("first", {
      identity: { ...identity, boot: identity.boot + 10 },
      pastBoot: identity.boot,
    });
    start(lan, again, [shared]);
    for (let i = 0; i < 20; i++) {
      replay(address);
      lan.run(100);
    }
    assert.equal(again.peer.identity.key.id, "same");
    assert.deepEqual(again.yielded, []);
  }
  assert.deepEqual(watcher.changes, []);
});

Deno.test("a flood of probes from one address keeps nobody from being answered", () => {
  const { lan, first } = oneHost();
  const flood = () => {
    for (let nonce = 0; nonce < 10; nonce++) {
      lan.inject(said({ id: "same", boot: 1, probe: nonce }), "10.0.9.9");
    }
  };
  const identity = { ...first.peer.identity, boot: 900 };
  flood();
  const clone = lan.host("clone", { identity });
  start(lan, clone, []);
  const before = first.sent.length;
  for (let i = 0; i < 100; i++) {
    flood();
    lan.run(10);
  }
  assert.equal(clone.peer.identity.key.id, "fresh-clone");
  assert.ok(first.sent.length - before < 30, `${first.sent.length - before}`);
});

Deno.test("ProbeAnswers answers an address ten times a second, and so many addresses", () => {
  const answers = new ProbeAnswers();
  assert.equal(answers.take("a", 0), true);
  assert.equal(answers.take("a", PROBE_ANSWER_GAP_MS - 1), false);
  assert.equal(answers.take("a", 100), true);
  for (let i = 1; i < PROBERS_PER_SECOND; i++) {
    assert.equal(answers.take(`address${i}`, 100), true);
  }
  assert.equal(answers.take("b", 100), false);
  assert.equal(answers.take("a", 200), true);
  assert.equal(answers.take("b", 1_200), true);
});

for (
  const [what, goneBackMs] of [["an hour", 3_600_000], [
    "a week",
    604_800_000,
  ]] as const
) {
  Deno.test(`a machine that goes back ${what} to a snapshot with memory is heard at once when its clock is set, and nobody is told of a change`, () => {
    const { lan, restored, watcher } = restoredMachine(goneBackMs);
    const disk = makeDisk({ device: "/dev/sdb", label: "plugged in now" });
    lan.do(restored, restored.peer.scanned([shared, disk], lan.now));
    lan.run(20_000);
    assert.equal(watcher.changes.length, 0, "it is taken for old");
    lan.do(restored, restored.peer.beginLife(goneBackMs + 1e9, lan.now));
    lan.do(restored, restored.peer.join(lan.now));
    lan.run(5_000);
    assert.deepEqual(
      watcher.changes.map(({ event }) => event),
      ["attached"],
    );
    const [place] = watcher.peer.inventory.where("plugged in now").found;
    assert.equal(place?.state, "attached");
    assert.deepEqual(restored.identities.map(({ reason }) => reason), ["woke"]);
    assert.equal(restored.peer.identity.key.id, "same");
  });
}

Deno.test("a host that slept begins another life, and others are told nothing", () => {
  const { lan, first, watcher } = oneHost();
  const since = watcher.peer.inventory.host("same")!.disks;
  for (let i = 0; i < 5; i++) {
    lan.do(first, first.peer.beginLife(0, lan.now));
    lan.do(first, first.peer.join(lan.now));
    lan.run(20_000);
  }
  assert.equal(
    first.peer.identity.boot,
    155,
    "larger each time, whatever the clock says",
  );
  assert.deepEqual(watcher.changes, []);
  assert.equal(watcher.peer.inventory.host("same")!.disks.length, since.length);
  assert.deepEqual(first.peer.counters.rejected, {});
});

Deno.test("what a machine said before it went back moves it nowhere when it is replayed", () => {
  const { lan, first } = oneHost();
  const before = first.sent.map(({ bytes }) => bytes);
  lan.do(first, first.peer.beginLife(1e12, lan.now));
  lan.run(10_000);
  for (const bytes of before) {
    lan.inject(bytes, "10.0.0.99");
    lan.run(1_500);
  }
  assert.equal(first.peer.identity.key.id, "same");
  assert.equal(first.peer.identity.boot, 1e12);
});

Deno.test("a machine that was cloned with its memory becomes another host once it notices", () => {
  const { lan, first, watcher } = oneHost();
  const { identity } = first.peer;
  const clone = lan.host("clone", { identity, pastBoot: identity.boot - 1 });
  lan.passes = (_bytes, from, to) => from === to;
  start(lan, clone, [shared]);
  lan.run(8_000);
  lan.passes = () => true;
  lan.do(clone, clone.peer.beginLife(1e12, lan.now));
  lan.do(clone, clone.peer.join(lan.now));
  lan.run(120_000);
  assert.equal(first.peer.identity.key.id, "same");
  assert.equal(clone.peer.identity.key.id, "fresh-clone");
  for (const id of ["same", "fresh-clone"]) {
    assert.equal(watcher.peer.inventory.host(id)?.liveness, "up");
  }
  assert.ok(watcher.changes.every(({ event }) => event !== "detached"));
});

Deno.test("isFirst never lets both have it, nor neither", () => {
  const probers = [[1, 5], [1, 6], [2, 5]].map(([boot, nonce]) => ({
    boot: boot!,
    nonce: nonce!,
  }));
  for (const a of probers) {
    for (const b of probers) {
      if (a !== b) assert.notEqual(isFirst(a, b), isFirst(b, a));
    }
  }
});

Deno.test("a daemon that may not speak yet says no goodbye", () => {
  const { lan, first, watcher } = oneHost();
  const second = beside(lan, first, { id: "same", isPrivileged: false });
  lan.run(20);
  lan.do(second, second.peer.bye());
  lan.unplug("second");
  lan.run(20_000);
  assert.deepEqual(watcher.changes, []);
});

/** A host that has announced itself, and one that watches. */
function oneHost({ boot = 150, isPrivileged = false } = {}) {
  const lan = new VirtualLan();
  const watcher = lan.host("watcher");
  start(lan, watcher, []);
  const identity = {
    key: hostKey("same"),
    name: "first",
    version: "0.1.0",
    boot,
  };
  const first = lan.host("first", { identity, isPrivileged });
  start(lan, first, [shared]);
  lan.run(10_000);
  watcher.changes.length = 0;
  return { lan, watcher, first };
}

/** A host on a LAN that heard it for an hour after the state that it is in. */
function restoredMachine(goneBackMs: number) {
  const { lan, watcher, first } = oneHost();
  const { identity } = first.peer;
  lan.run(goneBackMs);
  lan.unplug("first");
  const restored = lan.host("first", { identity, pastBoot: 0 });
  lan.passes = (_bytes, from, to) => from === to;
  start(lan, restored, [shared]);
  lan.run(10_000);
  lan.passes = () => true;
  watcher.changes.length = 0;
  return { lan, watcher, restored };
}

function beside(
  lan: VirtualLan,
  first: VirtualHost,
  { id, isPrivileged }: { id: string; isPrivileged: boolean },
): VirtualHost {
  const second = lan.host("second", {
    identity: { ...first.peer.identity, key: hostKey(id), boot: 300 },
    isPrivileged,
    beside: first,
  });
  start(lan, second, [shared]);
  return second;
}

function kindOf(bytes: Uint8Array): string {
  const datagram = readDatagram(bytes);
  assert.equal(datagram.format, 2);
  const { header } = datagram as typeof datagram & { format: 2 };
  if (header.probe) return "probe";
  if (header.answer) return "answer";
  return header.id === null ? "question" : "announcement";
}

function idOf(bytes: Uint8Array): string | null {
  const datagram = readDatagram(bytes);
  return datagram.format === 2 ? datagram.header.id : null;
}

/** The number of a host's latest probe. */
function nonceOf({ sent }: VirtualHost): number | undefined {
  for (const { bytes } of sent.toReversed()) {
    const datagram = readDatagram(bytes);
    if (datagram.format === 2 && datagram.header.probe) {
      return datagram.header.probe.nonce;
    }
  }
}

/** A probe, or an answer, that somebody makes up. */
function said(
  { id, boot, probe, answer, by = id }: {
    id: string;
    boot: number;
    probe?: number;
    answer?: number;
    /** Who signs it; default: the host itself. */
    by?: string;
  },
): Uint8Array {
  const [kind, nonce] = probe === undefined
    ? ["answer", answer]
    : ["probe", probe];
  const { publicKey } = hostKey(id);
  const bytes = new TextEncoder().encode(
    `diskd:#{"v":2,"key":"${publicKey}","boot":${boot},"seq":0,"every":1,"ask":true,"${kind}":["${id}",${nonce}]}\n[]\n`,
  );
  return signedBy(hostKey(by), bytes);
}
