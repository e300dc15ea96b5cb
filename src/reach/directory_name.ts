/** A label has at most 255 bytes, and a path must not grow beyond what people read. */
export const MAX_DIRECTORY_NAME_BYTES = 64;

/** Anything but letters, their accents, digits, and `._-` and space; letters that are invisible do not count. */
const UNSAFE = /[^\p{L}\p{M}\p{N}._ -]|\p{Default_Ignorable_Code_Point}/gu;

/**
 * A name for the directory of a disk, from its label, which is anybody's text:
 * one part of a path, never hidden, never an option, never `.` or `..`.
 * Where nothing of the label is left, its UUID, which must be fit for that.
 */
export function directoryName(label: string | null, uuid: string): string {
  const safe = (label ?? "")
    .replace(UNSAFE, "_")
    .replace(/ +/g, " ")
    .replace(/^[.\- ]+/, "");
  return start(safe).trimEnd() || uuid;
}

/** What to call the directory where another disk has that name already. */
export function longerDirectoryName(
  label: string | null,
  uuid: string,
): string {
  return `${directoryName(label, uuid)}-${uuid.slice(0, 8)}`;
}

/** As many whole characters as fit. */
function start(text: string): string {
  let bytes = 0;
  let end = 0;
  for (const character of text) {
    bytes += new TextEncoder().encode(character).length;
    if (bytes > MAX_DIRECTORY_NAME_BYTES) break;
    end += character.length;
  }
  return text.slice(0, end);
}
