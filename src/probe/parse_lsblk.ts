import type { Device } from "./device.ts";
import {
  describeJson,
  isJsonObject,
  type JsonObject,
} from "../text/json_object.ts";
import { printedList, ProbeError } from "./printed_json.ts";

/**
 * Parses the output of `lsblk -J -b -o COLUMNS`: each device once, parents
 * before children if lsblk lists them so.
 *
 * Fields of a row, all but the first optional: (1) `name` or `kname`, (2)
 * `path`, since util-linux 2.33, (3) `pkname`, (4) `size`, (5) `fstype`,
 * `uuid`, `label`, `partuuid`, `partlabel`, (6) `model`, `serial`, `wwn`,
 * `tran`, (7) `rm`, `ro`, (8) `mountpoints` since 2.37 or `mountpoint`, (9)
 * `type`, (10) `mode`, `null` without a node in `/dev`, (11) `maj:min`, (12)
 * `children`, rows again. lsblk lists a device with several parents, such as a RAID, once under
 * each; here it appears once with all of them.
 *
 * @see lsblk(8)
 * @throws {ProbeError} if it is not JSON of this form
 */
export function parseLsblk(stdout: Uint8Array): Device[] {
  const devices = new Map<string, Device>();
  for (const { row, parent } of everyRow(blockdevices(stdout))) {
    const device = readDevice(row, parent);
    const known = devices.get(device.kname);
    devices.set(device.kname, known ? withParents(known, device) : device);
  }
  return [...devices.values()];
}

/** lsblk's data of a requested device. */
export interface LsblkDevice {
  /** Its numbers, `8:17`. */
  readonly majMin: string;
  /** From udev's database, like `type`: `null` without udev. */
  readonly uuid: string | null;
  /** Missing if lsblk does not print any. */
  readonly label?: string | null;
  readonly type: string | null;
}

/**
 * Parses the output of `lsblk -J -d -o NAME,MAJ:MIN,FSTYPE,UUID,LABEL -- DEVICE`.
 * @throws {ProbeError} if it is not JSON of this form
 */
export function parseLsblkDevice(stdout: Uint8Array): LsblkDevice {
  const [row] = blockdevices(stdout);
  const fields = isJsonObject(row) ? row : {};
  return {
    // Some versions pad it to the width of a column.
    majMin: paddedField(fields, "maj:min") ?? "",
    uuid: textField(fields, "uuid"),
    ...("label" in fields && { label: textField(fields, "label") }),
    type: textField(fields, "fstype"),
  };
}

function blockdevices(stdout: Uint8Array): unknown[] {
  return printedList(stdout, { program: "lsblk", key: "blockdevices" });
}

interface Placed {
  readonly row: LsblkRow;
  /** Kernel name of the row above. */
  readonly parent: string | null;
}

/** In the order of the text. Iterative, because the sender chooses the depth. */
function* everyRow(top: readonly unknown[]): Generator<Placed> {
  const left = placed(top, null).reverse();
  for (let next = left.pop(); next; next = left.pop()) {
    yield next;
    const children = next.row["children"] ?? [];
    if (!Array.isArray(children)) {
      throw unexpected(next.row, "children", "a list of devices");
    }
    if (children.length === 0) continue;
    const below = placed(children, kernelName(next.row)).reverse();
    for (const row of below) left.push(row);
  }
}

function placed(rows: readonly unknown[], parent: string | null): Placed[] {
  return rows.map((row) => {
    if (isJsonObject(row)) return { row, parent };
    throw new ProbeError({
      what: "lsblk",
      where: `among the devices ${parent === null ? "" : `of ${parent}`}`,
      found: describeJson(row),
      expected: "an object for each device",
    });
  });
}

function readDevice(row: LsblkRow, parent: string | null): Device {
  const kname = kernelName(row);
  const above = parent ?? textField(row, "pkname");
  return {
    path: devicePath(row, kname),
    kname,
    parents: above === null ? [] : [above],
    kind: textField(row, "type"),
    hasNode: nodeField(row),
    majMin: paddedField(row, "maj:min"),
    size: sizeField(row, "size"),
    fstype: textField(row, "fstype"),
    uuid: textField(row, "uuid"),
    label: textField(row, "label"),
    partuuid: textField(row, "partuuid"),
    partlabel: textField(row, "partlabel"),
    model: paddedField(row, "model"),
    serial: paddedField(row, "serial"),
    wwn: paddedField(row, "wwn"),
    tran: paddedField(row, "tran"),
    port: null,
    rm: flagField(row, "rm"),
    ro: flagField(row, "ro"),
    mounts: mountsField(row),
  };
}

function kernelName(row: LsblkRow): string {
  const kname = textField(row, "kname") ?? textField(row, "name");
  if (kname === null) throw unexpected(row, "name", "the name of a device");
  return kname;
}

/** If lsblk gives no path: device-mapper devices go by name, others by kernel name. */
function devicePath(row: LsblkRow, kname: string): string {
  const name = textField(row, "name") ?? kname;
  const path = textField(row, "path") ??
    (/^dm-\d+$/.test(kname) ? `/dev/mapper/${name}` : pathOf(kname));
  if (/^\/dev\/[^\0]+$/.test(path)) return path;
  throw unexpected(row, "path", "a path in /dev");
}

/** sysfs has `!` for a `/` in the name of a device. */
function pathOf(kname: string): string {
  return `/dev/${kname.replaceAll("!", "/")}`;
}

function withParents(known: Device, again: Device): Device {
  return {
    ...known,
    parents: [...new Set([...known.parents, ...again.parents])],
  };
}

/** An object of lsblk's `blockdevices` or `children`. */
type LsblkRow = JsonObject;

/** A text; numbers, printed bare by some versions, become text. Empty is `null`. */
function textField(row: LsblkRow, key: string): string | null {
  const value = row[key];
  if (value === undefined || value === null || value === "") return null;
  if (typeof value === "string") return value;
  if (typeof value === "number") return String(value);
  throw unexpected(row, key, "a text or null");
}

/** A text padded by the hardware with blanks to a fixed width. */
function paddedField(row: LsblkRow, key: string): string | null {
  return textField(row, key)?.trim() || null;
}

/** In bytes; a text of digits before util-linux 2.33. */
function sizeField(row: LsblkRow, key: string): number | null {
  const value = row[key];
  if (value === undefined || value === null) return null;
  const size = typeof value === "string" && /^\d{1,16}$/.test(value)
    ? Number(value)
    : value;
  if (Number.isSafeInteger(size) && (size as number) >= 0) {
    return size as number;
  }
  throw unexpected(row, key, "a number of bytes or null");
}

/** A boolean; "0" or "1" before util-linux 2.33. */
function flagField(row: LsblkRow, key: string): boolean | null {
  switch (row[key]) {
    case undefined:
    case null:
      return null;
    case true:
    case 1:
    case "1":
      return true;
    case false:
    case 0:
    case "0":
      return false;
    default:
      throw unexpected(row, key, "true, false, 0, 1 or null");
  }
}

/** Whether the device has a node, shown by its `mode`; `null` if unknown. */
function nodeField(row: LsblkRow): boolean | null {
  if (row["mode"] === undefined) return null;
  const mode = textField(row, "mode");
  if (mode === null) return false;
  return mode.startsWith("b") ? true : null;
}

/** `mountpoints`, a list that may contain nulls, or `mountpoint` before util-linux 2.37. */
function mountsField(row: LsblkRow): string[] {
  const value = row["mountpoints"] ?? row["mountpoint"] ?? [];
  const points: unknown[] = Array.isArray(value) ? value : [value];
  return points.filter((point): point is string => {
    if (typeof point === "string") return point !== "";
    if (point === null) return false;
    throw unexpected(row, "mountpoints", "a list of texts and nulls");
  });
}

/** An error with the value, its place and the expected value. */
function unexpected(
  row: LsblkRow,
  key: string,
  expected: string,
): ProbeError {
  const device = typeof row["name"] === "string" ? row["name"] : "unnamed";
  return new ProbeError({
    what: "lsblk",
    where: `field "${key}" of device ${device}`,
    found: describeJson(row[key]),
    expected,
  });
}
