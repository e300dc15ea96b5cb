/** What is told of disks to people who are not at a terminal. */
import type { NoticeKind } from "../config/notify_setting.ts";
import type { SaidOfDisk } from "../control/remarked.ts";
import type { OverdueRow } from "../control/notify_views.ts";
import type { Disk } from "../inventory/disk.ts";
import { printable, printableStart } from "../text/printable.ts";
import { count, durationSince, formatSize } from "./format.ts";
import { sayNote } from "./remarks.ts";
import { hostAt } from "./sites.ts";

/** Something to tell. */
export interface Notice {
  readonly event: NoticeKind | "left-out" | "test";
  /** RFC 3339. */
  readonly at: string;
  readonly title: string;
  /** Sentences without a stop at the end, safe to print. */
  readonly text: string;
  /** What programs want to know. */
  readonly about: Readonly<Record<string, unknown>>;
}

/** From 1, the least, to 5, as of ntfy. */
const PRIORITIES: Readonly<Record<Notice["event"], number>> = {
  failing: 5,
  overdue: 4,
  gone: 3,
  moved: 3,
  "left-out": 3,
  attached: 2,
  test: 3,
};

/** What happened to a disk. */
export interface DiskNews {
  readonly event: Exclude<NoticeKind, "overdue">;
  readonly at: string;
  readonly disk:
    & Pick<Disk, "device" | "label" | "uuid" | "serial" | "wwn">
    & Pick<Disk, "size" | "mounts" | "partlabel">
    & SaidOfDisk;
  readonly host: string;
  readonly hostId: string;
  readonly uniqueHost: string;
  /** For `moved`, its previous host. */
  readonly uniqueFrom: string | null;
  /** The sites of both; `null`: none is named. */
  readonly site: string | null;
  readonly fromSite: string | null;
}

const MAX_MOUNTS = 3;
/** A name may be long, and a message is for a small screen. */
const MAX_NAME_CHARS = 80;

export function diskNotice(news: DiskNews): Notice {
  const { event, at, disk, host, hostId, uniqueHost, uniqueFrom } = news;
  const name = nameIn(
    disk.label || disk.alias || disk.uuid || disk.partlabel || disk.serial ||
      disk.device,
  );
  const { device, label, uuid, serial, wwn, alias, note, tags, mounts } = disk;
  return {
    event,
    at,
    title: `${name} ${TITLES[event]}`,
    text: `${sayNews(news, name)}${also(note, event)}`,
    about: {
      ...{ host, hostId, uniqueHost, from: uniqueFrom, device, label, uuid },
      ...{ serial, wwn, alias, note, tags },
      mounts: mounts.slice(0, MAX_MOUNTS),
    },
  };
}

const TITLES: Readonly<Record<DiskNews["event"], string>> = {
  failing: "cannot be read",
  gone: "was unplugged",
  moved: "moved",
  attached: "was attached",
};

function sayNews(
  { event, disk, uniqueHost, uniqueFrom, site, fromSite }: DiskNews,
  name: string,
): string {
  const host = printable(uniqueHost);
  const size = disk.size === null ? "" : ` (${formatSize(disk.size)})`;
  switch (event) {
    case "failing":
      return `${name} on ${host} cannot be read: reads of ` +
        `${printable(disk.device)} fail`;
    case "gone": {
      const [mount] = disk.mounts;
      const use = mount === undefined
        ? ""
        : `, while it was mounted on ${printableStart(mount)}`;
      return `${name}${size} was unplugged from ${host}${use}`;
    }
    case "moved": {
      const [from, to] = site === fromSite ? [null, null] : [fromSite, site];
      return `${name}${size} moved from ${hostAt(uniqueFrom ?? "", from)} to ` +
        hostAt(uniqueHost, to);
    }
    case "attached":
      return `${name}${size} was attached to ${host}`;
  }
}

/** Where it is, as somebody noted; of a disk that is attached a note says something else. */
function also(note: string | null, event: Notice["event"]): string {
  if (note === null) return "";
  const isAway = event === "gone" || event === "overdue";
  const place = sayNote("it", note);
  return isAway && place.startsWith("it is in ")
    ? `; ${place}`
    : `; note: ${printable(note)}`;
}

/** A row without its sentence. */
type BareOverdueRow = Omit<OverdueRow, "text">;

/** `backup-2019 was unplugged from alpha 8 days ago: it should be seen every 8 days`. */
export function sayOverdue(row: BareOverdueRow, now: number): string {
  const period = sayPeriod(row.seenEverySeconds);
  return `${sayLastSeen(row, now)}: it should be seen ${period}` +
    also(row.note, "overdue");
}

export function overdueNotice(row: OverdueRow, now: number): Notice {
  const { name: _, overdue: __, remarks: ___, text, ...about } = row;
  return {
    event: "overdue",
    at: new Date(now).toISOString(),
    title: `${nameIn(row.name)} is overdue`,
    text,
    about: { ...about, from: null },
  };
}

function sayLastSeen(row: BareOverdueRow, now: number): string {
  const { uniqueHost, seenAt, state, unplugged, expectedSince } = row;
  const name = nameIn(row.name);
  if (uniqueHost === null || seenAt === null) {
    const age = durationSince(expectedSince, now);
    return `${name} has been expected for ${age} and was never seen`;
  }
  const host = printable(uniqueHost);
  const age = durationSince(seenAt, now);
  switch (state) {
    case "attached":
      return `${name} is on ${host}`;
    case "stale":
      return `${name} was last seen on ${host}, which has been silent for ${age}`;
    default:
      return unplugged
        ? `${name} was unplugged from ${host} ${age} ago`
        : `${name} was last seen ${age} ago on ${host}`;
  }
}

const PERIODS = [["day", 86_400], ["h", 3_600], ["min", 60]] as const;

/** `every 8 days`, `every day`, `every 36 h`. */
export function sayPeriod(seconds: number): string {
  const [unit, size] =
    PERIODS.find(([, size]) => seconds >= size && seconds % size === 0) ??
      ["s", 1];
  const number = seconds / size;
  if (unit !== "day") return `every ${number} ${unit}`;
  return number === 1 ? "every day" : `every ${count(number, unit)}`;
}

/** A host changed more than is told one by one. */
export function leftOutNotice(
  { at, events, ...host }: Pick<DiskNews, "host" | "hostId" | "uniqueHost"> & {
    readonly at: string;
    readonly events: number;
  },
): Notice {
  const name = printable(host.uniqueHost);
  return {
    event: "left-out",
    at,
    title: `${name} changes too much`,
    text: `${count(events, "change")} of disks on ${name} ` +
      `${events === 1 ? "was" : "were"} not told one by one; see: diskd list`,
    about: { ...host, changes: events },
  };
}

export function testNotice(sender: string, at: string): Notice {
  const host = printable(sender);
  return {
    event: "test",
    at,
    title: `diskd on ${host}`,
    text: `This is a test: messages of diskd on ${host} arrive here`,
    about: {},
  };
}

/** Of several, these many are told in words, and as objects. */
const MAX_LINES = 10;
/** ntfy makes a file of a message with more than 4,096 bytes. */
const MAX_TEXT_BYTES = 3_000;

/**
 * A message: what ntfy, Gotify, Home Assistant and Slack each read, and all of
 * it for programs.
 */
export function messageOf(
  notices: readonly Notice[],
  { id, sender }: { readonly id: string; readonly sender: string },
): Readonly<Record<string, unknown>> {
  const [first, ...others] = notices;
  const isOne = first !== undefined && others.length === 0;
  const message = linesOf(notices);
  const kinds = new Set(notices.map(({ event }) => event));
  const priorities = notices.map(({ event }) => PRIORITIES[event]);
  return {
    title: isOne ? first.title : `diskd: ${sayKinds(notices)}`,
    message,
    // Of Slack, to which <, > and & mean something.
    text: message.replaceAll("&", "&amp;").replaceAll("<", "&lt;")
      .replaceAll(">", "&gt;"),
    priority: Math.max(...priorities),
    event: kinds.size === 1 ? first?.event : "several",
    count: notices.length,
    sender,
    id,
    events: notices.slice(0, MAX_LINES)
      .map(({ event, at, text, about }) => ({ event, at, text, ...about })),
  };
}

function linesOf(notices: readonly Notice[]): string {
  const lines: string[] = [];
  let bytes = 0;
  for (const { text } of notices.slice(0, MAX_LINES)) {
    bytes += new TextEncoder().encode(text).length + 1;
    if (lines.length > 0 && bytes > MAX_TEXT_BYTES) break;
    lines.push(text);
  }
  const more = notices.length - lines.length;
  if (more > 0) lines.push(`and ${more} more; see: diskd list --all`);
  return lines.join("\n");
}

/** `3 unplugged, 1 overdue`. */
function sayKinds(notices: readonly Notice[]): string {
  const counts = Map.groupBy(notices, ({ event }) => event);
  return [...counts].map(([event, { length }]) => `${length} ${WORDS[event]}`)
    .join(", ");
}

const WORDS: Readonly<Record<Notice["event"], string>> = {
  failing: "unreadable",
  overdue: "overdue",
  gone: "unplugged",
  moved: "moved",
  attached: "attached",
  "left-out": "with too many changes",
  test: "test",
};

function nameIn(name: string): string {
  return printableStart(name, MAX_NAME_CHARS);
}
