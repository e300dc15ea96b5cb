import assert from "node:assert/strict";
import { sayNewcomers } from "../../../src/daemon/say_newcomers.ts";
import { Inventory } from "../../../src/inventory/inventory.ts";

const BETA = `77ab31${"0".repeat(26)}`;
const OTHER = `1f0c22${"0".repeat(26)}`;
const ABOUT = { version: "0.1.0", everyMs: 30_000 };

Deno.test("sayNewcomers() says whose name it is, since when, who comes, and what settles it", () => {
  const lan = new Lan();
  assert.deepEqual(lan.said(), []);
  lan.hear(BETA, "beta");
  lan.hear(OTHER, "beta", "10.0.0.9");
  assert.deepEqual(lan.said(), [
    "beta is known by another key since 2026-03-12; the newcomer is " +
    "beta@1f0c22 at 10.0.0.9: reinstalled, or somebody pretends; settle it " +
    "with: diskd forget beta@77ab31",
  ]);
});

Deno.test("sayNewcomers() says that a newcomer proves nothing, or has the name of this host", () => {
  const lan = new Lan();
  lan.hear(BETA, "beta");
  lan.hear("v1-10.0.0.9", "beta", "10.0.0.9");
  assert.match(lan.said()[0]!, / at 10\.0\.0\.9, which proves nothing: /);
  const far = new Lan();
  far.hear(BETA, "beta");
  far.hear(OTHER, "beta", "10.0.0.9@away");
  assert.match(far.said()[0]!, /beta@1f0c22 at 10\.0\.0\.9 at away: /);
  const own = new Lan();
  own.hear(OTHER, "Alpha", "10.0.0.9");
  assert.match(
    own.said()[0]!,
    /^Alpha@1f0c22 at 10\.0\.0\.9 has the name of this host/,
  );
});

Deno.test("sayNewcomers() says a sentence a name, and few of them in a flood", () => {
  const lan = new Lan();
  lan.hear(BETA, "beta");
  for (let i = 0; i < 3_000; i++) lan.hear(idOf(i), "beta", addressOf(i));
  const started = performance.now();
  const [said, ...others] = lan.said();
  assert.match(said!, / and 2999 more: /);
  assert.deepEqual(others, []);
  const tookMs = performance.now() - started;
  assert.ok(tookMs < 500, `${tookMs} ms`);
  const names = new Lan();
  for (let i = 0; i < 200; i++) {
    names.hear(idOf(i), `host${i % 100}`, addressOf(i));
  }
  assert.equal(names.said().length, 6);
  assert.equal(names.said().at(-1), "95 more names come under another key");
});

function idOf(index: number): string {
  return `${index}`.padStart(32, "0");
}

function addressOf(index: number): string {
  return `10.1.${index >> 8}.${index & 255}`;
}

/** What alpha hears. */
class Lan {
  readonly #inventory = new Inventory({ ...ABOUT, id: "self", name: "alpha" });
  #now = 0;

  hear(id: string, name: string, address = "10.0.0.2"): void {
    const from = { address, now: ++this.#now };
    this.#inventory.applyAnnouncement({ ...ABOUT, id, name }, null, from);
  }

  said(): string[] {
    const start = Date.parse("2026-03-12T08:00:00Z");
    const timeOfDay = (ms: number) => new Date(start + ms).toISOString();
    return sayNewcomers({ inventory: this.#inventory, clock: { timeOfDay } });
  }
}
