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
