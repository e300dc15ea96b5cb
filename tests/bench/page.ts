import { Browser } from "../support/browser.ts";
import { Lan } from "../support/lan.ts";
import { openFirst, startCrowdPage, updateMs } from "../support/page_cost.ts";
import { figure, lanBenchmark } from "./figure.ts";

const VIEWS = 5;
const UPDATES = 5;
/** From an update to the next one: what the page asks for after one is done. */
const PAUSE_MS = 700;

/** `diskd web` in a browser, with a daemon that knows 1,000 hosts of 10 disks and takes no time for its answers. */
export const page = lanBenchmark("page", async () => {
  await using lan = await Lan.create({ hosts: ["alpha"] });
  const alpha = lan.host("alpha");
  await using crowd = await startCrowdPage(alpha);
  await using browser = await Browser.start(alpha);
  const views: number[] = [];
  const kilobytes: number[] = [];
  const updates: number[] = [];
  while (views.length < VIEWS) {
    const { tab, cost } = await openFirst(browser, crowd);
    await using _ = tab;
    views.push(cost.ms);
    kilobytes.push(cost.bytes / 1_000);
    while (updates.length < UPDATES * views.length) {
      const label = `fresh-${updates.length}`;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      updates.push(await updateMs(tab, crowd, label));
    }
  }
  return [
    figure("first view of the page with 1,000 hosts", "ms", {
      samples: views,
      goal: { atMost: 1_000 },
    }),
    figure("the same on the wire", "kB", {
      samples: kilobytes,
      goal: { atMost: 200 },
    }),
    figure("from an event of the daemon until the page shows it", "ms", {
      samples: updates,
      goal: { atMost: 50 },
    }),
  ];
});
