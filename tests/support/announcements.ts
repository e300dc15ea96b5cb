import type { Announcement } from "../../src/codec/announcement.ts";
import type { HostKey } from "../../src/codec/host_key.ts";
import { writeAnnouncement } from "../../src/codec/write_datagram.ts";
import { hostKey, signedBy } from "./host_keys.ts";

/** A whole announcement of a host named alpha that has no disks, changed as told. */
export function announcement(
  changes: Partial<Announcement> = {},
): Announcement {
  const { id = "9f0c2a7be4d14f6b" } = changes;
  return {
    id,
    key: changes.key ?? (id === null ? null : hostKey(id).publicKey),
    host: "alpha",
    version: "0.1.0",
    boot: 1790000000123,
    seq: 17,
    rev: 3,
    every: 30,
    ask: false,
    bye: false,
    disks: [],
    ...changes,
  };
}

/** The numbers of a first announcement. */
export const FIRST = { boot: 1, seq: 1, rev: 1 } as const;

/** An announcement signed with this key; default: that of the host which it names. */
export function signedDatagrams(
  said: Announcement,
  signer = said.id === null ? null : hostKey(said.id),
): Uint8Array[] {
  const datagrams = writeAnnouncement(said);
  if (signer === null) return datagrams;
  return datagrams.map((datagram) => signedBy(signer, datagram));
}

/** A first announcement, changed as told, as the only datagram that it takes, signed. */
export function datagram(changes: Partial<Announcement> = {}): Uint8Array {
  const host = `host ${changes.id}`;
  const said = announcement({ ...FIRST, host, ...changes });
  return onlyOne(signedDatagrams(said));
}

/** The same of the host with this key. */
export function datagramOf(
  key: HostKey,
  changes: Partial<Announcement> = {},
): Uint8Array {
  const { id, publicKey } = key;
  const said = announcement({ ...FIRST, ...changes, id, key: publicKey });
  return onlyOne(signedDatagrams(said, key));
}

function onlyOne([bytes, ...more]: Uint8Array[]): Uint8Array {
  if (more.length > 0) throw new Error("It takes more than one datagram.");
  return bytes!;
}
