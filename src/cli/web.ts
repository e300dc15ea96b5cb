import { isLocal, parseListen } from "../web/listen.ts";
import { Refusal } from "../mount/refusal.ts";
import { EXIT } from "../system/exit_code.ts";
import { command, type Options, path, text, texts, toggle } from "./command.ts";
import type { Context } from "./context.ts";
import { note } from "./show.ts";
import { connectDaemon } from "./with_daemon.ts";

const DEFAULT_LISTEN = "127.0.0.1:8082";
const MIN_TOKEN_LENGTH = 16;

const FLAGS = {
  listen: text(
    `Where to serve: ADDRESS:PORT or unix:PATH; default ${DEFAULT_LISTEN}`,
    "ADDRESS",
  ),
  tokenFile: path(
    "File with the token that a browser has to show once",
    "FILE",
  ),
  name: texts("Another name by which browsers call this server", "NAME"),
  behindProxy: toggle("A reverse proxy decides who may see the page"),
};

/** `diskd web`: serves the page until it is interrupted. */
export const web = command("web", {
  flags: FLAGS,
  help:
    `The page only reads. It is served to browsers of this host alone: for others
there is ssh -L, a reverse proxy, or --listen with --token-file.

  diskd web
  ssh -L 8082:127.0.0.1:8082 alpha`,
  run,
});

async function run(
  options: Options<typeof FLAGS>,
  context: Context,
): Promise<number> {
  const listen = parseListen(options.listen ?? DEFAULT_LISTEN);
  if (listen === null) {
    throw new Refusal("usage", {
      message:
        `--listen is ${options.listen}, expected an address and a port ` +
        "such as 127.0.0.1:8082, or unix: and a path",
    });
  }
  const token = options.tokenFile === undefined
    ? null
    : readToken(options.tokenFile, context);
  if (!isLocal(listen) && token === null && !options.behindProxy) {
    throw new Refusal("usage", {
      message: "everybody on the network could read the page there",
      hints: [
        "Give it a token with --token-file, or say --behind-proxy if a reverse proxy checks who asks.",
      ],
    });
  }
  const { serveWeb } = await import("../web/mod.ts");
  const hostName = Deno.hostname().toLowerCase();
  await serveWeb({
    listen,
    rules: {
      names: [hostName, `${hostName}.local`, ...options.name ?? []]
        .map((name) => name.toLowerCase()),
      token,
    },
    connect: () => connectDaemon({ options, context }),
  }, {
    signal: context.interrupted(),
    onReady: ({ address }) => note(`The page is at ${address}`, context),
  });
  return EXIT.ok;
}

function readToken(file: string, context: Context): string {
  const token = context.readText(file)?.trim();
  if (
    token !== undefined && /^[\w.~-]+$/.test(token) &&
    token.length >= MIN_TOKEN_LENGTH
  ) {
    return token;
  }
  throw new Refusal("usage", {
    message:
      `${file} has no token: one line of at least ${MIN_TOKEN_LENGTH} letters and digits`,
    hints: [`Make one: diskd key new > ${file}`],
  });
}
