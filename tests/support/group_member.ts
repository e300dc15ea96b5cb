import { fileURLToPath } from "node:url";
import type { Host } from "./host.ts";
import type { Process } from "./process.ts";
import { PROJECT } from "./program.ts";

const SCRIPT = fileURLToPath(new URL("group_member_main.ts", import.meta.url));

/** The transport of diskd alone, on a host: it speaks, and prints whom it hears. */
export class GroupMember {
  readonly #host: Host;
  readonly #process: Process;

  /** `refreshMs` 0: its membership is reported once. */
  constructor(host: Host, { refreshMs }: { readonly refreshMs: number }) {
    const options = [
      "--quiet",
      "--cached-only",
      `--config=${PROJECT}/deno.json`,
    ];
    const argv = [Deno.execPath(), "run", "-A", ...options, SCRIPT];
    this.#host = host;
    this.#process = host.spawn([...argv, host.address, `${refreshMs}`]);
  }

  /** How often it has heard another so far. */
  heard(other: GroupMember): number {
    const lines = this.#process.log.split("\n");
    return lines.filter((line) => line === other.#host.address).length;
  }
}
