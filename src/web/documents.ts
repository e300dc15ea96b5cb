import { createHash } from "node:crypto";
import { RemoteFailure } from "../control/client.ts";
import type { MethodName, Methods } from "../control/views.ts";
import { drivesIn } from "../render/drives.ts";
import { inOrder } from "../render/disks.ts";
import { renderJson } from "../render/format.ts";
import { reasonOf } from "../system/reason.ts";
import type { DaemonLink } from "./daemon_link.ts";
import { errorReply, type WebReply } from "./reply.ts";

/**
 * The documents of the API: what the commands print with `--json`. Each is
 * fetched once, whoever asks for it, until something happens or it is old.
 */

/** Age up to which a document is given again, if no event came since. */
const MAX_AGE_MS = 1_000;
/** Documents kept at once. */
const MAX_DOCUMENTS = 64;

type AskDaemon = <M extends MethodName>(
  method: M,
  params: Methods[M]["params"],
) => Promise<Methods[M]["result"]>;

type MakeDocument = (
  ask: AskDaemon,
  query: URLSearchParams,
) => Promise<unknown>;

/** By name: `/api/NAME.json`. */
const DOCUMENTS: Readonly<Record<string, MakeDocument>> = {
  async list(ask, query) {
    const { drives, devices, ...params } = {
      ...flags(query, ["all", "devices", "drives"]),
      ...texts(query, ["host"]),
    };
    const needsAll = devices || drives;
    const rows = await ask("list", {
      ...params,
      ...(needsAll && { devices: true }),
    });
    return drives
      ? drivesIn(rows, { withHidden: devices ?? false })
      : inOrder(rows);
  },
  where: (ask, query) => ask("where", { name: name(query) }),
  find: (ask, query) =>
    ask("find", { name: name(query), ...texts(query, ["host"]) }),
  history: (ask, query) =>
    ask("history", texts(query, ["name", "host", "since"])),
  hosts: (ask) => ask("hosts", {}),
  localhost: (ask) => ask("localhost", {}),
  status: (ask) => ask("status", {}),
  duplicates: (ask) => ask("duplicates", {}),
  overdue: (ask, query) => ask("overdue", flags(query, ["all"])),
};

interface KeptDocument {
  readonly at: number;
  readonly reply: Promise<WebReply>;
}

interface DocumentsOptions {
  readonly link: Pick<DaemonLink, "call">;
  /** Monotonic ms. */
  readonly now: () => number;
}

export class Documents {
  readonly #options: DocumentsOptions;
  readonly #kept = new Map<string, KeptDocument>();

  constructor(options: DocumentsOptions) {
    this.#options = options;
  }

  /** Something happened: what is kept may be wrong. */
  forget(): void {
    this.#kept.clear();
  }

  /** The document at a path, `null` if there is none. Never rejects. */
  get(url: URL): Promise<WebReply> | null {
    const [, wanted = ""] = /^\/api\/(\w+)\.json$/.exec(url.pathname) ?? [];
    if (!Object.hasOwn(DOCUMENTS, wanted)) return null;
    url.searchParams.sort();
    const key = `${wanted}?${url.searchParams}`;
    const { now } = this.#options;
    const kept = this.#kept.get(key);
    if (kept !== undefined && now() - kept.at < MAX_AGE_MS) return kept.reply;
    const reply = this.#make(DOCUMENTS[wanted]!, url.searchParams);
    this.#kept.delete(key);
    this.#kept.set(key, { at: now(), reply });
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MAX_DOCUMENTS) this.#kept.delete(oldest!);
    return reply;
  }

  async #make(make: MakeDocument, query: URLSearchParams): Promise<WebReply> {
    const { link } = this.#options;
    try {
      const ask: AskDaemon = (method, params) => link.call(method, params);
      return jsonReply(await make(ask, query));
    } catch (error) {
      if (error instanceof BadQuery) return errorReply(400, error.message);
      if (error instanceof RemoteFailure) return errorReply(400, error.message);
      return errorReply(503, reasonOf(error));
    }
  }
}

function jsonReply(view: unknown): WebReply {
  const body = new TextEncoder().encode(renderJson(view));
  const etag = createHash("sha256").update(body).digest("base64url");
  return {
    status: 200,
    type: "application/json",
    body,
    etag: `"${etag.slice(0, 27)}"`,
  };
}

class BadQuery extends Error {}

function name(query: URLSearchParams): string {
  const given = query.get("name");
  if (given) return given;
  throw new BadQuery("?name= is missing: any name of a disk");
}

function texts<Key extends string>(
  query: URLSearchParams,
  keys: readonly Key[],
): { [K in Key]?: string } {
  const given = keys.flatMap((key) => {
    const value = query.get(key);
    return value ? [[key, value]] : [];
  });
  return Object.fromEntries(given);
}

/** `?all`, `?all=1` and `?all=true`. */
function flags<Key extends string>(
  query: URLSearchParams,
  keys: readonly Key[],
): { [K in Key]?: boolean } {
  const given = keys.filter((key) =>
    /^(?:|1|true)$/.test(query.get(key) ?? "0")
  );
  return Object.fromEntries(given.map((key) => [key, true])) as {
    [K in Key]?: boolean;
  };
}
