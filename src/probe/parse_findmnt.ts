import { describeValue, isJsonObject, printedList } from "./printed_json.ts";
import { ProbeError } from "./probe_error.ts";

/**
 * Reads what `findmnt -J -o TARGET,OPTIONS` prints: the mount points that are
 * read-only.
 *
 * Of a row are read (1) `target`, (2) `options`, separated by commas, among
 * them `ro` where the mount or its filesystem is read-only, (3) `children`,
 * rows again, where it is printed as a tree. Where several are mounted on one
 * target the last one counts, since that is the one seen.
 *
 * @see findmnt(8), mount(8)
 * @throws {ProbeError} where it is not JSON of this form
 */
export function parseFindmnt(stdout: Uint8Array): ReadonlySet<string> {
  const readOnly = new Set<string>();
  // A list of what is left, not recursion: the depth is the sender's choice.
  const left = filesystems(stdout).reverse();
  for (let row = left.pop(); row !== undefined; row = left.pop()) {
    const { target, isReadOnly, children } = readRow(row);
    if (isReadOnly) readOnly.add(target);
    else readOnly.delete(target);
    for (const child of children.reverse()) left.push(child);
  }
  return readOnly;
}

function filesystems(stdout: Uint8Array): unknown[] {
  return printedList(stdout, { program: "findmnt", key: "filesystems" });
}

interface Mount {
  readonly target: string;
  readonly isReadOnly: boolean;
  readonly children: unknown[];
}

function readRow(row: unknown): Mount {
  if (!isJsonObject(row)) {
    throw misread("among the mounts", row, "an object for each");
  }
  const { target, options, children = [] } = row;
  if (typeof target !== "string") {
    throw misread('field "target"', target, "the path of a mount point");
  }
  if (typeof options !== "string") {
    throw misread(`field "options" of ${target}`, options, "a text");
  }
  if (!Array.isArray(children)) {
    throw misread(`field "children" of ${target}`, children, "a list");
  }
  return { target, isReadOnly: options.split(",").includes("ro"), children };
}

function misread(where: string, found: unknown, expected: string): ProbeError {
  return new ProbeError({
    what: "findmnt",
    where,
    found: describeValue(found),
    expected,
  });
}
