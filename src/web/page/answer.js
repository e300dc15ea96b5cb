import { useEffect } from "preact/hooks";
import { durationText, momentText, typedWord, visible } from "./format.js";
import { html } from "./html.js";
import { useNow } from "./live.js";
import { AtSite, Copy, HostLink, Name, Sign, Waiting } from "./parts.js";
import { diskAddress } from "./router.js";
import {
  addressText,
  conditionOf,
  diskText,
  farSite,
  holdsAnother,
  isInDrawer,
  noteText,
  portText,
  reachedBy,
  stateText,
  typeText,
  useText,
  verdictTexts,
  whereText,
} from "./words.js";

/** The answer to "where", in large type. */

/** @typedef {import("../../control/views.ts").DiskRow} DiskRow */

/** @param {{ name: string, doc: import("./live.js").Doc, isWhole?: boolean }} props `isWhole`: all else is below */
export function WhereIsIt({ name, doc, isWhole = false }) {
  const now = useNow();
  /** @type {import("../../control/views.ts").FindView | undefined} */
  const found = doc.value;
  const said = found === undefined
    ? []
    : verdictTexts(found.verdict, name, now);
  const rows = found?.rows ?? [];
  const title = titleOf(name, found);
  useEffect(() => {
    document.title = `${title} · diskd`;
    return () => void (document.title = "diskd");
  }, [title]);
  const spoken = rows.length === 1
    ? whereText(rows[0], now, found)
    : said.join(" ");
  return html`
    <section class="answer" aria-label=${`Where ${visible(name)} is`}>
      <p class="unseen" role="status" aria-live="polite">${spoken}</p>
      ${found === undefined && html`<${Waiting} doc=${doc} />`}
      ${rows.length === 1 &&
        html`
          <${LargePlace} row=${rows[0]} isWhole=${isWhole} contents=${found
            ?.contents ?? []}
            around=${found} now=${now} />
        `}
      ${said.map((text) => html`<p class="said">${text}</p>`)}
      ${rows.length > 1 && html`<ol class="places">${
        rows.map((row) =>
          html`
            <li key=${`${row.hostId} ${row.device}`}>
              <${ShortPlace} row=${row} now=${now} site=${farSite(
                row,
                found ?? {},
              )} />
            </li>
          `
        )
      }</ol>`}
      ${found?.verdict.noted?.map((noted) =>
        html`<${Noted} disk=${noted} now=${now} />`
      )}
    </section>
  `;
}

/** @param {string} name @param {import("../../control/views.ts").FindView | undefined} found */
function titleOf(name, found) {
  const [row, ...others] = found?.rows ?? [];
  const asked = visible(name);
  if (row === undefined) return asked;
  const hosts = new Set([row, ...others].map((one) => one.uniqueHost));
  const shown = [...hosts].slice(0, 3).map(visible).join(", ");
  if (others.length > 0) return `${asked}: ${shown}`;
  const gone = row.state === "attached"
    ? ""
    : row.state === "stale"
    ? " (silent)"
    : row.unplugged
    ? " (unplugged)"
    : " (shut down)";
  return `${asked}: ${shown}, ${visible(row.device)}${gone}`;
}

/** One place, large. @param {{ row: DiskRow, contents: readonly DiskRow[], around: import("./words.js").Around, now: number, isWhole: boolean }} props */
function LargePlace({ row, contents, around, now, isWhole }) {
  const condition = conditionOf(row);
  const state = stateText(row, now);
  return html`
    <div class="place ${condition}">
      <h2 class="whereabouts">
        <${Sign} of=${condition} />
        ${isInDrawer(row)
          ? html`<span class="host"><${Name}>${row.note}<//></span>`
          : html`<${HostAndDevice} row=${row} site=${farSite(row, around)} />`}
      </h2>
      <p class="lead">${whereText(row, now, around)}</p>
      <${FactList} facts=${[
        ["state", state],
        [
          "mounted",
          row.mounts.length > 1 ? row.mounts.map(visible).join(", ") : null,
        ],
        ...noteFacts(row),
        ["type", typeText(row)],
        ...row.drives.map((drive) => ["port", portText(drive)]),
        [row.state === "attached" ? "since" : "from", sinceText(row, now)],
        ["address", addressText(row, around)],
        ...contents.map((
          one,
        ) => ["holds", `${visible(diskText(one))}, ${useText(one)}`]),
      ]} />
      <p class="actions">
        ${openCommand(row) && html`<${Copy} text=${openCommand(row)} />`}
        ${!isWhole &&
          html`<a class="button" href=${
            diskAddress(reachedBy(row))
          }>History and all else</a>`}
      </p>
    </div>
  `;
}

/** @param {{ row: DiskRow, site: string | null }} props */
function HostAndDevice({ row, site }) {
  return html`
    <span class="host"><${HostLink} name=${row.uniqueHost} /></span>
    ${site && html`<${AtSite} site=${site} />`}
    <span class="device"><${Name}>${row.device}<//></span>
    ${bay(row) && html`<span class="bay">${bay(row)}</span>`}
  `;
}

/** @param {DiskRow} row @returns {[string, string | null][]} */
function noteFacts(row) {
  return [
    [
      "alias",
      row.alias === diskText(row) ? null : row.alias && visible(row.alias),
    ],
    ["note", row.note && !isInDrawer(row) ? visible(row.note) : null],
    ["tags", row.tags.length === 0 ? null : row.tags.map(visible).join(", ")],
  ];
}

/** @param {DiskRow} row */
function bay({ drives }) {
  const slots = drives.map(({ slot }) => slot).filter((slot) => slot !== null);
  return slots.length === 0 ? null : visible(slots.join(", "));
}

/** @param {DiskRow} row @param {number} now */
function sinceText({ since, state, seenAt }, now) {
  if (since === null) return null;
  const end = state === "attached" ? now : Date.parse(seenAt);
  return `${momentText(since, now)} (${durationText(end - Date.parse(since))})`;
}

/** What shows its files. @param {DiskRow} row */
function openCommand(row) {
  const { state, type, types, hidden, label, uuid, health, holders } = row;
  const name = typedWord(label) ?? typedWord(uuid);
  const hasFiles = state === "attached" && type !== null && type !== "swap" &&
    types.length === 0 && hidden === null && health === null &&
    holders.length === 0 && !holdsAnother(row);
  return hasFiles && name ? `diskd open ${name}` : null;
}

/** Characters, more than fit into a column. */
const LONG_FACT = 60;

/** Names and values; without those that are not known. @param {{ facts: readonly any[] }} props */
export function FactList({ facts }) {
  const known = facts.filter(([, value]) => value);
  return html`<dl class="facts">${
    known.map(([what, value]) =>
      html`
        <div class=${value.length > LONG_FACT ? "long" : ""}>
          <dt>${what}</dt>
          <dd><bdi>${value}</bdi></dd>
        </div>
      `
    )
  }</dl>`;
}

/** One of several places. @param {{ row: DiskRow, now: number, site?: string | null | undefined }} props `site`: to be shown */
export function ShortPlace({ row, now, site }) {
  const condition = conditionOf(row);
  return html`
    <${Sign}
      of=${condition} /> <b><${HostLink} name=${row.uniqueHost} /></b>${" "}
        ${site && html`<${AtSite} site=${site} />${" "}`}
        <span class="device"><${Name}>${row.device}<//></span>${" "}
        <a href=${diskAddress(reachedBy(row))}><${Name}>${diskText(
          row,
        )}<//></a>${" "}
        <span class="quiet">${[typeText(row), useText(row), stateText(row, now)]
          .filter(Boolean).join(", ")}</span>
        ${row.note && html`
          <p class="note">
            <${Name}>${row.note}<//></p>
        `}
  `;
}

/** @param {{ disk: import("../../control/remarked.ts").RemarkedDisk, now: number }} props */
function Noted({ disk, now }) {
  const name = visible(
    disk.label || disk.alias || disk.uuid || disk.partuuid || disk.serial ||
      disk.wwn || "the disk",
  );
  const text = disk.note === null
    ? `${name} was on no host that is known here`
    : `${
      noteText(name, visible(disk.note))
    }; last seen on no host that is known here`;
  const last = disk.remarks.toSorted((a, b) => a.at < b.at ? 1 : -1)[0];
  return html`
    <div class="place gone">
      <p class="lead">${text}</p>
      <${FactList} facts=${[
        ["tags", disk.tags.map(visible).join(", ")],
        [
          "said",
          last && `${momentText(last.at, now)} on ${visible(last.host)}`,
        ],
        ["uuid", disk.uuid],
        ["serial", disk.serial],
      ]} />
    </div>
  `;
}
