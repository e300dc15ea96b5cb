import { useEffect, useState } from "preact/hooks";
import { FactList, WhereIsIt } from "./answer.js";
import { exactText, visible } from "./format.js";
import { html } from "./html.js";
import { useDocument } from "./live.js";
import { Waiting } from "./parts.js";
import { Timeline } from "./timeline_view.js";
import { listed, portText } from "./words.js";
import { sizeText } from "./format.js";

/** The page of a disk. */

/** @typedef {import("../../control/views.ts").DiskRow} DiskRow */

/** @param {{ name: string }} props */
export function DiskPage({ name }) {
  const asked = encodeURIComponent(name);
  const found = useDocument(`/api/find.json?name=${asked}`);
  const history = useDocument(`/api/history.json?name=${asked}`);
  /** @type {readonly DiskRow[]} */
  const rows = found.value?.rows ?? [];
  return html`
    <${LinkCode} />
    <h1><bdi>${visible(titleOf(rows, name))}</bdi></h1>
    <${WhereIsIt} name=${name} doc=${found} isWhole=${true} />
    ${rows.map((row) =>
      html`<${DiskDetails} key=${`${row.hostId} ${row.device}`} row=${row} />`
    )}
    <section aria-labelledby="history">
      <h2 id="history">Where it has been</h2>
      ${history.value === undefined
        ? html`<${Waiting} doc=${history} />`
        : html`<${Timeline} rows=${history.value} />`}
    </section>
  `;
}

/** @param {readonly DiskRow[]} rows @param {string} name */
function titleOf(rows, name) {
  const [row] = rows;
  return row?.label || row?.alias || row?.model || name;
}

/** All that is known of it. @param {{ row: DiskRow }} props */
function DiskDetails({ row }) {
  const { uniqueHost, device, drives, layers, remarks } = row;
  return html`
    <section class="details" aria-label=${`Details on ${visible(uniqueHost)}`}>
      <h2><bdi>${visible(uniqueHost)} ${visible(device)}</bdi></h2>
      <${FactList} facts=${[
        ["UUID", row.uuid],
        ["member", row.uuid_sub],
        ["partition", listed([row.partlabel, row.partuuid])],
        ["label", row.label && visible(row.label)],
        ["kind", listed([row.kind, row.type])],
        [
          "size",
          row.size === null
            ? null
            : `${sizeText(row.size)} (${row.size} bytes)`,
        ],
        [
          "part of",
          listed([row.vg && `volume group ${row.vg}`, ...row.holders]),
        ],
        ["seen", exactText(row.seenAt)],
        ["removable", row.rm ? "yes" : null],
        ["read-only", row.ro ? "yes" : null],
        [
          "lies on",
          layers.length === 0
            ? null
            : layers.map((layer) =>
              listed([layer.device, layer.type ?? layer.kind])
            ).join(" › "),
        ],
      ]} />
      ${drives.map((drive) =>
        html`
          <h3>Drive</h3>
          <${FactList} facts=${[
            ["device", visible(drive.device)],
            ["model", drive.model && visible(drive.model)],
            ["serial number", drive.serial && visible(drive.serial)],
            ["WWN", drive.wwn && visible(drive.wwn)],
            ["connection", drive.tran && visible(drive.tran)],
            ["size", drive.size === null ? null : sizeText(drive.size)],
            ["port", portText(drive)],
            ["health", drive.health === null ? null : "cannot be read"],
          ]} />
        `
      )}
      ${remarks.length > 0 && html`
        <h3>Said of it</h3>
        <ul class="plain">${remarks.map(({ field, value, at, host }) =>
          html`<li><bdi>${
            visible(
              field.startsWith("tag:")
                ? `tag ${field.slice(4)}`
                : `${field}: ${value}`,
            )
          }</bdi>, <span class="quiet">${exactText(at)} on <bdi>${
            visible(host)
          }</bdi></span></li>`
        )}</ul>
      `}
    </section>
  `;
}

/** A QR code that leads to this page. */
function LinkCode() {
  const [path, setPath] = useState(
    /** @type {{ d: string, size: number } | null} */ (null),
  );
  useEffect(() => {
    let isWanted = true;
    void import("./qr.js").then(({ generate }) => {
      const code = generate(location.origin + location.pathname);
      if (isWanted) setPath({ d: pathOf(code), size: code.size });
    }).catch(() => undefined); // The address is too long for a code.
    return () => void (isWanted = false);
  }, []);
  if (path === null) return null;
  const side = path.size + 2 * QUIET;
  return html`
    <svg class="qr" viewBox=${`${-QUIET} ${-QUIET} ${side} ${side}`} role="img"
      aria-label="QR code of the address of this page">
      <path d=${path.d} />
    </svg>
  `;
}

/** Blank modules around a code, which its readers need. */
const QUIET = 4;

/** @param {{ size: number, get(x: number, y: number): boolean }} code */
function pathOf(code) {
  let d = "";
  for (let y = 0; y < code.size; y++) {
    for (let x = 0; x < code.size; x++) {
      if (code.get(x, y)) d += `M${x} ${y}h1v1h-1z`;
    }
  }
  return d;
}
