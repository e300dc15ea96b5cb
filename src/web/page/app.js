import { render } from "preact";
import { useLayoutEffect } from "preact/hooks";
import { DiskPage } from "./disk_page.js";
import { EventsPage } from "./events_page.js";
import { ageText, momentText, visible } from "./format.js";
import { HostPage } from "./host_page.js";
import { html } from "./html.js";
import { Lan } from "./lan.js";
import { follow, keepFresh, useDaemon, useDocument, useNow } from "./live.js";
import { followLinks, nameIn, useAddress } from "./router.js";
import { Search } from "./search.js";
import { DuplicatesPage, StatusPage } from "./status_page.js";

/** The whole page: what stands around each view, and which one it is. */

const TABS = [
  ["/", "Disks"],
  ["/events", "Events"],
  ["/duplicates", "Duplicates"],
  ["/status", "Status"],
];

/** @type {Readonly<Record<string, string>>} */
const TITLES = Object.fromEntries(TABS.slice(1));

function App() {
  const { pathname, searchParams } = useAddress();
  // Before a view sets its own.
  useLayoutEffect(() => {
    const title = TITLES[pathname];
    document.title = title === undefined ? "diskd" : `${title} · diskd`;
  }, [pathname]);
  return html`
    <a class="skip" href="#main">To the content</a>
    <header class="top">
      <a class="brand" href="/">diskd</a>
      <nav aria-label="Views">${TABS.map(([address, text]) =>
        html`<a href=${address} aria-current=${
          pathname === address ? "page" : undefined
        }>${text}${address === "/status" && html`<${Problems} />`}</a>`
      )}</nav>
    </header>
    <${Banner} />
    <main id="main" tabindex="-1">
      <${View} path=${pathname} query=${searchParams.get("q") ?? ""} />
    </main>
  `;
}

/** @param {{ path: string, query: string }} props */
function View({ path, query }) {
  const [, kind, name] = /^\/(disk|host)\/([^/]+)$/.exec(path) ?? [];
  if (kind === "disk") {
    return html`<${DiskPage} key=${name} name=${nameIn(name)} />`;
  }
  if (kind === "host") {
    return html`<${HostPage} key=${name} name=${nameIn(name)} />`;
  }
  if (path === "/events") return html`<${EventsPage} />`;
  if (path === "/duplicates") return html`<${DuplicatesPage} />`;
  if (path === "/status") return html`<${StatusPage} />`;
  return html`
    <h1 class="unseen">Disks</h1>
    <${Search} query=${query} />
    <${Lan} />
  `;
}

/** How many problems the daemon has. */
function Problems() {
  const { value } = useDocument("/api/status.json");
  const count = value?.problems.length ?? 0;
  return count > 0 && html`
    <span class="count"
      title="problems">${count}<span class="unseen"> problems</span></span>
  `;
}

/** Says that the daemon is not there; what is shown then is old. */
function Banner() {
  const { problem, since } = useDaemon();
  const now = useNow();
  return html`<div role="alert">${
    problem !== null && html`
      <p
        class="banner">The daemon has not answered since ${momentText(
          new Date(since).toISOString(),
          now,
        )} (${ageText(new Date(since).toISOString(), now)}): ${visible(
          problem,
        )}. What is shown is what was known then.</p>
    `
  }</div>`;
}

follow();
keepFresh();
followLinks();
const root = document.getElementById("page");
if (root !== null) render(html`<${App} />`, root);
