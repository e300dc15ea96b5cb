import type { Verdict } from "../control/verdict.ts";
import { printable } from "../text/printable.ts";
import { formatAge } from "./format.ts";

/** Largest number of disks named in a line. */
const MAX_SHOWN = 3;

interface Asked {
  /** As typed. */
  readonly name: string;
  /** Name or id of the requested host, if any. */
  readonly host?: string | undefined;
  /** Ms since 1970. */
  readonly now: number;
}

/** The sentences that a verdict adds to the rows. */
export function sayVerdict(verdict: Verdict, asked: Asked): string[] {
  return [
    ...sayCalledNow(verdict, asked),
    ...sayKind(verdict, asked),
    ...sayNamedSo(verdict, asked),
    ...sayCut(verdict),
    ...sayMore(verdict),
  ];
}

function sayMore({ more = 0 }: Verdict): string[] {
  return more > 0 ? [`${more} more places are not shown.`] : [];
}

function sayNamedSo({ namedSo = [] }: Verdict, { name }: Asked): string[] {
  if (namedSo.length === 0) return [];
  const shown = namedSo.slice(0, MAX_SHOWN).map(printable).join(", ");
  const more = namedSo.length - MAX_SHOWN;
  const disks = namedSo.length === 1 ? "another disk" : "other disks";
  return [
    `${printable(name)} is also the name that somebody gave ${disks}, ` +
    `${shown}${more > 0 ? ` and ${more} more` : ""}: labels and the like win.`,
  ];
}

function sayCut({ cut = [] }: Verdict): string[] {
  if (cut.length === 0) return [];
  const more = cut.length - MAX_SHOWN;
  const names = list(cut.slice(0, MAX_SHOWN));
  return [
    `The lists of ${names}${more > 0 ? ` and ${more} more` : ""} are cut, ` +
    "because they are longer than this host keeps: it may be there.",
  ];
}

function sayCalledNow({ calledNow }: Verdict, { name }: Asked): string[] {
  return calledNow.length === 0 ? [] : [
    `${printable(name)} is now called ${calledNow.map(printable).join(", ")}.`,
  ];
}

/** Those that say where it is, or why it cannot be told. */
export function sayKind(verdict: Verdict, asked: Asked): string[] {
  const { hosts } = verdict;
  switch (verdict.kind) {
    case "attached":
    case "moved":
      return [
        ...sayRepeated(verdict),
        ...sayMoved(verdict),
        ...saySilent(verdict),
      ];
    case "stale":
    case "detached":
      return [];
    case "noted":
      return [
        `No known host has or had ${printable(asked.name)}, but there is a ` +
        "note on it. See: diskd note",
      ];
    case "elsewhere":
      return [
        `${printable(asked.name)} is not on ${printable(asked.host ?? "")}, ` +
        `but on ${list(hosts)}`,
      ];
    case "ambiguous":
      return [sayAmbiguous(verdict, asked)];
    case "by-note":
      return [
        `No disk is named ${printable(asked.name)}; it is in these notes.`,
      ];
    case "not-known":
      return [sayNotKnown(verdict, asked)];
    case "namesakes":
      return [
        `Different disks share this name, on ${list(hosts)}: use a UUID.`,
      ];
    default:
      return [
        `Attached to several hosts at once: ${list(hosts)}`,
        whySeveral(verdict, asked),
      ];
  }
}

function sayRepeated({ hosts, devices }: Verdict): string[] {
  if (devices.length === 0) return [];
  const shown = devices.map(printable).join(", ");
  return [
    `${list(hosts)} has it ${devices.length} times (${shown}): ` +
    "a copy, or several paths to it.",
  ];
}

function sayMoved({ hosts, from }: Verdict): string[] {
  if (from.length === 0) return [];
  return [
    `It has probably moved to ${list(hosts)}: ` +
    `${list(from)} had it too when last heard, and did not say goodbye.`,
  ];
}

function saySilent({ silent }: Verdict): string[] {
  if (silent.length === 0) return [];
  return [
    `${list(silent)}, silent now, had a disk of that name too when last heard.`,
  ];
}

function sayAmbiguous({ matches }: Verdict, { name }: Asked): string {
  const shown = matches.slice(0, MAX_SHOWN).map(printable).join(", ");
  const more = matches.length - MAX_SHOWN;
  return `${printable(name)} is a part of the names of ${matches.length} ` +
    `disks: ${shown}${more > 0 ? ` and ${more} more` : ""}. Type more of it.`;
}

function sayNotKnown({ suggestions }: Verdict, { name }: Asked): string {
  const next = suggestions.length > 0
    ? `Did you mean ${suggestions.map(printable).join(", or ")}?`
    : "See: diskd list";
  return `No disk is named ${printable(name)}. ${next}`;
}

function whySeveral(
  { kind, from, to, since }: Verdict,
  { now }: Asked,
): string {
  switch (kind) {
    case "may-have-moved":
      return `It came to ${printable(to?.uniqueHost ?? "")} ` +
        `${formatAge(since ?? "", now)} ago, and ${list(from)} ` +
        "has not been heard since: it may have moved.";
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

function list(hosts: Verdict["hosts"]): string {
  return hosts.map(({ uniqueHost }) => printable(uniqueHost)).join(", ");
}
