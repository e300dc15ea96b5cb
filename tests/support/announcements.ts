import type { Announcement } from "../../src/codec/announcement.ts";
import { writeAnnouncement } from "../../src/codec/write_datagram.ts";

/** A whole announcement of a host named alpha that has no disks, changed as told. */
export function announcement(
  changes: Partial<Announcement> = {},
): Announcement {
  return {
    id: "9f0c2a7be4d14f6b",
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

/** A first announcement, changed as told, as the only datagram that it takes. */
export function datagram(changes: Partial<Announcement> = {}): Uint8Array {
  const said = announcement({
    ...FIRST,
    host: `host ${changes.id}`,
    ...changes,
  });
  const [bytes, ...more] = writeAnnouncement(said);
  if (more.length > 0) throw new Error("It takes more than one datagram.");
  return bytes!;
}
