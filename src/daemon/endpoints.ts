/** Turns the setting `notify`, and the files that it names, into where messages go. */
import { ConfigError, type ConfigProblem } from "../config/config_error.ts";
import type { DiskChoice } from "../config/expect_setting.ts";
import {
  isNotifyUrl,
  type NoticeKind,
  type NotifyEntry,
  originOf,
  URL_EXPECTED,
} from "../config/notify_setting.ts";
import type { Config } from "../config/settings.ts";
import { readSecretFile } from "../store/secret_file.ts";

/** Where messages go, and which. */
export interface Endpoint {
  /** Scheme, host and port. The rest of the URL, and the headers, are secrets. */
  readonly origin: string;
  readonly url: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly on: ReadonlySet<NoticeKind>;
  /** `null`: all disks. */
  readonly disks: readonly DiskChoice[] | null;
}

const MAX_SECRET_FILE_BYTES = 4_096;
const MAX_HEADERS = 16;

interface EndpointReader {
  /** The user of the daemon. */
  readonly uid: number | null;
}

/** A file that `notify` names. */
interface CheckedFile {
  readonly path: string;
  /** The key that names it. */
  readonly setting: string;
  /** The problem, continuing a sentence begun with the path; `null`: it can be used. */
  readonly problem: string | null;
  /** Whether this user may not read it, so the problem is unknown. */
  readonly isDenied: boolean;
}

/**
 * Reads the files.
 * @throws {ConfigError} with all their problems
 */
export function loadEndpoints(
  { notify }: Pick<Config, "notify">,
  reader: EndpointReader,
): Endpoint[] {
  const problems: ConfigProblem[] = [];
  const take = <Value>({ path, key, found }: NamedSecret<Value>) => {
    if (found.kind === "value") return found.value;
    problems.push({ place: path, key, message: found.reason });
    return null;
  };
  const endpoints = notify.flatMap((entry): Endpoint[] => {
    const { urlFile, headersFile } = secretsOf(entry, reader);
    const url = urlFile === null ? entry.url : take(urlFile);
    const headers = headersFile === null ? [] : take(headersFile);
    if (url === null || headers === null) return [];
    const on = new Set(entry.on);
    return [{ origin: originOf(url), url, headers, on, disks: entry.disks }];
  });
  if (problems.length > 0) throw new ConfigError(problems);
  return endpoints;
}

/** The problem of each file. */
export function checkNotifyFiles(
  { notify }: Pick<Config, "notify">,
  reader: EndpointReader,
): CheckedFile[] {
  return notify.flatMap((entry) => {
    const { urlFile, headersFile } = secretsOf(entry, reader);
    return [urlFile, headersFile].flatMap((secret) =>
      secret === null ? [] : {
        path: secret.path,
        setting: secret.key,
        problem: secret.found.kind === "value" ? null : secret.found.reason,
        isDenied: secret.found.kind === "denied",
      }
    );
  });
}

type FoundSecret<Value> =
  | { readonly kind: "value"; readonly value: Value }
  | { readonly kind: "denied" | "refused"; readonly reason: string };

interface NamedSecret<Value> {
  readonly path: string;
  readonly key: string;
  readonly found: FoundSecret<Value>;
}

function secretsOf(
  { urlFile, headersFile }: NotifyEntry,
  { uid }: EndpointReader,
) {
  return {
    urlFile: urlFile === null ? null : {
      path: urlFile,
      key: "notify.urlFile",
      found: readSecret(urlFile, {
        uid,
        expected: `one line, ${URL_EXPECTED}`,
        parse: parseUrl,
      }),
    },
    headersFile: headersFile === null ? null : {
      path: headersFile,
      key: "notify.headersFile",
      found: readSecret(headersFile, {
        uid,
        expected: HEADERS_EXPECTED,
        parse: parseHeaders,
      }),
    },
  };
}

function readSecret<Value>(
  path: string,
  { uid, expected, parse }: EndpointReader & {
    readonly expected: string;
    /** `null` for any other text. */
    readonly parse: (text: string) => Value | null;
  },
): FoundSecret<Value> {
  const file = readSecretFile(path, {
    uid,
    maxBytes: MAX_SECRET_FILE_BYTES,
    noun: "token",
    expected,
    whenMissing: `expected a file with mode 0600 and ${expected}`,
  });
  if (file.kind !== "text") return file;
  const value = parse(file.text);
  // Its text may be a secret.
  return value === null
    ? { kind: "refused", reason: `has other contents; expected ${expected}` }
    : { kind: "value", value };
}

function parseUrl(text: string): string | null {
  const url = text.trim();
  return isNotifyUrl(url) ? url : null;
}

const HEADERS_EXPECTED =
  `1 to ${MAX_HEADERS} headers, a line each, such as Authorization: Bearer TOKEN`;

/** A name of RFC 9110, and printable ASCII. */
const HEADER = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\x20-\x7e]+)$/;

/** Those that the connection needs. */
const OWN_HEADERS: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "host",
  "transfer-encoding",
]);

function parseHeaders(text: string): Endpoint["headers"] | null {
  const lines = text.split("\n").map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
  const headers = lines.flatMap((line) => {
    const [, header, value] = HEADER.exec(line) ?? [];
    const isUsable = header !== undefined && value !== undefined &&
      !OWN_HEADERS.has(header.toLowerCase());
    return isUsable ? [[header, value] as const] : [];
  });
  const isWhole = headers.length === lines.length;
  return isWhole && headers.length > 0 && headers.length <= MAX_HEADERS
    ? headers
    : null;
}
