/** A network by the address of a host in it. */
export interface AddressRange {
  /** With IPv6 the link-local one, `fe80::1%eth0`. */
  readonly address: string;
  /** Number of leading address bits shared by the whole network. */
  readonly prefixLength: number;
}

/** Whether an address is in a network. */
export function isInNetwork(network: AddressRange, address: string): boolean {
  const [, ownScope] = network.address.split("%");
  const [, scope] = address.split("%");
  if (ownScope !== undefined || scope !== undefined) return ownScope === scope;
  const size = 2 ** (32 - network.prefixLength);
  const ours = Math.floor(numberOf(network.address) / size);
  return ours === Math.floor(numberOf(address) / size);
}

function numberOf(address: string): number {
  return address.split(".").reduce((sum, byte) => sum * 256 + Number(byte), 0);
}
