import type { Host } from "./host.ts";
import type { Process } from "./process.ts";
import { scriptArgv } from "./program.ts";

/** A message that arrived. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly token: string | null;
  readonly type: string | null;
  readonly body: {
    readonly title: string;
    readonly message: string;
    readonly text: string;
    readonly priority: number;
    readonly event: string;
    readonly count: number;
    readonly sender: string;
    readonly events: readonly Readonly<Record<string, unknown>>[];
  };
}

/** Somebody on a host of the LAN in a box who takes messages over HTTP. */
export class Webhook implements AsyncDisposable {
  readonly #process: Process;

  private constructor(process: Process) {
    this.#process = process;
  }

  static async start(host: Host, port: number): Promise<Webhook> {
    const process = host.spawn(
      scriptArgv(import.meta.resolve("./webhook_main.ts"), [`${port}`]),
    );
    await process.waitForLog(/listening/, 30_000);
    return new Webhook(process);
  }

  /** All that arrived so far. */
  get received(): Received[] {
    return this.#process.log.split("\n").filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#process[Symbol.asyncDispose]();
  }
}
