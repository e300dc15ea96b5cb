import { MAX_FRAME_BYTES, type RawDatagram, writeFrame } from "./raw_frame.ts";

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
