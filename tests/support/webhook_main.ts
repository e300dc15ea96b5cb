/**
 * An HTTP server that prints what it gets, a JSON line each:
 *
 *     webhook_main.ts PORT
 */
const [port = ""] = Deno.args;
Deno.serve(
  { port: Number(port), onListen: () => console.log("listening") },
  async (request) => {
    const { pathname: path, search } = new URL(request.url);
    const token = request.headers.get("authorization");
    const type = request.headers.get("content-type");
    const body = await request.json();
    console.log(
      JSON.stringify({
        method: request.method,
        path,
        search,
        token,
        type,
        body,
      }),
    );
    return new Response("SECRET of the answer");
  },
);
