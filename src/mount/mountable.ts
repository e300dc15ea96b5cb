import type { DiskRow } from "../control/views.ts";
import { kernelName } from "../inventory/disk.ts";
import { realSerial, realWwn } from "../inventory/evidence.ts";
import { isBlank } from "../inventory/place.ts";
import { matchesGlob } from "../text/glob.ts";
import { printable, printableJson, printableStart } from "../text/printable.ts";
import { typed } from "../text/shell_quoted.ts";
import { Refusal } from "./refusal.ts";

/** Contents of a device according to blkid. */
export interface Content {
  /** Its `ID_FS_TYPE`. */
  readonly type: string | null;
  /** Its `ID_FS_USAGE`: `filesystem`, `raid`, `crypto`, `other`; `null` if only udev was asked. */
  readonly usage: string | null;
}

interface Explanation {
  readonly what: string;
  readonly hint: string;
}

/** Types of libblkid other than filesystems, by name or suffix. */
const EXPLANATIONS: readonly (readonly [RegExp, Explanation])[] = [
  [/^(swap|swsuspend)$/, {
    what: "swap space",
    hint: "There are no files on it.",
  }],
  [/^crypto_LUKS$/, {
    what: "encrypted with LUKS",
    hint:
      "Open it on that host (cryptsetup open), then mount the volume in it.",
  }],
  [/^(BitLocker|cs_fvault2)$/, {
    what: "an encrypted volume",
    hint:
      "Open it on that host (cryptsetup open), then mount the volume in it.",
  }],
  [/^LVM[12]_member$/, {
    what: "a physical volume of LVM",
    hint:
      "Activate its group on that host (vgchange -ay), then mount a volume of it.",
  }],
  [/^(linux|\w+)_raid_member$/, {
    what: "a member of a RAID",
    hint:
      "Assemble it on that host (mdadm --assemble --scan), then mount the RAID.",
  }],
  [/^zfs_member$/, {
    what: "a member of a ZFS pool",
    hint: "Import the pool on that host (zpool import).",
  }],
  [/^mpath_member$/, {
    what: "one path of a multipath device",
    hint: "Mount the multipath device.",
  }],
  [/^(drbd|bcache)$/, {
    what: "the lower half of another device",
    hint: "Mount the device on top of it.",
  }],
  [/^ceph_bluestore$/, {
    what: "an OSD of Ceph",
    hint: "There are no files on it; Ceph itself reads it.",
  }],
  [/^jbd$/, {
    what: "the journal of another filesystem",
    hint: "There are no files on it.",
  }],
  [/_member$/, {
    what: "a member of something larger",
    hint: "Mount that.",
  }],
];

/** A type that is safe as an argument of mount(8). */
const FIT_TYPE = /^[A-Za-z0-9][A-Za-z0-9_.+-]{0,31}$/;

/**
 * Checks that a device holds a filesystem, and no device is on top of it.
 * @throws {Refusal} `refused`, with the contents and the remedy
 */
export function checkMountable(
  { device, holders }: Pick<DiskRow, "device" | "holders">,
  content: Content,
): void {
  const explanation = explain(content);
  if (holders.length > 0) {
    const above = holders.map((holder) => printableStart(holder)).join(", ");
    const what = explanation?.what ?? "part of another device";
    throw cannot(device, {
      what,
      hint: `Mount the device on top of it: ${above}`,
    });
  }
  if (explanation !== null) throw cannot(device, explanation);
}

/**
 * Checks that what is known of a device without a UUID does not say why it has none.
 * @throws {Refusal} `refused`, with the contents and the remedy
 */
export function checkContents(row: DiskRow): void {
  if (row.health === "unreadable") {
    throw cannot(row.device, {
      what: "there, but it cannot be read",
      hint: `See, on its host: diskd status, and dmesg | grep ${
        printableStart(kernelName(row))
      }`,
    });
  }
  if (row.hidden === "parts") {
    throw cannot(row.device, {
      what: "a drive with partitions",
      hint: `Mount one of them: ${typed(["diskd", "where", row.device])}`,
    });
  }
  if (isBlank(row)) {
    throw cannot(row.device, {
      what: "blank, as far as blkid knows",
      hint: "If it should not be, this on its host may tell more: " +
        `wipefs --no-act ${printableStart(row.device)}`,
    });
  }
  checkMountable(row, { type: row.type, usage: null });
}

function explain({ type, usage }: Content): Explanation | null {
  const known = EXPLANATIONS.find(([name]) => name.test(type ?? ""))?.[1];
  if (known !== undefined) return known;
  if (type !== null && !FIT_TYPE.test(type)) {
    const what = `of the type "${printableStart(type)}", which is not valid`;
    return { what, hint: "mount(8) may know what to do with it." };
  }
  if (usage === null || usage === "filesystem") return null;
  const what = `${type ?? "something"}, which is not a filesystem`;
  return { what, hint: "It contains nothing to mount." };
}

function cannot(device: string, { what, hint }: Explanation): Refusal {
  return new Refusal("refused", {
    message: `${printableStart(device)} cannot be mounted: it is ${what}`,
    hints: [hint],
  });
}

export type DiskNames =
  & Pick<DiskRow, "uuid" | "label">
  & Partial<
    Pick<DiskRow, "partuuid" | "partlabel" | "serial" | "wwn" | "port">
  >;

/** How the words of `mount.allow` and `locate.allow` are compared with a disk. */
const NAMED = {
  label: (disk, glob) => fits(disk.label, glob),
  uuid: (disk, glob) => fitsAnyCase(disk.uuid, glob),
  partlabel: (disk, glob) => fits(disk.partlabel, glob),
  partuuid: (disk, glob) => fitsAnyCase(disk.partuuid, glob),
  // What drives have by the thousand names none of them.
  serial: ({ serial = null }, glob) =>
    realSerial(serial) !== null && fits(serial, glob),
  wwn: ({ wwn = null }, glob) =>
    realWwn(wwn) !== null &&
    (fitsAnyCase(wwn, glob) || fitsAnyCase(realWwn(wwn), glob)),
  port: (disk, glob) => fits(disk.port, glob),
} satisfies Readonly<
  Record<string, (disk: DiskNames, glob: string) => boolean>
>;

/** `uuid:` or, as in fstab(5), `UUID=`. */
const NAMED_WORD = new RegExp(`^(${Object.keys(NAMED).join("|")})[:=]`, "i");

/** Whether `mount.allow` or `locate.allow` names a disk. */
export function isAllowed(
  disk: DiskNames,
  allow: readonly string[],
): boolean {
  return allow.some((word) => {
    const [start, field] = NAMED_WORD.exec(word) ?? [];
    if (start !== undefined) {
      const name = field!.toLowerCase() as keyof typeof NAMED;
      return NAMED[name](disk, word.slice(start.length));
    }
    if (isOfUuid(word)) return NAMED.uuid(disk, word);
    return NAMED.label(disk, word) || NAMED.uuid(disk, word);
  });
}

/** Of most filesystems, of FAT, of NTFS, and of CDs, with 0 for any digit. */
const UUID_FORMS = [
  "00000000-0000-0000-0000-000000000000",
  "0000-0000",
  "0000000000000000",
  "0000-00-00-00-00-00-00",
];

/** With fewer, it may as well be part of a label: `d*`. */
const MIN_UUID_DIGITS = 4;

/** Whether a word can only be meant for UUIDs, so that nobody writes it on a stick as a label. */
function isOfUuid(word: string): boolean {
  const digits = /[0-9a-f]/gi;
  const form = word.replace(digits, "0");
  return (word.match(digits)?.length ?? 0) >= MIN_UUID_DIGITS &&
    UUID_FORMS.some((uuid) => matchesGlob(uuid, form));
}

function fits(value: string | null | undefined, glob: string): boolean {
  return Boolean(value) && matchesGlob(value!, glob);
}

function fitsAnyCase(value: string | null | undefined, glob: string): boolean {
  return fits(value?.toLowerCase(), glob.toLowerCase());
}

/** What callers from another host may ask for, by the setting that allows it. */
type Allowable = "mount" | "locate";

/**
 * Checks that a caller from another host may mount or locate a disk.
 * @throws {Refusal} `refused`, with the line to add to the configuration of
 * this host
 */
export function checkAllowed(
  row: DiskNames & Pick<DiskRow, "host">,
  allow: readonly string[],
  { deed = "mount" }: { readonly deed?: Allowable } = {},
): void {
  if (isAllowed(row, allow)) return;
  const host = printable(row.host);
  const disk = printable(row.label || row.uuid || "this disk");
  throw new Refusal("refused", {
    message: `${host} does not let other hosts ${deed} ${disk}: ` +
      `${deed}.allow in its configuration does not name it`,
    hints: [
      `To allow it, add to the configuration of diskd on ${host}:`,
      lineToAdd(safestWord(row), { allow, deed }),
    ],
  });
}

/**
 * What the maker wrote into the drive. Whoever formats a stick chooses its label
 * and UUIDs.
 */
function safestWord({ uuid, serial = null, wwn = null }: DiskNames): string {
  if (realWwn(wwn) !== null) return `wwn:${literally(wwn!)}`;
  if (realSerial(serial) !== null) return `serial:${literally(serial!)}`;
  const word = literally(uuid ?? "");
  return isOfUuid(word) ? word : `uuid:${word}`;
}

/** A glob has no escapes; `?` fits the character itself too. */
function literally(text: string): string {
  return text.replaceAll("*", "?");
}

/** In JSON, which is valid YAML for any text. */
function lineToAdd(
  word: string,
  { allow, deed }: {
    readonly allow: readonly string[];
    readonly deed: Allowable;
  },
): string {
  const globs = [...allow, word]
    .map((glob) => printableJson(JSON.stringify(glob)));
  return `${deed}: {allow: [${globs.join(", ")}]}`;
}
