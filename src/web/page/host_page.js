import { useEffect } from "preact/hooks";
import { FactList, ShortPlace } from "./answer.js";
import { Drives, useDrives } from "./drives.js";
import { momentText, visible } from "./format.js";
import { html } from "./html.js";
import { HostCondition } from "./lan.js";
import { useDocument, useNow } from "./live.js";
import { Waiting } from "./parts.js";
import { HistoryTable } from "./timeline_view.js";

/** The page of a host: its drives, and what was unplugged from it. */

/** @typedef {import("../../control/views.ts").HostRow} HostRow */
/** @typedef {import("../../control/views.ts").DiskRow} DiskRow */

/** @param {{ name: string }} props */
export function HostPage({ name }) {
  const hosts = useDocument("/api/hosts.json");
  const title = `${visible(name)} · diskd`;
  useEffect(() => {
    document.title = title;
    return () => void (document.title = "diskd");
  }, [title]);
  /** @type {HostRow | undefined} */
  const host = hosts.value?.find((/** @type {HostRow} */ row) =>
    [row.uniqueHost, row.hostId].includes(name)
  );
  if (hosts.value === undefined) return html`<${Waiting} doc=${hosts} />`;
  if (host === undefined) {
    return html`
      <h1><bdi>${visible(name)}</bdi></h1>
      <p class="said">No host is named so.</p>
    `;
  }
  return html`<${KnownHostPage} host=${host} />`;
}

/** @param {{ host: HostRow }} props */
function KnownHostPage({ host }) {
  const { hostId, uniqueHost, addresses, version, fingerprint, site } = host;
  const now = useNow();
  const drives = useDrives(host);
  const known = useDocument(`/api/list.json?host=${hostId}&all=1`);
  const history = useDocument(`/api/history.json?host=${hostId}`);
  /** @type {readonly DiskRow[]} */
  const unplugged = (known.value ?? []).filter((/** @type {DiskRow} */ row) =>
    row.unplugged
  );
  return html`
    <h1><bdi>${visible(uniqueHost)}</bdi></h1>
    <${HostCondition} host=${host} />
    <${FactList} facts=${[
      ["site", site && visible(site)],
      [
        "relay",
        host.relay && (host.relayOf ? "to other sites" : "of its networks"),
      ],
      ["addresses", addresses.map(visible).join(", ")],
      ["version", version && visible(version)],
      ["heard", momentText(host.heardAt, now)],
      ["fingerprint", fingerprint ?? "unproven"],
      ["id", visible(hostId)],
    ]} />
    <section class="card wide" aria-labelledby="drives"><h2 id="drives">Drives</h2>
      ${drives.value === undefined
        ? html`<${Waiting} doc=${drives} />`
        : html`<${Drives} rows=${drives.value} hostId=${hostId} />`}
    </section>
    ${unplugged.length > 0 && html`
      <section aria-labelledby="unplugged">
        <h2 id="unplugged">Unplugged</h2>
        <ol class="places">${unplugged.map((row) =>
          html`
            <li key=${`${row.device} ${row.uuid}`}>
              <${ShortPlace} row=${row} now=${now} />
            </li>
          `
        )}</ol>
      </section>
    `}
    <section aria-labelledby="history"><h2 id="history">What it had</h2>
      ${history.value === undefined
        ? html`<${Waiting} doc=${history} />`
        : html`<${HistoryTable} rows=${history.value} now=${now} isOfHost=${true} />`}
    </section>
  `;
}
