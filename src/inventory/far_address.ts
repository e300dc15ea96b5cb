/**
 * The address of a host on another site, as a relay says it: `192.168.1.11@home`.
 * Two sites may use the same addresses, and neither leads from one to the other.
 */

const MARK = "@";

export function farAddress(address: string, site: string): string {
  return `${address}${MARK}${site}`;
}

/** An address of a host, and the site where it is good; `null`: this one. */
export function splitAddress(
  address: string,
): { readonly plain: string; readonly site: string | null } {
  const at = address.indexOf(MARK);
  if (at < 0) return { plain: address, site: null };
  return { plain: address.slice(0, at), site: address.slice(at + 1) };
}

/** An address for people: `192.168.1.11 at home`. */
export function sayAddress(address: string): string {
  const { plain, site } = splitAddress(address);
  return site === null ? plain : `${plain} at ${site}`;
}
