import assert from "node:assert/strict";
import {
  Ed25519,
  newHostKey as grow,
  readHostKey,
  SEED_BYTES,
  SIGNATURE_BYTES,
} from "../../../src/codec/host_key.ts";

function newHostKey() {
  return grow(crypto.getRandomValues(new Uint8Array(SEED_BYTES)));
}

const message = new TextEncoder().encode("a message of a host");

Deno.test("the id of a host is the beginning of SHA-256 of its public key", async () => {
  const { id, publicKey } = newHostKey();
  const bytes = Uint8Array.fromBase64(publicKey, { alphabet: "base64url" });
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  assert.deepEqual(id, digest.subarray(0, 16).toHex());
  assert.deepEqual(new Ed25519().idOf(publicKey), id);
});

Deno.test("a key that was written and read is the same", () => {
  const key = newHostKey();
  const read = readHostKey(key.toPem());
  assert.deepEqual(read.publicKey, key.publicKey);
  assert.deepEqual(read.sign(message), key.sign(message));
});

Deno.test("readHostKey() refuses what is no private key of Ed25519", async () => {
  const other = await crypto.subtle.generateKey(
    { name: "ECDSA", namedCurve: "P-256" },
    true,
    ["sign"],
  );
  const der = await crypto.subtle.exportKey("pkcs8", other.privateKey);
  const body = new Uint8Array(der).toBase64();
  const pem =
    `-----BEGIN PRIVATE KEY-----\n${body}\n-----END PRIVATE KEY-----\n`;
  for (const text of ["", "x", pem]) assert.throws(() => readHostKey(text));
});

Deno.test("a public key has a single form", () => {
  const { publicKey } = newHostKey();
  const last = publicKey.at(-1)!;
  const start = publicKey.slice(0, -1);
  const alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const sameBytes = [...alphabet].filter((letter) =>
    alphabet.indexOf(letter) >> 2 === alphabet.indexOf(last) >> 2
  );
  assert.deepEqual(sameBytes.length, 4);
  const accepted = sameBytes.filter((letter) =>
    new Ed25519().idOf(start + letter) !== null
  );
  assert.deepEqual(accepted, [last]);
  assert.deepEqual(new Ed25519().idOf(publicKey + "="), null);
});

Deno.test("Ed25519 refuses a flipped bit in message, signature and key", () => {
  const key = newHostKey();
  const signatures = new Ed25519();
  const signature = key.sign(message);
  assert.deepEqual(signature.length, SIGNATURE_BYTES);
  assert.deepEqual(signatures.verify(key.publicKey, message, signature), true);
  for (let bit = 0; bit < signature.length * 8; bit++) {
    const flipped = signature.slice();
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    assert.deepEqual(signatures.verify(key.publicKey, message, flipped), false);
  }
  for (let bit = 0; bit < message.length * 8; bit++) {
    const flipped = message.slice();
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    assert.deepEqual(
      signatures.verify(key.publicKey, flipped, signature),
      false,
    );
  }
  assert.deepEqual(
    signatures.verify(newHostKey().publicKey, message, signature),
    false,
  );
});

Deno.test("Ed25519 keeps a bounded number of keys, and works beyond", () => {
  const signatures = new Ed25519();
  const first = newHostKey();
  const check = (key: typeof first) =>
    signatures.verify(key.publicKey, message, key.sign(message));
  assert.deepEqual(check(first), true);
  for (let i = 0; i < 1_100; i++) assert.deepEqual(check(newHostKey()), true);
  assert.deepEqual(check(first), true);
});
