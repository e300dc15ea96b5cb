/** Where every diskd listens, unless told otherwise. */
export const GROUP = {
  transport: "udp",
  hostname: "230.1.2.3",
  port: 32003,
} as const;

/** A socket that sends multicast out of the interface with this address. */
export function multicastSocket(address: string): Deno.DatagramConn {
  return Deno.listenDatagram({
    transport: "udp",
    hostname: address,
    port: 0,
    loopback: true,
  });
}
