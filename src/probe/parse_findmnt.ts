import {
  describeValue,
  isJsonObject,
  printedList,
  ProbeError,
} from "./printed_json.ts";

/** Something that is mounted. */
export interface Mount {
  readonly target: string;
  /** Path of the device, or whatever else is mounted; `null` where that is not told. */
  readonly source: string | null;
  readonly isReadOnly: boolean;
}

/**
 * Reads what `findmnt -J -o TARGET,SOURCE,OPTIONS` prints: what is mounted, in
 * the order of the mounts.
 *
 * Of a row are read (1) `target`, (2) `source`, optional, (3) `options`,
 * separated by commas, among them `ro` where the mount or its filesystem is
 * read-only, (4) `children`, rows again, where it is printed as a tree.
 *
 * @see findmnt(8), mount(8)
 * @throws {ProbeError} where it is not JSON of this form
 */
export function parseFindmnt(stdout: Uint8Array): Mount[] {
  const mounts: Mount[] = [];
  // A list of what is left, not recursion: the depth is the sender's choice.
  const left = filesystems(stdout).reverse();
  for (let row = left.pop(); row !== undefined; row = left.pop()) {
    const { children, ...mount } = readRow(row);
    mounts.push(mount);
    for (const child of children.reverse()) left.push(child);
  }
  return mounts;
}

function filesystems(stdout: Uint8Array): unknown[] {
  return printedList(stdout, { program: "findmnt", key: "filesystems" });
}

function readRow(row: unknown): Mount & { readonly children: unknown[] } {
  if (!isJsonObject(row)) {
    throw misread("among the mounts", row, "an object for each");
  }
  const { target, source = null, options, children = [] } = row;
  if (typeof target !== "string") {
    throw misread('field "target"', target, "the path of a mount point");
  }
  if (source !== null && typeof source !== "string") {
    throw misread(`field "source" of ${target}`, source, "a text, or null");
  }
  if (typeof options !== "string") {
    throw misread(`field "options" of ${target}`, options, "a text");
  }
  if (!Array.isArray(children)) {
    throw misread(`field "children" of ${target}`, children, "a list");
  }
  const isReadOnly = options.split(",").includes("ro");
  return { target, source, isReadOnly, children };
}

function misread(where: string, found: unknown, expected: string): ProbeError {
  return new ProbeError({
    what: "findmnt",
    where,
    found: describeValue(found),
    expected,
  });
}
