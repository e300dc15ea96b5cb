/**
 * What somebody makes who has every datagram of a host, and every secret but
 * its private key. Pure.
 */
import { type SigningKey, withSignature } from "./signed_text.ts";

/** How a receiver counts a forgery that it hears. */
export type Refusal =
  | "unsigned"
  | "wrong-key"
  | "bad-signature"
  | "bad-header"
  | "not-utf8"
  | "old";

export interface Forgery {
  readonly bytes: Uint8Array;
  /** It is refused for one of these. */
  readonly refusals: readonly Refusal[];
}

/** What a datagram of a host consists of. */
interface Taken {
  readonly header: Readonly<Record<string, unknown>>;
  /** Its list, with the lines around it but the signature. */
  readonly body: string;
  /** The line, with its end. */
  readonly signature: string;
  readonly bytes: Uint8Array;
}

const SIGNATURE_START = "\n#sig ";
const LIE =
  '[[null,"stolen","/dev/lie",{"type":"ext4","mounts":["/mnt/lie"]}]]\n';
const FUTURE = Number.MAX_SAFE_INTEGER;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * Forgeries in the name of a host, by what was done. `heard` are datagrams that
 * it signed, the latest at the end; `liar` is another key.
 */
export function forgeries(
  heard: readonly Uint8Array[],
  liar: SigningKey,
): Record<string, Forgery> {
  const said = heard.map(takeApart);
  const last = said.at(-1)!;
  const first = said[0]!;
  const { id, key, boot, seq } = last.header;
  const later = { ...last.header, boot: FUTURE, seq: 1, rev: 1 };
  const next = { ...last.header, seq: Number(seq) + 1, rev: FUTURE };
  const bye = { ...next, bye: true };
  const random = Uint8Array.from({ length: 64 }, (_, i) => i * 37 % 256);
  const signedByLiar = (bytes: Uint8Array) =>
    withSignature(bytes, liar.sign(bytes));
  const keyless = { ...later, key: undefined };
  const refusedAs = (bytes: Uint8Array, ...refusals: Refusal[]) => ({
    bytes,
    refusals,
  });
  return {
    "no signature": refusedAs(write(later, LIE), "unsigned"),
    "no key": refusedAs(signedByLiar(write(keyless, LIE)), "unsigned"),
    "the next one, without a signature": refusedAs(
      write(next, LIE),
      "unsigned",
    ),
    "a goodbye without a signature": refusedAs(write(bye, "[]\n"), "unsigned"),
    "its key, any signature": refusedAs(
      withSignature(write(later, LIE), random),
      "bad-signature",
    ),
    "its key, the liar's signature": refusedAs(
      signedByLiar(write(later, LIE)),
      "bad-signature",
    ),
    "a goodbye with the liar's signature": refusedAs(
      signedByLiar(write(bye, "[]\n")),
      "bad-signature",
    ),
    "its id, the liar's key and signature": refusedAs(
      signedByLiar(write({ ...later, key: liar.publicKey }, LIE)),
      "wrong-key",
    ),
    "the liar's id, its key": refusedAs(
      signedByLiar(write({ ...later, id: liar.id }, LIE)),
      "wrong-key",
    ),
    "its key in another form": refusedAs(
      join({ ...last.header, seq: FUTURE, key: otherForm(String(key)) }, last),
      "wrong-key",
    ),
    "its signature under a later header": refusedAs(
      join(later, last),
      "bad-signature",
    ),
    "its signature under another list": refusedAs(
      encoder.encode(
        `diskd:#${JSON.stringify(next)}\n${LIE}${last.signature}`,
      ),
      "bad-signature",
    ),
    "an old list under its latest header": refusedAs(
      encoder.encode(
        `diskd:#${JSON.stringify(next)}\n${first.body}${last.signature}`,
      ),
      "bad-signature",
    ),
    "a member of the header twice": refusedAs(
      doubled(last, `"id":"${id}","boot":${FUTURE}`),
      "bad-signature",
      "bad-header",
    ),
    "lines after its signature": refusedAs(
      concat(last.bytes, encoder.encode(LIE)),
      "unsigned",
      "old",
    ),
    "the liar's signature after its own": refusedAs(
      signedByLiar(last.bytes),
      "bad-signature",
      "old",
    ),
    "a later header before all that it said": refusedAs(
      signedByLiar(concat(write(later, LIE), last.bytes)),
      "bad-signature",
    ),
    "its datagram with CRLF": refusedAs(
      encoder.encode(decoder.decode(last.bytes).replaceAll("\n", "\r\n")),
      "unsigned",
      "old",
      "bad-header",
    ),
    "its signature cut": refusedAs(last.bytes.slice(0, -20), "unsigned", "old"),
    "what it said first": refusedAs(first.bytes, "old"),
    "what it said last": refusedAs(last.bytes, "old"),
    "an earlier life": refusedAs(
      signedByLiar(write({ ...last.header, boot: Number(boot) - 1 }, LIE)),
      "old",
      "bad-signature",
    ),
  };
}

/** The same with one bit turned over, another one in each, that of every byte at some time. */
export function* withOneBitTurned(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at++) {
    for (let bit = 0; bit < 8; bit++) {
      const turned = bytes.slice();
      turned[at]! ^= 1 << bit;
      yield turned;
    }
  }
}

function takeApart(bytes: Uint8Array): Taken {
  const text = decoder.decode(bytes);
  const lineEnd = text.indexOf("\n");
  const signatureAt = text.lastIndexOf(SIGNATURE_START) + 1;
  return {
    header: JSON.parse(text.slice("diskd:#".length, lineEnd)),
    body: text.slice(lineEnd + 1, signatureAt),
    signature: text.slice(signatureAt),
    bytes,
  };
}

function write(header: object, body: string): Uint8Array {
  return encoder.encode(`diskd:#${JSON.stringify(header)}\n${body}`);
}

/** Another header before what it said. */
function join(header: object, { body, signature }: Taken): Uint8Array {
  return encoder.encode(
    `diskd:#${JSON.stringify(header)}\n${body}${signature}`,
  );
}

function doubled({ header, body, signature }: Taken, members: string) {
  const json = JSON.stringify(header).replace(/\}$/, `,${members}}`);
  return encoder.encode(`diskd:#${json}\n${body}${signature}`);
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  return new Uint8Array([...a, ...b]);
}

/** The last character of base64 holds bits that do not count: this decodes to the same bytes. */
function otherForm(base64: string): string {
  const digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const last = digits.indexOf(base64.at(-1)!);
  return base64.slice(0, -1) + digits[last ^ 1];
}
