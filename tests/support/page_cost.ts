import type { Browser, Tab } from "./browser.ts";
import { CrowdDaemon } from "./crowd_daemon.ts";
import { type Host } from "./lan.ts";
import { startWeb } from "./browser.ts";

const SOCKET = "/run/crowd.sock";
const LISTEN = "127.0.0.1:8092";

/** Hosts, and the volumes of each, that the page is measured with. */
export const CROWD = { hosts: 1_000, disks: 10 } as const;

/** A daemon that knows a crowd, and its page. */
export interface CrowdPage extends AsyncDisposable {
  readonly daemon: CrowdDaemon;
  readonly address: string;
}

export async function startCrowdPage(host: Host): Promise<CrowdPage> {
  const daemon = new CrowdDaemon(host.path(SOCKET), CROWD);
  const { process, address } = await startWeb(host, [
    "--socket",
    SOCKET,
    "--listen",
    LISTEN,
  ]);
  return {
    daemon,
    address,
    async [Symbol.asyncDispose]() {
      await process[Symbol.asyncDispose]();
      await daemon[Symbol.asyncDispose]();
    },
  };
}

/** What a first view costs. */
export interface FirstView {
  /** From the address to the drives of the first hosts on the screen. */
  readonly ms: number;
  /** Heads and bodies of all answers, as they were sent. */
  readonly bytes: number;
}

/** Opens the page in a window that has seen nothing of it, and leaves that open. */
export async function openFirst(
  browser: Browser,
  { daemon, address }: CrowdPage,
): Promise<{ tab: Tab; cost: FirstView }> {
  const tab = await browser.open({ viewport: { width: 1440, height: 900 } });
  const network = await tab.page.context().newCDPSession(tab.page);
  let bytes = 0;
  await network.send("Network.enable");
  network.on("Network.loadingFinished", ({ encodedDataLength }) => {
    bytes += encodedDataLength;
  });
  await tab.page.goto(address, { waitUntil: "commit" });
  const [first] = daemon.hosts;
  const label = daemon.labelOn(first!);
  const at = await painted(tab, label);
  const start = await tab.evaluate("performance.timeOrigin");
  // The other cards in view.
  await tab.page.waitForLoadState("load");
  await settled(() => bytes);
  return { tab, cost: { ms: at - start, bytes } };
}

/** From an event of the daemon until it is on the screen, ms. */
export async function updateMs(
  tab: Tab,
  { daemon }: CrowdPage,
  label: string,
): Promise<number> {
  const seen = painted(tab, label);
  return await daemon.plugInto(0, label).then(async (at) => await seen - at);
}

/** When a text has come on the screen, ms since 1970: after the frame that it is in. */
function painted(tab: Tab, text: string): Promise<number> {
  const wanted = JSON.stringify(text);
  return tab.evaluate(`new Promise((resolve) => {
    const look = () => {
      if (!document.documentElement.textContent.includes(${wanted})) return;
      observer.disconnect();
      requestAnimationFrame(() => setTimeout(() =>
        resolve(performance.timeOrigin + performance.now())));
    };
    const observer = new MutationObserver(look);
    observer.observe(document, {
      subtree: true, childList: true, characterData: true });
    look();
  })`);
}

const SETTLED_MS = 500;

/** Waits until a number stays what it is. */
async function settled(read: () => number): Promise<void> {
  for (let before = NaN; before !== read();) {
    before = read();
    await new Promise((resolve) => setTimeout(resolve, SETTLED_MS));
  }
}
