import { PUBLIC_KEY_LENGTH } from "../../src/codec/announcement.ts";
import {
  type HostKey,
  newHostKey,
  SEED_BYTES,
  type Signatures,
} from "../../src/codec/host_key.ts";
import { joinSignature } from "../../src/codec/signature_line.ts";

/** A key that a real daemon takes for one, the same for the same name. */
export function realKey(name: string): HostKey {
  const seed = new Uint8Array(SEED_BYTES);
  new TextEncoder().encodeInto(name, seed);
  return newHostKey(seed);
}

/**
 * Keys of hosts with ids that can be read, such as `id-alpha`. Their signatures
 * cost next to nothing, so that a simulation of a thousand hosts takes seconds.
 * Nobody can sign for a host without its key.
 */
export function hostKey(id: string): HostKey {
  const publicKey = id.padEnd(PUBLIC_KEY_LENGTH, FILL);
  if (publicKey.length > PUBLIC_KEY_LENGTH || id.includes(FILL)) {
    throw new Error(`No key for ${id}`);
  }
  return {
    id,
    publicKey,
    sign: (message) => signatureOf(publicKey, message),
    toPem: () => `the key of ${id}`,
  };
}

const FILL = "~";
const SIGNATURE_BYTES = 64;

/** How such hosts prove who they are. */
export const TEST_SIGNATURES: Signatures = {
  idOf(publicKey) {
    return /^[^~]+~*$/.test(publicKey) ? publicKey.replaceAll(FILL, "") : null;
  },
  verify(publicKey, message, signature) {
    const expected = signatureOf(publicKey, message);
    return expected.every((byte, i) => byte === signature[i]);
  },
};

/** Appends the signature of this key. */
export function signedBy(key: HostKey, datagram: Uint8Array): Uint8Array {
  return joinSignature(datagram, key.sign(datagram));
}

/** 64 bits of FNV-1a over both, mixed: not for enemies who calculate. */
function signatureOf(publicKey: string, message: Uint8Array): Uint8Array {
  let [a, b] = [0x811c9dc5, 0x01000193];
  const mix = (byte: number) => {
    a = Math.imul(a ^ byte, 0x01000193);
    b = Math.imul(b + byte, 0x85ebca6b) ^ (b >>> 13);
  };
  for (let i = 0; i < publicKey.length; i++) mix(publicKey.charCodeAt(i));
  for (let i = 0; i < message.length; i++) mix(message[i]!);
  const signature = new Uint8Array(SIGNATURE_BYTES);
  const view = new DataView(signature.buffer);
  view.setInt32(0, a);
  view.setInt32(4, b);
  return signature;
}
