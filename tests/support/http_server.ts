/** A server on the loopback, until it is disposed of. */
interface HttpServer extends AsyncDisposable {
  /** `http://127.0.0.1:40000` */
  readonly origin: string;
}

/** Starts one; without `port` on any. */
export function serving(
  answer: (request: Request) => Response | Promise<Response>,
  port = 0,
): HttpServer {
  const server = Deno.serve(
    { port, hostname: "127.0.0.1", onListen: () => {} },
    answer,
  );
  return {
    origin: `http://127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** A port on which nobody listens. */
export function freeTcpPort(): number {
  using listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  return listener.addr.port;
}
