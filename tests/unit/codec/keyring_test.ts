import assert from "node:assert/strict";
import fc from "fast-check";
import {
  MAX_DATAGRAM_BYTES,
  MAX_V2_DATAGRAM_BYTES,
} from "../../../src/codec/announcement.ts";
import { Keyring, type KeyringOptions } from "../../../src/codec/keyring.ts";
import { readDatagram } from "../../../src/codec/read_datagram.ts";
import { writeAnnouncement } from "../../../src/codec/write_datagram.ts";
import { announcement } from "../../support/announcements.ts";
import { decode, encode, wholeDisk } from "./support.ts";

const SECRET = new Uint8Array(32).fill(7);
const OTHER = new Uint8Array(32).fill(8);

function keyring(options: Partial<KeyringOptions> = {}): Keyring {
  return new Keyring({
    secrets: [SECRET],
    require: true,
    encrypt: false,
    freshNonce: () => crypto.getRandomValues(new Uint8Array(12)),
    ...options,
  });
}

function message(): Uint8Array {
  return writeAnnouncement(announcement({ disks: [wholeDisk()] }))[0]!;
}

/** `opened KEYID`, or why not. */
function verdict(ring: Keyring, bytes: Uint8Array): string {
  const opened = ring.verify(bytes);
  return opened.format === "rejected" ? opened.reason : `opened ${opened.key}`;
}

for (const encrypt of [false, true]) {
  const how = encrypt ? "sealed" : "signed";

  Deno.test(`Keyring.open() gives what was ${how}, and the key that proves it`, () => {
    const ring = keyring({ encrypt });
    const opened = ring.verify(ring.protect(message()));
    assert.ok(opened.format === "opened");
    assert.equal(opened.key, ring.keyId);
    assert.deepEqual(new Uint8Array(opened.bytes), message());
  });

  Deno.test(`Keyring.close() adds what it says to a ${how} datagram`, () => {
    const ring = keyring({ encrypt });
    const added = ring.protect(message()).length - message().length;
    assert.equal(added, ring.overheadBytes);
  });

  Deno.test(`Keyring.open() refuses a ${how} datagram with any bit changed`, () => {
    const ring = keyring({ encrypt });
    const whole = ring.protect(message());
    for (let at = 0; at < whole.length * 8; at++) {
      const changed = whole.slice();
      changed[at >> 3]! ^= 1 << (at & 7);
      assert.equal(ring.verify(changed).format, "rejected", `bit ${at}`);
    }
  });

  Deno.test(`Keyring.open() refuses a ${how} datagram that was cut anywhere`, () => {
    const ring = keyring({ encrypt });
    const whole = ring.protect(message());
    for (let length = 0; length < whole.length; length++) {
      const cut = whole.subarray(0, length);
      assert.equal(ring.verify(cut).format, "rejected", `${length} bytes`);
    }
  });

  Deno.test(`Keyring.open() refuses a ${how} datagram with bytes added, exchanged or moved`, () => {
    const ring = keyring({ encrypt });
    const whole = ring.protect(message());
    const place = fc.nat(whole.length);
    const some = fc.uint8Array({ minLength: 1, maxLength: 80 });
    fc.assert(fc.property(place, some, fc.nat(80), (at, bytes, removed) => {
      const changed = new Uint8Array([
        ...whole.subarray(0, at),
        ...bytes,
        ...whole.subarray(at + removed),
      ]);
      fc.pre(changed.toHex() !== whole.toHex());
      assert.equal(ring.verify(changed).format, "rejected");
    }));
  });

  Deno.test(`Keyring.open() refuses what was ${how} with a key that is not ours`, () => {
    const theirs = keyring({ secrets: [OTHER], encrypt });
    const bytes = theirs.protect(message());
    assert.equal(verdict(keyring({ encrypt }), bytes), "unknown-key");
  });

  Deno.test(`Keyring.open() knows a ${how} datagram by each of its keys`, () => {
    const old = keyring({ encrypt });
    const rolling = keyring({ secrets: [OTHER, SECRET], encrypt });
    assert.equal(rolling.keyId, keyring({ secrets: [OTHER] }).keyId);
    assert.equal(
      verdict(rolling, old.protect(message())),
      `opened ${old.keyId}`,
    );
    assert.equal(
      verdict(rolling, rolling.protect(message())),
      `opened ${rolling.keyId}`,
    );
  });
}

Deno.test("Keyring.open() accepts or rejects any bytes at all", () => {
  const ring = keyring();
  const start = fc.constantFrom("", "dskd\x01", "diskd:#{}\n#sig ", "#sig ");
  fc.assert(
    fc.property(start, fc.uint8Array({ maxLength: 1500 }), (text, bytes) => {
      const opened = ring.verify(new Uint8Array([...encode(text), ...bytes]));
      assert.equal(opened.format, "rejected");
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("Keyring.open() takes the header as part of what is signed", () => {
  const ring = keyring();
  const changed = decode(ring.protect(message()))
    .replace('"seq":17', '"seq":18');
  assert.equal(verdict(ring, encode(changed)), "bad-signature");
});

Deno.test("Keyring.open() takes no signature of another datagram", () => {
  const ring = keyring();
  const signed = ring.protect(message());
  const line = signed.subarray(signed.length - ring.overheadBytes);
  const [other] = writeAnnouncement(announcement({ seq: 18 }));
  assert.equal(
    verdict(ring, new Uint8Array([...other!, ...line])),
    "bad-signature",
  );
});

Deno.test("Keyring.open() with require refuses what is not signed, also of 0.01", () => {
  const ring = keyring();
  assert.equal(verdict(ring, message()), "unsigned");
  assert.equal(verdict(ring, encode("diskd:--- []\n")), "unsigned");
  assert.equal(verdict(ring, new Uint8Array()), "unsigned");
});

Deno.test("Keyring.open() without require takes what is not signed, or with an unknown key, as unproven", () => {
  const ring = keyring({ require: false });
  assert.equal(verdict(ring, message()), "opened null");
  const theirs = keyring({ secrets: [OTHER] }).protect(message());
  assert.equal(verdict(ring, theirs), "opened null");
  const opened = ring.verify(theirs);
  assert.ok(opened.format === "opened");
  assert.equal(readDatagram(opened.bytes).format, 2);
});

Deno.test("Keyring.open() without require still refuses what one of our keys disproves, or hides", () => {
  const ring = keyring({ require: false });
  const signed = ring.protect(message());
  signed[40]! ^= 1;
  assert.equal(verdict(ring, signed), "bad-signature");
  const sealed = keyring({ encrypt: true }).protect(message());
  sealed[40]! ^= 1;
  assert.equal(verdict(ring, sealed), "bad-signature");
  const theirs = keyring({ secrets: [OTHER], encrypt: true });
  assert.equal(verdict(ring, theirs.protect(message())), "unknown-key");
});

Deno.test("Keyring.open() reads what is sealed also where nothing is sealed here, and what is signed where all is", () => {
  const signing = keyring();
  const sealing = keyring({ encrypt: true });
  const proven = `opened ${signing.keyId}`;
  assert.equal(verdict(signing, sealing.protect(message())), proven);
  assert.equal(verdict(sealing, signing.protect(message())), proven);
});

Deno.test("Keyring.open() computes nothing for what is too long to be ours", () => {
  const long = new Uint8Array(MAX_V2_DATAGRAM_BYTES + 1).fill(0x0a);
  const whole = long.subarray(1);
  for (const encrypt of [false, true]) {
    const ring = keyring({ encrypt });
    assert.equal(verdict(ring, ring.protect(long)), "too-long");
    assert.equal(verdict(ring, ring.protect(whole)), `opened ${ring.keyId}`);
  }
});

Deno.test("Keyring.close() hides all of a sealed datagram, each time in another way", () => {
  const ring = keyring({ encrypt: true });
  const [one, other] = [ring.protect(message()), ring.protect(message())];
  const text = new TextDecoder("latin1").decode(one);
  for (const word of ["diskd:", "backup-2019", "alpha", "/dev"]) {
    assert.ok(!text.includes(word), word);
  }
  const same = one.filter((byte, i) => byte === other[i]).length;
  assert.ok(same < one.length / 8, `${same} bytes are alike`);
  assert.equal(readDatagram(one).format, "rejected");
});

Deno.test("Keyring.close() leaves a datagram that is readable without keys, when it signs", () => {
  const read = readDatagram(keyring().protect(message()));
  assert.ok(read.format === 2);
  assert.equal(read.header.seq, 17);
});

Deno.test("writeAnnouncement() leaves the room that a keyring needs", () => {
  const disks = Array.from(
    { length: 100 },
    (_, i) => wholeDisk({ device: `/dev/sd${i}` }),
  );
  for (const encrypt of [false, true]) {
    const ring = keyring({ encrypt });
    const maxBytes = MAX_DATAGRAM_BYTES - ring.overheadBytes;
    const closed = writeAnnouncement(announcement({ disks }), { maxBytes })
      .map((datagram) => ring.protect(datagram));
    assert.ok(closed.length > 1);
    for (const bytes of closed) {
      assert.ok(bytes.length <= MAX_DATAGRAM_BYTES, `${bytes.length}`);
    }
  }
});

Deno.test("Keyring.keyId tells keys apart, and nothing of them", () => {
  const { keyId } = keyring();
  assert.match(keyId, /^[0-9a-f]{8}$/);
  assert.notEqual(keyId, keyring({ secrets: [OTHER] }).keyId);
  assert.ok(!SECRET.toHex().includes(keyId));
});

Deno.test("Keyring authenticates as HKDF-SHA256 and HMAC-SHA256 of Web Crypto do", async () => {
  const ring = keyring();
  const text = decode(ring.protect(message()));
  const key = await crypto.subtle.importKey(
    "raw",
    await derive("diskd signing key 1", 256),
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["sign"],
  );
  const mac = await crypto.subtle.sign("HMAC", key, source(message()));
  const base64 = new Uint8Array(mac).toBase64();
  assert.equal(text, `${decode(message())}#mac ${ring.keyId} ${base64}\n`);
  const id = await derive("diskd key id 1", 32);
  assert.equal(ring.keyId, new Uint8Array(id).toHex());
});

Deno.test("Keyring seals as AES-GCM of Web Crypto does", async () => {
  const ring = keyring({ encrypt: true });
  const bytes = ring.protect(message());
  assert.equal(decode(bytes.subarray(0, 5)), "dskd\x01");
  assert.equal(bytes.subarray(5, 9).toHex(), ring.keyId);
  const key = await crypto.subtle.importKey(
    "raw",
    await derive("diskd sealing key 1", 256),
    "AES-GCM",
    false,
    ["decrypt"],
  );
  const opened = await crypto.subtle.decrypt(
    {
      name: "AES-GCM",
      iv: source(bytes.subarray(9, 21)),
      additionalData: source(bytes.subarray(0, 21)),
    },
    key,
    source(bytes.subarray(21)),
  );
  assert.equal(decode(new Uint8Array(opened)), decode(message()));
});

async function derive(info: string, bits: number): Promise<ArrayBuffer> {
  const secret = await crypto.subtle.importKey("raw", SECRET, "HKDF", false, [
    "deriveBits",
  ]);
  return await crypto.subtle.deriveBits(
    {
      name: "HKDF",
      hash: "SHA-256",
      salt: new Uint8Array(),
      info: source(encode(info)),
    },
    secret,
    bits,
  );
}

/** A copy, in memory that is its own: what Web Crypto takes. */
function source(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}
