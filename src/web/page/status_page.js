import { ShortPlace } from "./answer.js";
import { durationText, exactText, sizeText, visible } from "./format.js";
import { FactList } from "./answer.js";
import { html } from "./html.js";
import { useDocument, useNow } from "./live.js";
import { Ago, HostLink, Name, Sign, Waiting } from "./parts.js";
import { diskAddress } from "./router.js";
import { overdueText } from "./words.js";

/** The daemon's problems, and what it knows twice. */

/** @typedef {import("../../control/views.ts").DuplicateRow} DuplicateRow */
/** @typedef {import("../../control/views.ts").StatusView} StatusView */

export function StatusPage() {
  const doc = useDocument("/api/status.json");
  const overdue = useDocument("/api/overdue.json?all=1");
  /** @type {StatusView | undefined} */
  const status = doc.value;
  if (status === undefined) {
    return html`
      <h1>Status</h1>
      <${Waiting} doc=${doc} />
    `;
  }
  const { problems, history, scan, silent } = status;
  return html`
    <h1>Status of <bdi>${visible(status.uniqueHost)}</bdi></h1>
    ${problems.length === 0
      ? html`<p class="lead"><${Sign} of="mounted" /> No problems.</p>`
      : html`
        <ul class="problems">${problems.map((problem) =>
          html`<li><${Sign} of="failing" /> <bdi>${visible(problem)}</bdi></li>`
        )}</ul>
      `}
    <${Overdue} rows=${overdue.value ?? []} />
    ${silent.length > 0 && html`
      <h2>Silent hosts</h2>
      <ul class="plain">${silent.map((row) =>
        html`<li><${Sign} of="silent" /> <${HostLink} name=${row.uniqueHost} />, for <${Ago} time=${row.heardAt} /></li>`
      )}</ul>
    `}
    <${Peers} rows=${status.peers ?? []} />
    <h2>Daemon</h2>
    <${FactList} facts=${[
      ["version", visible(status.version)],
      ["site", status.site && visible(status.site)],
      ["up for", durationText(status.uptimeSeconds * 1000)],
      ["hosts", `${status.hosts}`],
      ["disks", `${status.disks}`],
      [
        "interfaces",
        status.interfaces.map(({ name, address, joined }) =>
          visible(`${name} ${address}${joined ? "" : ", not joined"}`)
        ).join("; ") || "none",
      ],
      [
        "last scan",
        scan.at && `${exactText(scan.at)}, ${scan.ok ? "ok" : "incomplete"}`,
      ],
      [
        "datagrams",
        `${status.datagrams.received} received, ${status.datagrams.sent} sent`,
      ],
      [
        "keys",
        `${status.keys.mode}${status.keys.encrypt ? ", encrypted" : ""}`,
      ],
      [
        "history",
        history.on
          ? history.bytes === null ? "kept" : sizeText(history.bytes)
          : "not kept",
      ],
    ]} />
  `;
}

/** The relays of other sites; why one is not reached or accepted is among the problems. @param {{ rows: NonNullable<StatusView["peers"]> }} props */
function Peers({ rows }) {
  if (rows.length === 0) return null;
  return html`
    <h2>Other sites</h2>
    <ul class="plain">${rows.map((
      { peer, address, site, reached, since, problem },
    ) =>
      html`<li>
      <${Sign} of=${
        problem === null && reached ? "mounted" : "failing"
      } />${" "}
      <b>${
        reached
          ? problem === null ? "reached" : "heard, not accepted,"
          : "not reached"
      }</b>${" "}
      <bdi>${
        [site, peer, address === peer ? null : address]
          .filter((text) => text).map((text) => visible(String(text)))
          .join(", ")
      }</bdi>${since && html`, for <${Ago} time=${since} />`}</li>`
    )}</ul>
  `;
}

/** @param {{ rows: readonly import("../../control/notify_views.ts").OverdueRow[] }} props */
function Overdue({ rows }) {
  if (rows.length === 0) return null;
  return html`
    <h2>Expected disks</h2>
    <ul class="plain">${rows.map((row) =>
      html`<li>
      <${Sign} of=${row.overdue ? "failing" : "mounted"} />${" "}
      <b>${row.overdue ? "overdue" : "in time"}</b>${" "}
      <a href=${diskAddress(row.name)}><${Name}>${row.name}<//></a><bdi>${
        overdueText(row)
      }</bdi></li>`
    )}</ul>
  `;
}

/** @type {Readonly<Record<DuplicateRow["kind"], string>>} */
const KIND_WORDS = {
  uuid: "UUID",
  uuid_sub: "UUID_SUB",
  partuuid: "PARTUUID",
  wwn: "WWN",
  serial: "serial number",
  label: "label",
};

export function DuplicatesPage() {
  const doc = useDocument("/api/duplicates.json");
  const now = useNow(10_000);
  /** @type {readonly DuplicateRow[] | undefined} */
  const rows = doc.value;
  return html`
    <h1>Duplicates</h1>
    ${rows === undefined && html`<${Waiting} doc=${doc} />`}
    ${rows?.length === 0 &&
      html`<p class="lead">No two devices share a UUID, label or other identifier.</p>`}
    ${rows?.map((row) =>
      html`<section key=${`${row.kind} ${row.value}`}>
      <h2><bdi>${duplicateText(row)}</bdi></h2>
      <ol class="places">${
        row.disks.map((disk) =>
          html`
            <li key=${`${disk.hostId} ${disk.device}`}>
              <${ShortPlace} row=${disk} now=${now} site=${isOfSeveralSites(
                  row.disks,
                )
                ? disk.site
                : null} />
            </li>
          `
        )
      }</ol>
      ${row.more ? html`<p class="quiet">and ${row.more} more</p>` : null}
    </section>`
    )}
  `;
}

/** @param {DuplicateRow["disks"]} disks */
function isOfSeveralSites(disks) {
  return new Set(disks.map(({ site }) => site)).size > 1;
}

/** @param {DuplicateRow} row */
export function duplicateText({ kind, value, reason, disks }) {
  const what = `${KIND_WORDS[kind]} ${visible(value)}`;
  const hosts = new Set(disks.map(({ hostId }) => hostId)).size;
  const drives = new Set(
    disks.flatMap(({ hostId, device, drives }) =>
      drives.length === 0
        ? `${hostId} ${device}`
        : drives.map((drive) => `${hostId} ${drive.device}`)
    ),
  ).size;
  const count = disks.length;
  /** @type {Readonly<Record<DuplicateRow["reason"], string>>} */
  const sentences = {
    clone: `A clone on ${drives} drives: ${what}`,
    image: `One image on ${drives} drives: ${what}, and others`,
    copy: `${count} copies on one drive: ${what}`,
    shared: `One drive that ${hosts} hosts see: ${what}`,
    "clone-or-shared":
      `${count} copies, or one drive seen ${count} times: ${what}`,
    namesakes: `${count} different disks of one name: ${what}`,
  };
  return sentences[reason];
}
