import { useEffect, useRef, useState } from "preact/hooks";
import { durationText, exactText, visible } from "./format.js";
import { html } from "./html.js";
import { useNow } from "./live.js";
import { AtSite, HostLink, Name } from "./parts.js";
import { diskAddress } from "./router.js";
import { reachedBy } from "./words.js";
import { lanesOf, marksOf, moved, wholeSpan, zoomed } from "./timeline.js";

/** The timeline of a disk over all hosts, and the same as a table. */

/** @typedef {import("./timeline.js").HistoryRow} HistoryRow */

const LANE_HEIGHT = 26;
const AXIS_HEIGHT = 22;
const MARKS = 6;

/** @param {{ rows: readonly HistoryRow[] }} props */
export function Timeline({ rows }) {
  const now = useNow(10_000);
  const whole = wholeSpan(rows, now);
  const [chosen, choose] = useState(
    /** @type {import("./timeline.js").Span | null} */ (null),
  );
  const span = chosen ?? whole;
  const change = (/** @type {import("./timeline.js").Span} */ next) =>
    choose(next.to - next.from >= whole.to - whole.from ? null : next);
  const zoom = (/** @type {number} */ factor, at = 0.5) =>
    change(zoomed(span, { factor, at, whole }));
  const move = (/** @type {number} */ part) => change(moved(span, part, whole));
  const frame = useWheel(zoom);
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    /** @type {Record<string, () => void>} */
    const actions = {
      "+": () => zoom(0.5),
      "=": () => zoom(0.5),
      "-": () => zoom(2),
      "0": () => choose(null),
      ArrowLeft: () => move(-0.25),
      ArrowRight: () => move(0.25),
    };
    const act = actions[event.key];
    if (act === undefined) return;
    event.preventDefault();
    act();
  };
  if (rows.length === 0) return html`<p class="quiet">No history of it.</p>`;
  return html`
    <div class="timeline">
      <p class="actions">
        <button type="button" class="button" onClick=${() => zoom(0.5)}
          aria-label="Nearer">+</button>
        <button type="button" class="button" onClick=${() => zoom(2)}
          aria-label="Farther">−</button>
        <button type="button" class="button" onClick=${() => move(-0.25)}
          aria-label="Earlier">←</button>
        <button type="button" class="button" onClick=${() => move(0.25)}
          aria-label="Later">→</button>
        <button type="button" class="button" onClick=${() =>
          choose(null)}>All</button>
      </p>
      <div ref=${frame} class="frame" tabindex="0" role="group"
        onKeyDown=${onKeyDown}
        aria-label="Timeline; + and - zoom, arrows move, 0 shows all; the table below says the same">
        <${Lanes} lanes=${lanesOf(rows, span, now)} marks=${marksOf(
          span,
          MARKS,
        )} now=${now} />
      </div>
    </div>
    <${HistoryTable} rows=${rows} now=${now} />
  `;
}

/** @param {{ lanes: import("./timeline.js").Lane[], marks: { at: number, text: string }[], now: number }} props */
function Lanes({ lanes, marks, now }) {
  const height = lanes.length * LANE_HEIGHT + AXIS_HEIGHT;
  return html`<svg width="100%" height=${height} aria-hidden="true">
    ${
    marks.map(({ at, text }) =>
      html`
        <line class="mark" x1=${percent(at)} x2=${percent(
          at,
        )} y1="0" y2=${height - AXIS_HEIGHT} />
        <text class="mark" x=${percent(at)} y=${height - 6}
          text-anchor=${at > 0.95
            ? "end"
            : at < 0.05
            ? "start"
            : "middle"}>${text}</text>
      `
    )
  }
    ${
    lanes.map(({ host, bars }, index) =>
      html`
        ${bars.map(({ row, start, width }) =>
          html`
            <rect class="bar ${row.until === null ? "now" : ""}" x=${percent(
              start,
            )} y=${index * LANE_HEIGHT + 3} width=${percent(
              Math.max(width, 0.003),
            )}
              height=${LANE_HEIGHT - 8} rx="2">
              <title>${barText(row, now)}</title>
            </rect>
          `
        )}
        <text class="lane" x="6" y=${index * LANE_HEIGHT + 17}>${visible(
          host,
        )}</text>
      `
    )
  }
  </svg>`;
}

/** @param {number} part */
function percent(part) {
  return `${(part * 100).toFixed(3)}%`;
}

/** @param {HistoryRow} row @param {number} now */
function barText({ uniqueHost, device, from, until }, now) {
  const end = until === null ? now : Date.parse(until);
  return `${visible(uniqueHost)} ${visible(device)}: ${exactText(from)} to ${
    until === null ? "now" : exactText(until)
  } (${durationText(end - Date.parse(from))})`;
}

/** Of a disk, or of a host. @param {{ rows: readonly HistoryRow[], now: number, isOfHost?: boolean }} props */
export function HistoryTable({ rows, now, isOfHost = false }) {
  const hasLabels = isOfHost ||
    new Set(rows.map(({ label }) => label)).size > 1;
  const hasSites = new Set(rows.map(({ site }) => site)).size > 1;
  return html`
    <div class="scroll" tabindex="0" role="group" aria-label="History">
      <table>
        <thead>
          <tr>
            ${!isOfHost && html`<th scope="col">Host</th>`}
            <th scope="col">Device</th>
            ${hasLabels && html`<th scope="col">Label</th>`}
            <th scope="col">From</th>
            <th scope="col">Until</th>
            <th scope="col">For</th>
            <th scope="col">Mounted</th>
          </tr>
        </thead>
        <tbody>${rows.map((row) => {
          const end = row.until === null ? now : Date.parse(row.until);
          return html`
            <tr>
              ${!isOfHost &&
                html`
                  <td class="long">
                    <${HostLink} name=${row.uniqueHost} />
                    ${hasSites && row.site &&
                      html`${" "}<${AtSite} site=${row.site} />`}
                  </td>
                `}
              <td class="device">
                <${Name}>${row.device}<//></td>
                  ${hasLabels &&
                    html`<td class="long">${
                      isOfHost
                        ? html`<a href=${
                          diskAddress(reachedBy(row))
                        }><${Name}>${
                          row
                            .label || row.uuid || row.device
                        }<//></a>`
                        : html`<${Name}>${row.label ?? ""}<//>`
                    }</td>`}
                  <td><time datetime=${row.from}>${exactText(
                    row.from,
                  )}</time></td>
                  <td>${row.until === null
                    ? "now"
                    : html`<time datetime=${row.until}>${
                      exactText(row.until)
                    }</time>`}${row.unplugged && html`
                    ${" "}<span class="quiet">unplugged</span>
                  `}</td>
                  <td>${durationText(end - Date.parse(row.from))}</td>
                  <td class="long"><bdi>${row.mounts.map(visible).join(
                    ", ",
                  )}</bdi></td>
                </tr>
          `;
        })}</tbody>
      </table>
    </div>
  `;
}

/**
 * Zooms with the wheel, if Ctrl is held or the frame has the focus: else the page scrolls.
 * @param {(factor: number, at: number) => void} zoom
 */
function useWheel(zoom) {
  const frame = useRef(/** @type {HTMLElement | null} */ (null));
  const latest = useRef(zoom);
  latest.current = zoom;
  useEffect(() => {
    const { current } = frame;
    if (current === null) return;
    const onWheel = (/** @type {WheelEvent} */ event) => {
      if (!event.ctrlKey && document.activeElement !== current) return;
      event.preventDefault();
      const { left, width } = current.getBoundingClientRect();
      latest.current(
        event.deltaY > 0 ? 1.25 : 0.8,
        (event.clientX - left) / width,
      );
    };
    current.addEventListener("wheel", onWheel, { passive: false });
    return () => current.removeEventListener("wheel", onWheel);
  }, []);
  return frame;
}
