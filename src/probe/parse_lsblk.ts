import type { Device } from "./device.ts";
import {
  flagField,
  type LsblkRow,
  mountsField,
  nodeField,
  paddedField,
  sizeField,
  textField,
  unexpected,
} from "./lsblk_fields.ts";
import { describeValue, isJsonObject, printedList } from "./printed_json.ts";
import { ProbeError } from "./probe_error.ts";

/**
 * Reads what `lsblk -J -b -o COLUMNS` prints: each device once, parents before
 * children, as far as lsblk lists them so.
 *
 * Of a row are read, all but the first optional: (1) `name` or `kname`,
 * (2) `path`, since util-linux 2.33, (3) `pkname`, (4) `size`, (5) `fstype`,
 * `uuid`, `label`, `partuuid`, `partlabel`, (6) `model`, `serial`, `wwn`,
 * `tran`, (7) `rm`, `ro`, (8) `mountpoints` since 2.37 or `mountpoint`,
 * (9) `type`, (10) `mode`, `null` where there is no node in `/dev`,
 * (11) `children`, rows again. A device on several parents, a RAID, is listed by
 * lsblk once under each, and here once with all of them.
 *
 * @see lsblk(8)
 * @throws {ProbeError} where it is not JSON of this form
 */
export function parseLsblk(stdout: Uint8Array): Device[] {
  const blockdevices = printedList(stdout, {
    program: "lsblk",
    key: "blockdevices",
  });
  const devices = new Map<string, Device>();
  for (const { row, parent } of everyRow(blockdevices)) {
    const device = readDevice(row, parent);
    const known = devices.get(device.kname);
    devices.set(device.kname, known ? withParents(known, device) : device);
  }
  return [...devices.values()];
}

interface Placed {
  readonly row: LsblkRow;
  /** Kernel name of the row above. */
  readonly parent: string | null;
}

/** In the order of the text. A list of what is left, not recursion: the depth is the sender's choice. */
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
    kind: textField(row, "type"),
    hasNode: nodeField(row),
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
