import {
  describeJson,
  isJsonObject,
  type JsonObject,
} from "../text/json_object.ts";
import { printedList, ProbeError } from "./printed_json.ts";

/** A mounted filesystem or other source. */
export interface MountPoint {
  readonly target: string;
  /** Path of the device, or another source; `null` if unknown. */
  readonly source: string | null;
  /** Type of the filesystem; empty if unknown. */
  readonly fstype: string;
  /** The mounted directory of the filesystem; `/`: all of it. */
  readonly fsroot: string;
  /** Device numbers, `8:17`; for btrfs those of no device; empty if unknown. */
  readonly majMin: string;
  readonly options: readonly string[];
}

/**
 * Parses the output of `findmnt -J`: all mounts in order.
 *
 * Fields of a row: (1) `target`, (2) `source`, (3) `fstype`, (4) `fsroot` and
 * (5) `maj:min`, all optional, (6) `options`, separated by commas, with `ro` if
 * the mount or its filesystem is read-only, (7) `children`, rows again, if it
 * is a tree.
 *
 * @see findmnt(8), mount(8)
 * @throws {ProbeError} if it is not JSON of this form
 */
export function parseFindmnt(stdout: Uint8Array): MountPoint[] {
  return rows(stdout, (row) => {
    const { target, source, options } = readRow(row);
    // btrfs names the mounted subvolume in its options too.
    const fsroot = textOr(row["fsroot"], subvolumeOf(options) ?? "/");
    return {
      target,
      source: withoutRoot(source, fsroot),
      fstype: textOr(row["fstype"], ""),
      fsroot,
      majMin: textOr(row["maj:min"], ""),
      options,
    };
  });
}

/** Without `-v`, findmnt prints what is mounted of a device behind it: `/dev/sda1[/@]`. */
function withoutRoot(source: string | null, fsroot: string): string | null {
  const root = `[${fsroot}]`;
  return source?.endsWith(root) ? source.slice(0, -root.length) : source;
}

/** The subvolume that a btrfs is mounted with, of which a bind mount may show a part. */
export function subvolumeOf(options: readonly string[]): string | null {
  const option = options.find((option) => option.startsWith("subvol="));
  return option?.slice("subvol=".length) ?? null;
}

export function isReadOnly({ options }: Pick<MountPoint, "options">): boolean {
  return options.includes("ro");
}

/** All rows, parents before children. Iterative, because the sender chooses the depth. */
function rows<Row>(
  stdout: Uint8Array,
  read: (row: JsonObject) => Row,
): Row[] {
  const found: Row[] = [];
  const left = printedList(stdout, {
    program: "findmnt",
    key: "filesystems",
  }).reverse();
  for (let row = left.pop(); row !== undefined; row = left.pop()) {
    if (!isJsonObject(row)) {
      throw misread("among the mounts", row, "an object for each");
    }
    found.push(read(row));
    const { children = [], target } = row;
    if (!Array.isArray(children)) {
      throw misread(`field "children" of ${target}`, children, "a list");
    }
    for (const child of children.reverse()) left.push(child);
  }
  return found;
}

function readRow(
  { target, source = null, options }: JsonObject,
): Pick<MountPoint, "target" | "source" | "options"> {
  if (typeof target !== "string") {
    throw misread('field "target"', target, "the path of a mount point");
  }
  if (source !== null && typeof source !== "string") {
    throw misread(`field "source" of ${target}`, source, "a text, or null");
  }
  if (typeof options !== "string") {
    throw misread(`field "options" of ${target}`, options, "a text");
  }
  return { target, source, options: options.split(",") };
}

function textOr(value: unknown, other: string): string {
  return typeof value === "string" ? value : other;
}

function misread(where: string, found: unknown, expected: string): ProbeError {
  return new ProbeError({
    what: "findmnt",
    where,
    found: describeJson(found),
    expected,
  });
}
