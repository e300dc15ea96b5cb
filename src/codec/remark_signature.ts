import {
  isRemarkHost,
  isSubject,
  type Remark,
  remarkProblem,
} from "../inventory/remark.ts";
import type { HostKey, Signatures } from "./host_key.ts";

/**
 * The signature of the host where a remark was made, over this text in UTF-8,
 * so that any host can pass the remark on and none can change it:
 *
 *     diskd remark 1
 *     ["uuid 30c3d01e-...","note","drawer 3",1795384020933,"alpha"]
 */

const START = "diskd remark 1\n";

/** A remark before it is signed. */
type Unsigned = Omit<Remark, "by" | "key" | "signature">;

/** Signs a remark with the key of this host. */
export function signRemark(remark: Unsigned, key: HostKey): Remark {
  const signature = key.sign(signedText(remark));
  return {
    ...remark,
    by: key.id,
    key: key.publicKey,
    signature: signature.toBase64(BASE64),
  };
}

/** Why a remark is refused. */
export type RemarkRefusal = "bad-remark" | "wrong-key" | "bad-signature";

/** Why its form forbids a remark, at no cost; `null` if it does not. */
export function formProblem(
  remark: Remark,
  signatures: Signatures,
): RemarkRefusal | null {
  const { subject, host, field, value } = remark;
  if (!isSubject(subject) || !isRemarkHost(host)) return "bad-remark";
  if (remarkProblem(field, value) !== null) return "bad-remark";
  if (signatures.idOf(remark.key) !== remark.by) return "wrong-key";
  return SIGNATURE.test(remark.signature) ? null : "bad-signature";
}

/** Whether the host with its key signed it. `formProblem` has found none. */
export function isSigned(remark: Remark, signatures: Signatures): boolean {
  const signature = Uint8Array.fromBase64(remark.signature, BASE64);
  return signatures.verify(remark.key, signedText(remark), signature);
}

const BASE64 = { alphabet: "base64url", omitPadding: true } as const;

/** The only form of 64 bytes. */
const SIGNATURE = /^[0-9A-Za-z_-]{85}[AQgw]$/;

const encoder = new TextEncoder();

function signedText(
  { subject, field, value, at, host }: Unsigned,
): Uint8Array {
  return encoder.encode(
    START + JSON.stringify([subject, field, value, at, host]),
  );
}
