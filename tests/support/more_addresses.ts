import type { Host } from "./host.ts";
import { ipBatch } from "./ip_batch.ts";

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
