import assert from "node:assert/strict";
import { page } from "../../support/page_dom.ts";
import { h, render } from "preact";
import { follow } from "../../../src/web/page/live.js";
import { go, replace, useAddress } from "../../../src/web/page/router.js";
import { Search } from "../../../src/web/page/search.js";

// deno-lint-ignore no-explicit-any
type Made = any;

const VERDICT = {
  kind: "attached",
  hosts: [],
  from: [],
  silent: [],
  devices: [],
  uuids: [],
  matches: [],
  calledNow: [],
  suggestions: [],
};
const ROW = {
  ...{ host: "alpha", hostId: "aa", uniqueHost: "alpha", address: "10.0.0.1" },
  ...{ device: "/dev/sdb1", label: "photos", uuid: null, type: "ext4" },
  ...{ kind: "part", hidden: null, health: null, inUse: false, size: 1024 },
  ...{ mounts: [], mounts_ro: [], types: [], holders: [], tags: [] },
  ...{ drives: [], layers: [], remarks: [], alias: null, note: null },
  ...{ state: "attached", unplugged: false, since: null },
  seenAt: "2026-11-22T12:00:00Z",
};

/** Finds photos by all of its name or a part between stars; proposes for "pho". */
page.answer = (path) => {
  if (path === "/api/hosts.json") {
    return [
      200,
      ["alpha", "Beta"].map((name, i) => ({
        uniqueHost: name,
        addresses: [`10.0.0.${i + 1}`],
      })),
    ];
  }
  const name = new URL(path, "http://alpha").searchParams.get("name");
  const rows: Made[] = name === "photos" || name === "*hot*" ? [ROW] : [];
  const kind = rows.length > 0
    ? "attached"
    : NOTED.has(name!)
    ? "by-note"
    : "not-known";
  const suggestions = name === "pho" ? ["photos", "phone"] : [];
  const matches = MATCHES[name!] ?? [];
  const verdict = { ...VERDICT, kind, suggestions, matches };
  return [200, { rows, contents: [], verdict }];
};
const NOTED = new Set(["drawer"]);
const MATCHES: Readonly<Record<string, readonly string[]>> = {
  alp: ["alpine", "alps"],
  many: Array.from({ length: 20 }, (_, i) => `many-${i}`),
};

function Place() {
  const { pathname, searchParams } = useAddress();
  return pathname === "/"
    ? h(Search, { query: searchParams.get("q") ?? "" })
    : h("p", {}, "elsewhere");
}

/** The page of all disks, with an empty field. */
async function open(): Promise<void> {
  render(null, page.root);
  replace("/");
  render(h(Place, {}), page.root);
  await page.pass(1_000);
  page.news();
}

const field = () => page.root.querySelector("input");
const options = () =>
  [...page.root.querySelectorAll("[role=option]")].map((one) =>
    one.querySelector("bdi").textContent
  );
const selected = () =>
  page.root.querySelector("[aria-selected=true] bdi")?.textContent;
const press = async (key: string) => {
  const isLeft = page.send(field(), "keydown", { key });
  await page.pass(60);
  return isLeft;
};
const enter = () => page.send(page.root.querySelector("form"), "submit");

Deno.test("what is typed is asked for once typing pauses, and stands in the address", async () => {
  follow();
  page.source.say("daemon", { problem: null });
  await open();
  for (const typed of ["p", "ph", "pho", "photos"]) {
    page.type(field(), typed);
    await page.pass(40);
  }
  assert.deepEqual(page.news(), []);
  await page.pass(500);
  assert.deepEqual(page.news(), ["/api/find.json?name=photos"]);
  assert.equal(page.location.search, "?q=photos");
  assert.match(page.text, /photos is on alpha, \/dev\/sdb1/);
});

Deno.test("what is typed while the address changes is not lost", async () => {
  await open();
  page.type(field(), "my ");
  await page.pass(1_000);
  assert.equal(page.location.search, "?q=my");
  assert.equal(field().value, "my ");
  page.type(field(), "my p");
  // The pause is over, and the address is being written.
  await page.pass(120);
  page.type(field(), "my ph");
  await page.pass(1_000);
  assert.equal(field().value, "my ph");
  assert.equal(page.location.search, "?q=my%20ph");
});

Deno.test("the field follows the address", async () => {
  await open();
  go("/?q=photos");
  await page.pass(1_000);
  assert.equal(field().value, "photos");
  go("/");
  await page.pass(1_000);
  assert.equal(field().value, "");
  assert.equal(page.root.querySelector(".answer"), null);
  go("/?q=photos");
  await page.pass(1_000);
  assert.equal(field().value, "photos");
});

Deno.test("what nothing is called is looked for in the middle of names", async () => {
  await open();
  page.type(field(), "hot");
  await page.pass(1_000);
  assert.deepEqual(page.news(), [
    "/api/find.json?name=hot",
    "/api/find.json?name=*hot*",
  ]);
  assert.match(page.text, /photos is on alpha/);
  page.type(field(), "nothing");
  await page.pass(1_000);
  assert.match(page.text, /No disk is named nothing/);
  page.news();
  page.type(field(), "no*thing");
  await page.pass(1_000);
  assert.deepEqual(page.news(), ["/api/find.json?name=no*thing"]);
  page.type(field(), "drawer");
  await page.pass(1_000);
  assert.ok(page.news().includes("/api/find.json?name=*drawer*"));
  assert.match(page.text, /No disk is named drawer; it is in these notes/);
});

Deno.test("arrows choose among hosts and proposed names, and Enter goes there", async () => {
  await open();
  page.type(field(), "pho");
  await page.pass(1_000);
  assert.deepEqual(options(), ["photos", "phone"]);
  for (const expected of ["photos", "phone", undefined, "photos"]) {
    assert.equal(await press("ArrowDown"), false, "the cursor stays");
    assert.equal(selected(), expected);
    const isMarked = field().hasAttribute("aria-activedescendant");
    assert.equal(isMarked, expected !== undefined);
  }
  for (const expected of [undefined, "phone"]) {
    await press("ArrowUp");
    assert.equal(selected(), expected);
  }
  enter();
  await page.pass(100);
  assert.equal(page.location.pathname, "/disk/phone");
  await open();
  page.type(field(), "BET");
  await page.pass(1_000);
  assert.deepEqual(options(), ["Beta"]);
  page.type(field(), "10.0.0.1");
  await page.pass(1_000);
  assert.deepEqual(options(), ["alpha"]);
  page.send(page.root.querySelector("[role=option]"), "click");
  await page.pass(100);
  assert.equal(page.location.pathname, "/host/alpha");
});

Deno.test("hosts come before disks, and not too many of both", async () => {
  await open();
  page.type(field(), "alp");
  await page.pass(1_000);
  assert.deepEqual(options(), ["alpha", "alpine", "alps"]);
  page.type(field(), "many");
  await page.pass(1_000);
  assert.equal(options().length, 8);
});

Deno.test("any text can be asked for", async () => {
  await open();
  page.type(field(), "a&b#c%20");
  await page.pass(1_000);
  assert.equal(page.location.search, "?q=a%26b%23c%2520");
  assert.ok(page.news().includes("/api/find.json?name=a%26b%23c%2520"));
  assert.equal(field().value, "a&b#c%20");
});

Deno.test("typing chooses nothing, and Escape empties the field", async () => {
  await open();
  page.type(field(), "pho");
  await page.pass(1_000);
  await press("ArrowDown");
  page.type(field(), "phon");
  await page.pass(20);
  assert.equal(selected(), undefined);
  page.type(field(), "pho");
  await page.pass(1_000);
  await press("ArrowDown");
  await press("Escape");
  assert.equal(selected(), undefined);
  await page.pass(1_000);
  assert.equal(field().value, "");
  assert.equal(page.location.search, "");
  assert.deepEqual(options(), []);
});

Deno.test("Enter waits for the answer, as after a scanner for serial numbers", async () => {
  await open();
  page.type(field(), "photos");
  assert.equal(enter(), false, "the page is not loaded anew");
  await page.pass(1_000);
  assert.equal(page.location.pathname, "/disk/photos");
  await open();
  page.type(field(), "photos");
  enter();
  page.type(field(), "photo");
  await page.pass(1_000);
  page.type(field(), "photos");
  await page.pass(1_000);
  assert.equal(page.location.pathname, "/", "it was typed on");
});

Deno.test("Enter leads to the disk that a part of its name has found, and nowhere without one", async () => {
  await open();
  page.type(field(), "hot");
  await page.pass(1_000);
  enter();
  await page.pass(100);
  assert.equal(page.location.pathname, "/disk/photos");
  await open();
  page.type(field(), "nothing");
  enter();
  await page.pass(1_000);
  assert.equal(page.location.pathname, "/");
  page.type(field(), "photos");
  await page.pass(1_000);
  assert.equal(page.location.pathname, "/", "that was another question");
  page.type(field(), "later");
  enter();
  await page.pass(1_000);
  const { answer } = page;
  page.answer = (path) =>
    path.startsWith("/api/find.json")
      ? [200, { rows: [ROW], contents: [], verdict: VERDICT }]
      : answer(path);
  page.source.say("event", { hostId: "aa" });
  await page.pass(1_000);
  assert.match(page.text, /photos is on alpha/);
  assert.equal(page.location.pathname, "/", "that was long ago");
  page.answer = answer;
});
