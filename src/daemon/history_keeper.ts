import { NO_HISTORY, RpcError } from "../control/jsonrpc.ts";
import type { StatusView } from "../control/views.ts";
import type { Change } from "../inventory/change.ts";
import type { Host } from "../inventory/host.ts";
import type { Inventory } from "../inventory/inventory.ts";
import { reasonOf } from "../system/reason.ts";
import type { Clock } from "./clocks.ts";
import { type HistoryStore, hostRecord } from "./history_records.ts";
import { HistoryWriter } from "./history_writer.ts";
import { EarlyChanges, joinLate } from "./late_history.ts";
import { type Log, ProblemLog } from "./log.ts";
import { memoryOf, restoreInventory } from "./restore_inventory.ts";
import { isBelieved } from "./stored_times.ts";
import { Purse } from "./purse.ts";
import { letOthersRun } from "./tasks.ts";

/**
 * The history on disk, beside the loop: changes are queued in the store's
 * memory at once, and written in small steps some seconds later, with other
 * work in between. Without a history, switched off or broken, everything else
 * continues.
 */

/** Time from the first change to its writing. */
export const FLUSH_AFTER_MS = 3_000;
/**
 * What may be written because of other hosts: some at once, and then in
 * proportion to what they send. Beyond that their changes are left out.
 */
export const WRITTEN_AT_ONCE_BYTES = 8_000_000;
export const WRITTEN_BYTES_A_SECOND = 4_000;
export const WRITTEN_PER_RECEIVED_BYTE = 2;
/** Time between attempts to open the file, or to write, after a failure. */
export const RETRY_HISTORY_MS = 60_000;
/**
 * Time between records that the daemon is running: after a crash, all hosts
 * that were up count as heard until the last one.
 */
export const ALIVE_INTERVAL_MS = 300_000;
/** Time between checks of the limits of age and size; the first comes after a minute. */
export const TRIM_INTERVAL_MS = 3_600_000;
const FIRST_TRIM_MS = 60_000;
/** Hosts described anew in a flush; the others wait for the next one. */
const MAX_HOSTS_A_FLUSH = 50;
/** Twice as many as the inventory has. */
const MAX_HOSTS_KEPT = 20_000;
/** Pause between two steps of that: it is not urgent. */
const TRIM_PAUSE_MS = 20;

const OFF = "The history is switched off (noHistory)";

/** Result of opening the file. */
interface HistoryOpening {
  /** `null` if there is none now. */
  readonly history: HistoryStore | null;
  /** The problem, present or repaired, a sentence. */
  readonly problem: string | null;
}

/** Must not fail. */
type OpenHistory = () => Promise<HistoryOpening>;

interface HistoryKeeperOptions {
  /** `null` if it is switched off. */
  readonly open: OpenHistory | null;
  /** Size of the file in bytes; `null` if unknown. */
  readonly size: () => number | null;
  readonly inventory: Inventory;
  readonly clock: Clock;
  readonly log: Log;
  /** Ids that this host had before. Default: none. */
  readonly was?: readonly string[];
}

type Timer = ReturnType<typeof setTimeout>;
type TimerName = "open" | "flush" | "trim" | "alive";

export class HistoryKeeper {
  readonly #options: HistoryKeeperOptions;
  readonly #problemLog: ProblemLog;
  readonly #timers = new Map<TimerName, Timer>();
  readonly #purse = new Purse({
    burst: WRITTEN_AT_ONCE_BYTES,
    perSecond: WRITTEN_BYTES_A_SECOND,
  });
  #store: HistoryStore | null = null;
  #writer: HistoryWriter | null = null;
  #selfId: string;
  /** The problem of opening the file. */
  #met: string | null = null;
  /** The error of a step that should not fail. */
  #failure: string | null = null;
  #longestMs = 0;
  /** The store's count of losses at the last full record. */
  #gaps = 0;
  /** Hosts still to be recorded again, after a loss or because changes were left out. */
  readonly #toTell = new Set<Host>();
  /** Hosts with another name or other addresses, not queued yet. */
  readonly #redescribed = new Set<Host>();
  /** Hosts with changes that were left out, and that are not in `#toTell`. */
  readonly #unwritten = new Set<Host>();
  #isStopped = false;
  /** Of this run in the file; see `Clock.storedStart`. */
  #storedStart = 0;

  constructor(options: HistoryKeeperOptions) {
    this.#options = options;
    this.#selfId = options.inventory.self.id;
    this.#problemLog = new ProblemLog(options.log, "history is kept again");
  }

  /** Opens the file, and loads the state of the last stop into the inventory. Never fails. */
  async start(): Promise<void> {
    const { open, log, inventory, clock } = this.#options;
    if (open === null) return log.info(OFF);
    const store = await this.#open(open);
    if (store === null) {
      const early = new EarlyChanges(clock);
      this.#writer = new HistoryWriter(early, clock);
      return this.#retryOpening(open, early);
    }
    const writer = new HistoryWriter(store, clock);
    this.#writer = writer;
    this.#begin(store, () => {
      restoreInventory(store.restore(), { inventory, clock, writer });
    });
  }

  async #open(open: OpenHistory): Promise<HistoryStore | null> {
    const { history, problem } = await open();
    this.#met = problem;
    this.#problemLog.tell(this.problems);
    return history;
  }

  /** Until then, changes are kept in memory. */
  #retryOpening(open: OpenHistory, early: EarlyChanges): void {
    this.#in("open", RETRY_HISTORY_MS, async () => {
      const store = await this.#open(open);
      if (this.#isStopped) return store?.close();
      const writer = this.#writer!;
      writer.settle(this.#options.clock.now());
      if (store === null) return this.#retryOpening(open, early);
      this.#begin(store, () => {
        joinLate(store.restore(), { ...this.#options, store, early, writer });
      });
      writer.writeTo(store);
      if (early.isCut) this.#tellAll();
    });
  }

  /** The clock may have been set: corrects the times that it gave. */
  readonly clockSet = (): void => {
    if (this.#store === null) return;
    this.#guarded(() => this.#redate());
  };

  /** Queues a change for writing. */
  take(change: Change): void {
    const writer = this.#writer;
    if (writer === null) return;
    this.clockSet();
    // The change may be of a host under its new id.
    if (this.#store !== null) this.#noteRekeyed(this.#store);
    this.#guarded(() => writer.take(change));
    this.#flushSoon();
  }

  /** A datagram has so many bytes. */
  received(bytes: number): void {
    this.#purse.earn(bytes * WRITTEN_PER_RECEIVED_BYTE);
  }

  /** Whether more was written than may be. */
  get isTight(): boolean {
    return this.#purse.at(this.#options.clock.now()) < 0;
  }

  /** Whether what can wait may be written too, so that changes still have room. */
  get hasPlenty(): boolean {
    const left = this.#purse.at(this.#options.clock.now());
    return left > WRITTEN_AT_ONCE_BYTES / 2 && this.#toTell.size === 0;
  }

  /** Changes of this host are not recorded: `tellWhole` follows. */
  leaveOut(host: Host): void {
    if (this.#writer !== null) this.#keep(host, this.#unwritten);
  }

  /** Records all that is known of a host. */
  tellWhole(host: Host): void {
    if (this.#writer === null) return;
    this.#unwritten.delete(host);
    this.#keep(host, this.#toTell);
    this.#flushSoon();
  }

  /** Invented hosts come and go faster than they are written; who is forgotten needs not be. */
  #keep(host: Host, hosts: Set<Host>): void {
    hosts.add(host);
    if (hosts.size <= MAX_HOSTS_KEPT) return;
    const { inventory } = this.#options;
    for (const one of hosts) {
      if (inventory.host(one.id) !== one) hosts.delete(one);
    }
  }

  /** A host may have another id, another name or other addresses. */
  noteHosts(): void {
    const store = this.#store;
    if (store === null) return;
    this.#noteRekeyed(store);
    for (const host of this.#options.inventory.takeRedescribed()) {
      this.#keep(host, this.#redescribed);
      this.#flushIn(FLUSH_AFTER_MS);
    }
  }

  /** Queues some of the hosts that are described anew: each once, however often it was. */
  #describeHosts(store: HistoryStore): void {
    const { inventory, clock } = this.#options;
    let room = MAX_HOSTS_A_FLUSH;
    for (const host of this.#redescribed) {
      if (room-- === 0) return;
      this.#redescribed.delete(host);
      if (inventory.host(host.id) !== host) continue;
      this.#guarded(() => store.host(hostRecord(host, clock)));
    }
  }

  #noteRekeyed(store: HistoryStore): void {
    for (const { from, to } of this.#options.inventory.takeRekeyed()) {
      this.#guarded(() => store.rekeyed(from, to));
      this.#flushIn(FLUSH_AFTER_MS);
    }
  }

  /** This host goes on with what the file has under its former ids, and those that were heard with what it has from before keys. */
  #joinFormerIds(store: HistoryStore): void {
    const { inventory, clock, was = [] } = this.#options;
    for (const id of was) store.rekeyed(id, inventory.self.id);
    const [, someone] = inventory.hosts();
    if (someone === undefined) return;
    const { hosts } = memoryOf(store.restore(), clock);
    for (const { from, to } of inventory.findSuccessors(hosts)) {
      store.rekeyed(from, to);
    }
  }

  /** This host's id may have changed. */
  identityChanged(): void {
    const { inventory, clock } = this.#options;
    const before = this.#selfId;
    this.#selfId = inventory.self.id;
    const writer = this.#writer;
    if (writer === null || before === this.#selfId) return;
    this.clockSet();
    this.#guarded(() => writer.renamed(before, inventory.self, clock.now()));
    this.#flushSoon();
  }

  /** Writes all waiting changes, and closes the file. */
  stop(): void {
    this.noteHosts();
    this.#isStopped = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    const [store, writer] = [this.#store, this.#writer];
    this.#writer = null;
    this.#store = null;
    if (store === null) return;
    while (this.#redescribed.size > 0) this.#describeHosts(store);
    this.#guarded(() => {
      for (const change of this.#options.inventory.takeUntold()) {
        writer?.take(change);
      }
      for (const host of [...this.#unwritten, ...this.#toTell]) {
        this.#tellHost(host, writer);
        while (store.flush());
      }
      this.#redate(store);
      store.alive(this.#storedNow());
      while (store.flush());
    });
    store.close();
  }

  /** Whether there is a readable history. */
  get isOpen(): boolean {
    return this.#store !== null;
  }

  /** Present problems, a sentence each. */
  get problems(): readonly string[] {
    const found = [this.#met, this.#store?.problem ?? null, this.#failure];
    return [...new Set(found.filter((problem) => problem !== null))];
  }

  get view(): StatusView["history"] {
    return {
      on: this.#store !== null,
      problem: this.problems[0] ?? null,
      bytes: this.#store === null ? null : this.#options.size(),
      longestMs: Math.ceil(this.#longestMs * 10) / 10,
    };
  }

  /**
   * Reads the history, or merges into it, in a short step.
   * @throws {RpcError} `NO_HISTORY`, with the reason, if there is none or it
   * fails.
   */
  use<Result>(step: (store: HistoryStore) => Result): Result {
    const store = this.#store;
    if (store === null) throw new RpcError(NO_HISTORY, this.#whyNot());
    this.clockSet();
    this.#describeHosts(store);
    try {
      return this.#timed(() => step(store));
    } catch (error) {
      if (error instanceof RpcError) throw error;
      const message = `The history cannot be used: ${reasonOf(error)}`;
      throw new RpcError(NO_HISTORY, message);
    } finally {
      this.#lookAfter();
    }
  }

  /** Settles when all changes until now are written, in any number of steps. */
  async written(): Promise<void> {
    while (this.use((store) => store.flush())) await letOthersRun();
  }

  #whyNot(): string {
    if (this.#options.open === null) return OFF;
    return this.problems.join("; ") || "The history is not open";
  }

  #begin(store: HistoryStore, restore: () => void): void {
    const { inventory, clock } = this.#options;
    this.#store = store;
    this.#noteRekeyed(store);
    this.#guarded(() => {
      this.#joinFormerIds(store);
      clock.recall((limit) => store.newestBefore(limit));
      this.#storedStart = clock.storedStart;
      this.#redate();
      restore();
      store.host(hostRecord(inventory.self, clock));
    });
    this.#longestMs = 0;
    this.#flushIn(FLUSH_AFTER_MS);
    this.#in("alive", ALIVE_INTERVAL_MS, () => this.#alive());
    this.#in("trim", FIRST_TRIM_MS, () => this.#trim());
    this.#lookAfter();
  }

  #flush(): void {
    const store = this.#store!;
    const before = store.written;
    let more = false;
    this.noteHosts();
    this.#describeHosts(store);
    this.#guarded(() => {
      this.#redate();
      this.#writer!.settle(this.#options.clock.now());
      more = store.flush();
      if (!more) more = this.#tellAgain(store);
    });
    // Of a new file it is less.
    this.#purse.spend(Math.max(0, store.written - before));
    if (more) this.#flushIn(0);
    else if (this.#redescribed.size + this.#toTell.size > 0) {
      this.#flushIn(FLUSH_AFTER_MS);
    } else if (store.problem !== null) this.#flushIn(RETRY_HISTORY_MS);
    else if (store.isTooLarge) {
      this.#in("trim", TRIM_PAUSE_MS, () => this.#trim());
    }
    this.#lookAfter();
  }

  /**
   * Records everything known again after a loss, host by host. Returns whether
   * anything was recorded.
   */
  #tellAgain(store: HistoryStore): boolean {
    if (this.#gaps !== store.gaps) {
      this.#gaps = store.gaps;
      this.#tellAll();
    }
    const [host] = this.#toTell;
    if (host === undefined || this.isTight) return false;
    this.#toTell.delete(host);
    this.#tellHost(host);
    return true;
  }

  /** Unless it was forgotten meanwhile. */
  #tellHost(host: Host, writer = this.#writer): void {
    if (this.#options.inventory.host(host.id) === host) writer?.tellAgain(host);
  }

  #tellAll(): void {
    for (const host of this.#options.inventory.hosts()) this.#toTell.add(host);
  }

  #trim(): void {
    let more = false;
    this.#guarded(() => {
      this.#redate();
      const now = this.#wallNow();
      more = this.#store!.trim(isBelieved(now) ? now : null);
    });
    const afterMs = more ? TRIM_PAUSE_MS : TRIM_INTERVAL_MS;
    this.#in("trim", afterMs, () => this.#trim());
    this.#lookAfter();
  }

  #alive(): void {
    this.#guarded(() => {
      this.#redate();
      this.#store!.alive(this.#storedNow());
    });
    this.#flushIn(FLUSH_AFTER_MS);
    this.#in("alive", ALIVE_INTERVAL_MS, () => this.#alive());
  }

  #flushSoon(): void {
    if (this.#store !== null) this.#flushIn(FLUSH_AFTER_MS);
  }

  /** Unless a flush is scheduled already. */
  #flushIn(ms: number): void {
    if (this.#timers.has("flush")) return;
    this.#in("flush", ms, () => this.#flush());
  }

  #in(name: TimerName, ms: number, act: () => void): void {
    const timer: Timer = setTimeout(() => {
      // A due timer was seen to run after `stop` had cleared it.
      if (this.#timers.get(name) !== timer) return;
      this.#timers.delete(name);
      act();
    }, ms);
    this.#timers.set(name, timer);
  }

  /** A failing history must not affect the daemon. */
  #guarded(step: () => void): void {
    try {
      this.#timed(step);
      this.#failure = null;
    } catch (error) {
      this.#failure = `The history cannot be written: ${reasonOf(error)}`;
    }
  }

  #timed<Result>(step: () => Result): Result {
    const { clock } = this.#options;
    const startedAt = clock.now();
    try {
      return step();
    } finally {
      this.#longestMs = Math.max(this.#longestMs, clock.now() - startedAt);
    }
  }

  /** After the clock was set, what this run stored is moved, and what no clock can have shown. */
  #redate(store = this.#store!): void {
    const { clock } = this.#options;
    const from = this.#storedStart;
    const moves = clock.moveStored();
    const byMs = clock.storedStart - from;
    this.#storedStart = clock.storedStart;
    const own = byMs === 0 ? [] : [{ from, to: Infinity, byMs }];
    for (const move of [...own, ...moves]) {
      store.redate(move);
      this.#flushIn(0);
    }
  }

  #wallNow(): number {
    const { clock } = this.#options;
    return clock.wallTime(clock.now());
  }

  #storedNow(): number {
    const { clock } = this.#options;
    return clock.storedTime(clock.now());
  }

  /** After a step: notes its errors, and whether everything must be recorded again. */
  #lookAfter(): void {
    this.#problemLog.tell(this.problems);
    const store = this.#store;
    if (store !== null && store.gaps !== this.#gaps) {
      this.#flushIn(FLUSH_AFTER_MS);
    }
  }
}

/** Total size of the existing files in bytes; `null` if unknown. */
export function sizeOfFiles(paths: readonly string[]): number | null {
  let bytes = 0;
  for (const path of paths) {
    try {
      bytes += Deno.statSync(path).size;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) return null;
    }
  }
  return bytes;
}
