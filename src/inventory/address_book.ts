import type { KnownHost } from "./known_host.ts";

/** Which hosts are known at an address. */
export class AddressBook {
  readonly #hosts = new Map<string, readonly KnownHost[]>();

  at(address: string): readonly KnownHost[] {
    return this.#hosts.get(address) ?? NOBODY;
  }

  /** A host was heard there that was not before. */
  add(address: string, host: KnownHost): void {
    this.#hosts.set(address, [...this.at(address), host]);
  }

  /** It has this address no more. */
  remove(address: string, host: KnownHost): void {
    const others = this.at(address).filter((other) => other !== host);
    if (others.length === 0) this.#hosts.delete(address);
    else this.#hosts.set(address, others);
  }

  /** A host has these addresses from now on. */
  replace(host: KnownHost, addresses: readonly string[]): void {
    for (const address of host.addresses) this.remove(address, host);
    for (const address of addresses) this.add(address, host);
  }
}

const NOBODY: readonly KnownHost[] = [];
