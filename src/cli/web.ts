import { chooseConfigFile } from "../config/paths.ts";
import { readSecretFile } from "../store/secret_file.ts";
import { Refusal } from "../mount/refusal.ts";
import { EXIT } from "../system/exit_code.ts";
import { printable } from "../text/printable.ts";
import {
  CannotListen,
  isLocal,
  type Listen,
  parseListen,
} from "../web/listen.ts";
import { command, type Options, path, text, texts, toggle } from "./command.ts";
import type { Context } from "./context.ts";
import { note } from "./show.ts";
import { connectDaemon, findSockets } from "./with_daemon.ts";

const DEFAULT_LISTEN = "127.0.0.1:8082";
const MIN_TOKEN_LENGTH = 16;
const MAX_TOKEN_LENGTH = 256;

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

type WebCommandOptions = Options<typeof FLAGS>;

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
  options: WebCommandOptions,
  context: Context,
): Promise<number> {
  const listen = chooseListen(options);
  const { tokenFile, behindProxy } = options;
  const token = tokenFile === undefined ? null : readToken(tokenFile, context);
  if (!isLocal(listen) && token === null && !behindProxy) {
    throw new Refusal("usage", {
      message: "everybody on the network could read the page there",
      hints: [
        "Give it a token with --token-file, or say --behind-proxy if a reverse proxy checks who asks.",
      ],
    });
  }
  const { serveWeb } = await import("../web/mod.ts");
  const { dropForWeb } = await import("../daemon/drop_permissions.ts");
  const rules = {
    names: namesOf(options),
    token,
    isBehindProxy: behindProxy,
  };
  const asking = {
    options,
    context,
    doubts: "ignored",
    readsOnly: true,
  } as const;
  const used = [
    ...await findSockets(asking),
    chooseConfigFile(context).path,
    ...(listen.kind === "unix" ? [listen.path] : []),
  ];
  try {
    await serveWeb({
      listen,
      rules,
      connect: () => connectDaemon(asking),
    }, {
      signal: context.interrupted(),
      onReady(address) {
        dropForWeb(used);
        note(`The page is at ${printable(address)}`, context);
      },
      onDaemon: (problem) => note(sayDaemon(problem), context),
    });
  } catch (error) {
    if (!(error instanceof CannotListen)) throw error;
    throw new Refusal("failed", { message: printable(error.message) });
  }
  note("The page ends", context);
  return EXIT.ok;
}

function chooseListen({ listen = DEFAULT_LISTEN }: WebCommandOptions): Listen {
  const chosen = parseListen(listen);
  if (chosen !== null) return chosen;
  throw new Refusal("usage", {
    message: `--listen is ${printable(listen)}, expected an address and a ` +
      "port such as 127.0.0.1:8082, or unix: and a path from / on",
  });
}

/** By which browsers may call this server, besides localhost and addresses. */
function namesOf({ name: given = [] }: WebCommandOptions): string[] {
  const hostName = Deno.hostname();
  return [hostName, `${hostName}.local`, ...given]
    .map((called) => called.toLowerCase());
}

function readToken(file: string, { uid }: Context): string {
  const expected =
    `one line of ${MIN_TOKEN_LENGTH} to ${MAX_TOKEN_LENGTH} letters, digits, - and _`;
  const found = readSecretFile(file, {
    uid,
    maxBytes: 2 * MAX_TOKEN_LENGTH,
    noun: "token",
    expected,
    whenMissing: "make one: diskd key new > FILE; then chmod 600 FILE",
  });
  const shown = `--token-file ${printable(file)}`;
  if (found.kind !== "text") {
    throw new Refusal("usage", {
      message: `${shown} ${printable(found.reason)}`,
    });
  }
  const token = found.text.trim();
  const isToken = /^[\w.~-]+$/.test(token) &&
    token.length >= MIN_TOKEN_LENGTH && token.length <= MAX_TOKEN_LENGTH;
  if (isToken) return token;
  throw new Refusal("usage", {
    message: `${shown} holds something else; expected ${expected}`,
  });
}

function sayDaemon(problem: string | null): string {
  return problem === null
    ? "The daemon answers"
    : `The daemon does not answer: ${printable(problem)}`;
}
