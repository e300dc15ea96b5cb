/** The type of the setting `ssh`: how ssh reaches other hosts. */
import { isJsonObject } from "../text/json_object.ts";
import { entryProblem } from "./entry_fields.ts";
import {
  isSshName,
  type SettingType,
  textThat,
  type ValueOf,
  wholeNumber,
  yesOrNo,
} from "./setting_types.ts";

/** Longest path of an identity file, in characters. */
const MAX_IDENTITY_CHARS = 1_024;

const FIELDS = {
  host: textThat(isHost, {
    expected: "a host name or an address",
    placeholder: "HOST",
  }),
  user: textThat((text) => isSshName(`${text}@host`), {
    expected: "the name of a user",
    placeholder: "USER",
  }),
  port: wholeNumber(1, 65_535),
  // sshfs splits the command of ssh at spaces, and ssh knows quotes.
  identityFile: textThat(
    (text) =>
      /^~?\/[^\s"'\\\p{Cc}]*$/u.test(text) &&
      text.length <= MAX_IDENTITY_CHARS,
    {
      expected:
        "a path that begins with / or ~/, without spaces, quotes and backslashes",
      placeholder: "FILE",
    },
  ),
  /** Whether diskd runs there with sudo(8). */
  sudo: yesOrNo(),
};

function isHost(text: string): boolean {
  return isIpv6Address(text) || isSshName(text) && !text.includes("@");
}

/** Perhaps with the interface of a link-local one: `fe80::1%eth0`. */
function isIpv6Address(text: string): boolean {
  return /^[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(?:%[A-Za-z0-9._-]+)?$/.test(text);
}

/** How ssh reaches a host. */
export type SshEntry = {
  readonly [Name in keyof typeof FIELDS]?: ValueOf<(typeof FIELDS)[Name]>;
};

/** Entries by the name or id of the host, as written: `[user@]host`, or in full. */
type SshEntries = Readonly<Record<string, string | SshEntry>>;

export function sshEntries(
  { most }: { readonly most: number },
): SettingType<SshEntries> {
  return {
    expected:
      `a map of at most ${most} host names or ids, each with host, user@host, or a map of ${
        Object.keys(FIELDS).join(", ")
      }`,
    form: "list",
    placeholder: "HOST",
    read: (raw) => isEntries(raw, most) ? raw : undefined,
    explain: (raw, key) => explainEntries(raw, key),
    show: (entries) => Object.entries(entries).map(showEntry).join(", "),
  };
}

function isEntries(raw: unknown, most: number): raw is SshEntries {
  if (!isJsonObject(raw)) return false;
  const entries = Object.entries(raw);
  return entries.length <= most &&
    entries.every(([name, entry]) =>
      name !== "" &&
      (typeof entry === "string"
        ? isSshName(entry)
        : isJsonObject(entry) && entryProblem(entry, FIELDS) === null)
    );
}

/** The first wrong entry that is a map; `null`: there is none. */
function explainEntries(raw: unknown, key: string): string | null {
  if (!isJsonObject(raw)) return null;
  for (const [name, entry] of Object.entries(raw)) {
    if (!isJsonObject(entry)) continue;
    const problem = entryProblem(entry, FIELDS);
    if (problem !== null) return `${key}.${name}${problem}`;
  }
  return null;
}

function showEntry(
  [name, entry]: readonly [string, string | SshEntry],
): string {
  if (typeof entry === "string") return `${name}: ${entry}`;
  const fields = Object.entries(entry)
    .map(([key, value]) => `${key}: ${value}`);
  return `${name}: {${fields.join(", ")}}`;
}
