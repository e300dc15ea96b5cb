import type { Announcement } from "../../src/codec/announcement.ts";
import { makeDisk } from "../../src/inventory/disk.ts";
import { datagram, FIRST } from "./announcements.ts";
import type { Victim } from "./hostile_site.ts";

/** Says in the name of a host that it has another disk than it has, changed as told. */
export function lieAbout(
  { id, name, boot, seq, rev }: Victim,
  changes: Partial<Announcement> = {},
): Uint8Array {
  return datagram({
    id,
    host: name,
    boot,
    seq,
    rev: rev + 1,
    disks: [makeDisk({ device: "/dev/sda1", label: "stolen" })],
    ...changes,
  });
}

/** A host that does not exist, with one disk. */
export function inventedHost(
  number: number,
  changes: Partial<Announcement> = {},
): Uint8Array {
  const id = `invented-${number}`;
  return lieAbout(
    { name: id, id, ...FIRST, address: "" },
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
