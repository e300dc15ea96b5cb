import { useMemo } from "preact/hooks";
import { sizeText, visible } from "./format.js";
import { segmentsOf, topVolumes } from "./fill.js";
import { html } from "./html.js";
import { useDocument, useNow } from "./live.js";
import { useArrivals, useFlight } from "./motion.js";
import { Name, Sign } from "./parts.js";
import { diskAddress } from "./router.js";
import { conditionOf, ownStateText } from "./words.js";

/** The drives of a host, and their volumes. */

/** @typedef {import("./fill.js").DriveRow} DriveRow */
/** @typedef {import("./fill.js").Volume} Volume */

/**
 * The drives of a host; its disks, if it tells nothing of drives, as diskd 0.01.
 * @param {import("../../control/views.ts").HostRow} host
 */
export function useDrives({ hostId, state, disks }) {
  const address = `/api/list.json?host=${hostId}`;
  const all = state === "gone" ? "&all=1" : "";
  const drives = useDocument(`${address}&drives=1${all}`);
  const isBare = disks > 0 && drives.value?.length === 0;
  const bare = useDocument(isBare ? address + all : null);
  const { value } = bare;
  const rows = useMemo(
    () =>
      value?.map((/** @type {DriveRow} */ row) => ({ ...row, volumes: [row] })),
    [value],
  );
  return isBare ? { ...bare, value: rows } : drives;
}

/** @param {{ rows: readonly DriveRow[], hostId: string }} props */
export function Drives({ rows, hostId }) {
  const { shown, newKeys, goneKeys } = useArrivals(rows, (row) => row.device);
  if (shown.length === 0) return html`<p class="quiet">no disks</p>`;
  return html`<ul class="drives">${
    shown.map((row) =>
      html`
        <${Drive} key=${row.device} row=${row} hostId=${hostId}
          isNew=${newKeys.has(row.device)} isGone=${goneKeys.has(row.device)} />
      `
    )
  }</ul>`;
}

/** @param {{ row: DriveRow, hostId: string, isNew: boolean, isGone: boolean }} props */
function Drive({ row, hostId, isNew, isGone }) {
  const now = useNow(30_000);
  const { device, model, serial, size } = row;
  const volumes = topVolumes(row);
  const disk = motionKey(row);
  const item = useFlight(disk, `${hostId} ${device}`, isNew);
  const state = isGone ? "unplugged" : ownStateText(row, now);
  const isBad = row.health !== null;
  return html`
    <li class="drive ${isNew ? "new" : ""} ${isGone ? "leaving" : ""} ${row
      .state} ${isBad ? "bad" : ""}"
      ref=${item} data-disk=${disk}>
      <div class="drive-line">
        <div class="names">
        <a class="device" href=${diskAddress(driveName(row))}><${Name}>${device
          .replace(/^\/dev\//, "")}<//></a>
        <span class="model"><${Name}>${model ?? row.kind ?? ""}<//></span>
        ${serial && html`<span class="serial"><${Name}>${serial}<//></span>`}
        ${portOf(row) &&
          html`<span class="port"><${Name}>${portOf(row)}<//></span>`}
        </div>
        ${size !== null && html`<span class="size">${sizeText(size)}</span>`}
      </div>
      <${FillBar} row=${row} />
      ${state !== "" &&
        html`<p class="state ${isBad ? "failing" : "gone"}"><${Sign} of=${
          isGone ? "gone" : conditionOf(row)
        } /> ${state}</p>`}
      ${volumes.length > 0
        ? html`<ul class="volumes">${
          volumes.map((volume) =>
            html`<${VolumeLine} key=${volume.device} volume=${volume} drive=${row} />`
          )
        }</ul>`
        : html`<p class="quiet">blank</p>`}
    </li>
  `;
}

/** What moves when it is seen on another host. @param {DriveRow} row */
function motionKey({ uuid, wwn, serial, volumes, device, hostId }) {
  return uuid ?? wwn ?? serial ?? volumes[0]?.uuid ?? `${hostId} ${device}`;
}

/** @param {DriveRow} row */
function driveName({ wwn, serial, uuid, label, uniqueHost, device }) {
  return wwn ?? serial ?? uuid ?? label ?? `${uniqueHost}:${device}`;
}

/** @param {DriveRow} row */
function portOf({ slot, port, tran }) {
  return slot ?? tran ?? port;
}

/** @param {{ row: DriveRow }} props */
function FillBar({ row }) {
  const segments = segmentsOf(row);
  return html`<svg class="fill" height="6" width="100%" aria-hidden="true">
    <rect class="empty" width="100%" height="6" rx="1" />
    ${
    segments.map(({ volume, start, width }) =>
      html`
        <rect class=${conditionOf({ ...row, ...volume })} x=${percent(
          start,
        )} width=${percent(Math.max(width - 0.003, 0.004))} height="6" rx="1">
          <title>${visible(volumeText(volume))}</title>
        </rect>
      `
    )
  }
  </svg>`;
}

/** @param {number} part */
function percent(part) {
  return `${(part * 100).toFixed(2)}%`;
}

/** @param {Volume} volume */
function volumeText({ label, alias, type, uuid }) {
  return label || alias || type || uuid || "without a label";
}

/** @param {{ volume: Volume, drive: DriveRow }} props */
function VolumeLine({ volume, drive }) {
  const { label, alias, uuid, type, size, mounts, note, tags } = volume;
  const condition = conditionOf({ ...drive, health: null, ...volume });
  const name = uuid ?? label ?? `${drive.uniqueHost}:${volume.device}`;
  /** @type {Record<string, string>} */
  const uses = { used: "in use", free: "not mounted" };
  const use = mounts.length > 0
    ? mounts.map(visible).join(", ")
    : uses[condition] ?? "";
  return html`
    <li class="volume ${condition}">
      <${Sign} of=${condition} />
      <div class="names">
      <a href=${diskAddress(name)}><${Name}>${volumeText(volume)}<//></a>
      ${alias && label &&
        html`<span class="alias"><${Name}>${alias}<//></span>`}
      ${tags.map((tag) => html`<span class="tag"><${Name}>${tag}<//></span>`)}
      ${use && html`<span class="use"><bdi>${use}</bdi></span>`}
      ${(label || alias) && type &&
        html`<span class="type">${visible(type)}</span>`}
      </div>
      ${size !== null && html`<span class="size">${sizeText(size)}</span>`}
      ${note && html`<span class="note"><${Name}>${note}<//></span>`}
    </li>
  `;
}
