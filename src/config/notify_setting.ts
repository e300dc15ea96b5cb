/** The type of the setting `notify`: who is told of what. */
import { type EntryField, entryList } from "./entry_fields.ts";
import { DISK_CHOICES, type DiskChoice, showChoice } from "./expect_setting.ts";
import {
  bytesOf,
  isAbsolutePath,
  type SettingType,
  textThat,
} from "./setting_types.ts";

/** What can be told, the most urgent first. */
export const NOTICE_KINDS = [
  /** Its reads fail. */
  "failing",
  /** It was not seen for longer than `expect` allows. */
  "overdue",
  /** It left its host. */
  "gone",
  /** It came from another host. */
  "moved",
  /** It came. */
  "attached",
] as const;

export type NoticeKind = typeof NOTICE_KINDS[number];

/** Where messages go, and which. */
export interface NotifyEntry {
  /** `null`: it is in `urlFile`. */
  readonly url: string | null;
  readonly urlFile: string | null;
  /** A file with headers, a line each; `null`: none. */
  readonly headersFile: string | null;
  readonly on: readonly NoticeKind[];
  /** `null`: all disks. */
  readonly disks: readonly DiskChoice[] | null;
}

export const MAX_NOTIFY_ENTRIES = 16;
const MAX_URL_BYTES = 2_048;
/** `PATH_MAX` less its NUL, limits.h. */
const MAX_FILE_PATH_BYTES = 4_095;

/** What a URL must be, for messages. */
export const URL_EXPECTED =
  `an http or https address of at most ${MAX_URL_BYTES} bytes, without user and password, which headersFile can have`;

/** Whether messages can go there. */
export function isNotifyUrl(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && bytesOf(text) <= MAX_URL_BYTES &&
    (url.protocol === "http:" || url.protocol === "https:") &&
    url.username === "" && url.password === "" && !/\s/.test(text);
}

/** All of a URL that is no secret: `https://ntfy.sh`. */
export function originOf(url: string): string {
  return new URL(url).origin;
}

const KINDS: EntryField<readonly NoticeKind[]> = {
  expected: `one or more of ${NOTICE_KINDS.join(", ")}`,
  read(raw) {
    const list: readonly unknown[] = Array.isArray(raw) ? raw : [raw];
    const kinds = NOTICE_KINDS.filter((kind) => list.includes(kind));
    const isKnown = list.every((one) => kinds.some((kind) => kind === one));
    return list.length > 0 && isKnown ? kinds : undefined;
  },
};

const FILE: EntryField<string> = textThat(
  (path) => isAbsolutePath(path, MAX_FILE_PATH_BYTES),
  { expected: "the absolute path of a file", placeholder: "FILE" },
);

const FIELDS = {
  url: {
    ...textThat(isNotifyUrl, { expected: URL_EXPECTED, placeholder: "URL" }),
    isSecret: true,
  } as const,
  urlFile: FILE,
  headersFile: FILE,
  on: KINDS,
  disks: DISK_CHOICES,
};

export function notifyEntries(): SettingType<readonly NotifyEntry[]> {
  return entryList(FIELDS, {
    most: MAX_NOTIFY_ENTRIES,
    problem: ({ url, urlFile }) =>
      (url === undefined) === (urlFile === undefined)
        ? ` has ${
          url === undefined ? "neither url nor" : "both url and"
        } urlFile, expected one of them`
        : null,
    make: ({ url, urlFile, headersFile, on, disks }) => ({
      url: url ?? null,
      urlFile: urlFile ?? null,
      headersFile: headersFile ?? null,
      on: on ?? NOTICE_KINDS,
      disks: disks ?? null,
    }),
    show: ({ on, disks, ...entry }) =>
      [
        `${placeOf(entry)} on ${on.join(" ")}`,
        ...(disks === null ? [] : [`of ${disks.map(showChoice).join(" ")}`]),
      ].join(" "),
    withoutSecrets: (entry) => ({
      ...entry,
      url: entry.url === null ? null : originOf(entry.url),
    }),
  });
}

function placeOf({ url, urlFile }: Pick<NotifyEntry, "url" | "urlFile">) {
  return url === null ? `the address in ${urlFile}` : originOf(url);
}
