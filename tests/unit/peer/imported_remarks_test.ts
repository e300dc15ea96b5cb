import assert from "node:assert/strict";
import { makeDisk } from "../../../src/inventory/disk.ts";
import {
  EARLIEST_MS,
  MAX_REMARK_AHEAD_MS,
  NOTE,
  type Remark,
} from "../../../src/inventory/remark.ts";
import { VirtualLan } from "../../support/virtual_lan.ts";
import { start } from "./support.ts";

const DISK = "uuid 30c3d01e-48ff-4605-87da-0911c52383f1";
const INTERVAL_MS = 40_000;

Deno.test("remarks of an export count, keep their author, and spread", () => {
  const { lan, alpha, beta } = site();
  const { effects, refused } = alpha.peer
    .takeRemarks([notProven(exported("drawer 3"))], lan.now);
  lan.do(alpha, effects);
  assert.equal(refused, 0);
  assert.equal(effects.filter(({ kind }) => kind === "remark").length, 1);
  lan.run(3 * INTERVAL_MS);
  for (const { peer } of [alpha, beta]) {
    const { note } = peer.remarks.on(DISK);
    assert.equal(note?.value, "drawer 3");
    assert.equal(note?.host, "away");
    assert.equal(note?.by, "id-away");
  }
  const again = alpha.peer
    .takeRemarks([notProven(exported("drawer 3"))], lan.now);
  assert.equal(again.refused, 0);
  assert.ok(!again.effects.some(({ kind }) => kind === "remark"));
});

Deno.test("a later remark here is not replaced by one of an export", () => {
  const { lan, alpha } = site();
  const earlier = exported("drawer 3");
  const said = { subject: DISK, field: NOTE, value: "safe" };
  lan.do(alpha, alpha.peer.remark(said, lan.now));
  assert.equal(
    alpha.peer.takeRemarks([notProven(earlier)], lan.now).refused,
    0,
  );
  assert.equal(alpha.peer.remarks.on(DISK).note?.value, "safe");
});

Deno.test("where a shared key is demanded, remarks of an export count with the proof of their host", () => {
  const { lan, alpha } = site();
  const { remarks } = alpha.peer;
  remarks.demandProof(true);
  const remark = exported("drawer 3");
  assert.equal(
    alpha.peer.takeRemarks([notProven(remark)], lan.now).refused,
    0,
  );
  assert.equal(remarks.on(DISK).note, null);
  assert.equal(remarks.aside.count, 1);
  alpha.peer.takeRemarks([{ remark, isProven: true }], lan.now);
  assert.equal(remarks.on(DISK).note?.value, "drawer 3");
  assert.equal(remarks.aside.count, 0);
});

Deno.test("remarks of an export that are forged, or from the far future, are refused", () => {
  const { lan, alpha } = site();
  const good = exported("drawer 3");
  const future = EARLIEST_MS + MAX_REMARK_AHEAD_MS + 86_400_000;
  const wrong: Remark[] = [
    { ...good, value: "forged" },
    { ...good, host: "alpha" },
    { ...good, subject: `${DISK}2` },
    { ...good, key: alpha.peer.identity.key.publicKey },
    { ...good, key: "no key" },
    { ...good, signature: "A".repeat(86) },
    exported("later", future),
  ];
  const { effects, refused } = alpha.peer
    .takeRemarks(wrong.map(notProven), lan.now);
  assert.equal(refused, wrong.length);
  assert.ok(!effects.some(({ kind }) => kind === "remark"));
  assert.equal(alpha.peer.remarks.size, 0);
  assert.equal(alpha.peer.counters.refused, 0);
});

function notProven(remark: Remark) {
  return { remark, isProven: false };
}

function site() {
  const lan = new VirtualLan();
  const later = { wallTime: () => EARLIEST_MS + 60_000 };
  const [alpha, beta] = [lan.host("alpha", later), lan.host("beta")];
  for (const host of [alpha, beta]) {
    start(lan, host, [makeDisk({ device: "/dev/sdx", label: "x" })]);
  }
  lan.run(INTERVAL_MS);
  return { lan, alpha, beta };
}

/** A remark of a host of another LAN. */
function exported(value: string, wallMs = EARLIEST_MS): Remark {
  const lan = new VirtualLan();
  const away = lan.host("away", { wallTime: () => wallMs });
  start(lan, away, []);
  lan.do(
    away,
    away.peer.remark({ subject: DISK, field: NOTE, value }, lan.now),
  );
  return [...away.peer.remarks.counting.all()][0]!;
}
