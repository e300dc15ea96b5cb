import { ProbeError } from "./printed_json.ts";

/** A signature read by blkid. All `null`: there is none. */
export interface Signature {
  readonly uuid: string | null;
  readonly label: string | null;
  readonly type: string | null;
  readonly uuid_sub: string | null;
  readonly partuuid: string | null;
  readonly partlabel: string | null;
  /** Every type of an ambivalent device, see `ambivalentTypes`; else empty. */
  readonly types: readonly string[];
  /** Type of its partition table: `gpt`, `dos`. */
  readonly pttype: string | null;
  /** Type of the partition, a GUID or a number such as `0x5`. */
  readonly parttype: string | null;
}

/** A device without a signature. */
export const NO_SIGNATURE: Signature = Object.freeze({
  uuid: null,
  label: null,
  type: null,
  uuid_sub: null,
  partuuid: null,
  partlabel: null,
  types: [],
  pttype: null,
  parttype: null,
});

/** Whether two signatures have the same values. */
export function sameSignature(a: Signature, b: Signature): boolean {
  const keys = Object.keys(NO_SIGNATURE) as (keyof Signature)[];
  return keys.every((key) => String(a[key]) === String(b[key]));
}

/**
 * Parses the output of `blkid -p -o udev DEVICE`.
 *
 * Each line is `KEY=VALUE`. blkid writes a text twice: `ID_FS_LABEL` with
 * blanks and control characters replaced by `_`, and `ID_FS_LABEL_ENC` in full,
 * with `\x20` for each byte that is not plain. Only the second is used.
 * Partition fields (`ID_PART_ENTRY_*`) are written once, encoded. Invalid UTF-8
 * becomes U+FFFD. Of a device with several signatures blkid prints only
 * `ID_FS_AMBIVALENT`, with all of them. Other keys are ignored.
 *
 * @see blkid(8), libblkid's blkid_encode_string()
 * @throws {ProbeError} at a line that is not `KEY=VALUE`
 */
export function parseBlkid(stdout: Uint8Array): Signature {
  const values = readProperties(stdout);
  const text = (key: string) => decodeValue(values.get(key));
  return {
    uuid: text("ID_FS_UUID_ENC"),
    label: text("ID_FS_LABEL_ENC"),
    type: text("ID_FS_TYPE"),
    uuid_sub: text("ID_FS_UUID_SUB_ENC"),
    partuuid: text("ID_PART_ENTRY_UUID"),
    partlabel: text("ID_PART_ENTRY_NAME"),
    types: ambivalentTypes(text("ID_FS_AMBIVALENT") ?? ""),
    pttype: text("ID_PART_TABLE_TYPE"),
    parttype: text("ID_PART_ENTRY_TYPE"),
  };
}

/** The types in `filesystem:ext4:1.0 raid:linux_raid_member:1.2`. */
function ambivalentTypes(value: string): string[] {
  const types = value.split(" ").flatMap((one) => one.split(":")[1] ?? []);
  return [...new Set(types)];
}

/**
 * The usage of a signature in the same output: `filesystem`, `raid`, `crypto`
 * or `other`; `null` if there is none.
 * @throws {ProbeError} as `parseBlkid`
 */
export function parseUsage(stdout: Uint8Array): string | null {
  return readProperties(stdout).get("ID_FS_USAGE") ?? null;
}

/**
 * Bytes are kept as characters 0 to 255 until the escapes are decoded: an
 * escape may be half of a UTF-8 sequence.
 */
function readProperties(stdout: Uint8Array): Map<string, string> {
  const lines = bytesToText(stdout).split("\n");
  const values = new Map<string, string>();
  for (const [index, line] of lines.entries()) {
    if (line === "" && index === lines.length - 1) break;
    const [, key, value] = /^([A-Z][A-Z0-9_]*)=(.*)$/s.exec(line) ?? [];
    if (key === undefined || value === undefined) {
      throw new ProbeError({
        what: "blkid",
        where: `line ${index + 1}`,
        found: `"${line}"`,
        expected: "KEY=VALUE",
      });
    }
    values.set(key, value);
  }
  return values;
}

function decodeValue(value: string | undefined): string | null {
  if (value === undefined || value === "") return null;
  const raw = value.replace(
    /\\x([0-9a-fA-F]{2})/g,
    (_, hex: string) => String.fromCharCode(parseInt(hex, 16)),
  );
  const bytes = Uint8Array.from(raw, (unit) => unit.charCodeAt(0));
  // A byte order mark is part of the label like any other character.
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}

function bytesToText(bytes: Uint8Array): string {
  const chunks: string[] = [];
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    chunks.push(String.fromCharCode(...bytes.subarray(at, at + CHUNK_BYTES)));
  }
  return chunks.join("");
}

/** Arguments of a call are on the stack, so their number is limited. */
const CHUNK_BYTES = 8192;
