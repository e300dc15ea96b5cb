/**
 * Whether two devices are one drive, judged by what the drives say of
 * themselves. Many say nothing: USB bridges and cheap drives have the same
 * serial number or WWN by the thousand, and those count for nothing.
 */

/** What a drive says of itself. */
interface Claims {
  readonly serial: string | null;
  readonly wwn: string | null;
}

/** Serial numbers shorter than this are no evidence, in characters. */
const MIN_EVIDENCE_LENGTH = 4;

/** Texts that vendors leave in place of a serial number, in lower case. */
const PLACEHOLDERS: ReadonlySet<string> = new Set([
  "none",
  "n/a",
  "unknown",
  "empty",
  "invalid",
  "default string",
  "not specified",
  "system serial number",
  "to be filled by o.e.m.",
  "random__",
  // Of bridges by JMicron and others.
  "db9876543214e",
  "dd564198838",
  "152d00539000",
]);

/** A part of these is no serial number either. */
const SEQUENCES = [
  "0123456789abcdef".repeat(2),
  "1234567890".repeat(4),
  "1234567890abcdef",
];

/** Mostly zeros: a number that counts products, if anything. */
const MOSTLY_ZEROS = /^0{7,}.{0,4}$/;

const ONE_CHARACTER = /^(.)\1*$/;

/** A serial number that may tell drives apart; `null` for none or a placeholder. */
export function realSerial(serial: string | null): string | null {
  if (serial === null) return null;
  const text = serial.trim().toLowerCase();
  const isNone = text.length < MIN_EVIDENCE_LENGTH || PLACEHOLDERS.has(text) ||
    ONE_CHARACTER.test(text) || MOSTLY_ZEROS.test(text) ||
    SEQUENCES.some((sequence) => sequence.includes(text));
  return isNone ? null : text;
}

/** A WWN likewise. */
export function realWwn(wwn: string | null): string | null {
  const real = wwn === null ? null : realSerial(wwn.replace(WWN_PREFIX, ""));
  return real === null || WITHOUT_MAKER.test(real) ? null : real;
}

/** The format's digits, and zeros where the vendor and the drive should be. */
const WITHOUT_MAKER = /^[0-9a-f]{1,2}0{10,}.{0,4}$/;

const WWN_PREFIX = /^(?:0x|eui\.|naa\.|uuid\.|t10\.)/i;

/**
 * `same`: a serial number or WWN proves it. `different`: they contradict it,
 * serial numbers before WWNs. `unknown`: neither.
 */
export function compareDrives(
  a: Claims,
  b: Claims,
): "same" | "different" | "unknown" {
  const pairs = [
    [realSerial(a.serial), realSerial(b.serial)],
    [realWwn(a.wwn), realWwn(b.wwn)],
  ] as const;
  for (const [one, other] of pairs) {
    if (one === null || other === null) continue;
    return one === other ? "same" : "different";
  }
  return "unknown";
}

/** Whether it is what the maker calls a drive: its serial number or its WWN. */
export function isMakersName(text: string, drive: Claims): boolean {
  return [{ serial: text, wwn: null }, { serial: null, wwn: text }]
    .some((claims) => compareDrives(claims, drive) === "same");
}
