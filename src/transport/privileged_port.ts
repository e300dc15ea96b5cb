/**
 * Ports that only a privileged process may send from (ip(7)), and that IANA has
 * not given to anybody. So other daemons on this host know root's daemon, and no
 * other user can pretend to be it.
 */
const PRIVILEGED_PORTS = [
  ...[1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008, 1009],
  ...[1011, 1012, 1013, 1014, 1015, 1016, 1017, 1018, 1019, 1020],
] as const;

const FIRST_UNPRIVILEGED_PORT = 1024;

/** Opens a sending socket with this address, from a privileged port if possible. */
export function openSendingSocket(address: string): Deno.DatagramConn {
  return openPrivileged(address) ?? open(address, 0);
}

/** Whether we may send from a privileged port. */
export function maySendPrivileged(): boolean {
  const socket = openPrivileged("0.0.0.0");
  socket?.close();
  return socket !== null;
}

export function isPrivilegedPort(port: number): boolean {
  return port < FIRST_UNPRIVILEGED_PORT;
}

function openPrivileged(address: string): Deno.DatagramConn | null {
  for (const port of PRIVILEGED_PORTS) {
    try {
      return open(address, port);
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) return null;
    }
  }
  return null;
}

function open(hostname: string, port: number): Deno.DatagramConn {
  return Deno.listenDatagram({
    transport: "udp",
    hostname,
    port,
    loopback: true,
  });
}
