import {
  type Disk,
  DISK_FIELDS,
  type DiskField,
  FIELD_NAMES,
  type FieldName,
} from "../inventory/disk.ts";
import {
  type Announcement,
  type IdQuestion,
  MAX_DATAGRAM_BYTES,
  MAX_EVERY_SECONDS,
  MAX_HOST_LENGTH,
  MAX_PARTS,
  MAX_VERSION_LENGTH,
} from "./announcement.ts";
import { byteLength, cutText, quotedBytes, quoteText } from "./quote_text.ts";
import { isInRow } from "./read_disks.ts";

const LIST_START = "\n[";
const LIST_END = "]\n";
/** Of the rows in a comment. */
const MORE_START = "#[";
const MORE_BYTES = MORE_START.length + LIST_END.length;

const encoder = new TextEncoder();

interface WriteOptions {
  /**
   * Longest datagram, in bytes. Default: `MAX_DATAGRAM_BYTES`. A smaller value
   * leaves room for a signature.
   */
  readonly maxBytes?: number;
}

/**
 * Writes an announcement as one or more datagrams of at most `maxBytes`.
 * `readDatagram` and, as YAML 1.1, App::Diskd 0.01 can read them, whatever the
 * texts contain. Texts are preserved, except that an unpaired surrogate becomes
 * U+FFFD and an empty text `null`; `shortenDisk` shortens a row too long for a
 * datagram. Disks without a device are left out, and with `bye` all disks.
 *
 * The same `id`, `key`, `host`, `version`, `boot`, `rev`, `disks` and `maxBytes`
 * always give the same division into parts. Disks beyond `MAX_PARTS` parts are
 * not sent.
 *
 * @throws {TypeError} Without an `id`, unless it is a question, a probe or an answer.
 */
export function writeAnnouncement(
  announcement: Announcement,
  { maxBytes = MAX_DATAGRAM_BYTES }: WriteOptions = {},
): Uint8Array[] {
  const { disks, ...sender } = announcement;
  const { id, ask, probe, answer } = sender;
  if (id === null && !ask && !probe && !answer) {
    throw new TypeError(
      "Cannot write an announcement: found no id, expected one unless `ask`, `probe` or `answer` is set",
    );
  }
  const maxListBytes = maxBytes - headerBytes(sender) -
    LIST_START.length - LIST_END.length;
  const lists = packRows(sender.bye ? [] : disks, maxListBytes);
  const parts = lists.length;
  return lists.map(({ rows, more }, i) => {
    const header = writeHeader(sender, { part: i + 1, parts });
    const rest = more.length > 0 ? MORE_START + more.join(",") + LIST_END : "";
    return encoder.encode(
      header + LIST_START + rows.join(",") + LIST_END + rest,
    );
  });
}

/** The rows of a part. */
interface PartRows {
  readonly rows: string[];
  /** Those without UUID and label, in a comment: 0.01 would show an empty line. */
  readonly more: string[];
}

/**
 * The rows of all disks in order, in as few parts as possible, each at most
 * `maxListBytes` long in UTF-8.
 */
function packRows(disks: readonly Disk[], maxListBytes: number): PartRows[] {
  const lists: PartRows[] = [];
  let list: PartRows = { rows: [], more: [] };
  let bytes = 0;
  for (const disk of disks) {
    if (disk.device === "") continue;
    const isInList = disk.uuid || disk.label;
    const row = writeRow(disk, maxListBytes - (isInList ? 0 : MORE_BYTES));
    const rowBytes = byteLength(row) + ",".length;
    const extra = isInList || list.more.length > 0 ? 0 : MORE_BYTES;
    if (bytes > 0 && bytes + rowBytes + extra > maxListBytes) {
      lists.push(list);
      list = { rows: [], more: [] };
      bytes = isInList ? 0 : MORE_BYTES;
    } else {
      bytes += extra;
    }
    (isInList ? list.rows : list.more).push(row);
    bytes += rowBytes;
  }
  lists.push(list);
  return lists.slice(0, MAX_PARTS);
}

/** Position of a part in the announcement. */
interface Part {
  readonly part: number;
  readonly parts: number;
}

type AnnouncementSender = Omit<Announcement, "disks">;

/**
 * The first line of a datagram, without its line end. Cuts a host name longer
 * than `MAX_HOST_LENGTH` bytes, and a program version likewise.
 */
function writeHeader(
  sender: AnnouncementSender,
  { part, parts }: Part,
): string {
  const { boot, seq, rev, every } = sender;
  const members = [
    '"v":2',
    sender.id === null ? "" : `"id":${quoteText(sender.id)}`,
    member("key", sender.key),
    member("host", sender.host && cutText(sender.host, MAX_HOST_LENGTH)),
    member(
      "version",
      sender.version && cutText(sender.version, MAX_VERSION_LENGTH),
    ),
    `"boot":${boot},"seq":${seq},"rev":${rev}`,
    `"part":[${part},${parts}],"every":${every}`,
    sender.ask ? '"ask":true' : "",
    sender.bye ? '"bye":true' : "",
    member("remarks", sender.remarks ?? null),
    sender.site === undefined ? "" : `"site":${quoteText(sender.site)}`,
    idQuestion("probe", sender.probe),
    idQuestion("answer", sender.answer),
  ];
  return `diskd:#{${members.filter((member) => member !== "").join(",")}}`;
}

function idQuestion(key: string, asked: IdQuestion | undefined): string {
  return asked ? `"${key}":[${quoteText(asked.id)},${asked.nonce}]` : "";
}

/**
 * Length of the longest header of any part, in this announcement and all
 * repeats of its list, in bytes. Repeats must divide the list at the same
 * places, because receivers combine parts of several repeats.
 */
function headerBytes(sender: AnnouncementSender): number {
  const widest: AnnouncementSender = {
    ...sender,
    seq: Number.MAX_SAFE_INTEGER,
    every: MAX_EVERY_SECONDS,
    ask: true,
  };
  return byteLength(writeHeader(widest, { part: MAX_PARTS, parts: MAX_PARTS }));
}

/**
 * Writes a disk as an element of the list, at most `maxBytes` long in UTF-8:
 * `["UUID","LABEL","/dev/sdb1",{"type":"ext4"}]`. The fourth element has the
 * remaining fields. `shortenDisk` shortens a row that is too long.
 */
export function writeRow(disk: Disk, maxBytes: number): string {
  const row = wholeRow(disk);
  if (byteLength(row) <= maxBytes) return row;
  const rowBytes = (shorter: Disk) => byteLength(wholeRow(shorter));
  return wholeRow(shortenDisk(disk, { maxBytes, rowBytes }));
}

function wholeRow(disk: Disk): string {
  const uuid = textOrNull(disk.uuid);
  const label = textOrNull(disk.label);
  return `[${uuid},${label},${quoteText(disk.device)},${details(disk)}]`;
}

function textOrNull(text: string | null): string {
  return text ? quoteText(text) : "null";
}

/** The fields in the fourth element of a row. */
const DETAIL_NAMES = FIELD_NAMES.filter((name) => !isInRow(name));

function details(disk: Disk): string {
  const members = DETAIL_NAMES.map((name) => member(name, disk[name]));
  return `{${members.filter((member) => member !== "").join(",")}}`;
}

/** Empty for a value that is unknown. */
function member(key: string, value: Disk[FieldName]): string {
  switch (typeof value) {
    case "string":
      return value === "" ? "" : `"${key}":${quoteText(value)}`;
    case "number":
      return Number.isSafeInteger(value) ? `"${key}":${value}` : "";
    case "boolean":
      return `"${key}":${value}`;
    default:
      return value === null || value.length === 0
        ? ""
        : `"${key}":[${value.map(quoteText)}]`;
  }
}

/** Fields dropped from a row that is too long, the least important first. */
const LEAST_MISSED = FIELD_NAMES
  .flatMap((name): { name: FieldName; missed: number }[] => {
    const field: DiskField = DISK_FIELDS[name];
    return field.missed === undefined ? [] : [{ name, missed: field.missed }];
  })
  .sort((a, b) => a.missed - b.missed)
  .map(({ name }) => name);

interface ShortenOptions {
  /** Longest row, in bytes. */
  readonly maxBytes: number;
  /** Length of the row of a disk, in bytes. */
  readonly rowBytes: (disk: Disk) => number;
}

interface Names {
  uuid: string | null;
  label: string | null;
  device: string | null;
}

/**
 * Shortens a disk so that its row fits. First it removes holders, then mount
 * points, from the last, only as many as necessary, and counts the mount points
 * in `binds`. If that is not enough, it removes the devices below and the types
 * of an ambivalent device; then port, slot, model, transport, WWN, serial,
 * volume group, PARTLABEL, PARTUUID, UUID_SUB, the two flags, size, type,
 * kernel name and kind, until the row fits, and at last the first mount point.
 * Then it cuts the label, the UUID and the device, none below a third of the
 * room. So every disk is announced, however long its texts, and says whether it
 * is in use, failing or hidden.
 */
function shortenDisk(disk: Disk, options: ShortenOptions): Disk {
  const { maxBytes, rowBytes } = options;
  const bare = withMounts({ ...disk, holders: [] }, disk.mounts.slice(0, 1));
  const room = maxBytes - rowBytes(bare);
  if (room >= 0) return { ...bare, ...firstOnes(disk, bare, room) };
  let shorter: Disk = bare;
  for (const change of LAST_RESORTS) {
    shorter = { ...shorter, ...change };
    if (rowBytes(shorter) <= maxBytes) return shorter;
  }
  return cutNames(withMounts(shorter, []), options);
}

/** A disk with only these mount points; the others are counted. */
function withMounts(disk: Disk, mounts: readonly string[]): Disk {
  const cut = disk.mounts.length - mounts.length;
  return {
    ...disk,
    mounts,
    mounts_ro: disk.mounts_ro.filter((mount) => mounts.includes(mount)),
    binds: cut === 0 ? disk.binds : (disk.binds ?? 0) + cut,
  };
}

/** As many mount points as fit into `room` bytes more than `bare` takes, then holders. */
function firstOnes(disk: Disk, bare: Disk, room: number): Partial<Disk> {
  const readOnly = new Set(disk.mounts_ro);
  let left = room;
  if (readOnly.size > 0 && bare.mounts_ro.length === 0) {
    left -= ',"mounts_ro":[]'.length;
  }
  const take = (texts: readonly string[], times: (text: string) => number) => {
    const fits = (text: string) =>
      (left -= times(text) * (quotedBytes(text) + ",".length)) >= 0;
    const cut = texts.findIndex((text) => !fits(text));
    return cut === -1 ? texts : texts.slice(0, cut);
  };
  const others = disk.mounts.slice(bare.mounts.length);
  const mounts = [
    ...bare.mounts,
    ...take(others, (mount) => readOnly.has(mount) ? 2 : 1),
  ];
  left -= ',"holders":[]'.length;
  const holders = take(disk.holders, () => 1);
  const { mounts_ro, binds } = withMounts(disk, mounts);
  return { mounts, mounts_ro, binds, holders };
}

const NONE: readonly string[] = [];

/** Changes that make a row shorter, one after the other. */
const LAST_RESORTS: readonly Partial<Disk>[] = [
  { parents: NONE, types: NONE },
  ...LEAST_MISSED.map((field) => ({ [field]: null })),
];

function cutNames(disk: Disk, { maxBytes, rowBytes }: ShortenOptions): Disk {
  const { uuid, label, device } = disk;
  const names = { uuid, label, device };
  const room = maxBytes - rowBytes(disk) + namesBytes(names);
  for (const field of ["label", "uuid", "device"] as const) {
    const name = names[field];
    if (name === null) continue;
    const others = namesBytes({ ...names, [field]: null }) - "null".length;
    names[field] = cutText(name, Math.max(room - others, Math.floor(room / 3)));
  }
  return { ...disk, ...names };
}

function namesBytes({ uuid, label, device }: Names): number {
  const bytes = (name: string | null) =>
    name ? quotedBytes(name) : "null".length;
  return bytes(uuid) + bytes(label) + bytes(device);
}
