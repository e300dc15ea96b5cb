import { printableStart } from "../text/printable.ts";
import { Refusal } from "./refusal.ts";

/**
 * UUIDs of every filesystem that Linux mounts, including FAT and NTFS. No
 * program can read them as an option or a path.
 */
const FIT = /^[0-9A-Za-z][0-9A-Za-z-]{0,63}$/;

/** The same of WWNs and serial numbers as well. */
const FIT_NAME = /^[0-9A-Za-z][0-9A-Za-z._-]{0,127}$/;

/** Whether a UUID, WWN or serial number is safe likewise. */
export function isFitName(text: string): boolean {
  return FIT_NAME.test(text);
}

/** Whether it is safe as an argument of other programs, here and on other hosts. */
export function isFitUuid(text: string): boolean {
  return FIT.test(text);
}

/**
 * Returns a disk's UUID if it is safe as an argument of other programs.
 * @throws {Refusal} `refused`
 */
export function fitUuid(
  { uuid, device }: { readonly uuid: string | null; readonly device: string },
): string {
  if (uuid !== null && isFitUuid(uuid)) return uuid;
  const disk = printableStart(device);
  throw new Refusal("refused", {
    message: uuid === null
      ? `${disk} has no UUID, so it cannot be identified reliably`
      : `The UUID of ${disk} is "${
        printableStart(uuid)
      }", expected 1 to 64 letters, digits and hyphens`,
    hints: ["On its host, mount(8) can mount it by its path."],
  });
}

/** Hosts find a UUID in any case. */
export function isSameUuid(one: string | null, other: string): boolean {
  return one?.toLowerCase() === other.toLowerCase();
}
