import assert from "node:assert/strict";
import type { FindView } from "../../../src/control/views.ts";
import { page } from "../../support/page_dom.ts";
import { bareVerdict } from "../../../src/daemon/verdict.ts";
import { renderDisk } from "../../../src/render/disk.ts";
import { UTC } from "../../../src/render/format.ts";
import { addressText, whereText } from "../../../src/web/page/words.js";
import { go } from "../../../src/web/page/router.js";
import { eventRow } from "../control/support.ts";
import { diskRow, hostRow, NOW, sightingRow, STATUS } from "../render/rows.ts";
import "../../../src/web/page/app.js";

const HERE = diskRow({ host: "a1", hostId: "a1", site: "home" });
const THERE = diskRow({
  host: "b1",
  hostId: "b1",
  site: "away",
  address: "192.168.2.11",
});
const AROUND = {
  site: "home",
  relays: [{ host: "br", hostId: "br", uniqueHost: "br", site: "away" }],
};
const PEER = {
  peer: "away.example",
  address: "192.168.2.12",
  site: "away",
  reached: true,
  since: new Date(NOW).toISOString(),
  problem: null,
};

let documents: Record<string, unknown> = {};
page.answer = (path) => {
  const [known] = Object.keys(documents).filter((one) => path.startsWith(one));
  return known === undefined ? [200, []] : [200, documents[known]];
};

async function open(address: string, more: Record<string, unknown>) {
  go("/events");
  await page.pass(100);
  documents = {
    "/api/status.json": { ...STATUS, site: "home" },
    ...more,
  };
  page.source.say("daemon", { problem: "for a moment" });
  page.source.say("daemon", { problem: null });
  go(address);
  await page.pass(3_000);
}

const textOf = (element: { textContent: string }) =>
  element.textContent.replace(/\s+/g, " ").trim();
const all = (selector: string): string[] =>
  [...page.root.querySelectorAll(selector)].map(textOf);

const HOSTS = [
  hostRow({ host: "a1", hostId: "a1", site: "home" }),
  hostRow({
    host: "ar",
    hostId: "ar",
    site: "home",
    relay: true,
    relayOf: "home",
  }),
  hostRow({ host: "b1", hostId: "b1", site: "away" }),
  hostRow({ host: "old", hostId: "old", site: null }),
];

Deno.test("the page says of a disk at another site what the command line says", () => {
  for (const row of [HERE, THERE, { ...THERE, hostId: "br" }]) {
    const view = {
      now: NOW,
      zone: UTC,
      columns: Infinity,
      color: false,
      utf8: true,
    };
    const text = renderDisk(row, { view, around: AROUND });
    assert.equal(whereText(row, NOW, AROUND), text.split("\n")[0]);
    const address = / host +(.*), heard/.exec(text)?.[1];
    assert.equal(addressText(row, AROUND), address);
  }
});

Deno.test("hosts are grouped by site, this one first, and one site can be chosen", async () => {
  await open("/", { "/api/hosts.json": HOSTS });
  const [whole, ...sites] = all(".lan h2");
  assert.match(whole!, /^4 hosts at 3 sites, 12 disks$/);
  assert.deepEqual(sites, [
    "home 2 hosts, 6 disks",
    "away 1 host, 3 disks",
    "without a name 1 host, 3 disks",
  ]);
  assert.deepEqual(all(".lan section:nth-of-type(1) h3"), ["a1", "ar"]);
  assert.match(all(".card header")[1]!, / · relay$/);
  const [everything, , away] = [...page.root.querySelectorAll(".lan button")];
  assert.equal(textOf(away), "away");
  page.send(away, "click", { button: 0 });
  await page.pass(100);
  assert.deepEqual(all(".card h3"), ["b1"]);
  assert.deepEqual(all("[aria-pressed=true]"), ["away"]);
  assert.equal(location.search, "?site=away");
  page.send(everything, "click", { button: 0 });
  await page.pass(100);
  assert.equal(all(".card h3").length, 4);
  assert.equal(location.search, "");
});

Deno.test("the chosen site is in the address; a name of no site shows all", async () => {
  await open("/?site=without%20a%20name", { "/api/hosts.json": HOSTS });
  assert.deepEqual(all(".card h3"), ["old"]);
  assert.deepEqual(all("[aria-pressed=true]"), ["without a name"]);
  go("/?site=nowhere");
  await page.pass(100);
  assert.equal(all(".card h3").length, 4);
  assert.deepEqual(all("[aria-pressed=true]"), ["All sites"]);
});

Deno.test("hosts of one site are shown as if there were no sites", async () => {
  await open("/", { "/api/hosts.json": HOSTS.slice(0, 2) });
  assert.deepEqual(all(".lan h2"), ["2 hosts, 6 disks"]);
  assert.deepEqual(all(".lan button"), []);
});

Deno.test("an answer says the site, large and among several", async () => {
  const found: FindView = {
    rows: [THERE],
    verdict: bareVerdict("attached"),
    contents: [],
    ...AROUND,
  };
  const history = [
    sightingRow({ host: "b1", site: "away" }),
    sightingRow({ host: "a1", site: "home" }),
  ];
  const documents = { "/api/history.json": history };
  await open("/disk/x", { ...documents, "/api/find.json": found });
  assert.deepEqual(all(".whereabouts .site"), ["at away"]);
  assert.match(page.text, /192\.168\.2\.11 at away, through relay br/);
  assert.deepEqual(all("td .site"), ["at away", "at home"]);
  const rows = [HERE, THERE];
  await open("/disk/x", { "/api/find.json": { ...found, rows } });
  assert.deepEqual(all(".places .site"), ["at away"]);
});

Deno.test("the page of a host says its site", async () => {
  await open("/host/ar", { "/api/hosts.json": HOSTS });
  assert.deepEqual(
    all(".facts > div").slice(0, 2).map((fact) => fact.replace(/ /g, "")),
    ["sitehome", "relaytoothersites"],
  );
});

Deno.test("the status has a line for each peer", async () => {
  const silent = { ...PEER, peer: "10.8.0.3", address: "10.8.0.3" };
  const peers = [PEER, { ...silent, site: null, reached: false, since: null }];
  const status = { ...STATUS, site: "home", peers };
  await open("/status", { "/api/status.json": status });
  const [reached, not] = all(".plain li");
  const keyless = { ...PEER, problem: "The peer is heard, but ..." };
  await open("/status", {
    "/api/status.json": { ...STATUS, peers: [keyless] },
  });
  assert.match(all(".plain li")[0]!, /^heard, not accepted, away, /);
  assert.match(reached!, /^reached away, away\.example, 192\.168\.2\.12, for /);
  assert.equal(not, "not reached 10.8.0.3");
});

Deno.test("an event says the sites between which a disk moved", async () => {
  await open("/events", {});
  page.source.say("event", {
    ...eventRow("/dev/sdb1"),
    ...{ event: "moved", uniqueHost: "b1", site: "away" },
    ...{ uniqueFrom: "a1", fromSite: "home" },
  });
  await page.pass(100);
  assert.deepEqual(all(".event .site"), ["at away"]);
  assert.match(all(".event .quiet")[0]!, /^from a1 at home/);
});

Deno.test("hosts of one address on two sites are proposed, and told apart", async () => {
  const [a1, , b1] = HOSTS;
  const hosts = [a1!, b1!].map((host) => ({
    ...host,
    addresses: ["10.0.0.5"],
  }));
  const verdict = bareVerdict("not-known");
  const found: FindView = { rows: [], verdict, contents: [], ...AROUND };
  const documents = { "/api/find.json": found };
  await open("/?q=10.0.0.5", { ...documents, "/api/hosts.json": hosts });
  assert.deepEqual(all(".suggestions li"), [
    "a1 host at home",
    "b1 host at away",
  ]);
  await open("/?q=10.0.0.5", { ...documents, "/api/hosts.json": [hosts[0]] });
  assert.deepEqual(all(".suggestions li"), ["a1 host"]);
});
