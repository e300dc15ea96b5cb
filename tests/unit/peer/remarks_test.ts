import assert from "node:assert/strict";
import {
  joinSignature,
  splitSignature,
} from "../../../src/codec/signature_line.ts";
import {
  areRemarks,
  readRemarkHeader,
  readRemarks,
} from "../../../src/codec/remark_datagram.ts";
import {
  ALIAS,
  EARLIEST_MS,
  MAX_REMARK_AHEAD_MS,
  NOTE,
  tagField,
} from "../../../src/inventory/remark.ts";
import type { RemarkWithProof } from "../../../src/inventory/remarks.ts";
import { MAX_DATAGRAM_BYTES } from "../../../src/codec/announcement.ts";
import { makeDisk } from "../../../src/inventory/disk.ts";
import { type VirtualHost, VirtualLan } from "../../support/virtual_lan.ts";
import { start } from "./support.ts";

const DISK = "uuid 30c3d01e-48ff-4605-87da-0911c52383f1";
const INTERVAL_MS = 40_000;

Deno.test("a remark is known to all hosts at once, with who made it and when", () => {
  const { lan, alpha, beta } = site();
  say(lan, alpha, { note: "drawer 3, top shelf" });
  const { note } = beta.peer.remarks.on(DISK);
  assert.equal(note?.value, "drawer 3, top shelf");
  assert.equal(note?.host, "alpha");
  assert.equal(note?.by, "id-alpha");
  assert.equal(note?.at, EARLIEST_MS);
  assert.equal(beta.peer.remarks.digest, alpha.peer.remarks.digest);
});

Deno.test("a host that was off hears a remark from one that heard it", () => {
  const { lan, alpha, beta } = site();
  say(lan, alpha, { note: "lent to somebody" });
  lan.run(5_000);
  lan.unplug("alpha");
  const gamma = lan.host("gamma");
  start(lan, gamma, [makeDisk({ device: "/dev/sdg", label: "g" })]);
  lan.run(INTERVAL_MS);
  assert.equal(noteOn(gamma), "lent to somebody");
  assert.equal(gamma.peer.remarks.on(DISK).note?.host, "alpha");
  assert.equal(beta.peer.counters.refused, 0);
});

Deno.test("a host that starts just after a remark was made hears it at once", () => {
  const { lan, alpha } = site();
  say(lan, alpha, { note: "drawer 3" });
  lan.run(3_500);
  lan.unplug("alpha");
  const gamma = lan.host("gamma");
  start(lan, gamma, [makeDisk({ device: "/dev/sdg", label: "g" })]);
  lan.run(3_000);
  assert.equal(noteOn(gamma), "drawer 3");
});

Deno.test("a remark that is lost each time is asked for at the next announcement", () => {
  const { lan, alpha, beta } = site();
  lan.passes = (bytes) => !areRemarks(bytes);
  say(lan, alpha, { note: "safe" });
  lan.run(5_000);
  assert.equal(noteOn(beta), null);
  lan.passes = () => true;
  lan.run(INTERVAL_MS);
  assert.equal(noteOn(beta), "safe");
});

Deno.test("each field counts for itself, the later word wins, and a clearing is a word", () => {
  const { lan, alpha, beta } = site();
  say(lan, alpha, { note: "first", name: "the red one", offsite: "", old: "" });
  say(lan, beta, { note: "second", old: null });
  for (const { peer } of [alpha, beta]) {
    const { note, name, tags } = peer.remarks.on(DISK);
    assert.equal(note?.value, "second");
    assert.equal(name?.value, "the red one");
    assert.deepEqual(tags.map(({ field }) => field), ["tag:offsite"]);
  }
  say(lan, alpha, { note: null });
  assert.equal(noteOn(beta), null);
  lan.run(INTERVAL_MS);
  assert.equal(beta.peer.remarks.digest, alpha.peer.remarks.digest);
});

Deno.test("hosts that were apart agree, and the later word counts field by field", () => {
  const { lan, alpha, beta } = site();
  lan.passes = () => false;
  say(lan, alpha, { note: "of alpha", offsite: "" });
  lan.run(1_000);
  say(lan, beta, { note: "of beta", old: "" });
  lan.run(5 * INTERVAL_MS);
  lan.passes = () => true;
  lan.run(INTERVAL_MS);
  assert.equal(beta.peer.remarks.digest, alpha.peer.remarks.digest);
  for (const { peer } of [alpha, beta]) {
    const { note, tags } = peer.remarks.on(DISK);
    assert.equal(note?.value, "of beta");
    assert.equal(tags.length, 2);
  }
});

Deno.test("a word from a clock that is ahead does not win for ever", () => {
  const lan = new VirtualLan();
  const year = 365 * 86_400_000;
  const alpha = lan.host("alpha", { wallTime: () => EARLIEST_MS + year });
  const beta = lan.host("beta", { wallTime: () => EARLIEST_MS });
  for (const host of [alpha, beta]) {
    start(lan, host, [makeDisk({ device: "/dev/sdx", label: "x" })]);
  }
  lan.run(INTERVAL_MS);
  say(lan, alpha, { note: "from next year" });
  assert.equal(noteOn(beta), "from next year");
  say(lan, beta, { note: "from now" });
  assert.equal(noteOn(alpha), "from now");
  assert.equal(beta.peer.remarks.find(DISK, NOTE)?.at, EARLIEST_MS + year + 1);
});

Deno.test("a word from a future that nobody lives to see is refused", () => {
  const lan = new VirtualLan();
  const wallTime = () => EARLIEST_MS + MAX_REMARK_AHEAD_MS + 1;
  const alpha = lan.host("alpha", { wallTime });
  const beta = lan.host("beta");
  for (const host of [alpha, beta]) {
    start(lan, host, [makeDisk({ device: "/dev/sdx", label: "x" })]);
  }
  lan.run(INTERVAL_MS);
  say(lan, alpha, { note: "from the far future" });
  assert.equal(noteOn(beta), null);
  assert.ok(beta.peer.counters.rejected["bad-clock"]! > 0);
});

Deno.test("nobody says anything in the name of another host, or passes on anything changed", () => {
  const { lan, alpha, beta } = site();
  say(lan, alpha, { note: "drawer 3" });
  const said = alpha.sent.map(({ bytes }) => bytes).findLast(areRemarks)!;
  const text = new TextDecoder("latin1").decode(splitSignature(said)!.message);
  const read = readRemarkHeader(said);
  assert.ok(read.format === "remarks");
  const [{ remark }] = readRemarks(read)! as [RemarkWithProof];
  // Beta says what alpha did not.
  const forged = text.replaceAll("drawer 3", "drawer 4")
    .replaceAll(`${remark!.at}`, `${remark!.at + 1}`)
    .replace('"id":"id-alpha"', '"id":"id-beta"')
    .replace(
      /"key":"id-alpha~+"/,
      `"key":"${beta.peer.identity.key.publicKey}"`,
    )
    .replace(remark!.signature, `${"A".repeat(85)}A`);
  const signed = signedBy(beta, forged);
  lan.inject(signed, beta.address);
  assert.equal(noteOn(alpha), "drawer 3");
  const { rejected } = alpha.peer.counters;
  assert.equal(rejected["bad-signature"], 1, JSON.stringify(rejected));
});

Deno.test("who is not known as a host of this LAN has nothing to say", () => {
  const { lan, alpha } = site();
  const stranger = lan.host("stranger");
  lan.unplug("stranger");
  lan.do(
    stranger,
    stranger.peer.remark({ subject: DISK, field: NOTE, value: "x" }, lan.now),
  );
  const [said] = stranger.sent;
  assert.ok(areRemarks(said!.bytes));
  lan.inject(said!.bytes, stranger.address);
  assert.equal(noteOn(alpha), null);
  assert.equal(alpha.peer.counters.rejected["unknown-host"], 2);
});

Deno.test("a hundred disks reach a new host, in datagrams of the size that all have", () => {
  const { lan, alpha, beta } = site();
  const note = '"'.repeat(256);
  for (let i = 0; i < 100; i++) {
    const subject = `uuid ${String(i).padStart(95, "0")}`;
    lan.do(
      alpha,
      alpha.peer.remark({ subject, field: NOTE, value: note }, lan.now),
    );
    lan.do(
      alpha,
      alpha.peer.remark({ subject, field: ALIAS, value: `n${i}` }, lan.now),
    );
  }
  lan.run(INTERVAL_MS);
  lan.unplug("alpha");
  const gamma = lan.host("gamma");
  start(lan, gamma, [makeDisk({ device: "/dev/sdg", label: "g" })]);
  lan.run(INTERVAL_MS);
  assert.equal(gamma.peer.remarks.size, 100);
  assert.equal(gamma.peer.remarks.digest, beta.peer.remarks.digest);
  const longest = Math.max(
    ...[alpha, beta].flatMap(({ sent }) =>
      sent.map(({ bytes }) => bytes.length)
    ),
  );
  assert.ok(longest <= MAX_DATAGRAM_BYTES, `${longest} bytes`);
});

Deno.test("remarks cost no datagram at rest", () => {
  const counts = [false, true].map((hasRemarks) => {
    const { lan, alpha, beta } = site();
    if (hasRemarks) say(lan, alpha, { note: "drawer 3", offsite: "" });
    lan.run(10 * INTERVAL_MS);
    const before = alpha.sent.length + beta.sent.length;
    lan.run(100 * INTERVAL_MS);
    return alpha.sent.length + beta.sent.length - before;
  });
  assert.ok(Math.abs(counts[0]! - counts[1]!) <= 10, counts.join(" and "));
  const { lan, alpha } = site();
  say(lan, alpha, { note: "drawer 3" });
  lan.run(10 * INTERVAL_MS);
  const from = alpha.sent.length;
  lan.run(100 * INTERVAL_MS);
  assert.ok(!alpha.sent.slice(from).some(({ bytes }) => areRemarks(bytes)));
});

function site() {
  const lan = new VirtualLan();
  const [alpha, beta] = [lan.host("alpha"), lan.host("beta")];
  for (const host of [alpha, beta]) {
    start(lan, host, [makeDisk({ device: "/dev/sdx", label: "x" })]);
  }
  lan.run(INTERVAL_MS);
  return { lan, alpha, beta };
}

/** Tags are those words that are neither `note` nor `name`. */
function say(
  lan: VirtualLan,
  host: VirtualHost,
  words: Readonly<Record<string, string | null>>,
): void {
  for (const [word, value] of Object.entries(words)) {
    const field = word === NOTE || word === ALIAS ? word : tagField(word);
    lan.do(host, host.peer.remark({ subject: DISK, field, value }, lan.now));
  }
}

function noteOn({ peer }: VirtualHost): string | null {
  return peer.remarks.on(DISK).note?.value ?? null;
}

function signedBy(host: VirtualHost, text: string): Uint8Array {
  const bytes = Uint8Array.from(text, (char) => char.charCodeAt(0));
  return joinSignature(bytes, host.peer.identity.key.sign(bytes));
}
