/**
 * The forms in which people write a name: as udev writes links below
 * `/dev/disk`, as `/etc/fstab` and mdadm do, as LVM does, and as a table of ours
 * cuts it.
 * @see 60-persistent-storage.rules, 60-persistent-storage-dm.rules of udev
 */
import { matchesGlob } from "../text/glob.ts";
import type { Disk } from "./disk.ts";
import { joinLvmName } from "./lvm_names.ts";

/** The fields of a disk with text or `null`. */
type TextField = {
  [K in keyof Disk]: Disk[K] extends string | null ? K : never;
}[keyof Disk];

/**
 * `formerLabel`: one that it had, which only the history knows. `alias`: one
 * that somebody gave it, see `Remark`.
 */
export type NameField = TextField | "formerLabel" | "alias";

/** A way to read a name. */
export interface NameReading {
  readonly text: string;
  /** The only fields that it may be; absent: any. */
  readonly fields?: readonly NameField[];
  /** Number of the partition. */
  readonly part?: string;
  /** Name or id of the host that has it. */
  readonly host?: string;
}

/** All ways to read a name. */
export function readingsOf(name: string): NameReading[] {
  const reading = untag({ text: name });
  const isTagged = reading.text !== name;
  return [
    ...(isTagged ? [{ text: name, fields: ODD_FIELDS }] : []),
    reading,
    ...partOf(reading),
    ...onHost(reading),
  ];
}

/** Whether a name has no other reading than the text that it is, and is no pattern or path. */
export function meansOnlyItself(name: string): boolean {
  return readingsOf(name).length === 1 && !IS_GLOB.test(name) &&
    !IS_PATH.test(name) && !IS_CUT.test(name);
}

/** Those in which people may have written anything. */
const ODD_FIELDS: readonly NameField[] = ["label", "partlabel", "device"];

/**
 * Folders, tags and beginnings that say what follows. A link in by-id may be
 * one of the later ones.
 */
const TAGS: readonly (readonly [tag: RegExp, fields?: readonly NameField[]])[] =
  [
    [/^\/dev\/(?=(?:disk\/)?by-|md\/)/],
    [/^disk\//],
    [/^(?:by-id\/|ID=)/i],
    [/^(?:by-label\/|LABEL=)/i, ["label"]],
    [/^(?:by-uuid\/|UUID=)/i, ["uuid"]],
    [/^(?:by-partlabel\/|PARTLABEL=)/i, ["partlabel"]],
    [/^(?:by-partuuid\/|PARTUUID=)/i, ["partuuid"]],
    [/^by-path\//, ["port"]],
    [/^md(?:-name-|\/)/, ["label"]],
    [/^(?:md|lvm-pv)-uuid-/, ["uuid"]],
  ];

function untag(reading: NameReading): NameReading {
  let known = reading;
  for (const [tag, fields = known.fields] of TAGS) {
    if (!tag.test(known.text)) continue;
    const text = known.text.replace(tag, "");
    known = { text, ...(fields !== undefined && { fields }) };
  }
  return known.text === reading.text
    ? reading
    : { ...known, text: plain(known.text) };
}

/** Without quotes, and with what udev (`\x20`) and fstab (`\040`) escape. */
function plain(text: string): string {
  return text.replace(/^(["'])(.*)\1$/, "$2").replaceAll(
    /(?:\\x[0-9a-f]{2}|\\[0-3][0-7]{2})+/gi,
    (escaped) => {
      const bytes = escaped.slice(1).split("\\").map((code) =>
        code.startsWith("x") || code.startsWith("X")
          ? parseInt(code.slice(1), 16)
          : parseInt(code, 8)
      );
      return new TextDecoder().decode(new Uint8Array(bytes));
    },
  );
}

/** `...-part1`. */
function partOf(reading: NameReading): NameReading[] {
  const [, text, part] = /^(.+)-part(\d+)$/.exec(reading.text) ?? [];
  return text === undefined || part === undefined
    ? []
    : [{ ...reading, text, part }];
}

/** `HOST:DEVICE`. */
function onHost({ text, fields }: NameReading): NameReading[] {
  const at = text.indexOf(":");
  if (at < 0 || fields !== undefined) return [];
  const host = text.slice(0, at);
  return [{ text: text.slice(at + 1), host, fields: ["device", "kname"] }];
}

/** The number of a partition; `null` for any other device. */
export function partitionNumber(
  { device, kname }: {
    readonly device?: string | null;
    readonly kname?: string | null;
  },
): string | null {
  const found = /(?:^(?:[hsv]|xv)d[a-z]+|\dp|-part)(\d+)$/;
  const nameOf = (path: string) => path.slice(path.lastIndexOf("/") + 1);
  return found.exec(nameOf(device ?? ""))?.[1] ??
    found.exec(kname ?? "")?.[1] ??
    null;
}

/** What the values of a field are compared with: they fit if they fit one text. */
export interface Pattern {
  /** All but `equal` ignore case; all but `folded` that of A to Z alone. */
  readonly op:
    | "equal"
    | "caseless"
    | "folded"
    | "prefix"
    | "suffix"
    | "word"
    | "glob";
  readonly texts: readonly string[];
}

/** In characters. A shorter part fits too many names by chance. */
const MIN_PART_LENGTH = 4;

/** Longest pattern, in characters: comparing takes the product of the lengths. */
const MAX_GLOB_LENGTH = 128;

/** Whether a note has these words from the beginning of one, or fits this pattern. */
export function noteMatcher(text: string): (note: string) => boolean {
  const fits = [FORMS.word(text), FORMS.glob(text)]
    .filter((pattern) => pattern !== null).map(matcherOf);
  return (note) => fits.some((one) => one(note));
}

/**
 * How a name is compared with the values of a field; `null`: it is no such
 * name.
 *
 * - `equal`: character by character.
 * - `folded`: ignoring case in every language, for labels, which the history
 *   keeps folded.
 * - `caseless`: ignoring the case of A to Z, as for digits and codes.
 * - `start`, `end`: a part of at least 4 characters.
 * - `word`: the beginning of a word, likewise.
 * - `cut`: cut by a table, which leaves `...` or an ellipsis.
 * - `glob`: with `*` and `?`.
 * - `path`: a device.
 * - `shortPath`: a device without its folder.
 * - `cutPath`, `globPath`: a device with or without its folder.
 * - `kernel`: a kernel name, likewise.
 * - `uuid`: with or without hyphens, or with the colons of mdadm.
 * - `wwn`: with or without its type.
 * - `inById`: a serial number in a link, as `ata-MODEL_SERIAL`.
 * - `array`: without the host that made the array.
 * - `port`: udev has two names for some ports.
 */
export const FORMS = {
  equal: (text) => ({ op: "equal", texts: [text] }),
  folded: (text) => ({ op: "folded", texts: [text] }),
  caseless: (text) => ({ op: "caseless", texts: [text] }),
  start: (text) => ofPart(text, "prefix"),
  end: (text) => ofPart(text, "suffix"),
  word: (text) => ofPart(text, "word"),
  cut: (text) => ofCut(text, (stem) => [stem]),
  glob: (text) => ofGlob(text, () => [text]),
  path: (text) =>
    IS_PATH.test(text) ? { op: "equal", texts: devicePaths(text) } : null,
  shortPath: (text) =>
    IS_PATH.test(text) ? null : { op: "equal", texts: devicePaths(text) },
  cutPath: (text) => ofCut(text, devicePaths),
  globPath: (text) => ofGlob(text, devicePaths),
  kernel: (text) => ({ op: "equal", texts: [text.replace(/^\/dev\//, "")] }),
  uuid: (text) => {
    const uuid = text.replace(BARE_UUID, "$1-$2-$3-$4-$5$6");
    return IS_CODE.test(uuid) ? { op: "caseless", texts: [uuid] } : null;
  },
  wwn: (text) => {
    const digits = text.replace(WWN_START, "");
    return !IS_CODE.test(digits) ? null : {
      op: "caseless",
      texts: WWN_TYPES.map((type) => `${type}${digits}`),
    };
  },
  inById: (text) => {
    const [, bus, rest] = BY_ID.exec(text) ?? [];
    if (bus === undefined || rest === undefined) return null;
    const names = bus === "nvme" ? [rest, rest.replace(/_\d+$/, "")] : [rest];
    return { op: "caseless", texts: names.flatMap(endsOf) };
  },
  array: (text) => ({ op: "suffix", texts: [`:${text}`] }),
  port: (text) => ({
    op: "equal",
    texts: [text, `${text}.0`, text.replace(/\.0$/, "")],
  }),
} as const satisfies Readonly<
  Record<string, (text: string) => Pattern | null>
>;

const IS_GLOB = /[*?]/;

const IS_CODE = /^[0-9a-z-]+$/i;

/** 32 digits, as in a device mapper's name, or in mdadm's groups. */
const BARE_UUID =
  /^([0-9a-f]{8}):?([0-9a-f]{4})([0-9a-f]{4}):?([0-9a-f]{4})([0-9a-f]{4}):?([0-9a-f]{8})$/i;

/** SCSI and multipath write `2` for an EUI, `3` for an NAA. */
const WWN_START =
  /^(?:wwn-|nvme-|(?:scsi|dm-uuid-mpath)-[23])?(?:0x|naa\.|eui\.|uuid\.|t10\.|nvme\.)?/i;

const WWN_TYPES = ["", "0x", "naa.", "eui.", "uuid.", "t10.", "nvme."];

/** A bus, `VENDOR_MODEL_SERIAL`, and for USB the unit. */
const BY_ID =
  /^(ata|usb|scsi|nvme|mmc|memstick|virtio|ieee1394|cciss)-(.+?)(?:-\d+:\d+)?$/;

/** A serial number may have underscores too, but not many. */
const MAX_ENDS = 8;

/** All of it, and what follows each of the last underscores. */
function endsOf(text: string): string[] {
  const words = text.split("_");
  const ends = words.map((_, index) => words.slice(index).join("_"));
  return [text, ...ends.slice(1).slice(-MAX_ENDS)];
}

function ofPart(text: string, op: Pattern["op"]): Pattern | null {
  return text.length < MIN_PART_LENGTH ? null : { op, texts: [text] };
}

type Spelled = (text: string) => readonly string[];

/** By a table. */
const IS_CUT = /^(.+?)(?:\u2026|\.\.\.)$/;

function ofCut(text: string, spelled: Spelled): Pattern | null {
  const [, stem] = IS_CUT.exec(text) ?? [];
  return stem === undefined ? null : { op: "prefix", texts: spelled(stem) };
}

function ofGlob(text: string, spelled: Spelled): Pattern | null {
  return IS_GLOB.test(text) && text.length <= MAX_GLOB_LENGTH
    ? { op: "glob", texts: spelled(text) }
    : null;
}

const IS_PATH = /^(?:\/|dm-(?:name|uuid)-)/;

/** udev's names of what the device mapper made. */
const MAPPED = /^dm-(?:name-|uuid-CRYPT-[A-Z0-9]+-(?:[0-9a-f]{32}-)?)/;

/** The paths that a name may mean: as it is, below /dev, a mapping, a logical volume. */
function devicePaths(text: string): string[] {
  const name = text.replace(/^\/dev\//, "").replace(MAPPED, "mapper/");
  const [group = "", volume, ...more] = name.split("/");
  const isVolume = volume !== undefined && more.length === 0;
  const paths = [text, `/dev/${name}`];
  return isVolume
    ? [...paths, `/dev/mapper/${joinLvmName(group, volume)}`]
    : [...paths, `/dev/mapper/${name}`];
}

/**
 * Whether a value fits a pattern. Most values of thousands of hosts do not, so
 * what is quickly seen is looked at first.
 */
export function matcherOf({ op, texts }: Pattern): (value: string) => boolean {
  const fits = texts.map(COMPARE[op]);
  const [only] = fits;
  if (only !== undefined && fits.length === 1) return only;
  if (op !== "equal" && op !== "caseless") {
    return (value) => fits.some((one) => one(value));
  }
  const hasLength: boolean[] = [];
  for (const { length } of texts) hasLength[length] = true;
  return (value) =>
    hasLength[value.length] === true && fits.some((one) => one(value));
}

const COMPARE: Readonly<
  Record<Pattern["op"], (text: string) => (value: string) => boolean>
> = {
  equal: (text) => (value) => value === text,
  folded: (text) => {
    const lower = text.toLowerCase();
    return (value) => value.toLowerCase() === lower;
  },
  caseless: (text) => {
    const lower = lowerAscii(text);
    return (value) =>
      value.length === text.length && areAlike(value, text, 0) &&
      lowerAscii(value) === lower;
  },
  prefix: (text) => {
    const lower = lowerAscii(text);
    return (value) =>
      areAlike(value, text, 0) && lowerAscii(value).startsWith(lower);
  },
  suffix: (text) => {
    const lower = lowerAscii(text);
    return (value) =>
      areAlike(value, text, -1) && lowerAscii(value).endsWith(lower);
  },
  word: (text) => {
    const lower = lowerAscii(text);
    return (value) => {
      if (value.length < lower.length) return false;
      const words = lowerAscii(value);
      let at = words.indexOf(lower);
      while (at > 0 && !" -_".includes(words[at - 1]!)) {
        at = words.indexOf(lower, at + 1);
      }
      return at >= 0;
    };
  },
  glob: (text) => {
    const lower = lowerAscii(text);
    const isOpen = IS_GLOB.test(text.slice(0, 1));
    return (value) =>
      (isOpen || areAlike(value, text, 0)) &&
      matchesGlob(lowerAscii(value), lower);
  },
};

/**
 * Without the case of A to Z. `toLowerCase` alone would also take letters
 * beyond ASCII for one another, and the history's database does not.
 */
function lowerAscii(text: string): string {
  return BEYOND_ASCII.test(text)
    ? text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())
    : text.toLowerCase();
}

const BEYOND_ASCII = /[^\0-\x7f]/;

/**
 * A quick test that most values fail: the first characters, or at -1 the last
 * ones, ignoring case.
 */
function areAlike(a: string, b: string, at: 0 | -1): boolean {
  return at === 0
    ? (a.charCodeAt(0) | CASE_BIT) === (b.charCodeAt(0) | CASE_BIT)
    : (a.charCodeAt(a.length - 1) | CASE_BIT) ===
      (b.charCodeAt(b.length - 1) | CASE_BIT);
}

/** What tells A from a in ASCII. */
const CASE_BIT = 0x20;
