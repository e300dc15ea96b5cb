import type { MadeUpHost } from "./made_up_hosts.ts";
import { GROUP, multicastSocket } from "./multicast_socket.ts";

/** Sockets that speak for made-up hosts, each for some of them, always the same. */
export class MadeUpSpeakers implements Disposable {
  readonly #sockets: readonly Deno.DatagramConn[];

  /** `addresses` are of this host, separated by commas. */
  constructor(addresses: string) {
    this.#sockets = addresses.split(",").map(multicastSocket);
  }

  /** Sends these for a host. */
  async send(
    { number }: Pick<MadeUpHost, "number">,
    datagrams: readonly Uint8Array[],
  ): Promise<void> {
    const socket = this.#sockets[number % this.#sockets.length]!;
    for (const datagram of datagrams) await socket.send(datagram, GROUP);
  }

  [Symbol.dispose](): void {
    for (const socket of this.#sockets) socket.close();
  }
}
