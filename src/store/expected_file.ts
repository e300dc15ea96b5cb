import type { Disk } from "../inventory/disk.ts";
import { makeOwnDirectory } from "../system/own_files.ts";
import { writeWholeSync } from "../system/write_whole.ts";
import { isJsonObject } from "../text/json_object.ts";

/** What is kept of a disk to know it by any of its names. */
const KEPT_NAMES = [
  "label",
  "uuid",
  "uuid_sub",
  "partuuid",
  "partlabel",
  "kind",
  "model",
  "serial",
  "wwn",
] as const satisfies readonly (keyof Disk)[];

export type KeptNames = {
  readonly [Name in typeof KEPT_NAMES[number]]: string | null;
};

/** A disk that is expected. Times are ms since 1970. */
export interface ExpectedDisk {
  /** Its `nameAt`; of a disk that nobody has seen, how `expect` names it. */
  readonly key: string;
  readonly names: KeptNames;
  /** Since when it is expected. */
  readonly since: number;
  /** When and where it was seen last; `null`: never. */
  readonly seen: {
    readonly at: number;
    readonly host: string;
    readonly hostId: string;
    readonly device: string;
    readonly unplugged: boolean;
  } | null;
  /** Whether people were told that it is overdue, since it was seen last. */
  readonly isTold: boolean;
}

export function namesOf(disk: KeptNames): KeptNames {
  return Object.fromEntries(
    KEPT_NAMES.map((name) => [name, disk[name]]),
  ) as KeptNames;
}

/** The disks in a file, a JSON object a line. Lines that are none are left out. */
export function parseExpected(text: string): ExpectedDisk[] {
  return text.split("\n").map(parseLine).filter((disk) => disk !== null);
}

function parseLine(line: string): ExpectedDisk | null {
  try {
    const value: unknown = JSON.parse(line);
    return isExpectedDisk(value) ? value : null;
  } catch {
    return null;
  }
}

function isExpectedDisk(value: unknown): value is ExpectedDisk {
  if (!isJsonObject(value)) return false;
  const { key, names, since, seen, isTold } = value;
  return typeof key === "string" && isTime(since) &&
    typeof isTold === "boolean" && (seen === null || isSeen(seen)) &&
    isJsonObject(names) &&
    KEPT_NAMES.every((name) =>
      names[name] === null || typeof names[name] === "string"
    );
}

function isSeen(value: unknown): boolean {
  if (!isJsonObject(value)) return false;
  const { at, host, hostId, device, unplugged } = value;
  return isTime(at) && typeof host === "string" &&
    typeof hostId === "string" && typeof device === "string" &&
    typeof unplugged === "boolean";
}

function isTime(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

/** @throws {Error} if that is not possible */
export function writeExpected(
  path: string,
  disks: Iterable<ExpectedDisk>,
): void {
  makeOwnDirectory(path.slice(0, path.lastIndexOf("/")), 0o700);
  const lines = Array.from(disks, (disk) => `${JSON.stringify(disk)}\n`);
  writeWholeSync(path, lines.join(""), { synced: true });
}
