import { eventually } from "./eventually.ts";
import type { Host } from "./host.ts";

const FOLDER = "/run/lan/gates";

/** A place in a script where it waits until a test lets it go on. */
export class Gate {
  readonly #host: Host;
  readonly #name: string;

  constructor(host: Host, name: string) {
    this.#host = host;
    this.#name = `${FOLDER}/${name}`;
  }

  /** Lines of shell that wait here. */
  get lines(): string {
    const name = this.#name;
    return `mkdir -p ${FOLDER}; rm -f ${name}.*; mkfifo ${name}.fifo; ` +
      `: >${name}.reached; read -r go <${name}.fifo`;
  }

  /** Waits until somebody waits here who has not been waited for before. */
  async reached(): Promise<void> {
    const file = this.#host.path(`${this.#name}.reached`);
    await eventually(() => Deno.remove(file), { pauseMs: 10 });
  }

  /** Lets the one go on who was waited for last. */
  async open(): Promise<void> {
    await Deno.writeTextFile(this.#host.path(`${this.#name}.fifo`), "go\n");
  }
}
