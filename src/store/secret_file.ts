import { reasonOf } from "../system/reason.ts";
import { findMeddler, sayMeddler } from "../system/trusted_path.ts";

/** Result of reading a file with a secret. */
type SecretFile =
  | { readonly kind: "text"; readonly text: string }
  | {
    /** `denied`: it may be valid, but this user may not read it. */
    readonly kind: "denied" | "refused";
    /** The problem and its remedy, continuing a sentence begun with the path. */
    readonly reason: string;
  };

interface SecretFileOptions {
  /** Its reader, who may own it, as root may. */
  readonly uid: number | null;
  readonly maxBytes: number;
  /** What is in it: `key`, `token`; with an s: several. */
  readonly noun: string;
  /** The form of its text, to follow the word "expected". */
  readonly expected: string;
  /** How to make it. */
  readonly whenMissing: string;
}

/** All permissions of users other than the owner, chmod(2). */
const FOR_OTHERS = 0o077;

/**
 * Where systemd puts a credential of a service: it is root's, and an ACL lets
 * the user of the service read it, which looks like a right of the group.
 */
const CREDENTIALS = "/run/credentials/";
const FOR_GROUP_TO_READ = 0o040;

/**
 * Reads a file that belongs to root or to `uid`, and is inaccessible to others,
 * who could read the secret or choose it. Never throws.
 */
export function readSecretFile(
  path: string,
  options: SecretFileOptions,
): SecretFile {
  try {
    // Checked before opening: opening a pipe would wait for a writer.
    const wrongKind = refuseKind(Deno.statSync(path), options);
    if (wrongKind !== null) return refused(wrongKind);
    using file = Deno.openSync(path);
    const info = file.statSync();
    const wrong = refuseKind(info, options) ?? refuseOwner(info, options) ??
      refuseMode(path, info, options) ?? refusePlace(path, options) ??
      refuseSize(info, options);
    if (wrong !== null) return refused(wrong);
    const buffer = new Uint8Array(options.maxBytes);
    const length = file.readSync(buffer) ?? 0;
    const text = new TextDecoder().decode(buffer.subarray(0, length));
    return { kind: "text", text };
  } catch (error) {
    return unreadable(error, options);
  }
}

function refuseKind(
  info: Deno.FileInfo,
  { noun }: SecretFileOptions,
): string | null {
  if (info.isFile) return null;
  const kind = info.isDirectory ? "a directory" : "no regular file";
  return `is ${kind}; expected a file with ${withArticle(noun)}`;
}

function refuseOwner(
  info: Deno.FileInfo,
  { uid, noun }: SecretFileOptions,
): string | null {
  if (uid === null || info.uid === 0 || info.uid === uid) return null;
  const ours = uid === 0 ? "root" : `root or user ${uid}, who runs this diskd`;
  return `belongs to user ${info.uid}, who could replace it; expected ${ours}; ` +
    `fix it with chown, and make a new ${noun} if you do not trust that user`;
}

function refuseMode(
  path: string,
  { mode, uid }: Deno.FileInfo,
  { noun }: SecretFileOptions,
): string | null {
  const isCredential = uid === 0 && path.startsWith(CREDENTIALS);
  const refused = isCredential ? FOR_OTHERS & ~FOR_GROUP_TO_READ : FOR_OTHERS;
  if (mode === null || (mode & refused) === 0) return null;
  const octal = (mode & 0o7777).toString(8).padStart(4, "0");
  return `has mode ${octal}, so other users can access it; expected 0600; ` +
    `fix it with chmod 600, and make a new ${noun} if someone may have read this one`;
}

/** Whoever can exchange the file chooses the secret. */
function refusePlace(
  path: string,
  { uid, noun }: SecretFileOptions,
): string | null {
  const owners = new Set(uid === null ? [] : [uid]);
  const meddler = findMeddler(path, { owners, upTo: "place" });
  if (meddler === null) return null;
  const said = sayMeddler(meddler, "exchange it");
  return `is not safe there: ${said}; fix it with chown and chmod, ` +
    `and make a new ${noun} if you do not trust those users`;
}

function refuseSize(
  { size }: Deno.FileInfo,
  { maxBytes, expected }: SecretFileOptions,
): string | null {
  return size <= maxBytes ? null : `has ${size} bytes; expected ${expected}`;
}

function refused(reason: string): SecretFile {
  return { kind: "refused", reason };
}

function unreadable(
  error: unknown,
  { noun, whenMissing }: SecretFileOptions,
): SecretFile {
  if (error instanceof Deno.errors.NotFound) {
    return refused(`does not exist; ${whenMissing}`);
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return { kind: "denied", reason: "may not be read by this user" };
  }
  if (error instanceof Deno.errors.NotCapable) {
    return refused(
      `is where diskd cannot read: it can read ${noun}s in /etc/diskd, /run, ` +
        "/var/lib/diskd, /tmp, /var/tmp, /home and /root, " +
        "and a running daemon only in directories that its configuration used " +
        "at the start",
    );
  }
  return refused(`cannot be read: ${reasonOf(error)}`);
}

function withArticle(noun: string): string {
  return /^[aeiou]/.test(noun) ? `an ${noun}` : `a ${noun}`;
}
