/** An identity that nobody else has: 128 random bits, as a host id looks. */
export function freshId(): string {
  return crypto.getRandomValues(new Uint8Array(16)).toHex();
}
