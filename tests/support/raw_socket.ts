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
const BATCH_FRAMES = 32;

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
    const fragments = datagrams.flatMap(fragmentsOf);
    for (let from = 0; from < fragments.length; from += BATCH_FRAMES) {
      this.#sendBatch(fragments.slice(from, from + BATCH_FRAMES));
    }
  }

  [Symbol.dispose](): void {
    if (this.#descriptor >= 0) this.#libc.symbols.close(this.#descriptor);
    this.#libc.close();
  }

  #sendBatch(fragments: readonly Fragment[]): void {
    for (const [i, fragment] of fragments.entries()) {
      const frame = this.#frames.subarray(i * MAX_FRAME_BYTES);
      const bytes = BigInt(writeFrame(frame, fragment));
      this.#iovecs.setBigUint64(i * IOVEC_BYTES + 8, bytes, LITTLE_ENDIAN);
    }
    for (let sent = 0; sent < fragments.length;) {
      const count = this.#libc.symbols.sendmmsg(
        this.#descriptor,
        this.#messages.subarray(sent * MMSGHDR_BYTES),
        fragments.length - sent,
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
  /** At most 65,507. */
  readonly bytes: Uint8Array;
  /** Hardware address of the only one who is to hear it, `02:00:00:00:00:01`. Default: the whole group hears it. */
  readonly onlyTo?: string;
}

/** Longest payload that fits into one frame of Ethernet. */
export const MAX_PAYLOAD_BYTES = 1_472;

const ETHERNET_BYTES = 14;
const IP_BYTES = 20;
const UDP_BYTES = 8;
/** What IP takes in one frame; the offset of a fragment counts in eights. */
const MAX_FRAGMENT_BYTES = MAX_PAYLOAD_BYTES + UDP_BYTES;
const MAX_FRAME_BYTES = ETHERNET_BYTES + IP_BYTES + MAX_FRAGMENT_BYTES;

const GROUP = [230, 1, 2, 3] as const;
const PORT = 32_003;
const ETHERTYPE_IPV4 = 0x0800;
const PROTOCOL_UDP = 17;
const MORE_FRAGMENTS = 0x2000;
const TTL = 2;
/** Of nobody: the second bit says that no vendor gave it out. */
const SOURCE_MAC = [0x02, 0, 0, 0, 0, 0x66] as const;
/** RFC 1112, 6.4: the low 23 bits of the group after a fixed prefix. */
const GROUP_MAC = [0x01, 0x00, 0x5e, GROUP[1] & 0x7f, GROUP[2], GROUP[3]];

/** What one frame carries of a datagram: all of it, if that fits. */
interface Fragment {
  readonly datagram: RawDatagram;
  /** Of the whole datagram, the same in each of its fragments. */
  readonly identification: number;
  /** Bytes of UDP before it. */
  readonly offset: number;
  /** Bytes of UDP in it. */
  readonly length: number;
}

let lastIdentification = 0;

/** RFC 791, 3.2: a datagram longer than a frame goes in several. */
function fragmentsOf(datagram: RawDatagram): Fragment[] {
  const udpBytes = UDP_BYTES + datagram.bytes.length;
  lastIdentification = (lastIdentification + 1) & 0xffff;
  const fragments: Fragment[] = [];
  for (let offset = 0; offset < udpBytes; offset += MAX_FRAGMENT_BYTES) {
    const length = Math.min(MAX_FRAGMENT_BYTES, udpBytes - offset);
    const identification = lastIdentification;
    fragments.push({ datagram, identification, offset, length });
  }
  return fragments;
}

/**
 * Writes a fragment of a datagram to diskd's group as a frame of Ethernet: RFC
 * 791, RFC 768, without the checksum that UDP leaves to the sender. Returns the
 * bytes taken.
 */
function writeFrame(into: Uint8Array, fragment: Fragment): number {
  const { datagram: { onlyTo, bytes }, offset, length } = fragment;
  const view = new DataView(into.buffer, into.byteOffset, into.byteLength);
  into.set(onlyTo === undefined ? GROUP_MAC : macBytes(onlyTo), 0);
  into.set(SOURCE_MAC, 6);
  view.setUint16(12, ETHERTYPE_IPV4);
  writeIpHeader(
    into.subarray(ETHERNET_BYTES, ETHERNET_BYTES + IP_BYTES),
    fragment,
  );
  const contentAt = ETHERNET_BYTES + IP_BYTES;
  if (offset === 0) {
    view.setUint16(contentAt, PORT);
    view.setUint16(contentAt + 2, PORT);
    view.setUint16(contentAt + 4, UDP_BYTES + bytes.length);
    view.setUint16(contentAt + 6, 0);
    into.set(bytes.subarray(0, length - UDP_BYTES), contentAt + UDP_BYTES);
  } else {
    const from = offset - UDP_BYTES;
    into.set(bytes.subarray(from, from + length), contentAt);
  }
  return contentAt + length;
}

function writeIpHeader(ip: Uint8Array, fragment: Fragment): void {
  const { datagram: { source, bytes }, identification, offset, length } =
    fragment;
  const isLast = offset + length === UDP_BYTES + bytes.length;
  const view = new DataView(ip.buffer, ip.byteOffset, ip.byteLength);
  ip.fill(0);
  ip[0] = 0x45;
  view.setUint16(2, IP_BYTES + length);
  view.setUint16(4, identification);
  view.setUint16(6, offset / 8 | (isLast ? 0 : MORE_FRAGMENTS));
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
