import assert from "node:assert/strict";
import { page } from "../../support/page_dom.ts";
import { h, render } from "preact";
import {
  follow,
  keepFresh,
  useDaemon,
  useDocument,
  useEvents,
  useNow,
} from "../../../src/web/page/live.js";

const LIST = "/api/list.json?host=aa&drives=1";
const OTHER_LIST = "/api/list.json?host=bb&drives=1";
const STATUS = "/api/status.json";
const EVENT = { event: "attached", hostId: "aa", fromId: null };

let version = 0;
page.answer = nextVersion;

/** Each answer is another document. */
function nextVersion(): readonly [number, number] {
  return [200, ++version];
}

function Shown({ path }: { path: string }) {
  const { value, problem } = useDocument(path);
  return h("p", {}, `${path} ${value} ${problem}; `);
}

function All({ paths }: { paths: readonly string[] }) {
  const { isKnown, problem, since } = useDaemon();
  const now = useNow();
  const said = isKnown ? problem ?? "there" : "unknown";
  const numbers = useEvents().map(({ number }) => number);
  return h(
    "div",
    {},
    `daemon ${said} since ${since}; events ${numbers}; now ${now}; `,
    ...paths.map((path) => h(Shown, { path })),
  );
}

/** Shows these documents, and waits until all is quiet. */
async function show(...paths: readonly string[]): Promise<void> {
  render(h(All, { paths }), page.root);
  await page.pass(2_000);
}

Deno.test("nothing is asked for before the daemon is known, and all then", async () => {
  await show(STATUS, LIST);
  follow();
  keepFresh();
  assert.match(page.text, /daemon unknown/);
  assert.deepEqual(page.news(), []);
  page.source.say("daemon", { problem: null });
  await page.pass(100);
  assert.match(page.text, /daemon there/);
  assert.deepEqual(page.news(), [STATUS, LIST]);
});

Deno.test("an event asks for the list of its host at once, and then for the rest", async () => {
  await show(LIST, OTHER_LIST, STATUS);
  page.news();
  page.source.say("event", EVENT);
  await page.pass(40);
  assert.deepEqual(page.news(), [LIST]);
  await page.pass(200);
  assert.deepEqual(page.news(), [STATUS]);
});

Deno.test("many events at once ask for few documents", async () => {
  await show(LIST, STATUS);
  page.news();
  for (let i = 0; i < 100; i++) {
    page.source.say("event", EVENT);
    await page.pass(20);
  }
  await page.pass(1_000);
  const asked = page.news();
  const lists = asked.filter((path) => path === LIST).length;
  assert.ok(lists > 10 && lists <= 36, `${lists} lists`);
  const others = asked.length - lists;
  assert.ok(others > 3 && others <= 8, `${others} others`);
});

Deno.test("an event that comes while its document is on the way asks for it again", async () => {
  await show(LIST);
  page.news();
  const arrivals: (() => void)[] = [];
  page.answer = () =>
    new Promise((resolve) => arrivals.push(() => resolve(nextVersion())));
  page.source.say("event", EVENT);
  await page.pass(20);
  page.source.say("event", EVENT);
  await page.pass(400);
  assert.deepEqual(page.news(), [LIST], "one at a time");
  arrivals.shift()?.();
  page.answer = nextVersion;
  await page.pass(100);
  assert.deepEqual(page.news(), [LIST]);
});

Deno.test("at most 4 documents are asked for at once", async () => {
  await show();
  const arrivals: (() => void)[] = [];
  page.answer = () =>
    new Promise((resolve) => arrivals.push(() => resolve(nextVersion())));
  await show("/1", "/2", "/3", "/4", "/5", "/6");
  assert.deepEqual(page.news(), ["/1", "/2", "/3", "/4"]);
  page.answer = nextVersion;
  for (const arrive of arrivals) arrive();
  await page.pass(100);
  assert.deepEqual(page.news(), ["/5", "/6"]);
});

Deno.test("a document that changed while nobody looked is asked for when somebody does", async () => {
  await show(LIST);
  page.source.say("event", EVENT);
  await page.pass(100);
  render(h(All, { paths: [] }), page.root);
  await page.pass(60);
  page.source.say("event", EVENT);
  await page.pass(60);
  page.news();
  render(h(All, { paths: [LIST] }), page.root);
  await page.pass(100);
  assert.deepEqual(page.news(), [LIST]);
  // It has just come.
  await show();
  render(h(All, { paths: ["/fresh"] }), page.root);
  await page.pass(100);
  render(h(All, { paths: [] }), page.root);
  await page.pass(100);
  page.news();
  render(h(All, { paths: ["/fresh"] }), page.root);
  await page.pass(700);
  assert.deepEqual(page.news(), []);
  await show();
  await show("/fresh");
  assert.deepEqual(page.news(), ["/fresh"]);
});

Deno.test("a document whose turn came while nobody looked is asked for when somebody does", async () => {
  await show("/turn");
  page.source.say("event", EVENT);
  await page.pass(200);
  page.source.say("event", EVENT);
  await page.pass(200);
  render(h(All, { paths: [] }), page.root);
  await page.pass(400);
  page.news();
  render(h(All, { paths: ["/turn"] }), page.root);
  await page.pass(100);
  assert.deepEqual(page.news(), ["/turn"]);
});

Deno.test("while the daemon is not there nothing is asked for, and what was shown stays", async () => {
  await show(LIST);
  const [shown] = /\/api\/list\S+ \d+ null/.exec(page.text) ?? [];
  page.news();
  page.source.say("daemon", { problem: "it does not run" });
  page.source.say("event", EVENT);
  await page.pass(1_000);
  assert.deepEqual(page.news(), []);
  assert.match(page.text, /daemon it does not run since/);
  assert.ok(page.text.includes(shown!));
  page.source.say("daemon", { problem: null });
  await page.pass(200);
  assert.deepEqual(page.news(), [LIST]);
});

Deno.test("a broken stream is a problem since it broke first, and opened anew if the browser gave up", async () => {
  await show(LIST);
  const broken = page.source;
  broken.fail();
  await page.pass(100);
  const said = /daemon diskd web does not answer since \d+/;
  const [first] = said.exec(page.text) ?? [];
  assert.ok(first);
  await page.pass(5_000);
  assert.equal(page.source, broken, "the browser itself opens it again");
  broken.fail(true);
  await page.pass(5_000);
  assert.notEqual(page.source, broken);
  assert.ok(page.text.includes(first));
  page.news();
  page.source.say("daemon", { problem: null });
  await page.pass(100);
  assert.deepEqual(page.news(), [LIST]);
});

Deno.test("without events, documents may be had all the same", async () => {
  page.source.fail();
  await show("/without-events");
  assert.deepEqual(page.news(), ["/without-events"]);
  page.source.say("daemon", { problem: null });
});

Deno.test("what cannot be had says why, and is asked for again if that may pass", async () => {
  await show();
  page.news();
  page.answer = () => [503, { error: "too many questions" }];
  await show("/busy");
  assert.match(page.text, /\/busy undefined too many questions/);
  page.answer = nextVersion;
  await page.pass(3_000);
  assert.match(page.text, /\/busy \d+ null/);
  page.news();
  page.answer = () => [400, { error: "no such name" }];
  await show("/wrong");
  // So that the minute does not count.
  page.setVisible(false);
  await page.pass(10_000);
  assert.deepEqual(page.news(), ["/wrong"]);
  page.setVisible(true);
  page.answer = () => Promise.reject(new TypeError("network"));
  await show("/lost");
  assert.match(page.text, /\/lost undefined diskd web does not answer/);
  page.answer = nextVersion;
  await page.pass(3_000);
  assert.match(page.text, /\/lost \d+ null/);
});

Deno.test("what was known stays while it cannot be had anew, and is well again as it was", async () => {
  page.answer = () => [200, "7"];
  await show("/kept");
  for (
    const answer of [
      () => [503, "busy"] as const,
      () => Promise.reject(new TypeError("network")),
    ]
  ) {
    page.answer = answer;
    page.source.say("event", EVENT);
    await page.pass(1_000);
    assert.match(page.text, /\/kept 7 (?:busy|diskd web does not answer);/);
    page.answer = () => [200, "7"];
    await page.pass(3_000);
    assert.match(page.text, /\/kept 7 null;/);
  }
  page.answer = nextVersion;
});

Deno.test("however many events come, what cannot be had is asked for again once in a while", async () => {
  page.answer = () => [503, "busy"];
  await show("/busy");
  for (let i = 0; i < 5; i++) {
    page.source.say("event", EVENT);
    await page.pass(500);
  }
  await page.pass(3_000);
  page.news();
  await page.pass(9_000);
  const { length } = page.news();
  assert.ok(length >= 2 && length <= 4, `${length} times`);
  page.answer = nextVersion;
  await show();
});

Deno.test("a document that comes again as it was stays the same object", async () => {
  const values = new Set<unknown>();
  const Kept = () => {
    values.add(useDocument("/same").value);
    return null;
  };
  page.answer = () => [200, { is: "same" }];
  render(h(Kept, {}), page.root);
  await page.pass(2_000);
  page.source.say("event", EVENT);
  await page.pass(2_000);
  assert.equal(values.size, 2, "undefined, and one object");
  page.answer = nextVersion;
});

Deno.test("all is asked for each minute, but not while nobody sees it", async () => {
  await show(STATUS);
  page.setVisible(false);
  await page.pass(180_000);
  page.news();
  page.setVisible(true);
  await page.pass(100);
  assert.deepEqual(page.news(), [STATUS], "at once");
  page.setVisible(false);
  page.setVisible(true);
  await page.pass(1_000);
  assert.deepEqual(page.news(), [], "it is not old");
  await page.pass(125_000);
  assert.deepEqual(page.news(), [STATUS, STATUS]);
});

Deno.test("a computer that slept asks soon after", async () => {
  await show(STATUS);
  page.news();
  page.sleep(3_600_000);
  await page.pass(6_000);
  assert.deepEqual(page.news(), [STATUS]);
});

Deno.test("the clock goes on, also after it was put back", async () => {
  const shown = () => Number(/now (\d+)/.exec(page.text)?.[1]);
  await show();
  assert.ok(Math.abs(Date.now() - shown()) < 2_000);
  page.sleep(-7_200_000);
  await page.pass(2_000);
  assert.ok(Math.abs(Date.now() - shown()) < 2_000);
  const Other = () => h("i", {}, useNow());
  for (const isThere of [true, false]) {
    const other = isThere ? h(Other, {}) : null;
    render(h("div", {}, h(All, { paths: [] }), other), page.root);
    await page.pass(10_000);
  }
  assert.ok(Math.abs(Date.now() - shown()) < 2_000, "others still look");
});

Deno.test("the last 200 events are kept, each with a number of its own", async () => {
  await show();
  for (let i = 0; i < 250; i++) page.source.say("event", EVENT);
  await page.pass(1_000);
  const numbers = /events ([\d,]+)/.exec(page.text)?.[1]?.split(",") ?? [];
  assert.equal(numbers.length, 200);
  assert.equal(new Set(numbers).size, 200);
  assert.ok(Number(numbers[0]) > Number(numbers[1]), "newest first");
});

Deno.test("of documents that nobody looks at any more, a few are kept", async () => {
  await show();
  const paths = Array.from({ length: 500 }, (_, i) => `/many/${i}`);
  await show(...paths);
  render(h(All, { paths: ["/many/0"] }), page.root);
  await page.pass(100);
  render(h(All, { paths: ["/many/0", "/many/1"] }), page.root);
  assert.match(page.text, /\/many\/0 \d+ null; \/many\/1 undefined/);
  await show();
  // It would be shown at once, if it was kept; the first was not.
  render(h(All, { paths: ["/many/499"] }), page.root);
  assert.match(page.text, /\/many\/499 \d/);
  render(h(All, { paths: ["/many/2"] }), page.root);
  assert.match(page.text, /\/many\/2 undefined/);
  await show();
});
