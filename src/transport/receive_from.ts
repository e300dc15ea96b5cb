import { isPrivilegedPort } from "./privileged_port.ts";
import { pause } from "../system/within.ts";

/** Wait after a failed receive, so that a broken socket does not cause a busy loop. */
const RECEIVE_RETRY_MS = 100;

/** Receives from a socket until it is over, which includes that it was closed. */
export async function receiveFrom(
  socket: Deno.DatagramConn,
  { maxBytes, isOver, receive }: {
    /** A longer datagram is cut. */
    readonly maxBytes: number;
    readonly isOver: () => boolean;
    /** See `Receive`; `port` is that of the sender. */
    readonly receive: (
      bytes: Uint8Array,
      address: string,
      isPrivileged: boolean,
      port: number,
    ) => void;
  },
): Promise<void> {
  const buffer = new Uint8Array(maxBytes);
  while (!isOver()) {
    try {
      const [bytes, from] = await socket.receive(buffer);
      const { hostname, port } = from as Deno.NetAddr;
      receive(bytes, hostname, isPrivilegedPort(port), port);
    } catch (error) {
      if (isOver()) return;
      if (!(error instanceof Deno.errors.Interrupted)) {
        await pause(RECEIVE_RETRY_MS);
      }
    }
  }
}
