/** The interface that a machine always has. */
export const LOOPBACK = {
  name: "lo",
  address: "127.0.0.1",
  prefixLength: 8,
} as const;

/** A UDP port that nobody uses now. */
export function freePort(): number {
  const socket = Deno.listenDatagram({
    transport: "udp",
    hostname: LOOPBACK.address,
    port: 0,
  });
  const { port } = socket.addr as Deno.NetAddr;
  socket.close();
  return port;
}
