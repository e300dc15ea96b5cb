export type ServiceState = "READY=1" | "STOPPING=1" | "RELOADING=1";

/**
 * Tells systemd how the service is doing, sd_notify(3): a datagram to the Unix
 * socket that `NOTIFY_SOCKET` names. Does nothing where that is not set.
 * Deno has no abstract sockets (a name that begins with `@`) and cannot send
 * without a socket file of its own, so one is made beside the control socket
 * for the moment.
 * @throws {Error} when the message could not be delivered
 */
export async function notifySystemd(
  state: ServiceState,
  { notifySocket, besides }: {
    /** `NOTIFY_SOCKET`, `undefined` outside of systemd. */
    notifySocket: string | undefined;
    /** A file beside which we may make another. */
    besides: string;
  },
): Promise<void> {
  if (notifySocket === undefined || notifySocket === "") return;
  if (!notifySocket.startsWith("/")) {
    throw new Error(
      `Cannot tell systemd ${state}: NOTIFY_SOCKET is ${notifySocket}, ` +
        "expected a path; diskd cannot use abstract sockets",
    );
  }
  const path = `${besides}.notify-${Deno.pid}`;
  const socket = Deno.listenDatagram({ transport: "unixpacket", path });
  try {
    await socket.send(new TextEncoder().encode(state), {
      transport: "unixpacket",
      path: notifySocket,
    });
  } finally {
    socket.close();
    Deno.removeSync(path);
  }
}
