import assert from "node:assert/strict";
import { Browser, type Page, startWeb, type Tab } from "../support/browser.ts";
import { Daemon } from "../support/daemon.ts";
import { eventually } from "../support/eventually.ts";
import { HotDisk } from "../support/hot_disk.ts";
import { type Host, inSteps, lanTest } from "../support/lan.ts";
import { madeUpDisks, pretendToHave } from "../support/made_up_disks.ts";
import { CHROMIUM } from "../support/needs.ts";
import { openFirst, startCrowdPage, updateMs } from "../support/page_cost.ts";
import { attachNew, knowsDisksOf } from "../support/plug.ts";

/** Ten times what is promised: a second for a disk, and for a first view. */
const SLOW_MS = 10_000;
const MAX_FIRST_BYTES = 200_000;

const WIDE = { width: 1440, height: 900 };
const PHONE = { width: 360, height: 740 };

/** A word that is wider than a phone. */
const LONG = "w".repeat(60);
/** Markup, a right-to-left override, and an escape sequence. */
const HOSTILE = `<img src=x onerror=alert(1)>\u202egnp.exe\u001b[31m${LONG}`;
/** As it must be shown. */
const HARMLESS = `<img src=x onerror=alert(1)>\\u202egnp.exe\\x1b[31m${LONG}`;

interface PageSite {
  readonly alpha: Host;
  readonly beta: Host;
  /** Of alpha; one step starts another. */
  readonly daemons: AsyncDisposableStack;
  readonly daemon: Daemon;
  readonly address: string;
  readonly browser: Browser;
  readonly tab: Tab;
}

lanTest({
  name: "the page works in a browser",
  programs: [CHROMIUM],
  hosts: ["alpha", "beta", "gamma"],
}, async ({ alpha, beta, gamma }, t) => {
  await attachNew(alpha, { type: "ext4", label: "photos" });
  await attachNew(alpha, { type: "btrfs", label: HOSTILE });
  const madeUp = madeUpDisks(2);
  await pretendToHave(gamma, madeUp);
  await using daemons = new AsyncDisposableStack();
  const daemon = daemons.use(await Daemon.start(alpha));
  daemons.use(await Daemon.start(beta));
  daemons.use(await Daemon.start(gamma));
  await knowsDisksOf(daemon, ["alpha", "alpha", "gamma", "gamma"]);
  await daemon.run(["note", "photos", "lies in drawer 3"]);
  await daemon.run(["note", madeUp[0]!.uuid, "lies in drawer 4"]);
  const { address } = await startWeb(alpha);
  await using browser = await Browser.start(alpha);
  await using tab = await browser.open({ viewport: WIDE });
  await tab.page.goto(address);
  const site = { alpha, beta, daemons, daemon, address, browser, tab };
  await inSteps(t, site, {
    "a disk that is plugged into another host appears by itself": appears,
    "part of any name finds a disk": finds,
    "a keyboard is enough": keyboard,
    "views have addresses, and back and forward lead through them": addresses,
    "what a disk is called stays text": hostile,
    "nothing went wrong in the browser": noFaults,
    "a phone and a wide screen, light and dark, have no barriers": everywhere,
    "on paper it has the answer": onPaper,
    "it says that the daemon is not there, until it is": daemonGone,
    "1,000 hosts are seen at once, and at little cost": crowd,
  });
});

async function appears({ beta, tab: { page } }: PageSite): Promise<void> {
  await page.getByRole("link", { name: "photos" }).first().waitFor();
  await page.evaluate("globalThis.isSame = true");
  await using disk = await HotDisk.create({ type: "ext4", label: "stick" });
  const since = performance.now();
  await disk.plugInto(beta);
  const card = page.getByRole("article", { name: "beta" });
  const volume = card.getByRole("link", { name: "stick" });
  await volume.waitFor();
  const tookMs = performance.now() - since;
  assert.ok(tookMs < SLOW_MS, `it took ${tookMs} ms`);
  await disk.pull();
  await volume.waitFor({ state: "detached" });
  assert.equal(await page.evaluate("globalThis.isSame"), true, "loaded anew");
}

async function finds({ alpha, tab: { page } }: PageSite): Promise<void> {
  for (
    const [typed, answer] of [
      ["photo", "alpha"],
      ["ackup 0001", "gamma"],
      ["WD-000000000001", "gamma"],
      ["EFRX", "gamma"],
    ] as const
  ) {
    await page.getByLabel("Where is").fill(typed);
    await page.locator(".answer").getByText(answer).first().waitFor();
  }
  await page.getByLabel("Where is").fill("photos");
  const said = page.locator(".answer");
  await said.getByText("lies in drawer 3").first().waitFor();
  await said.getByText(alpha.address).first().waitFor();
  await page.getByLabel("Where is").fill("lies in");
  for (const note of ["lies in drawer 3", "lies in drawer 4"]) {
    await said.getByText(note).waitFor();
  }
  await page.getByLabel("Where is").fill("");
  await said.waitFor({ state: "detached" });
}

async function keyboard({ address, tab }: PageSite): Promise<void> {
  const { page } = tab;
  await page.goto(address);
  await page.getByRole("link", { name: "photos" }).first().waitFor();
  // The search field has the focus.
  await page.keyboard.type("photo");
  await page.locator(".answer").getByText("alpha").first().waitFor();
  await page.keyboard.press("Escape");
  await page.locator(".answer").waitFor({ state: "detached" });
  await page.keyboard.type("photos");
  await page.locator(".answer").getByText("alpha").first().waitFor();
  await page.keyboard.press("Enter");
  await page.waitForURL("**/disk/photos");
  await page.getByRole("heading").getByText("photos").first().waitFor();
  for (const view of ["", "disk/photos", "host/alpha", "events", "status"]) {
    await page.goto(address + view);
    await tab.drawn();
    assert.deepEqual(await unmarkedStops(page), [], `focus at /${view}`);
  }
}

const MAX_STOPS = 40;

/** What the tab key leads to without showing that it has the focus. */
async function unmarkedStops(page: Page): Promise<string[]> {
  const unmarked: string[] = [];
  const stops = new Set<string>();
  await page.evaluate(`document.querySelector("a").focus()`);
  for (let stop = 0; stop < MAX_STOPS; stop++) {
    await page.keyboard.press("Tab");
    const { html, isMarked } = await page.evaluate(FOCUSED) as {
      readonly html: string;
      readonly isMarked: boolean;
    };
    if (html === "") break;
    stops.add(html);
    if (!isMarked) unmarked.push(html);
  }
  assert.ok(stops.size > 4, `the tab key led to ${[...stops].join(" ")}`);
  return unmarked;
}

/** What has the focus, and whether it looks as if: without it, it looks another way. */
const FOCUSED = `(() => {
  const one = document.activeElement;
  if (one === null || one === document.body) return { html: "" };
  const look = () => {
    const { outlineStyle, outlineWidth, boxShadow, borderColor, backgroundColor } =
      getComputedStyle(one);
    return [outlineStyle, outlineStyle === "none" ? "" : outlineWidth,
      boxShadow, borderColor, backgroundColor].join();
  };
  const before = look();
  one.blur();
  const after = look();
  one.focus({ focusVisible: true, preventScroll: true });
  return { html: one.outerHTML.slice(0, 120), isMarked: before !== after };
})()`;

async function addresses({ address, tab: { page } }: PageSite): Promise<void> {
  await page.goto(`${address}disk/photos`);
  await page.getByText("lies in drawer 3").first().waitFor();
  const facts = page.getByRole("definition");
  assert.equal(await facts.getByText("lies in drawer 3").count(), 1);
  await page.getByRole("link", { name: "alpha", exact: true }).first().click();
  await page.waitForURL("**/host/alpha");
  await page.getByRole("table").getByRole("link", { name: "photos" }).waitFor();
  await page.getByRole("link", { name: "Duplicates" }).click();
  await page.waitForURL("**/duplicates");
  await page.goBack();
  await page.waitForURL("**/host/alpha");
  await page.getByRole("heading", { name: "alpha" }).first().waitFor();
  await page.goBack();
  await page.waitForURL("**/disk/photos");
  await page.getByText("lies in drawer 3").first().waitFor();
  await page.goForward();
  await page.getByRole("heading", { name: "alpha" }).first().waitFor();
  // Nobody has such a disk, and nobody such a name.
  for (const unknown of ["nothing-like-it", "%E0%A4%A"]) {
    await page.goto(`${address}disk/${unknown}`);
    await page.getByRole("navigation").waitFor();
  }
}

async function hostile({ address, tab: { page } }: PageSite): Promise<void> {
  for (const view of ["", `disk/${encodeURIComponent(HOSTILE)}`]) {
    await page.goto(address + view);
    await page.getByText(HARMLESS).filter({ visible: true }).first().waitFor();
    assert.equal(await page.locator("img").count(), 0);
    const shown = await page.evaluate("document.body.textContent");
    for (const unsafe of "\u202e\u001b") {
      assert.ok(!(shown as string).includes(unsafe));
    }
  }
}

function noFaults({ tab }: PageSite): void {
  assert.deepEqual(tab.faults, []);
}

const VIEWS = [
  "",
  "?q=photos",
  "?q=backup",
  "?q=nothing-like-it",
  "?q=lies in",
  "disk/photos",
  `disk/${encodeURIComponent(HOSTILE)}`,
  "host/gamma",
  "events",
  "duplicates",
  "status",
];

async function everywhere(site: PageSite): Promise<void> {
  await Promise.all([WIDE, PHONE].map((one) => everyView(site, one)));
}

async function everyView(
  { browser, address }: PageSite,
  viewport: typeof WIDE,
): Promise<void> {
  await using tab = await browser.open({ viewport });
  const { page } = tab;
  for (const view of VIEWS) {
    const where = `/${view}, ${viewport.width} pixels`;
    await page.emulateMedia({ colorScheme: "light" });
    await page.goto(address + view, { waitUntil: "load" });
    await tab.drawn();
    assert.deepEqual(await tab.barriers(), [], `${where}, light`);
    const width = await tab.evaluate("document.documentElement.scrollWidth");
    assert.ok(width <= viewport.width, `${where}: ${width} pixels wide`);
    // Only colours are others.
    await page.emulateMedia({ colorScheme: "dark" });
    const barriers = await tab.barriers(["color-contrast"]);
    assert.deepEqual(barriers, [], `${where}, dark`);
  }
  assert.deepEqual(tab.faults, []);
}

async function onPaper({ browser, address }: PageSite): Promise<void> {
  const viewport = { width: 360, height: 120 };
  await using tab = await browser.open({ viewport, colorScheme: "dark" });
  const { page } = tab;
  await page.goto(`${address}disk/photos`);
  await tab.drawn();
  await page.emulateMedia({ media: "print" });
  await page.getByText("lies in drawer 3").first().waitFor();
  assert.equal(await page.getByRole("navigation").isVisible(), false);
  assert.deepEqual(await tab.barriers(), []);
  assert.ok((await page.pdf({ format: "A4" })).length > 1_000);
  // Also what was not in view, as the last host's drives.
  await page.goto(address);
  await page.getByRole("link", { name: "backup 0001" }).waitFor();
}

async function daemonGone(site: PageSite): Promise<void> {
  const { alpha, daemon, daemons, address, tab: { page } } = site;
  await page.goto(address);
  await page.getByRole("link", { name: "photos" }).first().waitFor();
  await daemon.stop();
  const banner = page.getByRole("alert").getByText(/daemon/);
  await banner.waitFor();
  daemons.use(await Daemon.start(alpha));
  await banner.waitFor({ state: "detached" });
  await page.getByRole("link", { name: "photos" }).first().waitFor();
}

async function crowd({ alpha, browser }: PageSite): Promise<void> {
  await using page = await startCrowdPage(alpha);
  const { tab, cost } = await openFirst(browser, page);
  await using _ = tab;
  assert.ok(cost.bytes <= MAX_FIRST_BYTES, `${cost.bytes} bytes`);
  assert.ok(cost.ms < SLOW_MS, `${cost.ms} ms`);
  const tookMs = await updateMs(tab, page, "fresh");
  assert.ok(tookMs < SLOW_MS, `${tookMs} ms`);
  await eventually(() => assert.deepEqual(tab.faults, []));
}
