import { openMulticast } from "../../src/transport/multicast.ts";
import { denoSystem } from "../../src/system/deno_system.ts";
import type { Host } from "./host.ts";
import type { Process } from "./process.ts";
import { scriptArgv } from "./program.ts";

const SPEAK_EVERY_MS = 100;

/** The transport of diskd alone, on a host: it speaks, and prints whom it hears. */
export class GroupMember {
  readonly #address: string;
  readonly #process: Process;

  /** `refreshMs` 0: its membership is reported once. */
  constructor(
    host: Host,
    { family = "IPv4", refreshMs }: {
      readonly family?: "IPv4" | "IPv6";
      readonly refreshMs: number;
    },
  ) {
    const { ipv6, interface: name } = host.ports[0]!;
    this.#address = family === "IPv4" ? host.address : `${ipv6}%${name}`;
    const words = [this.#address, `${refreshMs}`];
    this.#process = host.spawn(scriptArgv(import.meta.url, words));
  }

  /** How often it has heard another so far. */
  heard(other: GroupMember): number {
    const lines = this.#process.log.split("\n");
    return lines.filter((line) => line === other.#address).length;
  }
}

/**
 * Speaks to diskd's group and listens to it, from the host that it runs on, of
 * which `address` is. Has its membership reported anew every `refreshMs`, never
 * with 0. Prints a line for each datagram: who sent it.
 */
async function takePart(address: string, refreshMs: number): Promise<void> {
  const network = openMulticast(
    { group: "230.1.2.3", port: 32003, ttl: 2 },
    (_bytes, from) => console.log(from),
  );
  const addresses = denoSystem().interfaces();
  await network.use(addresses.filter((one) => one.address === address));
  setInterval(() => network.send([new Uint8Array(1)]), SPEAK_EVERY_MS);
  if (refreshMs !== 0) setInterval(() => network.refresh(), refreshMs);
}

if (import.meta.main) await takePart(Deno.args[0]!, Number(Deno.args[1]));
