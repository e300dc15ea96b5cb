/**
 * What somebody can do who has no key, to hosts that require one: nothing,
 * whatever address he takes, and whatever he has heard before.
 */
import assert from "node:assert/strict";
import { inSteps } from "../support/lan.ts";
import { eventually } from "../support/eventually.ts";
import { damaged } from "../support/floods.ts";
import {
  inventedHost,
  lieAbout,
  loneParts,
} from "../support/hostile_datagrams.ts";
import { HostileSite, spoofed, type Victim } from "../support/hostile_site.ts";
import { malloryKey, requireKey, withOneBitChanged } from "../support/keys.ts";
import { needs } from "../support/needs.ts";
import { startRawFlood } from "../support/raw_peer.ts";

const FLOOD = { rate: 20_000, seconds: 5 };
const FLOOD_TIMEOUT_MS = 120_000;
const QUESTIONS = 200;
/** Longer than an answer takes. */
const ANSWER_MS = 2_500;
const ENCODER = new TextEncoder();

Deno.test({
  ...needs("without the key nobody is heard, whoever he says he is", {
    lan: true,
  }),
  async fn(t) {
    await using site = await HostileSite.start({
      prepare: requireKey,
    });
    await inSteps(t, site, {
      "lies without a signature": liesUnsigned,
      "lies with a key of his own": liesWithOtherKey,
      "one bit changed": changesBits,
      "questions": isNotAnswered,
      "what was heard before": replays,
      "a flood from their addresses": floods,
    });
  },
});

/** Everything that can be said in the name of another. */
function lies(victim: Victim): Uint8Array[] {
  const { boot, seq } = victim;
  return [
    lieAbout(victim, { boot: boot + 1_000, seq: 1 }),
    lieAbout(victim, { boot: Number.MAX_SAFE_INTEGER }),
    lieAbout(victim, { seq: seq + 1_000 }),
    lieAbout(victim, { seq: Number.MAX_SAFE_INTEGER }),
    lieAbout(victim, { seq: seq + 1_000, bye: true }),
    lieAbout(victim, { boot: 1, seq: 1 }),
    lieAbout(victim, { boot: 1, seq: 2 }),
    ...loneParts({ ...victim, boot: boot + 1_000 }, { count: 20 }),
  ];
}

/** From the address of the host that is lied about, and from mallory's. */
async function sayAsBoth(
  site: HostileSite,
  make: (victim: Victim) => Uint8Array[],
): Promise<void> {
  for (const name of ["alpha", "beta"] as const) {
    const victim = site.victim(name);
    const datagrams = make(victim);
    await site.mallory.send(spoofed(victim.address, datagrams));
    await site.say(datagrams);
  }
}

async function liesUnsigned(site: HostileSite): Promise<void> {
  const others = [
    inventedHost(1),
    ENCODER.encode("diskd:---\n- - ~\n  - stolen\n  - /dev/sda1\n"),
    ENCODER.encode("garbage"),
  ];
  await site.bears(
    () => sayAsBoth(site, (victim) => [...lies(victim), ...others]),
    { alpha: ["unsigned"], beta: ["unsigned"] },
  );
}

async function liesWithOtherKey(site: HostileSite): Promise<void> {
  const key = malloryKey();
  await site.bears(
    () =>
      sayAsBoth(site, (victim) => lies(victim).map((lie) => key.protect(lie))),
    { alpha: ["unknown-key"], beta: ["unknown-key"] },
  );
}

async function changesBits(site: HostileSite): Promise<void> {
  await site.bears(
    () =>
      sayAsBoth(site, ({ address }) => {
        const heard = site.wiretap.heard(address).map(({ bytes }) => bytes);
        return withOneBitChanged([...heard, ...heard, ...heard]);
      }),
    { alpha: ["bad-signature"], beta: ["bad-signature"] },
  );
}

async function replays(site: HostileSite): Promise<void> {
  const past = site.past();
  await site.bears(
    () => sayAsBoth(site, () => past.map(({ bytes }) => bytes)),
    { alpha: ["old"], beta: ["old"] },
  );
}

/** Nothing but what is said anyway, once a second. */
async function isNotAnswered(site: HostileSite): Promise<void> {
  const question = ENCODER.encode(
    'diskd:#{"v":2,"boot":0,"seq":0,"every":1,"ask":true}\n[]\n',
  );
  const alpha = site.daemon("alpha");
  const before = (await alpha.call("status", {})).datagrams.sent;
  const startedAt = performance.now();
  await site.bears(
    () => sayAsBoth(site, () => Array(QUESTIONS).fill(question)),
    { alpha: ["unsigned"], beta: ["unsigned"] },
  );
  await new Promise((resolve) => setTimeout(resolve, ANSWER_MS));
  const { sent } = (await alpha.call("status", {})).datagrams;
  const most = 2 + (performance.now() - startedAt) / 750;
  assert.ok(sent - before <= most, `${sent - before} were sent`);
}

async function floods(site: HostileSite): Promise<void> {
  const { address } = site.host("beta");
  await site.bears(async () => {
    const datagrams = damaged(address, FLOOD.rate);
    const flood = await startRawFlood(site.host("mallory"), {
      ...FLOOD,
      datagrams,
    });
    await hearsNews(site);
    const { code, stderr } = await flood.end(FLOOD_TIMEOUT_MS);
    assert.equal(code, 0, stderr);
  }, { alpha: ["unsigned"], beta: ["unsigned"] });
}

/** What beta says gets through meanwhile, from the very address that the flood takes. */
async function hearsNews(site: HostileSite): Promise<void> {
  const beta = site.daemon("beta");
  await eventually(async () => {
    const since = new Date().toISOString();
    await beta.call("announce", {});
    const rows = await site.daemon("alpha").call("hosts", {});
    const heardAt = rows.find(({ host }) => host === "beta")?.heardAt ?? "";
    assert.ok(heardAt > since);
  });
}
