/** Why a peer is not reached, or not accepted, and what to do. */
import type { NoKey } from "../peer/locked_senders.ts";

/** It is heard, but nothing that it says is accepted. */
export function sayNoKey(name: string, noKey: NoKey): string {
  return `The peer ${name} is heard, but what it says is not accepted: it ` +
    `${SAY_NO_KEY[noKey]}, see: diskd key check, on both hosts`;
}

const SAY_NO_KEY: Readonly<Record<NoKey, string>> = {
  "unsigned": "uses no shared key, and keys.mode require here asks for one",
  "other-key": "uses a shared key that this host does not know",
  "sealed": "encrypts, and this host has no key",
};

export function sayUnknown(name: string): string {
  return `The peer ${name} has no address by name; see: getent ahosts ${name}`;
}

export function sayNear(name: string, address: string): string {
  const which = name === address ? name : `${name} (${address})`;
  return `The peer ${which} is in the only network of this host, where hosts ` +
    "hear each other without peers; take it out of peers";
}

export function sayRefused(
  name: string,
  { address, refusal }: { readonly address: string; readonly refusal: string },
): string {
  return `The peer ${name} cannot be sent to: ${refusal}; see: ` +
    `ip route get ${address}`;
}

export function saySameSite(name: string, site: string): string {
  return `The peer ${name} calls its site ${site}, as this host does; set ` +
    "another site on one of them";
}

export function sayUnheard(
  name: string,
  { since, port, stranger }: {
    readonly since: string;
    readonly port: number;
    /** Address of a relay that is no peer. */
    readonly stranger: string | null;
  },
): string {
  const hint = stranger === null
    ? ""
    : ` ${stranger}, which is not among the peers here, speaks as a relay: ` +
      "if it is the same host, list that address";
  return `The peer ${name} is not heard since ${since}; is diskd running ` +
    "there with this host among its peers, and does a firewall between let " +
    `UDP port ${port} through both ways?${hint}`;
}
