/** What is said of disks and hosts: the words of the command line; a test compares both. */
import {
  ageText,
  counted,
  durationText,
  momentText,
  sizeText,
  visible,
} from "./format.js";

/** @typedef {import("../../control/views.ts").DiskRow} DiskRow */
/** @typedef {import("../../control/views.ts").DriveView} DriveView */
/** @typedef {import("../../control/views.ts").HostRow} HostRow */
/** @typedef {import("../../control/views.ts").EventRow} EventRow */
/** @typedef {import("../../control/verdict.ts").Verdict} Verdict */

/** What people call a disk. @param {DiskRow} row */
export function diskText(row) {
  return row.label || row.alias || row.uuid || row.partlabel || row.serial ||
    row.device;
}

/**
 * The name that finds this disk again.
 * @param {Pick<DiskRow, "uuid" | "label" | "partuuid" | "wwn" | "serial" | "uniqueHost" | "device">} row
 */
export function reachedBy(row) {
  return row.uuid ?? row.label ?? row.partuuid ?? row.wwn ?? row.serial ??
    `${row.uniqueHost}:${row.device}`;
}

/**
 * How a disk is; each has a sign and a colour.
 * @typedef {"mounted" | "used" | "free" | "failing" | "silent" | "gone"} Condition
 */

/**
 * @param {{ state: string, health?: string | null, mounts: readonly string[], inUse: boolean | null }} row
 * @returns {Condition}
 */
export function conditionOf({ state, health, mounts, inUse }) {
  if (health) return "failing";
  if (state === "stale") return "silent";
  if (state === "detached") return "gone";
  if (mounts.length > 0) return "mounted";
  return inUse ? "used" : "free";
}

/**
 * The state of a disk as in lists: `silent 3m`, `shut down 2d`, `unplugged 2d`,
 * `cannot be read`; empty if it is there and well.
 * @param {Pick<DiskRow, "state" | "unplugged" | "seenAt" | "health">} row
 * @param {number} now
 */
export function stateText({ state, unplugged, seenAt, health }, now) {
  const age = ageText(seenAt, now);
  const states = {
    attached: "",
    stale: `silent ${age}`,
    detached: `${unplugged ? "unplugged" : "shut down"} ${age}`,
  };
  return [states[state], health ? "cannot be read" : ""]
    .filter((text) => text !== "").join(", ");
}

/**
 * The same beside its host, which says itself that it is silent or shut down.
 * @param {Parameters<typeof stateText>[0]} row
 * @param {number} now
 */
export function ownStateText(row, now) {
  const isThere = row.state !== "detached" || !row.unplugged;
  return stateText(isThere ? { ...row, state: "attached" } : row, now);
}

/**
 * What follows the name of an expected disk.
 * @param {{ name: string, text: string }} row
 */
export function overdueText({ name, text }) {
  const shown = visible(name);
  return text.startsWith(shown) ? text.slice(shown.length) : `: ${text}`;
}

/** @param {HostRow} row @param {number} now */
export function hostStateText({ state, heardAt }, now) {
  const at = momentText(heardAt, now);
  if (state === "stale") return `silent since ${at}`;
  return state === "gone" ? `shut down ${at}` : "up";
}

/** Whether a person knows best where it is. @param {DiskRow} row */
export function isInDrawer({ note, unplugged }) {
  return unplugged && note !== null;
}

/**
 * What an answer says of this site, and of the relays at others.
 * @typedef {Partial<Pick<import("../../control/views.ts").FindView, "site" | "relays">>} Around
 */

/**
 * The site of a host, if it is another one than this; else `null`.
 * @param {Pick<DiskRow, "site">} row
 * @param {Around} around
 */
export function farSite({ site }, { site: here }) {
  return site === undefined || here === undefined || site === here
    ? null
    : site;
}

/** `b1 at away`. @param {string} uniqueHost @param {string | null | undefined} site */
function hostText(uniqueHost, site) {
  const host = visible(uniqueHost);
  return site ? `${host} at ${visible(site)}` : host;
}

/**
 * The address of the host; at another site it leads nowhere from here.
 * @param {DiskRow} row
 * @param {Around} around
 */
export function addressText(row, around) {
  const { address, hostId } = row;
  const site = farSite(row, around);
  if (address === null) return null;
  if (site === null) return visible(address);
  const relay = around.relays?.find((one) => one.site === site);
  return `${visible(address)} at ${visible(site)}${
    relay && relay.hostId !== hostId
      ? `, through relay ${visible(relay.uniqueHost)}`
      : ""
  }`;
}

/**
 * Where a disk is, as a sentence.
 * @param {DiskRow} row
 * @param {number} now
 * @param {Around} around
 */
export function whereText(row, now, around = {}) {
  const disk = visible(diskText(row));
  const host = hostText(row.uniqueHost, farSite(row, around));
  if (isInDrawer(row)) {
    return `${noteText(disk, visible(row.note ?? ""))}; last seen on ${host}, ${
      durationText(now - Date.parse(row.seenAt))
    } ago`;
  }
  const device = visible(row.device);
  const place = disk === device ? host : `${host}, ${device}`;
  const health = row.health === null ? "" : "; it cannot be read";
  if (row.state === "attached") {
    return `${disk} is on ${place}, ${useText(row)}${health}`;
  }
  if (row.state === "stale") {
    const silent = durationText(now - Date.parse(row.seenAt));
    return `${disk} was in ${host}, silent for ${silent} (crash or network)${health}`;
  }
  const at = momentText(row.seenAt, now);
  return row.unplugged
    ? `${disk} is unplugged; until ${at} it was in ${place}${health}`
    : `${disk} is in ${host}, which was shut down ${at} (or only its diskd was stopped)${health}`;
}

/**
 * @param {string} name
 * @param {string} note
 */
export function noteText(name, note) {
  return `${name}${IS_PLACE.test(note) ? " is in" : ":"} ${note}`;
}

/** Notes that complete the sentence "it is in". */
const IS_PLACE =
  /^(?:the |my |our )?(?:bag|box|cabinet|case|closet|cupboard|desk|drawer|garage|office|rack|room|safe|shelf)\b/i;

/** @param {{ type: string | null }} row */
export function holdsAnother({ type }) {
  return type !== null && /_member$|^crypto_LUKS$/.test(type);
}

/** @param {DiskRow} row */
function isBlank(row) {
  return row.kind !== null && row.hidden === null && row.health === null &&
    !row.inUse && row.uuid === null && row.label === null &&
    row.type === null && row.types.length === 0;
}

/** Whether it is mounted, and where. @param {DiskRow} row */
export function useText(row) {
  const [first, ...others] = row.mounts;
  if (first === "[SWAP]") return "in use as swap";
  if (first !== undefined) {
    const more = others.length + (row.binds ?? 0);
    const readOnly = row.mounts_ro.includes(first) ? " (read-only)" : "";
    return `mounted on ${visible(first)}${readOnly}${more ? ` +${more}` : ""}`;
  }
  if (row.hidden === "guest") return "in use by a guest";
  if (isBlank(row)) return "blank";
  if (row.inUse) return "in use";
  const isMember = row.holders.length > 0 || holdsAnother(row);
  return isMember || row.hidden === "parts" ? "not in use" : "not mounted";
}

/** `bay 3 (pci-0000:00:1f.2-ata-3)`. @param {Pick<DriveView, "slot" | "port">} drive */
export function portText({ slot, port }) {
  if (slot !== null && port !== null) return visible(`${slot} (${port})`);
  return slot ?? port ? visible(`${slot ?? port}`) : null;
}

/** @param {readonly (string | number | null | undefined | false)[]} parts */
export function listed(parts) {
  const known = parts.filter((part) => part);
  return known.length === 0 ? null : visible(known.join(", "));
}

/** @param {Pick<DiskRow, "type" | "size">} row */
export function typeText({ type, size }) {
  return listed([type, size !== null && sizeText(size)]);
}

const MAX_SHOWN = 3;

/** @param {Verdict["hosts"]} hosts */
function hostTexts(hosts) {
  return hosts.map(({ uniqueHost }) => visible(uniqueHost)).join(", ");
}

/** @param {readonly string[]} names */
function fewTexts(names) {
  const more = names.length - MAX_SHOWN;
  const shown = names.slice(0, MAX_SHOWN).map(visible).join(", ");
  return `${shown}${more > 0 ? ` and ${more} more` : ""}`;
}

/**
 * The sentences that a verdict adds to where it is.
 * @param {Verdict} verdict
 * @param {string} name as typed
 * @param {number} now
 * @returns {string[]}
 */
export function verdictTexts(verdict, name, now) {
  const { calledNow, namedSo = [], cut = [], more = 0 } = verdict;
  const asked = visible(name);
  const cutHosts = fewTexts(cut.map(({ uniqueHost }) => uniqueHost));
  return [
    calledNow.length > 0 &&
    `${asked} is now called ${calledNow.map(visible).join(", ")}.`,
    ...kindTexts(verdict, asked, now),
    namedSo.length > 0 &&
    `${asked} is also the name that somebody gave ${
      namedSo.length === 1 ? "another disk" : "other disks"
    }, ${fewTexts(namedSo)}: labels and the like win.`,
    cut.length > 0 &&
    `The lists of ${cutHosts} are cut, because they are longer than this host keeps: it may be there.`,
    more > 0 && `${more} more places are not shown.`,
  ].filter((text) => text !== false);
}

/** @param {Verdict} verdict @param {string} asked @param {number} now @returns {(string | false)[]} */
function kindTexts(verdict, asked, now) {
  const { kind, hosts, from, silent, devices, suggestions, matches } = verdict;
  const names = hostTexts(hosts);
  switch (kind) {
    case "attached":
    case "moved":
      return [
        devices.length > 0 &&
        `${names} has it ${devices.length} times (${
          devices.map(visible).join(", ")
        }): a copy, or several paths to it.`,
        from.length > 0 &&
        `It has probably moved to ${names}: ${
          hostTexts(from)
        } had it too when last heard, and did not say goodbye.`,
        silent.length > 0 &&
        `${
          hostTexts(silent)
        }, silent now, had a disk of that name too when last heard.`,
      ];
    case "stale":
    case "detached":
      return [];
    case "noted":
      return [`No known host has or had ${asked}, but there is a note on it.`];
    case "elsewhere":
      return [`${asked} is not there, but on ${names}`];
    case "ambiguous":
      return [
        `${asked} is a part of the names of ${matches.length} disks: ${
          fewTexts(matches)
        }. Type more of it.`,
      ];
    case "by-note":
      return [`No disk is named ${asked}; it is in these notes.`];
    case "not-known":
      return [
        `No disk is named ${asked}.${
          suggestions.length === 0
            ? ""
            : ` Did you mean ${suggestions.map(visible).join(", or ")}?`
        }`,
      ];
    case "namesakes":
      return [`Different disks share this name, on ${names}: use a UUID.`];
    default:
      return [
        `Attached to several hosts at once: ${names}`,
        severalText(verdict, now),
      ];
  }
}

/** @param {Verdict} verdict @param {number} now */
function severalText({ kind, from, to, since }, now) {
  switch (kind) {
    case "may-have-moved":
      return `It came to ${visible(to?.uniqueHost ?? "")} ${
        ageText(since ?? "", now)
      } ago, and ${
        hostTexts(from)
      } has not been heard since: it may have moved.`;
    case "clone":
      return "The drives are different, by their serial numbers or WWNs: a clone, or copies of one image.";
    case "shared":
      return "It is one drive, by its serial number or WWN: storage that these hosts share.";
    case "members":
      return "They are members of one filesystem, RAID or pool: the UUID is that of the whole.";
    default:
      return "It is a copy, such as a clone or a snapshot, or storage that these hosts share.";
  }
}

/** @type {Readonly<Record<string, string>>} */
const EVENT_WORDS = {
  detached: "unplugged",
  failing: "cannot be read",
  recovered: "is read again",
  "host-up": "up",
  "host-stale": "silent",
  "host-gone": "shut down",
  "left-out": "left out",
};

/** What people call an event. @param {EventRow} row */
export function eventText({ event }) {
  return visible(EVENT_WORDS[event] ?? event);
}

/** The site of a disk that came from another one; else `null`. @param {EventRow} row */
export function eventSite({ uniqueFrom, site, fromSite }) {
  return uniqueFrom !== null && site !== fromSite ? site : null;
}

/** What an event says beyond the disk and its place. @param {EventRow} row */
export function eventDetail(row) {
  const { event, mount, uniqueFrom, fromDevice, changes, leftOut, remark } =
    row;
  const isBetweenSites = row.site !== row.fromSite;
  return [
    fromDevice !== null
      ? `was ${visible(fromDevice)}`
      : uniqueFrom !== null
      ? `from ${hostText(uniqueFrom, isBetweenSites ? row.fromSite : null)}`
      : mount !== null
      ? `${event === "mounted" ? "on" : "from"} ${visible(mount)}`
      : "",
    changesText(changes),
    remark === null ? "" : remarkText(remark),
    leftOut > 0 ? counted(leftOut, "event") : "",
  ].filter((text) => text !== "").join("; ");
}

/** @param {NonNullable<EventRow["remark"]>} remark */
function remarkText({ field, value }) {
  const [kind, tag] = field.split(":", 2);
  if (tag !== undefined) {
    return visible(`${kind} ${tag}${value === null ? " removed" : ""}`);
  }
  return visible(value === null ? `no ${field} now` : `${field}: ${value}`);
}

/** @param {EventRow["changes"]} changes */
function changesText(changes) {
  const shown = changes.slice(0, MAX_SHOWN).map(({ field, from, to }) =>
    `${visible(field)}: ${valueText(field, from)} -> ${valueText(field, to)}`
  );
  const more = changes.length - MAX_SHOWN;
  return [...shown, ...(more > 0 ? [`${more} more`] : [])].join(", ");
}

/** @param {string} field @param {EventRow["changes"][number]["from"]} value */
function valueText(field, value) {
  if (value === null || value === "") return "none";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number") {
    return field === "size" ? sizeText(value) : `${value}`;
  }
  if (typeof value === "string") return visible(value);
  return value.length === 0 ? "none" : value.map(visible).join("+");
}
