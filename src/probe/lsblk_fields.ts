import { describeValue, type JsonObject } from "./printed_json.ts";
import { ProbeError } from "./probe_error.ts";

/** One object of lsblk's `blockdevices` or `children`. */
export type LsblkRow = JsonObject;

/** A text; numbers, which some versions print bare, become text. Empty is `null`. */
export function textField(row: LsblkRow, key: string): string | null {
  const value = row[key];
  if (value === undefined || value === null || value === "") return null;
  if (typeof value === "string") return value;
  if (typeof value === "number") return String(value);
  throw unexpected(row, key, "a text or null");
}

/** A text that the hardware pads with blanks to a fixed width. */
export function paddedField(row: LsblkRow, key: string): string | null {
  return textField(row, key)?.trim() || null;
}

/** Bytes; a text of digits before util-linux 2.33. */
export function sizeField(row: LsblkRow, key: string): number | null {
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
export function flagField(row: LsblkRow, key: string): boolean | null {
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

/** Whether the device has a node, which shows in its `mode`; `null` where lsblk was not asked or does not know. */
export function nodeField(row: LsblkRow): boolean | null {
  if (row["mode"] === undefined) return null;
  const mode = textField(row, "mode");
  if (mode === null) return false;
  return mode.startsWith("b") ? true : null;
}

/** `mountpoints`, a list with nulls in it, or before util-linux 2.37 the one `mountpoint`. */
export function mountsField(row: LsblkRow): string[] {
  const value = row["mountpoints"] ?? row["mountpoint"] ?? [];
  const points: unknown[] = Array.isArray(value) ? value : [value];
  return points.filter((point): point is string => {
    if (typeof point === "string") return point !== "";
    if (point === null) return false;
    throw unexpected(row, "mountpoints", "a list of texts and nulls");
  });
}

/** The value, where it is and what was wanted, as an error. */
export function unexpected(
  row: LsblkRow,
  key: string,
  expected: string,
): ProbeError {
  const device = typeof row["name"] === "string" ? row["name"] : "unnamed";
  return new ProbeError({
    what: "lsblk",
    where: `field "${key}" of device ${device}`,
    found: describeValue(row[key]),
    expected,
  });
}
