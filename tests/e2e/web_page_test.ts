import assert from "node:assert/strict";
import { Browser, startWeb, type Tab } from "../support/browser.ts";
import { Daemon } from "../support/daemon.ts";
import { HotDisk } from "../support/hot_disk.ts";
import { type Host, inSteps, lanTest } from "../support/lan.ts";
import { CHROMIUM } from "../support/needs.ts";

interface PageSite {
  readonly alpha: Host;
  readonly beta: Host;
  readonly tab: Tab;
}

lanTest({
  name: "the page shows the LAN in a browser",
  programs: [CHROMIUM],
  hosts: ["alpha", "beta"],
}, async ({ alpha, beta }, t) => {
  await using _alpha = await Daemon.start(alpha);
  await using _beta = await Daemon.start(beta);
  const { address } = await startWeb(alpha);
  await using browser = await Browser.start(alpha);
  await using tab = await browser.open();
  await tab.page.goto(address);
  await inSteps(t, { alpha, beta, tab }, {
    "a disk that is plugged into another host appears by itself": appears,
    "nothing went wrong in the browser": noFaults,
    "everybody can use it": noBarriers,
  });
});

async function appears({ beta, tab }: PageSite): Promise<void> {
  const card = tab.page.getByRole("article", { name: "beta" });
  await card.getByText("no disks").waitFor();
  await using disk = await HotDisk.create({ type: "ext4", label: "stick" });
  await disk.plugInto(beta);
  await card.getByRole("link", { name: "stick" }).waitFor();
}

function noFaults({ tab }: PageSite): void {
  assert.deepEqual(tab.faults, []);
}

async function noBarriers({ tab }: PageSite): Promise<void> {
  assert.deepEqual(await tab.barriers(), []);
}
