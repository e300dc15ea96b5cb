import type { Methods } from "../../src/control/views.ts";
import { eventually } from "./eventually.ts";
import type { Host, Process } from "./lan.ts";
import { PYTHON } from "./needs.ts";

/** What it says, by method, whatever the parameters are. */
export type FalseAnswers = {
  readonly [M in keyof Methods]?: Methods[M]["result"];
};

/** Answers each request from a file, read anew for each. */
const SCRIPT = `
import json, os, socket, sys, threading
path, answers = sys.argv[1:]
if os.path.lexists(path): os.unlink(path)
server = socket.socket(socket.AF_UNIX)
server.bind(path)
os.chmod(path, 0o666)
server.listen()
def serve(conn):
    for line in conn.makefile("r"):
        asked = json.loads(line)
        with open(answers) as file: result = json.load(file).get(asked["method"])
        reply = {"jsonrpc": "2.0", "id": asked["id"], "result": result}
        conn.sendall((json.dumps(reply) + "\\n").encode())
while True: threading.Thread(target=serve, args=[server.accept()[0]]).start()
`;

/** A user of a host who answers on a socket as if he were diskd. */
export class FalseDaemon implements AsyncDisposable {
  readonly #host: Host;
  readonly #process: Process;
  readonly #file: string;

  private constructor(host: Host, process: Process, file: string) {
    this.#host = host;
    this.#process = process;
    this.#file = file;
  }

  static async start(
    host: Host,
    { uid, socket, answers }: {
      readonly uid: number;
      readonly socket: string;
      readonly answers: FalseAnswers;
    },
  ): Promise<FalseDaemon> {
    const file = `/run/lan/answers-${uid}.json`;
    const who = [`--reuid=${uid}`, `--regid=${uid}`, "--clear-groups"];
    const argv = ["setpriv", ...who, "--", PYTHON, "-c", SCRIPT, socket, file];
    const daemon = new FalseDaemon(host, host.spawn(argv), file);
    await daemon.say(answers);
    await eventually(() => Deno.lstatSync(host.path(socket)));
    return daemon;
  }

  async say(answers: FalseAnswers): Promise<void> {
    const path = this.#host.path(this.#file);
    await Deno.writeTextFile(path, JSON.stringify(answers));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#process[Symbol.asyncDispose]();
  }
}
