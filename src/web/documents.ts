import { RemoteFailure } from "../control/client.ts";
import { type AskDaemon, askForMetrics } from "../control/metrics_facts.ts";
import type { DiskRow } from "../control/views.ts";
import { drivesIn } from "../render/drives.ts";
import { inOrder } from "../render/disks.ts";
import { renderJson } from "../render/format.ts";
import { METRICS_TYPE, renderMetrics } from "../render/metrics.ts";
import { reasonOf } from "../system/reason.ts";
import { type DaemonLink, TooLong } from "./daemon_link.ts";
import { QueryReader, WrongQuery } from "./query.ts";
import { errorReply, keptReply, type WebReply } from "./reply.ts";

/** Age up to which a document is given again, if no event came since. */
const MAX_AGE_MS = 1_000;
/** Documents kept at once, and their bytes. */
const MAX_DOCUMENTS = 64;
const MAX_BYTES = 67_108_864;

/** Makes what is at an address: its media type and text. */
interface DocumentMaker {
  readonly type: string;
  readonly make: (ask: AskDaemon, query: QueryReader) => Promise<string>;
  /** What is there while no daemon answers. Default: an error. */
  readonly withoutDaemon?: string;
  /** What to ask for instead, if that is too long. Default: there is only the command. */
  readonly whenTooLong?: string;
}

const BY_HOST = "ask for a host at a time: ?host=";
const BY_COMMAND = "diskd prints them on the host, with --json";

/** What a command prints with `--json`. */
function json(
  view: (ask: AskDaemon, query: QueryReader) => Promise<unknown>,
  whenTooLong?: string,
): DocumentMaker {
  return {
    type: "application/json",
    make: async (ask, query) => renderJson(await view(ask, query)),
    whenTooLong,
  };
}

/** All that the daemon is asked for, by its address. */
export const DOCUMENTS: Readonly<Record<string, DocumentMaker>> = {
  "/api/list.json": json(listed, BY_HOST),
  "/api/where.json": json((ask, query) => {
    const name = query.needed("name");
    query.checkAllRead();
    return ask("where", { name });
  }),
  "/api/find.json": json((ask, query) => {
    const params = { name: query.needed("name"), ...query.texts("host") };
    query.checkAllRead();
    return ask("find", params);
  }, BY_HOST),
  "/api/history.json": json((ask, query) => {
    const params = {
      ...query.texts("name", "host", "since"),
      ...query.number("limit"),
    };
    query.checkAllRead();
    return ask("history", params);
  }),
  "/api/hosts.json": json((ask, query) => plain("hosts", ask, query)),
  "/api/localhost.json": json((ask, query) => plain("localhost", ask, query)),
  "/api/status.json": json((ask, query) => plain("status", ask, query)),
  "/api/duplicates.json": json((ask, query) => plain("duplicates", ask, query)),
  "/api/overdue.json": json((ask, query) => {
    const params = query.flags("all");
    query.checkAllRead();
    return ask("overdue", params);
  }),
  "/metrics": {
    type: METRICS_TYPE,
    async make(ask, query) {
      const { all = false } = query.flags("all");
      query.checkAllRead();
      return renderMetrics(await askForMetrics(ask, { all }));
    },
    withoutDaemon: renderMetrics(null),
    whenTooLong: "ask each host for its own, without ?all",
  },
};

function plain(
  method: "hosts" | "localhost" | "status" | "duplicates",
  ask: AskDaemon,
  query: QueryReader,
): Promise<unknown> {
  query.checkAllRead();
  return ask(method, {});
}

async function listed(ask: AskDaemon, query: QueryReader): Promise<unknown> {
  const { devices, drives, mounted, unmounted, ...flags } = query.flags(
    ...["all", "devices", "drives", "mounted", "unmounted"] as const,
  );
  const host = query.texts("host");
  const matches = query.globs("type", "tag");
  query.checkAllRead();
  if (mounted && unmounted) {
    throw new WrongQuery("mounted and unmounted exclude each other");
  }
  const rows: readonly DiskRow[] = await ask("list", {
    ...flags,
    ...host,
    ...((devices || drives) && { devices: true }),
    ...(mounted && { mounted: true }),
    ...(unmounted && { mounted: false }),
  });
  const found = inOrder(rows).filter(({ type, types, tags }) =>
    matches("type", [type, ...types]) && matches("tag", tags)
  );
  return drives ? drivesIn(found, { withHidden: devices ?? false }) : found;
}

interface KeptDocument {
  readonly at: number;
  readonly reply: Promise<WebReply>;
  /** Something happened since it was asked for. */
  isOutdated: boolean;
  /** Of its answer; `null`: it is not there yet. */
  bytes: number | null;
}

interface DocumentsOptions {
  readonly link: Pick<DaemonLink, "call" | "problem">;
  /** Monotonic ms. */
  readonly now: () => number;
}

/**
 * The documents of the API. Each is asked for once at a time, whoever wants it,
 * and given again until something happens or it is old.
 */
export class Documents {
  readonly #options: DocumentsOptions;
  readonly #kept = new Map<string, KeptDocument>();

  constructor(options: DocumentsOptions) {
    this.#options = options;
  }

  /** Something happened: what is kept may be wrong. */
  forget(): void {
    for (const [key, document] of this.#kept) {
      document.isOutdated = true;
      if (document.bytes !== null) this.#kept.delete(key);
    }
  }

  /** The document at an address, `null` if there is none. Never rejects. */
  get(url: URL): Promise<WebReply> | null {
    if (!Object.hasOwn(DOCUMENTS, url.pathname)) return null;
    const query = new URLSearchParams(url.searchParams);
    query.sort();
    return this.#get(url.pathname, query);
  }

  #get(path: string, query: URLSearchParams): Promise<WebReply> {
    const key = `${path}?${query}`;
    const kept = this.#kept.get(key);
    const isThere = kept?.bytes !== null;
    if (kept !== undefined && !isThere) {
      if (!kept.isOutdated) return kept.reply;
      return kept.reply.then(() => this.#get(path, query));
    }
    if (kept !== undefined && this.#options.now() - kept.at < MAX_AGE_MS) {
      return kept.reply;
    }
    return this.#ask(key, this.#make(DOCUMENTS[path]!, query));
  }

  #ask(key: string, made: Promise<WebReply>): Promise<WebReply> {
    const document: KeptDocument = {
      at: this.#options.now(),
      reply: made.then((reply) => {
        document.bytes = reply.body.length;
        if (document.isOutdated) this.#kept.delete(key);
        this.#makeRoom();
        return reply;
      }),
      isOutdated: false,
      bytes: null,
    };
    this.#kept.delete(key);
    this.#kept.set(key, document);
    return document.reply;
  }

  /** The oldest go first. */
  #makeRoom(): void {
    const there = [...this.#kept].filter(([, { bytes }]) => bytes !== null);
    let bytes = there.reduce((sum, [, one]) => sum + one.bytes!, 0);
    let count = there.length;
    for (const [key, document] of there) {
      if (bytes <= MAX_BYTES && count <= MAX_DOCUMENTS) return;
      this.#kept.delete(key);
      bytes -= document.bytes!;
      count--;
    }
  }

  async #make(
    { make, type, withoutDaemon, whenTooLong = BY_COMMAND }: DocumentMaker,
    params: URLSearchParams,
  ): Promise<WebReply> {
    const { link } = this.#options;
    const ask: AskDaemon = (method, params) => link.call(method, params);
    try {
      return keptReply(type, await make(ask, new QueryReader(params)));
    } catch (error) {
      if (error instanceof WrongQuery) return errorReply(400, error.message);
      if (error instanceof RemoteFailure) return errorReply(400, error.message);
      if (error instanceof TooLong) {
        return errorReply(400, `${error.message}; ${whenTooLong}`);
      }
      if (withoutDaemon !== undefined && link.problem !== null) {
        return keptReply(type, withoutDaemon);
      }
      const later = { "retry-after": "2" };
      return errorReply(503, reasonOf(error), later);
    }
  }
}
