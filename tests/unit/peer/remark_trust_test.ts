/** Who has a say about disks, what it costs to listen, and what wrong clocks do. */
import assert from "node:assert/strict";
import { Keyring } from "../../../src/codec/keyring.ts";
import {
  areRemarks,
  writeRemarkQuestion,
  writeRemarks,
} from "../../../src/codec/remark_datagram.ts";
import { NONCE_BYTES } from "../../../src/codec/sealed.ts";
import { joinSignature } from "../../../src/codec/signature_line.ts";
import type { Trust } from "../../../src/codec/trust.ts";
import { makeDisk } from "../../../src/inventory/disk.ts";
import {
  EARLIEST_MS,
  MAX_REMARK_AHEAD_MS,
  NOTE,
  type Remark,
  tagField,
} from "../../../src/inventory/remark.ts";
import { MAX_ASKED, RemarkTalk } from "../../../src/peer/remark_talk.ts";
import { LanLoad } from "../../../src/peer/timing.ts";
import { TABLE_BYTES } from "../../../src/inventory/remark_set.ts";
import { Remarks } from "../../../src/inventory/remarks.ts";
import { hostKey, TEST_SIGNATURES } from "../../support/host_keys.ts";
import { madeUpRemark } from "../../support/made_up_remarks.ts";
import { type VirtualHost, VirtualLan } from "../../support/virtual_lan.ts";
import { start } from "./support.ts";

const DISK = "uuid 30c3d01e-48ff-4605-87da-0911c52383f1";
const INTERVAL_MS = 40_000;
const YEAR_MS = 365 * 86_400_000;

Deno.test("where a key is required, the words of hosts without one are set aside, and come back", () => {
  const { lan, alpha, beta } = site();
  lan.do(alpha, alpha.peer.trust(keyring(false), lan.now));
  lan.run(INTERVAL_MS);
  say(lan, alpha, "of alpha");
  lan.run(1_000);
  say(lan, beta, "of beta");
  assert.equal(noteOn(alpha), "of beta");

  lan.do(alpha, alpha.peer.trust(keyring(true), lan.now));
  assert.equal(noteOn(alpha), "of alpha");
  assert.equal(alpha.peer.remarks.aside.count, 1);
  lan.run(3 * INTERVAL_MS);
  assert.equal(noteOn(alpha), "of alpha");

  lan.do(beta, beta.peer.trust(keyring(true), lan.now));
  lan.run(3 * INTERVAL_MS);
  assert.deepEqual([noteOn(alpha), noteOn(beta)], ["of beta", "of beta"]);
  assert.equal(alpha.peer.remarks.aside.count, 0);
  assert.equal(alpha.peer.remarks.digest, beta.peer.remarks.digest);
});

Deno.test("set aside is not spread, and comes back when no key is required", () => {
  const { lan, alpha, beta } = site();
  say(lan, beta, "of beta");
  lan.unplug("beta");
  lan.do(alpha, alpha.peer.trust(keyring(true), lan.now));
  const gamma = guest(lan, "gamma", { trust: keyring(true) });
  lan.run(3 * INTERVAL_MS);
  assert.deepEqual([noteOn(alpha), noteOn(gamma)], [null, null]);
  assert.equal(gamma.peer.remarks.aside.count, 0);
  lan.do(alpha, alpha.peer.trust(keyring(false), lan.now));
  assert.equal(noteOn(alpha), "of beta");
});

Deno.test("a host that is off has its say where a key is required, through one that heard its proof", () => {
  const lan = new VirtualLan();
  const trust = keyring(true);
  const [alpha, beta] = ["alpha", "beta"].map((name) =>
    guest(lan, name, { trust })
  ) as [VirtualHost, VirtualHost];
  lan.run(INTERVAL_MS);
  say(lan, alpha, "of alpha");
  lan.unplug("alpha");
  const kept = [...beta.peer.remarks.kept()];
  lan.unplug("beta");
  // As its file has it.
  const again = guest(lan, "beta", { trust });
  for (const one of kept) again.peer.remarks.keep(one);
  const gamma = guest(lan, "gamma", { trust });
  lan.run(3 * INTERVAL_MS);
  assert.deepEqual([noteOn(again), noteOn(gamma)], ["of alpha", "of alpha"]);
});

Deno.test("nobody without the key vouches for anybody", () => {
  const { lan, alpha, beta } = site();
  lan.do(alpha, alpha.peer.trust(keyring(true), lan.now));
  lan.do(beta, beta.peer.trust(keyring(false), lan.now));
  lan.run(INTERVAL_MS);
  // It has the key, and passes on what a stranger says, but does not vouch.
  const stranger = guest(lan, "stranger", {});
  lan.run(INTERVAL_MS);
  say(lan, stranger, "of the stranger");
  lan.run(3 * INTERVAL_MS);
  assert.equal(noteOn(beta), "of the stranger");
  assert.equal(noteOn(alpha), null);
  // The stranger vouches for itself.
  const { key } = stranger.peer.identity;
  const [said] = [...stranger.peer.remarks.counting.all()];
  lan.inject(
    written(stranger, [{ remark: said!, isProven: true }]),
    stranger.address,
  );
  assert.equal(noteOn(alpha), null);
  assert.equal(alpha.peer.remarks.isProven(key.id), false);
  assert.ok(alpha.peer.counters.rejected["unproven-remark"]! > 0);
});

Deno.test("the clock of a host that is far ahead is named, and once right the host says it again", () => {
  const lan = new VirtualLan();
  let ahead = 11 * YEAR_MS;
  const alpha = guest(lan, "alpha", { wallTime: () => EARLIEST_MS + ahead });
  const beta = guest(lan, "beta", { wallTime: () => EARLIEST_MS });
  lan.run(INTERVAL_MS);
  say(lan, alpha, "from the far future");
  lan.run(1_000);
  assert.equal(noteOn(beta), null);
  assert.match(
    beta.peer.problems(lan.now).join(),
    /^alpha says of disks what it dates 2037-10-29, .* 2026-11-01 here, /,
  );
  assert.deepEqual(alpha.peer.problems(lan.now), []);
  ahead = 0;
  lan.do(alpha, alpha.peer.beginLife(EARLIEST_MS, lan.now));
  lan.run(INTERVAL_MS);
  assert.equal(noteOn(beta), "from the far future");
  assert.equal(beta.peer.remarks.on(DISK).note?.at, EARLIEST_MS + 86_400_000);
  assert.equal(beta.peer.remarks.digest, alpha.peer.remarks.digest);
  lan.run(600_000);
  assert.deepEqual(beta.peer.problems(lan.now), []);
});

Deno.test("the words of a clock that is far ahead are said again after a restart with a right one", () => {
  const lan = new VirtualLan();
  const alpha = guest(lan, "alpha", {
    wallTime: () => EARLIEST_MS + 11 * YEAR_MS,
  });
  say(lan, alpha, "safe");
  const kept = [...alpha.peer.remarks.kept()];
  lan.unplug("alpha");
  const again = lan.host("alpha", { wallTime: () => EARLIEST_MS });
  for (const one of kept) again.peer.remarks.keep(one);
  start(lan, again, []);
  const beta = guest(lan, "beta", { wallTime: () => EARLIEST_MS });
  lan.run(2 * INTERVAL_MS);
  assert.equal(noteOn(beta), "safe");
});

Deno.test("nobody but a host itself gets its clock named", () => {
  const { lan, alpha, beta } = site();
  const at = EARLIEST_MS + MAX_REMARK_AHEAD_MS + 1;
  const said = madeUpRemark("id-victim", { subject: DISK, at });
  const forged = { ...said, signature: `${"B".repeat(85)}A` };
  lan.inject(written(beta, [notProven(forged)]), beta.address);
  assert.deepEqual(alpha.peer.problems(lan.now), []);
  assert.equal(alpha.peer.counters.rejected["bad-signature"], 1);
  lan.inject(written(beta, [notProven(said)]), beta.address);
  assert.match(alpha.peer.problems(lan.now).join(), /^victim says /);
});

Deno.test("a host in 1970 has its say, and a liar at the last possible time not the last word", () => {
  const lan = new VirtualLan();
  const now = () => EARLIEST_MS + YEAR_MS + lan.now;
  const [alpha, beta] = [
    guest(lan, "alpha", { wallTime: () => lan.now }),
    guest(lan, "beta", { wallTime: now }),
  ];
  lan.run(INTERVAL_MS);
  const at = now() + MAX_REMARK_AHEAD_MS;
  const lie = madeUpRemark("id-beta", { subject: DISK, value: "lie", at });
  lan.inject(written(beta, [notProven(lie)]), beta.address);
  say(lan, beta, "of beta");
  lan.run(1_000);
  assert.equal(noteOn(beta), "of beta");
  say(lan, alpha, "of 1970");
  say(lan, alpha, "of 1970 again");
  lan.run(2 * INTERVAL_MS);
  assert.equal(alpha.peer.remarks.find(DISK, NOTE)?.host, "alpha");
});

Deno.test("each signature that is checked is paid for, and a replay costs none", () => {
  let checks = 0;
  const signatures = {
    ...TEST_SIGNATURES,
    verify(...args: Parameters<typeof TEST_SIGNATURES.verify>) {
      checks++;
      return TEST_SIGNATURES.verify(...args);
    },
  };
  const lan = new VirtualLan();
  const alpha = guest(lan, "alpha", { signatures });
  const beta = guest(lan, "beta", {});
  lan.run(INTERVAL_MS);
  const made = (from: number) =>
    Array.from({ length: 3 }, (_, i) =>
      notProven(
        madeUpRemark(`id-some`, { field: tagField(`t${from + i}`), value: "" }),
      ));
  const first = written(beta, made(0));
  checks = 0;
  lan.inject(first, beta.address);
  assert.equal(checks, 4);
  for (let i = 0; i < 100; i++) lan.inject(first, beta.address);
  for (let i = 0; i < 100; i++) lan.inject(first, "10.9.9.9");
  assert.equal(checks, 4);
  // A known host has 4,096 at once.
  for (let i = 1; i < 3_000; i++) {
    lan.inject(written(beta, made(3 * i)), beta.address);
  }
  assert.ok(checks <= 4_200, `${checks} checks`);
  assert.ok(alpha.peer.counters.rejected["too-costly"]! > 0);
});

Deno.test("questions about strangers fill no memory", () => {
  const remarks = new Remarks();
  const talk = new RemarkTalk({
    remarks,
    signatures: TEST_SIGNATURES,
    random: () => 0,
    lanLoad: new LanLoad(),
    view: () => ({
      id: "id-alpha",
      key: hostKey("id-alpha").publicKey,
      maxBytes: 1_000,
      longestAnswerMs: 100,
    }),
    questionTime: () => 0,
    wallTime: () => EARLIEST_MS,
  });
  for (let i = 0; i < 10_000; i++) {
    const { table: has } = remarks.counting;
    talk.heardQuestion({ to: `id-${i}`, has }, i);
  }
  assert.ok(talk.askedHosts <= MAX_ASKED);
});

Deno.test("a thousand remarks at once leave in their time, and all arrive", () => {
  const { lan, alpha, beta } = site();
  lan.run(INTERVAL_MS);
  const from = alpha.sent.length;
  for (let i = 0; i < 1_000; i++) {
    const said = { subject: `uuid ${i}`, field: NOTE, value: "all of them" };
    lan.do(alpha, alpha.peer.remark(said, lan.now));
  }
  lan.run(30_000);
  assert.equal(beta.peer.remarks.size, 1_000);
  const perSecond = Map.groupBy(
    alpha.sent.slice(from).filter(({ bytes }) => areRemarks(bytes)),
    ({ at }) => Math.floor(at / 1_000),
  );
  const most = Math.max(...[...perSecond.values()].map(({ length }) => length));
  assert.ok(most <= 150, `${most} datagrams in a second`);
});

Deno.test("a new host hears all once, whomever it could ask", () => {
  const lan = new VirtualLan();
  const hosts = Array.from({ length: 8 }, (_, i) => guest(lan, `h${i}`, {}));
  for (let i = 0; i < 2_000; i++) {
    const remark = madeUpRemark("id-h0", { subject: `uuid ${i}` });
    for (const { peer } of hosts) peer.remarks.take(remark);
  }
  lan.run(INTERVAL_MS);
  const before = hosts.map(({ sent }) => sent.length);
  const added = guest(lan, "added", {});
  lan.run(2 * INTERVAL_MS);
  assert.equal(added.peer.remarks.size, 2_000);
  const said = hosts.map(({ sent }, i) =>
    sent.slice(before[i]).filter(({ bytes }) => areRemarks(bytes)).length
  ).reduce((a, b) => a + b, 0);
  assert.ok(said < 480, `${said} datagrams`);
});

Deno.test("a host without the key learns remarks from one that demands none", () => {
  const lan = new VirtualLan();
  const alpha = guest(lan, "alpha", { trust: keyring(false) });
  lan.run(INTERVAL_MS);
  say(lan, alpha, "drawer 3");
  lan.run(INTERVAL_MS);
  const gamma = guest(lan, "gamma", {});
  lan.run(2 * INTERVAL_MS);
  assert.equal(noteOn(gamma), "drawer 3");
});

Deno.test("on a LAN that is busy with remarks nobody answers", () => {
  const { lan, alpha, beta } = site();
  for (let i = 0; i < 300; i++) {
    alpha.peer.remarks.take(madeUpRemark("id-h0", { subject: `uuid ${i}` }));
  }
  const { key } = beta.peer.identity;
  const question = writeRemarkQuestion(
    { id: key.id, key: key.publicKey, boot: 2_000_000_000_000 },
    { to: "id-alpha", has: new Uint8Array(TABLE_BYTES) },
  );
  for (let i = 0; i < 450; i++) {
    const remark = madeUpRemark("id-x", { subject: `uuid x${i}` });
    lan.inject(written(beta, [notProven(remark)]), beta.address);
  }
  const before = alpha.sent.length;
  lan.inject(joinSignature(question, key.sign(question)), beta.address);
  lan.run(900);
  assert.equal(alpha.sent.length, before);
  lan.run(10_000);
  assert.ok(alpha.sent.length > before + 30);
});

function site() {
  const lan = new VirtualLan();
  const [alpha, beta] = [guest(lan, "alpha", {}), guest(lan, "beta", {})];
  lan.run(INTERVAL_MS);
  return { lan, alpha, beta };
}

function guest(
  lan: VirtualLan,
  name: string,
  options: Parameters<VirtualLan["host"]>[1],
): VirtualHost {
  const host = lan.host(name, options);
  start(lan, host, [makeDisk({ device: "/dev/sdx", label: "x" })]);
  return host;
}

function say(lan: VirtualLan, host: VirtualHost, value: string): void {
  const said = { subject: DISK, field: NOTE, value };
  lan.do(host, host.peer.remark(said, lan.now));
}

function noteOn({ peer }: VirtualHost): string | null {
  return peer.remarks.on(DISK).note?.value ?? null;
}

function notProven(remark: Remark) {
  return { remark, isProven: false };
}

/** As this host would say it. */
function written(
  { peer: { identity: { key } } }: VirtualHost,
  remarks: Parameters<typeof writeRemarks>[1],
): Uint8Array {
  const { id, publicKey } = key;
  const [bytes] = writeRemarks({ id, key: publicKey }, remarks, {
    maxBytes: 1_000,
  });
  return joinSignature(bytes!, key.sign(bytes!));
}

function keyring(require: boolean): Trust {
  let nonce = 0;
  return new Keyring({
    secrets: [new Uint8Array(32).fill(1)],
    require,
    encrypt: false,
    freshNonce: () => new Uint8Array(NONCE_BYTES).fill(++nonce),
  });
}
