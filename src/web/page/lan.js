import { memo } from "./memo.js";
import { useEffect, useRef, useState } from "preact/hooks";
import { counted, momentText, visible } from "./format.js";
import { Drives, useDrives } from "./drives.js";
import { html } from "./html.js";
import { useDocument, useNow } from "./live.js";
import { HostLink, Name, Sign, Waiting } from "./parts.js";
import { replace, siteAddress, useAddress } from "./router.js";
import { hostStateText } from "./words.js";

/** The LAN: a card for each host. */

/** @typedef {import("../../control/views.ts").HostRow} HostRow */

/**
 * Cards drawn at once, so that something is seen soon; then all others. If there
 * are no more, the drives in all of them come too, to be printed and searched
 * by the browser.
 */
const FIRST_CARDS = 40;
const REST_AFTER_MS = 300;

export function Lan() {
  const doc = useDocument("/api/hosts.json");
  /** @type {readonly HostRow[] | undefined} */
  const hosts = useSameRows(doc.value);
  const isEmpty = hosts === undefined;
  const [most, setMost] = useState(FIRST_CARDS);
  useEffect(() => {
    if (isEmpty) return;
    const timer = setTimeout(() => setMost(Infinity), REST_AFTER_MS);
    return () => clearTimeout(timer);
  }, [isEmpty]);
  const here = useDocument("/api/status.json").value?.site ?? null;
  const chosen = useAddress().searchParams.get("site");
  if (hosts === undefined) return html`<${Waiting} doc=${doc} />`;
  const sites = bySite(hosts, here);
  const groups = sites.some(({ name }) => name === chosen)
    ? sites.filter(({ name }) => name === chosen)
    : sites;
  const card = (/** @type {HostRow} */ host) =>
    html`
      <${HostCard} key=${host.hostId} host=${host}
        isWanted=${most > hosts.length && hosts.length <= FIRST_CARDS} />
    `;
  let room = most;
  return html`
    <section class="lan" aria-labelledby="lan">
      <h2 id="lan">${lanText(hosts, sites.length)}</h2>
      ${sites.length > 1 && html`
        <p class="actions" role="group" aria-label="Show the hosts of">${[
          null,
          ...sites.map(({ name }) => name),
        ].map((name) =>
          html`
            <button type="button" class="button" key=${name}
              aria-pressed=${groups.length > 1
                ? name === null
                : name === chosen}
              onClick=${() => replace(siteAddress(name))}><${Name}>${name ??
                "All sites"}<//></button>
          `
        )}</p>
      `}
      ${groups.map(({ name, hosts: all }) => {
        const shown = all.slice(0, Math.max(0, room));
        room -= shown.length;
        const cards = html`<div class="cards" key=${name}>${
          shown.map(card)
        }</div>`;
        if (sites.length === 1 || shown.length === 0) return cards;
        const id = `site-${name}`;
        return html`
          <section key=${name} aria-labelledby=${id}>
            <h2 id=${id} class="of-site">
              <${Name}>${name}<//> <small>${lanText(all)}</small></h2>
            ${cards}
          </section>
        `;
      })}
    </section>
  `;
}

/** Of a site that has none. */
const NO_NAME = "without a name";

/**
 * The hosts of each site, by name; those of this one come first.
 * @param {readonly HostRow[]} hosts
 * @param {string | null} here
 */
function bySite(hosts, here) {
  const groups = Map.groupBy(hosts, ({ site = null }) => site);
  return [...groups].map(([site, hosts]) => ({
    name: site ?? NO_NAME,
    isHere: site === here,
    hosts,
  })).sort((a, b) =>
    Number(b.isHere) - Number(a.isHere) || a.name.localeCompare(b.name)
  );
}

/** `12 hosts at 2 sites, 720 disks; 1 silent, 1 shut down`. @param {readonly HostRow[]} hosts */
function lanText(hosts, sites = 1) {
  const disks = hosts.filter(({ state }) => state !== "gone")
    .reduce((sum, { disks }) => sum + disks, 0);
  const silent = hosts.filter(({ state }) => state === "stale").length;
  const gone = hosts.filter(({ state }) => state === "gone").length;
  return [
    `${counted(hosts.length, "host")}${
      sites > 1 ? ` at ${sites} sites` : ""
    }, ${counted(disks, "disk")}`,
    [silent && `${silent} silent`, gone && `${gone} shut down`]
      .filter(Boolean).join(", "),
  ].filter(Boolean).join("; ");
}

/**
 * Rows that are not another one stay the same object, so that only what has
 * changed is drawn again.
 * @param {readonly HostRow[] | undefined} rows
 */
function useSameRows(rows) {
  const known = useRef(
    /** @type {Map<string, { text: string, row: HostRow }>} */ (new Map()),
  );
  if (rows === undefined) return undefined;
  const before = known.current;
  known.current = new Map(rows.map((row) => {
    const text = cardText(row);
    const old = before.get(row.hostId);
    return [row.hostId, old?.text === text ? old : { text, row }];
  }));
  return [...known.current.values()].map(({ row }) => row);
}

/** What a card shows of its host. @param {HostRow} row */
function cardText(row) {
  const { heardAt: _, ...rest } = row;
  return JSON.stringify(row.state === "up" ? rest : row);
}

const HostCard = memo(
  /** @param {{ host: HostRow, isWanted: boolean }} props */
  function HostCard({ host, isWanted }) {
    const [card, isSeen] = useSeen();
    const { uniqueHost, hostId, state, version, addresses, disks } = host;
    return html`
      <article ref=${card} class="card ${state}" aria-label=${visible(
        uniqueHost,
      )}
        id=${`host-${hostId}`}>
        <header>
          <h3><${HostLink} name=${uniqueHost} /></h3>
          <${HostCondition} host=${host} />
          <p class="quiet">${[
            counted(disks, "disk"),
            addresses[0],
            version,
            host.relay && "relay",
          ]
            .filter((text) => text).map((text) => visible(String(text)))
            .join(" · ")}</p>
        </header>
        ${isSeen || isWanted
          ? html`<${CardDrives} host=${host} />`
          : html`<p class="waiting">${counted(disks, "disk")}</p>`}
      </article>
    `;
  },
);

/** @param {{ host: HostRow }} props */
export function HostCondition({ host }) {
  const now = useNow(30_000);
  const { state, nameHolder, cut = 0 } = host;
  /** @type {Record<string, import("./words.js").Condition>} */
  const signs = { up: "mounted", stale: "silent", gone: "gone" };
  const newcomer = nameHolder !== null &&
    `newcomer: this name is known of another host since ${
      momentText(nameHolder.since, now)
    }`;
  return html`
    <p class="state ${state}"><${Sign} of=${signs[state]} /> ${hostStateText(
      host,
      now,
    )}</p>
    ${newcomer &&
      html`<p class="state stale"><${Sign} of="failing" /> ${newcomer}</p>`}
    ${state === "up" && cut > 0 &&
      html`<p class="state stale"><${Sign} of="failing" /> list cut at ${
        counted(host.disks, "disk")
      }</p>`}
  `;
}

/** @param {{ host: HostRow }} props */
function CardDrives({ host }) {
  const doc = useDrives(host);
  if (doc.value === undefined) return html`<${Waiting} doc=${doc} />`;
  return html`<${Drives} rows=${doc.value} hostId=${host.hostId} />`;
}

/** @type {WeakMap<Element, () => void>} */
const unseen = new WeakMap();
const observer = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (isIntersecting) unseen.get(target)?.();
  }
}, { rootMargin: "100px" });

/** Whether an element has come into view once. */
function useSeen() {
  const element = useRef(/** @type {Element | null} */ (null));
  const [isSeen, setSeen] = useState(false);
  useEffect(() => {
    const { current } = element;
    if (current === null || isSeen) return;
    unseen.set(current, () => setSeen(true));
    observer.observe(current);
    return () => observer.unobserve(current);
  }, [isSeen]);
  return /** @type {const} */ ([element, isSeen]);
}
