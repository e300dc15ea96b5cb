import type { RejectReason } from "../codec/announcement.ts";
import type { Signatures } from "../codec/host_key.ts";
import {
  decodeSignature,
  type SignedDatagram,
} from "../codec/signature_line.ts";
import type { RefuseReason } from "./effect.ts";
import type { Remotes } from "./remotes.ts";

/** What says who sent a datagram, not yet proven. */
interface Claimed {
  readonly id: string;
  readonly key: string | null;
  readonly signed: SignedDatagram | null;
}

/**
 * Proves who sent a datagram: its id is that of its public key, and the key
 * signed it. To check a signature takes some 60 us, more than all else, so that
 * comes last and is paid for.
 */
export class SenderProofs {
  readonly #signatures: Signatures;
  readonly #remotes: Remotes;

  constructor(
    { signatures, remotes }: {
      readonly signatures: Signatures;
      readonly remotes: Remotes;
    },
  ) {
    this.#signatures = signatures;
    this.#remotes = remotes;
  }

  /** The id of the host with this public key; `null` if it is none. */
  idOf(publicKey: string): string | null {
    return this.#signatures.idOf(publicKey);
  }

  /**
   * Returns why the sender is not the host that it says it is; `null` if it is.
   * `spend` pays for the check of a signature, or returns why there is no time
   * left for it.
   */
  refusal(
    { id, key, signed }: Claimed,
    spend: () => RefuseReason | null,
  ): RejectReason | RefuseReason | null {
    if (key === null || signed === null) return "unsigned";
    const isKnownKey = this.#remotes.find(id)?.publicKey === key;
    if (!isKnownKey && this.#signatures.idOf(key) !== id) return "wrong-key";
    const signature = decodeSignature(signed);
    if (signature === null) return "bad-signature";
    const excess = spend();
    if (excess !== null) return excess;
    return this.#signatures.verify(key, signed.message, signature)
      ? null
      : "bad-signature";
  }
}
