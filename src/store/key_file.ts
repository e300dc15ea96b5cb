import { findMeddler, sayMeddler } from "../system/trusted_path.ts";

/** Result of reading a key file. */
export type KeyFile =
  | { readonly kind: "key"; readonly secret: Uint8Array }
  | {
    /** `denied`: there may be a valid key, but this user may not read it. */
    readonly kind: "denied" | "refused";
    /** The problem and its remedy, continuing a sentence begun with the path. */
    readonly reason: string;
  };

/** A key is shorter, but reading more allows a better message about other files. */
export const MAX_KEY_FILE_BYTES = 1024;
/** All permissions of users other than the owner, chmod(2). */
const FOR_OTHERS = 0o077;

/**
 * Reads a key. The file must belong to root or to `uid`, and be inaccessible to
 * others: a key readable by others proves nothing, and others who can write it
 * choose the key. Never throws.
 */
export function readKeyFile(
  path: string,
  { uid }: { readonly uid: number | null },
): KeyFile {
  try {
    // Checked before opening: opening a pipe would wait for a writer.
    const wrongKind = refuseKind(Deno.statSync(path));
    if (wrongKind !== null) return refused(wrongKind);
    using file = Deno.openSync(path);
    const info = file.statSync();
    const wrong = refuseKind(info) ?? refuseOwner(info, uid) ??
      refuseMode(info) ?? refusePlace(path, uid) ?? refuseSize(info);
    return wrong === null ? readKey(file) : refused(wrong);
  } catch (error) {
    return unreadable(error);
  }
}

function refuseKind(info: Deno.FileInfo): string | null {
  if (info.isFile) return null;
  const kind = info.isDirectory ? "a directory" : "no regular file";
  return `is ${kind}; expected a file with a key`;
}

function refuseOwner(info: Deno.FileInfo, uid: number | null): string | null {
  if (uid === null || info.uid === 0 || info.uid === uid) return null;
  const ours = uid === 0 ? "root" : `root or user ${uid}, who runs this diskd`;
  return `belongs to user ${info.uid}, who could replace it; expected ${ours}; ` +
    "fix it with chown, and make a new key if you do not trust that user";
}

function refuseMode({ mode }: Deno.FileInfo): string | null {
  if (mode === null || (mode & FOR_OTHERS) === 0) return null;
  const octal = (mode & 0o7777).toString(8).padStart(4, "0");
  return `has mode ${octal}, so other users can access it; ` +
    "expected 0600; fix it with chmod 600, and make a new key if someone may have read this one";
}

/** Whoever can exchange the file chooses the key. */
function refusePlace(path: string, uid: number | null): string | null {
  const owners = new Set(uid === null ? [] : [uid]);
  const meddler = findMeddler(path, { owners, upTo: "place" });
  if (meddler === null) return null;
  const said = sayMeddler(meddler, "exchange it");
  return `is not safe there: ${said}; fix it with chown and chmod, ` +
    "and make a new key if you do not trust those users";
}

function refuseSize({ size }: Deno.FileInfo): string | null {
  if (size <= MAX_KEY_FILE_BYTES) return null;
  return `has ${size} bytes; expected ${KEY_EXPECTED}`;
}

function readKey(file: Deno.FsFile): KeyFile {
  const buffer = new Uint8Array(MAX_KEY_FILE_BYTES);
  const length = file.readSync(buffer) ?? 0;
  const text = new TextDecoder().decode(buffer.subarray(0, length)).trimEnd();
  const secret = parseKey(text);
  if (secret !== null) return { kind: "key", secret };
  return refused(`${describeContent(text)}; expected ${KEY_EXPECTED}`);
}

/** Describes the contents of a file without a key, revealing nothing of a possible key. */
function describeContent(text: string): string {
  if (text === "") return "is empty";
  const lines = text.split("\n").length;
  return lines > 1 ? `holds ${lines} lines` : "holds something that is no key";
}

function refused(reason: string): KeyFile {
  return { kind: "refused", reason };
}

function unreadable(error: unknown): KeyFile {
  if (error instanceof Deno.errors.NotFound) {
    return refused(
      "does not exist; make a key with: diskd key new, and store it there with mode 0600",
    );
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return {
      kind: "denied",
      reason: "may not be read by this user",
    };
  }
  if (error instanceof Deno.errors.NotCapable) {
    return refused(NOT_CAPABLE);
  }
  return refused(
    `cannot be read: ${error instanceof Error ? error.message : error}`,
  );
}

const NOT_CAPABLE =
  "is where diskd cannot read: it can read keys in /etc/diskd, /run, " +
  "/var/lib/diskd, /tmp, /var/tmp, /home and /root, and a running daemon " +
  "only in directories that its configuration used at the start";

/**
 * A key as printed and stored: `dk1_` and 32 random bytes in base64url (RFC
 * 4648, section 5) without padding.
 */

const START = "dk1_";
/** Length of a key. */
export const KEY_BYTES = 32;
/** Its length in base64url. */
const ENCODED_LENGTH = 43;
const KEY = /^dk1_([0-9A-Za-z_-]{43})$/;

/** The format of a key, to follow the word "expected". */
const KEY_EXPECTED =
  `one line, ${START} and ${ENCODED_LENGTH} letters, digits, - and _, as diskd key new prints it`;

export function formatKey(secret: Uint8Array): string {
  return START + secret.toBase64({ alphabet: "base64url", omitPadding: true });
}

/** The bytes of a key; `null` for any other text. */
export function parseKey(text: string): Uint8Array | null {
  const encoded = KEY.exec(text)?.[1];
  if (encoded === undefined) return null;
  const secret = Uint8Array.fromBase64(encoded, { alphabet: "base64url" });
  // The last letter has two unused bits: only one text is valid for a key.
  return formatKey(secret) === text ? secret : null;
}
