import { newHostKey, SEED_BYTES } from "../../src/codec/host_key.ts";

/** The key pair of a host that does not exist, the same for each number. */
export function numberedKey(number: number): ReturnType<typeof newHostKey> {
  const seed = new Uint8Array(SEED_BYTES);
  new DataView(seed.buffer).setUint32(0, number);
  return newHostKey(seed);
}

export type SigningKey = ReturnType<typeof numberedKey>;

/** What the header of a datagram says besides who speaks. */
export interface SaidText {
  readonly host?: string;
  readonly boot: number;
  readonly seq: number;
  /** Default: `seq`. */
  readonly rev?: number;
  readonly part?: readonly [number, number];
  readonly every: number;
  readonly ask?: true;
  readonly bye?: true;
}

/** A row of a list as it is on the wire. */
type Row = readonly unknown[];

/** A datagram as a host writes it, without its signature. */
export function unsignedText(
  { id, publicKey }: Pick<SigningKey, "id" | "publicKey">,
  said: SaidText,
  rows: readonly Row[] | string,
): Uint8Array {
  const header = JSON.stringify({ v: 2, id, key: publicKey, ...said });
  const body = typeof rows === "string" ? rows : `${JSON.stringify(rows)}\n`;
  return new TextEncoder().encode(`diskd:#${header}\n${body}`);
}

/** Makes it a signed datagram, with any 64 bytes. */
export function withSignature(
  unsigned: Uint8Array,
  signature: Uint8Array,
): Uint8Array {
  const text = signature.toBase64({ alphabet: "base64url", omitPadding: true });
  const line = new TextEncoder().encode(`#sig ${text}\n`);
  const bytes = new Uint8Array(unsigned.length + line.length);
  bytes.set(unsigned);
  bytes.set(line, unsigned.length);
  return bytes;
}

/**
 * What a host says, quicker than `writeAnnouncement`, and with lists that it
 * would not write: a string is the body as it is.
 */
export function signedText(
  key: SigningKey,
  said: SaidText,
  rows: readonly Row[] | string,
): Uint8Array {
  const bytes = unsignedText(key, said, rows);
  return withSignature(bytes, key.sign(bytes));
}
