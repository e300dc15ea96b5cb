import { SYSTEM_PATH } from "./holder.ts";
import type { Host } from "./host.ts";
import { runOrThrow } from "./process.ts";

/** Runs ip(8) commands, one a line, in the network namespace of process `pid`. */
export async function ipBatch(
  pid: number,
  commands: readonly string[],
): Promise<void> {
  if (commands.length === 0) return;
  const input = commands.join("\n") + "\n";
  // Only the network namespace: `netns PID` counts process ids as we do.
  const argv = ["nsenter", `--net=/proc/${pid}/ns/net`, "ip", "-batch", "-"];
  try {
    await runOrThrow(argv, { env: { PATH: SYSTEM_PATH }, input });
  } catch (error) {
    throw new Error(`Cannot run these ip commands:\n${input}`, {
      cause: error,
    });
  }
}

/** Addresses in a network of their own, so that they meet no other host's. */
const PER_NETWORK = 250;

/**
 * Gives a host more IPv4 addresses on its first network, so that it can speak
 * for others: what one address says is limited. `network` is the first two
 * bytes of theirs, `10.1`, and must be the host's alone.
 */
export async function addAddresses(
  host: Host,
  { network, count }: { readonly network: string; readonly count: number },
): Promise<string[]> {
  const addresses = Array.from(
    { length: count },
    (_, i) =>
      `${network}.${Math.floor(i / PER_NETWORK)}.${1 + i % PER_NETWORK}`,
  );
  const [port] = host.ports;
  await ipBatch(
    host.pid,
    addresses.map((address) => `addr add ${address}/32 dev ${port!.interface}`),
  );
  return addresses;
}
