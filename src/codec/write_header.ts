import type { Announcement } from "./announcement.ts";
import {
  MAX_EVERY_SECONDS,
  MAX_HOST_LENGTH,
  MAX_PARTS,
  MAX_VERSION_LENGTH,
} from "./limits.ts";
import { byteLength, cutText, quoteText } from "./quote_text.ts";

/** The part of an announcement that a header is for. */
export interface Part {
  readonly part: number;
  readonly parts: number;
}

type Sender = Omit<Announcement, "disks">;

/**
 * The first line of a datagram, without its line end. A host name longer than
 * `MAX_HOST_LENGTH` bytes is cut, and a program version likewise.
 */
export function writeHeader(sender: Sender, { part, parts }: Part): string {
  const { boot, seq, rev, every } = sender;
  const members = [
    '"v":2',
    sender.id === null ? "" : `"id":${quoteText(sender.id)}`,
    text("host", sender.host, MAX_HOST_LENGTH),
    text("version", sender.version, MAX_VERSION_LENGTH),
    `"boot":${boot},"seq":${seq},"rev":${rev}`,
    `"part":[${part},${parts}],"every":${every}`,
    sender.ask ? '"ask":true' : "",
    sender.bye ? '"bye":true' : "",
  ];
  return `diskd:#{${members.filter((member) => member !== "").join(",")}}`;
}

/**
 * The most bytes that the header of any part takes, in this announcement of
 * the list and in every repeat of it. Repeats must cut the list at the same
 * places, because a receiver puts it together from parts of several.
 */
export function headerBytes(sender: Sender): number {
  const widest: Sender = {
    ...sender,
    seq: Number.MAX_SAFE_INTEGER,
    every: MAX_EVERY_SECONDS,
    ask: true,
  };
  return byteLength(writeHeader(widest, { part: MAX_PARTS, parts: MAX_PARTS }));
}

function text(key: string, value: string | null, maxBytes: number): string {
  return value ? `"${key}":${quoteText(cutText(value, maxBytes))}` : "";
}
