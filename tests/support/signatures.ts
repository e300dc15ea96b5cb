/**
 * What makes a device known as a part of something larger, written by hand:
 * nothing of LUKS, RAID or LVM needs to be installed, or known to the kernel.
 */
import type { LoopDisk } from "./loop_disk.ts";

/** Bytes, and where on the device they are. */
interface Piece {
  readonly offset: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export type Member = "LUKS" | "RAID" | "LVM";

const PIECES: Readonly<Record<Member, () => Piece>> = {
  LUKS: luksHeader,
  RAID: raidSuperblock,
  LVM: lvmLabel,
};

/** Makes a member of a raw disk. */
export async function makeMember(disk: LoopDisk, what: Member): Promise<void> {
  const { offset, bytes } = PIECES[what]();
  using device = await Deno.open(disk.device, { write: true });
  await device.seek(offset, Deno.SeekMode.Start);
  await device.write(bytes);
  await device.sync();
}

/** LUKS On-Disk Format Specification 1.2.3, figure 1. */
function luksHeader(): Piece {
  const bytes = new Uint8Array(592);
  bytes.set(ascii("LUKS\xba\xbe\x00\x01"));
  bytes.set(ascii(crypto.randomUUID()), 168);
  return { offset: 0, bytes };
}

/** `struct mdp_superblock_1` of linux/raid/md_p.h, at the place of version 1.2. */
function raidSuperblock(): Piece {
  const offset = 4_096;
  const bytes = new Uint8Array(256);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0xa92b4efc, true);
  view.setUint32(4, 1, true);
  crypto.getRandomValues(bytes.subarray(16, 32));
  view.setBigUint64(144, BigInt(offset / 512), true);
  let sum = 0;
  for (let at = 0; at < 256; at += 4) sum += view.getUint32(at, true);
  const carry = Math.floor(sum / 2 ** 32);
  view.setUint32(216, (sum % 2 ** 32 + carry) >>> 0, true);
  return { offset, bytes };
}

/** `struct label_header` and `struct pv_header` of LVM2, in the second sector. */
function lvmLabel(): Piece {
  const bytes = new Uint8Array(512);
  const view = new DataView(bytes.buffer);
  bytes.set(ascii("LABELONE"));
  view.setBigUint64(8, 1n, true);
  view.setUint32(20, 32, true);
  bytes.set(ascii("LVM2 001"), 24);
  bytes.set(ascii(crypto.randomUUID().replaceAll("-", "")), 32);
  view.setUint32(16, lvmChecksum(bytes.subarray(20)), true);
  return { offset: 512, bytes };
}

/** CRC-32 with a start of LVM's own, and not inverted at its end. */
function lvmChecksum(bytes: Uint8Array): number {
  let crc = 0xf597a6cf;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) {
      crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    }
  }
  return crc >>> 0;
}

function ascii(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
