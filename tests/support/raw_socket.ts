const AF_PACKET = 17;
const SOCK_RAW = 3;
/** struct sockaddr_ll: family, protocol, index of the interface. */
const SOCKADDR_LL_BYTES = 20;
/** struct iovec: where, and how many bytes. */
const IOVEC_BYTES = 16;
/** struct mmsghdr of a 64-bit system; the iovec's address is the third member of its struct msghdr, its count the fourth. */
const MMSGHDR_BYTES = 64;
const MSG_IOV_AT = 16;
const MSG_IOVLEN_AT = 24;

/** Frames that leave with one system call. */
export const BATCH_FRAMES = 32;

/** All numbers below are those of Linux, whose 64-bit machines of today are all little-endian. */
const LITTLE_ENDIAN = true;

/**
 * Puts datagrams onto a wire as they are said to be, with any source address:
 * packet(7), in the network namespace of this process. Needs root and
 * `--allow-ffi`.
 */
export class RawSocket implements Disposable {
  readonly #libc = openLibc();
  readonly #descriptor: number;
  readonly #frames = new Uint8Array(BATCH_FRAMES * MAX_FRAME_BYTES);
  readonly #iovecs = new DataView(new ArrayBuffer(BATCH_FRAMES * IOVEC_BYTES));
  readonly #messages = new Uint8Array(BATCH_FRAMES * MMSGHDR_BYTES);

  constructor(interfaceName: string) {
    const { socket, if_nametoindex, bind } = this.#libc.symbols;
    // No protocol: it only sends, so nothing need be copied to it.
    this.#descriptor = socket(AF_PACKET, SOCK_RAW, 0);
    const index = if_nametoindex(
      new TextEncoder().encode(`${interfaceName}\0`),
    );
    const address = new DataView(new ArrayBuffer(SOCKADDR_LL_BYTES));
    address.setUint16(0, AF_PACKET, LITTLE_ENDIAN);
    address.setInt32(4, index, LITTLE_ENDIAN);
    const isBound = this.#descriptor >= 0 && index > 0 &&
      bind(this.#descriptor, address.buffer, SOCKADDR_LL_BYTES) === 0;
    if (!isBound) {
      this[Symbol.dispose]();
      throw new Error(`Cannot open a packet socket on ${interfaceName}.`);
    }
    this.#pointAtFrames();
  }

  /** Sends all, as fast as the kernel takes them. */
  send(datagrams: readonly RawDatagram[]): void {
    for (let from = 0; from < datagrams.length; from += BATCH_FRAMES) {
      this.#sendBatch(datagrams.slice(from, from + BATCH_FRAMES));
    }
  }

  [Symbol.dispose](): void {
    if (this.#descriptor >= 0) this.#libc.symbols.close(this.#descriptor);
    this.#libc.close();
  }

  #sendBatch(datagrams: readonly RawDatagram[]): void {
    for (const [i, datagram] of datagrams.entries()) {
      const frame = this.#frames.subarray(i * MAX_FRAME_BYTES);
      const bytes = BigInt(writeFrame(frame, datagram));
      this.#iovecs.setBigUint64(i * IOVEC_BYTES + 8, bytes, LITTLE_ENDIAN);
    }
    for (let sent = 0; sent < datagrams.length;) {
      const count = this.#libc.symbols.sendmmsg(
        this.#descriptor,
        this.#messages.subarray(sent * MMSGHDR_BYTES),
        datagrams.length - sent,
        0,
      );
      if (count <= 0) throw new Error("Cannot send: sendmmsg() failed.");
      sent += count;
    }
  }

  #pointAtFrames(): void {
    const messages = new DataView(this.#messages.buffer);
    const frames = addressOf(this.#frames);
    const iovecs = addressOf(this.#iovecs);
    for (let i = 0; i < BATCH_FRAMES; i++) {
      const frame = frames + BigInt(i * MAX_FRAME_BYTES);
      this.#iovecs.setBigUint64(i * IOVEC_BYTES, frame, LITTLE_ENDIAN);
      const iovec = iovecs + BigInt(i * IOVEC_BYTES);
      const at = i * MMSGHDR_BYTES;
      messages.setBigUint64(at + MSG_IOV_AT, iovec, LITTLE_ENDIAN);
      messages.setBigUint64(at + MSG_IOVLEN_AT, 1n, LITTLE_ENDIAN);
    }
  }
}

function openLibc() {
  return Deno.dlopen("libc.so.6", {
    socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
    if_nametoindex: { parameters: ["buffer"], result: "u32" },
    bind: { parameters: ["i32", "buffer", "u32"], result: "i32" },
    sendmmsg: { parameters: ["i32", "buffer", "u32", "i32"], result: "i32" },
    close: { parameters: ["i32"], result: "i32" },
  });
}

function addressOf(memory: Uint8Array<ArrayBuffer> | DataView<ArrayBuffer>) {
  return BigInt(Deno.UnsafePointer.value(Deno.UnsafePointer.of(memory)));
}

/** A datagram as it was or is to be on the wire. */
export interface RawDatagram {
  /** IPv4 address that it says it comes from: anybody's. */
  readonly source: string;
  readonly bytes: Uint8Array;
  /** Hardware address of the only one who is to hear it, `02:00:00:00:00:01`. Default: the whole group hears it. */
  readonly onlyTo?: string;
}

/** Longest payload that fits into one frame of Ethernet. */
export const MAX_PAYLOAD_BYTES = 1_472;

/** Longest frame that `writeFrame` makes. */
export const MAX_FRAME_BYTES = 1_514;

const ETHERNET_BYTES = 14;
const IP_BYTES = 20;
const UDP_BYTES = 8;

const GROUP = [230, 1, 2, 3] as const;
const PORT = 32_003;
const ETHERTYPE_IPV4 = 0x0800;
const PROTOCOL_UDP = 17;
const TTL = 2;
/** Of nobody: the second bit says that no vendor gave it out. */
const SOURCE_MAC = [0x02, 0, 0, 0, 0, 0x66] as const;
/** RFC 1112, 6.4: the low 23 bits of the group after a fixed prefix. */
const GROUP_MAC = [0x01, 0x00, 0x5e, GROUP[1] & 0x7f, GROUP[2], GROUP[3]];

/**
 * Writes a datagram to diskd's group as a frame of Ethernet: RFC 791, RFC 768,
 * without the checksum that UDP leaves to the sender. Returns the bytes taken.
 */
export function writeFrame(
  into: Uint8Array,
  { source, bytes, onlyTo }: RawDatagram,
): number {
  if (bytes.length > MAX_PAYLOAD_BYTES) {
    throw new RangeError(
      `A frame takes ${MAX_PAYLOAD_BYTES} bytes, not ${bytes.length}.`,
    );
  }
  const view = new DataView(into.buffer, into.byteOffset, into.byteLength);
  into.set(onlyTo === undefined ? GROUP_MAC : macBytes(onlyTo), 0);
  into.set(SOURCE_MAC, 6);
  view.setUint16(12, ETHERTYPE_IPV4);
  const ip = into.subarray(ETHERNET_BYTES, ETHERNET_BYTES + IP_BYTES);
  writeIpHeader(ip, { source, udpBytes: UDP_BYTES + bytes.length });
  const udpAt = ETHERNET_BYTES + IP_BYTES;
  view.setUint16(udpAt, PORT);
  view.setUint16(udpAt + 2, PORT);
  view.setUint16(udpAt + 4, UDP_BYTES + bytes.length);
  view.setUint16(udpAt + 6, 0);
  into.set(bytes, udpAt + UDP_BYTES);
  return udpAt + UDP_BYTES + bytes.length;
}

function writeIpHeader(
  ip: Uint8Array,
  { source, udpBytes }: { readonly source: string; readonly udpBytes: number },
): void {
  const view = new DataView(ip.buffer, ip.byteOffset, ip.byteLength);
  ip.fill(0);
  ip[0] = 0x45;
  view.setUint16(2, IP_BYTES + udpBytes);
  ip[8] = TTL;
  ip[9] = PROTOCOL_UDP;
  ip.set(source.split(".").map(Number), 12);
  ip.set(GROUP, 16);
  view.setUint16(10, checksum(view));
}

/** RFC 1071. */
function checksum(view: DataView): number {
  let sum = 0;
  for (let at = 0; at < view.byteLength; at += 2) sum += view.getUint16(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

function macBytes(address: string): number[] {
  return address.split(":").map((byte) => Number.parseInt(byte, 16));
}
