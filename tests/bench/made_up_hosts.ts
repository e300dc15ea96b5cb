import { MAX_DATAGRAM_BYTES } from "../../src/codec/announcement.ts";
import { SIGNATURE_LINE_BYTES } from "../../src/codec/signature_line.ts";
import { writeAnnouncement } from "../../src/codec/write_datagram.ts";
import { type Disk, makeDisk } from "../../src/inventory/disk.ts";
import { announcement } from "../support/announcements.ts";
import { realKey, signedBy } from "../support/host_keys.ts";

/** Announcements of hosts that do not exist, made ahead but for their signatures. */
export interface MadeUpHost {
  readonly number: number;
  /** The next announcement. */
  next(): readonly Uint8Array[];
}

/** All lives of the made-up hosts are one, so that what they say twice is not taken for news. */
const BOOT = 1_790_000_000_000;

/**
 * A host that announces the same list again and again. It counts from the time
 * of day in milliseconds, so that its next sender goes on where this one ended,
 * as long as it speaks less than 1,000 times a second.
 */
export function madeUpHost(number: number, disks: readonly Disk[]): MadeUpHost {
  const firstSeq = Date.now();
  const key = realKey(`bench-${number}`);
  const messages = writeAnnouncement(
    announcement({
      id: key.id,
      key: key.publicKey,
      host: `bench-${number}`,
      boot: BOOT,
      seq: firstSeq,
      rev: 1,
      every: 3_600,
      disks,
    }),
    { maxBytes: MAX_DATAGRAM_BYTES - SIGNATURE_LINE_BYTES },
  );
  const at = messages.map((bytes) =>
    new TextDecoder().decode(bytes).indexOf(`${firstSeq}`)
  );
  let seq = firstSeq;
  return {
    number,
    next() {
      const digits = new TextEncoder().encode(`${++seq}`);
      messages.forEach((bytes, i) => bytes.set(digits, at[i]!));
      return messages.map((bytes) => signedBy(key, bytes));
    },
  };
}

/** Disks such as a server has: partitions of whole drives, half of them mounted. */
export function madeUpDisks(count: number, host = 0): Disk[] {
  return Array.from({ length: count }, (_, i) => {
    const number = String(host * 10_000 + i).padStart(12, "0");
    return makeDisk({
      device: `/dev/sd${String.fromCharCode(97 + i % 26)}${i}`,
      uuid: `8261f666-0000-4000-8000-${number}`,
      label: `backup-${host}-${i}`,
      type: "ext4",
      size: 4_000_787_030_016,
      mounts: i % 2 === 0 ? [`/mnt/backup-${i}`] : [],
    });
  });
}

/** Sockets that speak for made-up hosts, each for some of them, always the same. */
export class MadeUpSpeakers implements Disposable {
  readonly #sockets: readonly Deno.DatagramConn[];

  /** `addresses` are of this host, separated by commas. */
  constructor(addresses: string) {
    this.#sockets = addresses.split(",").map(multicastSocket);
  }

  /** Sends these for a host. */
  async send(
    { number }: Pick<MadeUpHost, "number">,
    datagrams: readonly Uint8Array[],
  ): Promise<void> {
    const socket = this.#sockets[number % this.#sockets.length]!;
    for (const datagram of datagrams) await socket.send(datagram, GROUP);
  }

  [Symbol.dispose](): void {
    for (const socket of this.#sockets) socket.close();
  }
}

/** Where every diskd listens, unless told otherwise. */
const GROUP = {
  transport: "udp",
  hostname: "230.1.2.3",
  port: 32003,
} as const;

/** A socket that sends multicast out of the interface with this address. */
function multicastSocket(address: string): Deno.DatagramConn {
  return Deno.listenDatagram({
    transport: "udp",
    hostname: address,
    port: 0,
    loopback: true,
  });
}
