/**
 * The files that marks are kept in, a line each:
 *
 *     4a73eb2aca0b4a07dd66e41daeccb1f5 1795384020933 17 5d1e0a3f
 *
 * (1) host id, (2) boot, (3) seq, (4) checksum of what stands before. A digit
 * that is not the one that was written would shut out a host for ever, or let
 * in what it said before, so a line is believed whole or not at all.
 */
import type { Mark } from "./mark.ts";

/** What could be made of a file. */
export interface ReadMarks {
  readonly marks: readonly Mark[];
  /** Lines that are not marks, or not any more. */
  readonly damagedLines: number;
}

export function markLine({ id, boot, seq }: Mark): string {
  const said = `${id} ${boot} ${seq}`;
  return `${said} ${checksum(said)}\n`;
}

/**
 * Reads the lines that are whole. The last one may lack its end where the
 * daemon was killed while it wrote, which is no damage.
 */
export function readMarkLines(text: string): ReadMarks {
  const lines = text.split("\n").slice(0, -1);
  const marks = lines.flatMap((line) => readLine(line) ?? []);
  return { marks, damagedLines: lines.length - marks.length };
}

function readLine(line: string): Mark | null {
  const [, said = "", id = "", boot, seq, check] = LINE.exec(line) ?? [];
  if (said === "" || checksum(said) !== check) return null;
  const mark = { id, boot: Number(boot), seq: Number(seq) };
  return Number.isSafeInteger(mark.boot) && Number.isSafeInteger(mark.seq)
    ? mark
    : null;
}

/** FNV-1a of 32 bits, in hexadecimal, of text in ASCII. @see RFC 9923 */
function checksum(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, "0");
}

const LINE = /^(([A-Za-z0-9_-]{1,64}) (\d{1,16}) (\d{1,16})) ([0-9a-f]{8})$/;
