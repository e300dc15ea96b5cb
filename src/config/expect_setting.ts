/** The type of the setting `expect`: which disks are to be seen how often. */
import { isJsonObject } from "../text/json_object.ts";
import { type EntryField, entryList } from "./entry_fields.ts";
import { bytesOf, duration, type SettingType } from "./setting_types.ts";

/** Disks, by any of their names or a glob of them, or by a tag. */
export type DiskChoice = string | { readonly tag: string };

/** Names and tags in `disks`. */
export const MAX_CHOICES = 100;
const MAX_CHOICE_BYTES = 255;

/** Disks that must be attached to any host at least once in so long. */
export interface ExpectEntry {
  readonly disks: readonly DiskChoice[];
  readonly seenEveryMs: number;
}

/** Entries of `expect`. */
export const MAX_EXPECT_ENTRIES = 100;

const CHOICES_EXPECTED =
  `1 to ${MAX_CHOICES} names of disks, with the wildcards * and ?, or tags such as tag: offsite; a number in quotes`;

/** `disks` of an entry; YAML may also have a single one. */
export const DISK_CHOICES: EntryField<readonly DiskChoice[]> = {
  expected: CHOICES_EXPECTED,
  read(raw) {
    const list: readonly unknown[] = Array.isArray(raw) ? raw : [raw];
    const choices = list.map(readChoice);
    return list.length > 0 && list.length <= MAX_CHOICES &&
        choices.every((choice) => choice !== undefined)
      ? choices
      : undefined;
  },
};

function readChoice(raw: unknown): DiskChoice | undefined {
  if (isName(raw)) return raw;
  if (!isJsonObject(raw)) return undefined;
  const { tag, ...others } = raw;
  // Tags have no capital letters.
  return isName(tag) && Object.keys(others).length === 0
    ? { tag: tag.toLowerCase() }
    : undefined;
}

function isName(raw: unknown): raw is string {
  return typeof raw === "string" && raw.trim() !== "" &&
    bytesOf(raw) <= MAX_CHOICE_BYTES;
}

/** As it is written in the file. */
export function showChoice(choice: DiskChoice): string {
  return typeof choice === "string" ? choice : `tag: ${choice.tag}`;
}

const FIELDS = {
  disks: DISK_CHOICES,
  seenEvery: duration({ from: "1s", to: "3650d" }),
};

export function expectEntries(): SettingType<readonly ExpectEntry[]> {
  return entryList(FIELDS, {
    most: MAX_EXPECT_ENTRIES,
    required: ["disks", "seenEvery"],
    make: ({ disks, seenEvery }) => ({ disks, seenEveryMs: seenEvery }),
    show: ({ disks, seenEveryMs }) =>
      `${disks.map(showChoice).join(" ")} every ${
        FIELDS.seenEvery.show!(seenEveryMs)
      }`,
  });
}
