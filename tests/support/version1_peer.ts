import { fileURLToPath } from "node:url";
import type { Host } from "./host.ts";
import { PYTHON } from "./needs.ts";
import type { Process } from "./process.ts";

/** UUID, label, device. */
export type Version1Row = readonly [
  uuid: string | null,
  label: string | null,
  device: string | null,
];

/** A datagram that it read. */
export interface Heard {
  readonly from: string;
  readonly rows: readonly Version1Row[];
}

const SCRIPT = fileURLToPath(new URL("version1_peer.py", import.meta.url));
const START_TIMEOUT_MS = 30_000;

/**
 * A host of the LAN in a box that speaks the first wire format, and dies of
 * what kills App::Diskd 0.01. Needs Python with its `yaml` module.
 */
export class Version1Peer implements AsyncDisposable {
  readonly #process: Process;

  private constructor(process: Process) {
    this.#process = process;
  }

  static async start(host: Host): Promise<Version1Peer> {
    const process = host.spawn([PYTHON, SCRIPT, host.address], {
      stdin: "piped",
    });
    await process.waitForLog(/^listening$/m, START_TIMEOUT_MS);
    return new Version1Peer(process);
  }

  /** The datagram that it would send. */
  static async pack(
    host: Host,
    rows: readonly Version1Row[],
  ): Promise<string> {
    const input = `${JSON.stringify(rows)}\n`;
    const { code, stdout, stderr } = await host.run(
      [PYTHON, SCRIPT, "--print"],
      { input },
    );
    if (code !== 0) throw new Error(stderr);
    return stdout;
  }

  get isAlive(): boolean {
    return this.#process.running;
  }

  /** Everything that it wrote: why it died, too. */
  get log(): string {
    return this.#process.log;
  }

  /** Says once that these are its disks. */
  async announce(rows: readonly Version1Row[]): Promise<void> {
    await this.#process.write(`${JSON.stringify(rows)}\n`);
  }

  /** Sends these bytes. */
  async send(datagram: Uint8Array): Promise<void> {
    await this.#process.write(`${JSON.stringify(datagram.toBase64())}\n`);
  }

  /** All datagrams that it read so far. */
  heard(): Heard[] {
    // The last line may not be whole yet.
    const lines = this.#process.log.split("\n").slice(0, -1);
    return lines.filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#process[Symbol.asyncDispose]();
  }
}
