/** Tells people what happens to disks: chooses what is told to whom. */
import type { NoticeKind } from "../config/notify_setting.ts";
import type { NotifyAnswer, NotifyRow } from "../control/notify_views.ts";
import type { Change } from "../inventory/change.ts";
import { nameAt } from "../inventory/disk.ts";
import type { Host } from "../inventory/host.ts";
import type { Inventory } from "../inventory/inventory.ts";
import {
  diskNotice,
  leftOutNotice,
  messageOf,
  testNotice,
} from "../render/notice.ts";
import type { System } from "../system/system.ts";
import type { Clock } from "./clocks.ts";
import { type Choosable, isChosen } from "./disk_choice.ts";
import type { Endpoint } from "./endpoints.ts";
import type { Log } from "./log.ts";
import { Outgoing, type ToTell } from "./outgoing.ts";
import type { PostJson } from "./post_json.ts";
import { saidOf } from "./said_of.ts";

interface NoticesOptions {
  readonly endpoints: readonly Endpoint[];
  readonly inventory: Pick<
    Inventory,
    "self" | "uniqueName" | "remarks" | "whereIs"
  >;
  readonly clock: Pick<Clock, "now" | "timeOfDay">;
  readonly system: Pick<System, "now" | "random">;
  readonly post: PostJson;
  readonly log: Log;
}

/** What is told of a change of a disk. */
const KINDS: Readonly<Partial<Record<Change["event"], NoticeKind>>> = {
  attached: "attached",
  detached: "gone",
  moved: "moved",
  failing: "failing",
};

/** The kinds of news of which some may be among changes that were left out. */
const NEWS = Object.values(KINDS);

export class Notices {
  readonly #options: NoticesOptions;
  #outgoing: ReadonlyMap<Endpoint, Outgoing>;
  #testing: Promise<NotifyAnswer[]> | null = null;

  constructor(options: NoticesOptions) {
    this.#options = options;
    this.#outgoing = this.#open(options.endpoints, new Map());
  }

  get view(): NotifyRow[] {
    return [...this.#outgoing.values()].map(({ view }) => view);
  }

  /** Faults for an administrator to fix, a sentence each. */
  get problems(): string[] {
    return this.view.flatMap(({ problem, waiting }) =>
      problem === null ? [] : `Not told: ${problem}; ${waiting} wait`
    );
  }

  /** What waits for an address is kept, if that is there still. */
  configure(endpoints: readonly Endpoint[]): void {
    this.#outgoing = this.#open(endpoints, this.#outgoing);
  }

  stop(): void {
    for (const outgoing of this.#outgoing.values()) outgoing.stop();
  }

  /** `isListed`: it came with the first list of its host. */
  changed(change: Change, isListed: boolean): void {
    if (this.#outgoing.size === 0) return;
    const event = KINDS[change.event];
    if (event === undefined || change.disk === null) return;
    if (event === "overdue" || (event === "attached" && isListed)) return;
    const { host, disk } = change;
    const { inventory, clock } = this.#options;
    const { remarks } = inventory;
    const said = saidOf(disk, remarks);
    const from = change.event === "moved" ? change.from : null;
    this.#tell(event, {
      chosen: { names: remarks.named(disk), tags: said.tags, host },
      told: () => ({
        disk: nameAt(disk, (from ?? host).id) + ` of ${(from ?? host).id}`,
        notice: diskNotice({
          event,
          at: clock.timeOfDay(change.at),
          disk: { ...disk, ...said },
          ...this.#naming(host),
          uniqueFrom: from && this.#naming(from).uniqueHost,
          site: inventory.whereIs({ id: host.id }).site,
          fromSite: from && inventory.whereIs({ id: from.id }).site,
        }),
      }),
    });
  }

  /** So many changes of a host were not told one by one. */
  leftOut(host: Host, events: number): void {
    const at = this.#options.clock.timeOfDay(this.#options.clock.now());
    for (const [{ on }, outgoing] of this.#outgoing) {
      if (!NEWS.some((kind) => on.has(kind))) continue;
      const notice = leftOutNotice({ at, events, ...this.#naming(host) });
      outgoing.add({ disk: null, notice });
    }
  }

  /** Returns whether anybody is told. */
  overdue(chosen: Choosable, told: Omit<ToTell, "disk">): boolean {
    return this.#tell("overdue", {
      chosen,
      told: () => ({ ...told, disk: null }),
    });
  }

  /** Sends a test to each address, and returns what they answer. Concurrent ones are one. */
  test(): Promise<NotifyAnswer[]> {
    this.#testing ??= this.#test().finally(() => this.#testing = null);
    return this.#testing;
  }

  async #test(): Promise<NotifyAnswer[]> {
    const { clock, post } = this.#options;
    const signal = new AbortController().signal;
    const at = clock.timeOfDay(clock.now());
    return await Promise.all(
      [...this.#outgoing.keys()].map(async (endpoint) => {
        const startedAt = clock.now();
        const body = messageOf([testNotice(this.#sender, at)], {
          id: crypto.randomUUID(),
          sender: this.#sender,
        });
        const outcome = await post(endpoint, body, signal);
        return {
          to: endpoint.origin,
          ok: outcome.ok,
          status: outcome.status,
          problem: outcome.ok ? null : outcome.problem,
          afterMs: Math.round(clock.now() - startedAt),
        };
      }),
    );
  }

  #tell(
    kind: NoticeKind,
    { chosen, told }: {
      readonly chosen: Choosable;
      readonly told: () => ToTell;
    },
  ): boolean {
    let isTold = false;
    for (const [{ on, disks }, outgoing] of this.#outgoing) {
      if (!on.has(kind)) continue;
      if (disks !== null && !isChosen(chosen, disks)) continue;
      outgoing.add(told());
      isTold = true;
    }
    return isTold;
  }

  #open(
    endpoints: readonly Endpoint[],
    before: ReadonlyMap<Endpoint, Outgoing>,
  ): ReadonlyMap<Endpoint, Outgoing> {
    const { system, post, log } = this.#options;
    const known = [...before];
    const opened = new Map<Endpoint, Outgoing>();
    for (const endpoint of endpoints) {
      // The token of an address may be mended, and what it is told changed.
      const at = known.findIndex(([{ url }]) => url === endpoint.url);
      const [, kept] = at < 0 ? [] : known.splice(at, 1)[0]!;
      kept?.use(endpoint);
      const sender = () => this.#sender;
      opened.set(
        endpoint,
        kept ?? new Outgoing({ endpoint, sender, post, system, log }),
      );
    }
    for (const [, outgoing] of known) outgoing.stop();
    return opened;
  }

  get #sender(): string {
    const { inventory } = this.#options;
    return inventory.uniqueName(inventory.self);
  }

  #naming(host: Pick<Host, "id" | "name">) {
    const uniqueHost = this.#options.inventory.uniqueName(host);
    return { host: host.name, hostId: host.id, uniqueHost };
  }
}
