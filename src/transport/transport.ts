import type { InterfaceAddress } from "../system/system.ts";

/** An interface that is, or should be, spoken on. */
export interface JoinedInterface extends InterfaceAddress {
  /** Why it is not spoken on, `null` when it is. */
  readonly problem: string | null;
  /** Datagrams that went out there since one came back: multicast brings each back. */
  readonly unreturned: number;
}

/**
 * Takes what arrives, at once and without waiting: the bytes are overwritten
 * when it returns.
 */
export type Receive = (bytes: Uint8Array, address: string) => void;

/** Bytes to everybody on the LAN, and from them; knows nothing of disks. */
export interface Transport {
  /** Sends each datagram, in order, on every joined interface, or only on those that have the addresses `via`. */
  send(datagrams: readonly Uint8Array[], via?: readonly string[]): void;
  /** The interfaces, joined or not. */
  readonly interfaces: readonly JoinedInterface[];
  /** Datagrams handed to the kernel, one for each interface. */
  readonly sent: number;
  /** Sends that the kernel refused. */
  readonly sendErrors: number;
  /** Leaves the group, after what was given to `send` has left. */
  close(): Promise<void>;
}
