import { splitAddress } from "./far_address.ts";
import { type Host, STALE_AFTER_INTERVALS } from "./host.ts";
import type { InventoryLimits } from "./limits.ts";

/** The addresses of a host. Times are monotonic ms. */
export interface Addressed extends Pick<Host, "liveness" | "everyMs"> {
  /** Those to reach it by, the best first; replaced, never changed. */
  addresses: readonly string[];
  farSite: string | null;
  /** Where it was heard, in the order of `addresses`. */
  sources: readonly HeardAddress[];
  /** Start of its newest announcement. */
  announcedAt: number;
  /** Start of the announcement before that. */
  announcedBefore: number;
}

/** An address that a host was heard from. */
interface HeardAddress {
  readonly address: string;
  /** `Infinity` for an own address of this host. */
  heardAt: number;
  /** Whether that announcement came from another address too. */
  isBeside: boolean;
  /** Another host has spoken from it since. */
  isTaken: boolean;
}

/** A host that was not heard yet. */
export function unheard(): Pick<
  Addressed,
  "addresses" | "farSite" | "sources" | "announcedAt" | "announcedBefore"
> {
  return {
    addresses: [],
    farSite: null,
    sources: [],
    announcedAt: -Infinity,
    announcedBefore: -Infinity,
  };
}

interface HeardWhen {
  readonly now: number;
  /** Start of the announcement; its parts and copies may arrive later. */
  readonly announcedAt?: number;
}

type AddressLimits = Pick<
  InventoryLimits,
  "addressesPerHost" | "hostsPerAddress"
>;

/**
 * The addresses of all hosts, in both directions.
 *
 * An announcement from an address where the host was not heard the last time
 * puts this address first. A host on several LANs is heard from all its
 * addresses each time, so they keep their order, whichever is heard first; one
 * that two announcements in a row did not come from goes behind the others.
 *
 * An address that another host speaks from is taken from the earlier one. It is
 * floating if the other host has an address of its own beside it, as with
 * keepalived, or if the earlier one speaks from it again. Link-local addresses
 * and floating ones come last.
 */
export class AddressBook<Known extends Addressed> {
  readonly #limits: AddressLimits;
  readonly #entries = new Map<string, AtAddress<Known>>();
  readonly #onChange: (host: Known) => void;

  /** `onChange` is called with each host whose `addresses` have changed. */
  constructor(limits: AddressLimits, onChange: (host: Known) => void) {
    this.#limits = limits;
    this.#onChange = onChange;
  }

  /** The hosts heard from this address, including those it was taken from. */
  at(address: string): readonly Known[] {
    return this.#entries.get(address)?.hosts ?? [];
  }

  /** A host announced itself from this address. Returns whether there was room. */
  announced(
    host: Known,
    address: string,
    { now, announcedAt = now }: HeardWhen,
  ): boolean {
    const known = sourceAt(host, address);
    const wasThere = known !== undefined && !known.isTaken &&
      (isHeardNow(host, known) || known.isBeside && isHeard(host, known));
    if (announcedAt !== host.announcedAt) {
      host.announcedBefore = host.announcedAt;
      host.announcedAt = announcedAt;
    }
    return this.#note(host, address, { now, isFirst: !wasThere });
  }

  /** Its last announcement came from this address too. Returns whether there was room. */
  alsoHeard(host: Known, address: string, now: number): boolean {
    const known = sourceAt(host, address);
    const wasThere = known !== undefined && !known.isTaken &&
      isHeard(host, known);
    // Over IPv6 it may be heard first by chance, which says nothing of IPv4.
    const isFirst = !wasThere &&
      host.sources.every((other) =>
        !isHeardNow(host, other) || isLinkLocal(other.address)
      );
    return this.#note(host, address, { now, isFirst });
  }

  /** A host is no longer up: what it shared with hosts that are up is theirs. */
  silenced(host: Known): void {
    for (const source of host.sources) {
      source.isTaken ||= this.#isUpAt(source, host);
    }
    this.#show(host);
  }

  /** The addresses of a host heard in an earlier run, without those of hosts that are up. */
  remember(
    host: Known,
    addresses: readonly string[],
    heardAt: number,
  ): void {
    host.announcedAt = heardAt;
    for (const address of addresses.slice(0, this.#limits.addressesPerHost)) {
      if (!this.#makeRoom(address)) continue;
      const isTaken = this.#isUpAt({ address }, host);
      host.sources = [...host.sources, {
        address,
        heardAt,
        isBeside: true,
        isTaken,
      }];
      this.#add(host, address);
    }
    this.#show(host);
  }

  /** Sets the addresses of this host, which nobody can take. */
  setOwn(self: Known, addresses: readonly string[]): void {
    const before = self.sources;
    self.sources = [...new Set(addresses)].map((address) => ({
      address,
      heardAt: Infinity,
      isBeside: true,
      isTaken: false,
    }));
    for (const { address } of before) {
      if (!addresses.includes(address)) this.#leave(self, address);
    }
    for (const { address } of self.sources) {
      if (!this.at(address).includes(self)) this.#take(self, address);
    }
    for (const source of self.sources) this.#judge(self, source);
    this.#show(self);
  }

  /** Drops all addresses of a host. */
  delete(host: Known): void {
    for (const { address } of host.sources) this.#leave(host, address);
    host.sources = [];
  }

  #note(
    host: Known,
    address: string,
    { now, isFirst }: { readonly now: number; readonly isFirst: boolean },
  ): boolean {
    const hosts = this.at(address);
    let source = sourceAt(host, address);
    const isNew = source?.isTaken ?? true;
    if (source !== undefined) source.heardAt = now;
    const isOnly = host.sources.length === 1 && !source?.isTaken;
    if (source && isOnly && hosts.at(-1) === host) return true;
    this.#dropSilent(host, now);
    if (source === undefined) {
      const hasRoom = host.sources.length < this.#limits.addressesPerHost;
      if (!hasRoom || !this.#makeRoom(address)) {
        this.#show(host);
        return false;
      }
      source = { address, heardAt: now, isBeside: false, isTaken: false };
      host.sources = [...host.sources, source];
    }
    source.isTaken = false;
    const heard = host.sources.filter((one) => isHeardNow(host, one));
    for (const one of heard) one.isBeside = heard.length > 1;
    if (isFirst || isNew) moveUp(host, source, isFirst);
    this.#take(host, address);
    for (const one of host.sources) this.#judge(host, one);
    this.#show(host);
    return true;
  }

  /** Notes that a host speaks from an address. */
  #take(host: Known, address: string): void {
    const entry = this.#entries.get(address);
    const others = entry?.hosts.filter((other) => other !== host) ?? [];
    if (entry === undefined || others.length === 0) {
      return this.#add(host, address);
    }
    entry.isShared ||= this.#isBack(host, address, entry);
    entry.isFloating ||= entry.isShared;
    entry.hosts = [...others, host];
    for (const other of others) {
      const source = sourceAt(other, address)!;
      if (source.heardAt === Infinity) continue;
      const isKept = entry.isShared && other.liveness === "up" &&
        !this.#hasOther(other, address);
      source.isTaken = !isKept;
      this.#show(other);
    }
  }

  /** A host that others have this address with speaks from one of its own, and perhaps not from this. */
  #judge(host: Known, source: HeardAddress): void {
    const entry = this.#entries.get(source.address)!;
    if (entry.hosts.length === 1) return;
    if (!this.#hasOther(host, source.address)) return;
    if (isHeardNow(host, source)) {
      entry.isFloating ||= this.#hasOther(host, source.address, {
        isThere: true,
      });
    } else source.isTaken ||= this.#isUpAt(source, host);
  }

  #add(host: Known, address: string): void {
    const entry = this.#entries.get(address);
    if (entry === undefined) {
      const alone = { hosts: [host], isFloating: false, isShared: false };
      this.#entries.set(address, alone);
    } else if (!entry.hosts.includes(host)) {
      entry.hosts = [...entry.hosts, host];
    }
  }

  /** Whether another host has this address and is up. */
  #isUpAt({ address }: Pick<HeardAddress, "address">, self: Known): boolean {
    return this.at(address).some((host) =>
      host !== self && host.liveness === "up" &&
      !sourceAt(host, address)!.isTaken
    );
  }

  /** Whether a host speaks from an address again that others have too. */
  #isBack(host: Known, address: string, { hosts }: AtAddress<Known>): boolean {
    if (!hosts.includes(host) || hosts.at(-1) === host) return false;
    return hosts.some((other) =>
      other !== host && other.liveness === "up" &&
      isHeard(other, sourceAt(other, address)!)
    );
  }

  /** Whether the newest announcement of a host came from another address that is its own; `isThere`: of the same site. */
  #hasOther(host: Known, address: string, { isThere = false } = {}): boolean {
    const { site } = splitAddress(address);
    return host.sources.some((source) =>
      source.address !== address && !source.isTaken &&
      (!isThere || splitAddress(source.address).site === site) &&
      isHeardNow(host, source) && !isLinkLocal(source.address) &&
      !this.#entries.get(source.address)?.isShared
    );
  }

  #leave(host: Known, address: string): void {
    const entry = this.#entries.get(address);
    if (entry === undefined) return;
    entry.hosts = entry.hosts.filter((other) => other !== host);
    if (entry.hosts.length === 0) this.#entries.delete(address);
  }

  /** Drops the addresses silent for as long as makes a host stale. */
  #dropSilent(host: Known, now: number): void {
    const oldest = now - STALE_AFTER_INTERVALS * host.everyMs;
    this.#drop(host, ({ heardAt }) => heardAt < oldest);
  }

  #drop(host: Known, isChosen: (source: HeardAddress) => boolean): void {
    for (const source of host.sources) {
      if (isChosen(source)) this.#leave(host, source.address);
    }
    host.sources = host.sources.filter((source) => !isChosen(source));
  }

  /** Whether another host may have this address, after dropping it from one that lost it. */
  #makeRoom(address: string): boolean {
    const hosts = this.at(address);
    if (hosts.length < this.#limits.hostsPerAddress) return true;
    const loser = hosts.find((host) => sourceAt(host, address)!.isTaken);
    if (loser !== undefined) {
      this.#drop(loser, (source) => source.address === address);
    }
    return loser !== undefined;
  }

  /** Brings its addresses into their order. */
  #show(host: Known): void {
    const rank = (source: HeardAddress) =>
      this.#entries.get(source.address)?.isFloating
        ? ADDRESS_RANK.floating
        : isLinkLocal(source.address)
        ? ADDRESS_RANK.linkLocal
        : !isHeard(host, source)
        ? ADDRESS_RANK.silent
        : splitAddress(source.address).site !== null
        ? ADDRESS_RANK.far
        : ADDRESS_RANK.heard;
    if (host.sources.length > 1) {
      host.sources = host.sources.toSorted((a, b) => rank(a) - rank(b));
    }
    const addresses = host.sources.filter(({ isTaken }) => !isTaken)
      .map(({ address }) => address);
    const best = addresses[0] ?? host.sources[0]?.address;
    if (best !== undefined) host.farSite = splitAddress(best).site;
    const before = host.addresses;
    const isSame = addresses.length === before.length &&
      addresses.every((address, index) => address === before[index]);
    if (isSame) return;
    host.addresses = addresses;
    this.#onChange(host);
  }
}

interface AtAddress<Known> {
  /** The one that spoke last is the last. */
  hosts: readonly Known[];
  isFloating: boolean;
  /** Several hosts speak from it in turn, as two daemons of a machine do. */
  isShared: boolean;
}

const ADDRESS_RANK = {
  heard: 0,
  far: 1,
  silent: 2,
  linkLocal: 3,
  floating: 4,
} as const;

function sourceAt(
  { sources }: Addressed,
  address: string,
): HeardAddress | undefined {
  return sources.find((source) => source.address === address);
}

/** Puts an address first, or behind those that the newest announcement came from. */
function moveUp(
  host: Addressed,
  source: HeardAddress,
  isFirst: boolean,
): void {
  const others = host.sources.filter((other) => other !== source);
  const silent = others.findIndex((other) => !isHeardNow(host, other));
  const index = isFirst ? 0 : silent < 0 ? others.length : silent;
  host.sources = others.toSpliced(index, 0, source);
}

/** Whether the newest announcement came from there. */
function isHeardNow(
  { announcedAt }: Addressed,
  { heardAt }: HeardAddress,
): boolean {
  return heardAt >= announcedAt;
}

/** Whether one of the last two announcements came from there. */
function isHeard(
  { announcedBefore }: Addressed,
  { heardAt }: HeardAddress,
): boolean {
  return heardAt >= announcedBefore;
}

/** The addresses that one of the last two announcements of a host came from. */
export function heardFrom(host: Addressed): string[] {
  return host.sources.filter((source) => isHeard(host, source))
    .map(({ address }) => address);
}

/** Whether an address works only on its link: 169.254/16, fe80::/10. */
export function isLinkLocal(address: string): boolean {
  return /^(169\.254\.|fe[89ab][0-9a-f]:)/i.test(address);
}
