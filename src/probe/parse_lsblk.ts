import type { Device } from "./device.ts";
import {
  describeValue,
  flagField,
  type LsblkRow,
  mountsField,
  paddedField,
  sizeField,
  textField,
  unexpected,
} from "./lsblk_fields.ts";
import { ProbeError } from "./probe_error.ts";

/**
 * Reads what `lsblk -J -b -o COLUMNS` prints: each device once, parents before
 * children, as far as lsblk lists them so.
 *
 * Of a row are read, all but the first optional: (1) `name` or `kname`,
 * (2) `path`, since util-linux 2.33, (3) `pkname`, (4) `size`, (5) `fstype`,
 * `uuid`, `label`, `partuuid`, `partlabel`, (6) `model`, `serial`, `wwn`,
 * `tran`, (7) `rm`, `ro`, (8) `mountpoints` since 2.37 or `mountpoint`,
 * (9) `children`, rows again. A device on several parents, a RAID, is listed by
 * lsblk once under each, and here once with all of them.
 *
 * @see lsblk(8)
 * @throws {ProbeError} where it is not JSON of this form
 */
export function parseLsblk(stdout: Uint8Array): Device[] {
  const devices = new Map<string, Device>();
  for (const { row, parent } of everyRow(readJson(stdout))) {
    const device = readDevice(row, parent);
    const known = devices.get(device.kname);
    devices.set(device.kname, known ? withParents(known, device) : device);
  }
  return [...devices.values()];
}

function readJson(stdout: Uint8Array): unknown {
  const text = new TextDecoder().decode(stdout);
  try {
    return JSON.parse(text);
  } catch {
    return readBentJson(text);
  }
}

/** util-linux before 2.34 writes bytes that are not ASCII as `\xc3\xa9`, which is not JSON, and a backslash as `\x5c`. */
function readBentJson(text: string): unknown {
  const mended = text.replace(/(?:\\x[0-9a-fA-F]{2})+/g, (run) => {
    const bytes = run.split("\\x").slice(1).map((hex) => parseInt(hex, 16));
    return JSON.stringify(new TextDecoder().decode(Uint8Array.from(bytes)))
      .slice(1, -1);
  });
  try {
    return JSON.parse(mended);
  } catch (error) {
    throw new ProbeError({
      what: "lsblk",
      where: error instanceof Error ? error.message : "somewhere",
      found: `"${text.slice(0, 60)}"`,
      expected: 'JSON, {"blockdevices": [...]}',
    });
  }
}

interface Placed {
  readonly row: LsblkRow;
  /** Kernel name of the row above. */
  readonly parent: string | null;
}

/** In the order of the text. A list of what is left, not recursion: the depth is the sender's choice. */
function* everyRow(json: unknown): Generator<Placed> {
  const top = isObject(json) ? json["blockdevices"] : undefined;
  if (!Array.isArray(top)) {
    throw new ProbeError({
      what: "lsblk",
      where: "at the top",
      found: describeValue(json),
      expected: '{"blockdevices": [...]}',
    });
  }
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
    if (isObject(row)) return { row, parent };
    throw new ProbeError({
      what: "lsblk",
      where: `among the devices ${parent === null ? "" : `of ${parent}`}`,
      found: describeValue(row),
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

/** Where lsblk does not say: the device mapper's devices go by name, all others by kernel name. */
function devicePath(row: LsblkRow, kname: string): string {
  const name = textField(row, "name") ?? kname;
  const path = textField(row, "path") ??
    (/^dm-\d+$/.test(kname) ? `/dev/mapper/${name}` : `/dev/${kname}`);
  if (/^\/dev\/[^\0]+$/.test(path)) return path;
  throw unexpected(row, "path", "a path in /dev");
}

function withParents(known: Device, again: Device): Device {
  return {
    ...known,
    parents: [...new Set([...known.parents, ...again.parents])],
  };
}

function isObject(value: unknown): value is LsblkRow {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
