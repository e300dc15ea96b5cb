import type { InterfaceAddress } from "../system/system.ts";

/** An interface in use, or to be used. */
export interface JoinedInterface extends InterfaceAddress {
  readonly isInUse: boolean;
  /** Why it is not in use; `null` if it is, or will be in a moment. */
  readonly problem: string | null;
  /** Datagrams sent there since one last came back; multicast returns each to its sender. */
  readonly unreturned: number;
}

/**
 * Processes a datagram synchronously: its bytes are overwritten afterwards.
 * `isPrivileged` tells whether only a privileged process may send from its port.
 */
export type Receive = (
  bytes: Uint8Array,
  address: string,
  isPrivileged: boolean,
) => void;

/** Sends bytes to all hosts of the LAN and receives theirs; knows nothing of disks. */
export interface Transport {
  /**
   * Sends each datagram, in order, on every joined interface, or only on those
   * with the addresses `via`.
   */
  send(datagrams: readonly Uint8Array[], via?: readonly string[]): void;
  /** The interfaces, joined or not. */
  readonly interfaces: readonly JoinedInterface[];
  /** Datagrams handed to the kernel, counted once per interface. */
  readonly sent: number;
  /** Sends refused by the kernel. */
  readonly sendErrors: number;
  /** Leaves the group after all datagrams given to `send` have left. */
  close(): Promise<void>;
}
