/** Hosts whose changes were left out, until their present state is told in summary. */
import type { LeftOutRow, StatusView } from "../control/views.ts";
import { sayAddress, splitAddress } from "../inventory/far_address.ts";
import type { Host } from "../inventory/host.ts";
import type { Inventory } from "../inventory/inventory.ts";
import {
  EVENTS_A_SECOND,
  type Overspending,
  senderOf,
} from "./event_budget.ts";
import type { Fields } from "./log.ts";

/** A host is told in summary when nothing more was left out for this long, */
export const SETTLED_AFTER_MS = 5_000;
/** and at the latest after this time; then again and again. It is also the time for which `status` names it. */
export const SUMMARY_INTERVAL_MS = 60_000;

/** Hosts told in summary in a second. */
export const MAX_SUMMARIES_A_SECOND = 20;

/** Senders that `status` has, and that a sentence or a line in the log names. */
const MAX_LEFT_OUT_ROWS = 20;
const MAX_NAMED = 3;

/** Of a host. Monotonic ms. */
interface Flow {
  readonly host: Host;
  readonly address: string | null;
  readonly startedAt: number;
  because: Overspending;
  lastAt: number;
  count: number;
  /** Since the last summary. */
  untold: number;
  /** Whether a line in the log came since. */
  isLogged: boolean;
  summedUpAt: number;
}

type KnownHostNames = Pick<Inventory, "host" | "uniqueName">;

/** A host to tell in summary. */
interface Summary {
  readonly host: Host;
  /** Changes left out since the last one. */
  readonly events: number;
}

export class LeftOut {
  readonly #inventory: KnownHostNames;
  readonly #flows = new Map<Host, Flow>();
  #total = 0;
  /** Changes, and hosts, that are not in the log yet. */
  #unlogged = { events: 0, hosts: 0 };
  #loggedAt = -Infinity;

  constructor(inventory: KnownHostNames) {
    this.#inventory = inventory;
  }

  /** Why changes of this host were left out whose result is yet to be told; `null`: all is told. */
  pending(host: Host): Overspending | null {
    const flow = this.#flows.get(host);
    return flow !== undefined && flow.untold > 0 ? flow.because : null;
  }

  /** Whether there is nothing to tell or to log. */
  get isEmpty(): boolean {
    return this.#flows.size === 0 && this.#unlogged.events === 0;
  }

  add(
    host: Host,
    { count, because, address, now }: {
      readonly count: number;
      readonly because: Overspending;
      readonly address: string | null;
      readonly now: number;
    },
  ): void {
    this.#total += count;
    this.#unlogged.events += count;
    const flow = this.#flows.get(host);
    if (flow?.isLogged !== false) this.#unlogged.hosts++;
    if (flow === undefined) {
      this.#flows.set(host, {
        host,
        address: address ?? host.addresses[0] ?? null,
        startedAt: now,
        because,
        lastAt: now,
        count,
        untold: count,
        isLogged: false,
        summedUpAt: now,
      });
      return;
    }
    if (flow.untold === 0) flow.summedUpAt = now;
    if (because === "own") flow.because = because;
    flow.isLogged = false;
    flow.lastAt = now;
    flow.count += count;
    flow.untold += count;
  }

  /** The hosts to tell in summary now, quiet ones first. Call it once a second. */
  due(now: number): Summary[] {
    const due: Flow[] = [];
    for (const flow of this.#flows.values()) {
      const { host, untold, lastAt, summedUpAt } = flow;
      // Invented hosts may come and go faster than they can be told.
      if (this.#inventory.host(host.id) !== host) this.#flows.delete(host);
      else if (untold === 0) {
        if (now - lastAt >= SUMMARY_INTERVAL_MS) this.#flows.delete(host);
      } else if (
        now - lastAt >= SETTLED_AFTER_MS ||
        now - summedUpAt >= SUMMARY_INTERVAL_MS
      ) {
        due.push(flow);
      }
    }
    due.sort((a, b) => a.untold - b.untold);
    return due.slice(0, MAX_SUMMARIES_A_SECOND).map((flow) => {
      const { host, untold: events } = flow;
      flow.untold = 0;
      flow.summedUpAt = now;
      return { host, events };
    });
  }

  /** What is to be logged, at most once in an interval for all hosts together. */
  takeLine(now: number): Fields | null {
    const { events, hosts } = this.#unlogged;
    if (events === 0) return null;
    if (now - this.#loggedAt < SUMMARY_INTERVAL_MS) return null;
    this.#loggedAt = now;
    this.#unlogged = { events: 0, hosts: 0 };
    const most = this.#noisiest().filter(({ isLogged }) => !isLogged)
      .slice(0, MAX_NAMED)
      .map(({ host }) => this.#inventory.uniqueName(host));
    for (const flow of this.#flows.values()) flow.isLogged = true;
    return { events, hosts, most: most.join(", ") || null };
  }

  get view(): StatusView["leftOut"] {
    const hosts = this.#noisiest().slice(0, MAX_LEFT_OUT_ROWS)
      .map(({ host, address, count, ...flow }): LeftOutRow => ({
        host: host.name,
        hostId: host.id,
        uniqueHost: this.#inventory.uniqueName(host),
        address: address === null ? null : splitAddress(address).plain,
        events: count,
        perSecond: rateOf([{ ...flow, count }]),
      }));
    return { events: this.#total, hosts };
  }

  /** The floods of the last minute, a sentence each. */
  get problems(): string[] {
    const flows = this.#noisiest();
    const noisy = flows.filter(({ because }) => because === "own");
    const sources = Map.groupBy(
      noisy,
      ({ address }) => address === null ? "" : senderOf(address),
    );
    const told = [...sources].slice(0, MAX_NAMED)
      .map(([source, flows]) => this.#sayFlood(source, flows));
    const more = sources.size - MAX_NAMED;
    if (more > 0) told.push(`Hosts at ${more} more addresses do the same`);
    const others = flows.length - noisy.length;
    if (others > 0) told.push(sayCrowd(others, flows));
    return told;
  }

  #noisiest(): Flow[] {
    return [...this.#flows.values()].sort((a, b) => b.count - a.count);
  }

  #sayFlood(source: string, flows: readonly Flow[]): string {
    const [first, ...others] = flows;
    const name = this.#inventory.uniqueName(first!.host);
    const isOne = others.length === 0;
    const more = isOne ? "" : ` and ${others.length} more hosts`;
    const at = source === "" || source === name
      ? ""
      : ` at ${sayAddress(source)}`;
    const who = `${name}${more}${at}`;
    const does = isOne ? "changes its disks" : "change their disks";
    return `${who} ${does} ${rateOf(flows)} times a second: beyond ` +
      `${EVENTS_A_SECOND} a second only the present list is told, once a minute`;
  }
}

/** Hosts that do not change much themselves. */
function sayCrowd(hosts: number, flows: readonly Flow[]): string {
  const some = hosts === 1 ? "a host" : `${hosts} hosts`;
  return `All hosts together change ${rateOf(flows)} times a second, more ` +
    `than this host tells: of ${some} only the present list is told, once a ` +
    "minute";
}

/** Changes a second. */
function rateOf(
  flows: readonly Pick<Flow, "count" | "startedAt" | "lastAt">[],
): number {
  const count = flows.reduce((sum, flow) => sum + flow.count, 0);
  const from = Math.min(...flows.map(({ startedAt }) => startedAt));
  const to = Math.max(...flows.map(({ lastAt }) => lastAt));
  return Math.ceil(count / Math.max(1, (to - from) / 1_000));
}
