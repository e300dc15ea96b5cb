import type { Announcement } from "../../src/codec/announcement.ts";
import { writeAnnouncement } from "../../src/codec/write_datagram.ts";
import { makeDisk } from "../../src/inventory/disk.ts";
import type { Victim } from "./hostile_site.ts";

/** Says in the name of a host that it has another disk than it has, changed as told. */
export function lieAbout(
  { id, name, boot, seq, rev }: Victim,
  changes: Partial<Announcement> = {},
): Uint8Array {
  const [lie] = writeAnnouncement({
    id,
    host: name,
    version: "0.1.0",
    boot,
    seq,
    rev: rev + 1,
    every: 30,
    ask: false,
    bye: false,
    disks: [makeDisk({ device: "/dev/sda1", label: "stolen" })],
    ...changes,
  });
  return lie!;
}

/** A host that does not exist, with one disk. */
export function inventedHost(
  number: number,
  changes: Partial<Announcement> = {},
): Uint8Array {
  const id = `invented-${number}`;
  return lieAbout(
    { name: id, id, boot: 1, seq: 1, rev: 1, address: "" },
    { every: 3_600, ...changes },
  );
}

/** Rows of a part that is as full as it gets. */
const ROWS = Array.from({ length: 70 }, (_, i) => `[null,null,"${i}"]`);

/** Parts of a list of thousands that never gets whole. */
export function loneParts(
  { id, boot, seq }: Pick<Victim, "id" | "boot" | "seq">,
  { from = 1, count }: { readonly from?: number; readonly count: number },
): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => {
    const members = `"id":"${id}","boot":${boot},"seq":${seq},"every":60`;
    const part = `"part":[${from + i},4096]`;
    return new TextEncoder().encode(
      `diskd:#{"v":2,${members},${part}}\n[${ROWS}]\n`,
    );
  });
}
