import type { Trust } from "../codec/trust.ts";
import type {
  EventRow,
  ImportedRemarks,
  StatusView,
} from "../control/views.ts";
import type { Change } from "../inventory/change.ts";
import type { Disk } from "../inventory/disk.ts";
import type { Host } from "../inventory/host.ts";
import { shownDisks } from "../inventory/place.ts";
import type { Remark } from "../inventory/remark.ts";
import type { AcceptedEffect, Effect, Identity } from "../peer/effect.ts";
import type { NamedByHub } from "../peer/listener.ts";
import type { OwnNetwork } from "../peer/own_networks.ts";
import type { Peer, PeerSettings } from "../peer/peer.ts";
import type { RelaySettings } from "../peer/relay.ts";
import { asRemark } from "../store/remark_file.ts";
import type { Clock } from "./clocks.ts";
import { countsOf, kindsOf, outcomeSince } from "./debugging.ts";
import { EventBudget } from "./event_budget.ts";
import { sayTwin, sayUnread } from "./explain_silence.ts";
import { LeftOut } from "./left_out.ts";
import { FarArrivals } from "./far_arrivals.ts";
import type { ListRows } from "./list_rows.ts";
import type { Log } from "./log.ts";
import { RemarkBudget } from "./remark_budget.ts";
import { type WholeLists, wholeLists } from "./whole_lists.ts";

export interface EngineOptions {
  readonly peer: Peer;
  readonly clock: Clock;
  readonly rows: ListRows;
  readonly log: Log;
  /** Sends through the interfaces with the addresses `via`, or all. */
  readonly send: (
    datagrams: readonly Uint8Array[],
    via?: readonly string[],
  ) => void;
  /** Sends to these peers. */
  readonly sendFar?: (
    datagrams: readonly Uint8Array[],
    to: readonly string[],
  ) => void;
  /** Called when this host said something. Must not throw. */
  readonly onSaid?: () => void;
  readonly keepIdentity: (identity: Identity) => void;
  /** Called when another daemon, root's if `isPrivileged`, speaks for this host: this one is to end. Must not throw. */
  readonly onYield?: (isPrivileged: boolean) => void;
  /** Called with each change before anyone else learns of it. Must not throw. */
  readonly onChange: (change: Change) => void;
  /** Called with the number of bytes of each datagram. Must not throw. */
  readonly onBytes?: (bytes: number) => void;
  /** Whether changes cost more than they may at present. Default: no. Must not throw. */
  readonly isTight?: () => boolean;
  /** Called if changes of a host are left out. Must not throw. */
  readonly onLeftOut?: (host: Host) => void;
  /** Called when the state of such a host is to be told, with the number of changes left out. Must not throw. */
  readonly onSummary?: (host: Host, events: number) => void;
  /** Whether what can wait may be written now. Default: yes. Must not throw. */
  readonly hasPlenty?: () => boolean;
  /** Called some time after a hub told of a host for the first time. Must not throw. */
  readonly onFirstList?: (host: Host) => void;
  /** Called with each change that is told; `isListed`: in the first list of its host. Must not throw. */
  readonly onTold?: (change: Change, isListed: boolean) => void;
  /** Called with each accepted announcement of another host, before its changes. Must not throw. */
  readonly onAccepted?: (accepted: AcceptedEffect) => void;
  /** Called with each remark of another host. Must not throw. */
  readonly onRemark?: (remark: Remark) => void;
  /** Called before an accepted datagram has any other effect. Must not throw. */
  readonly beforeTelling?: () => void;
}

/** As most datagrams bring no news, they cost nothing here. */
const NO_LISTS: WholeLists = new Map();

/** Time between looks for hosts to tell in summary. */
const SUMMARY_CHECK_MS = 1_000;

/** Events of a host that do not tell that anything left or is different. */
const MORE: ReadonlySet<Change["event"]> = new Set([
  "host-up",
  "newcomer",
  "attached",
  "moved",
]);

/** Begins the address of what a hub tells; the id of the host follows. */
const HUB_SENDER = "hub ";

/** Hosts whose first lists are written at once, and the time between: 10,000 take 8 minutes. */
const WRITTEN_AT_ONCE = 10;
const WRITE_EVERY_MS = 500;

/** Longest timer: `setTimeout` counts in 32 bits. */
const MAX_SLEEP_MS = 2 ** 31 - 1;

/** Runs the protocol: passes time to it, carries out its effects, and informs watching clients. */
export class Engine {
  readonly #options: EngineOptions;
  readonly #peer: Peer;
  readonly #watchers = new Set<(event: EventRow) => void>();
  readonly #budget = new EventBudget();
  readonly #leftOut: LeftOut;
  readonly #remarkBudget = new RemarkBudget();
  readonly #farArrivals: FarArrivals;
  #summaryTimer: ReturnType<typeof setTimeout> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #wakeAt = Infinity;
  /** Hosts of a hub whose first list the history lacks. */
  readonly #unwritten = new Set<Host>();
  #writeTimer: ReturnType<typeof setInterval> | undefined;
  #stopped = false;
  /** Whether this host finds out what it has, of which nothing was known; `null` before that. */
  #isFirstScan: boolean | null = null;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#peer = options.peer;
    this.#leftOut = new LeftOut(options.peer.inventory);
    this.#farArrivals = new FarArrivals(options.log);
  }

  /** The hosts known by now are known from an earlier run. */
  rememberHosts(): void {
    this.#budget.remember(this.#peer.inventory.hosts());
  }

  /** Processes a datagram. */
  readonly receive = (
    bytes: Uint8Array,
    address: string,
    isPrivileged = false,
  ): void => {
    this.#receive(
      bytes,
      address,
      (now) => this.#peer.receive(bytes, address, now, { isPrivileged }),
    );
  };

  /** Processes a datagram from another site. Returns whether it was proven to be of its sender, and new. */
  readonly receiveFar = (bytes: Uint8Array, address: string): boolean =>
    this.#receive(
      bytes,
      address,
      (now) => this.#peer.receiveFar(bytes, address, now),
    ).some(({ kind }) => kind === "accepted");

  #receive(
    bytes: Uint8Array,
    address: string,
    receive: (now: number) => Effect[],
  ): Effect[] {
    const { log, clock } = this.#options;
    const { counters } = this.#peer;
    this.#options.onBytes?.(bytes.length);
    const before = log.isDebugging ? countsOf(counters) : null;
    const now = clock.now();
    const effects = receive(now);
    if (before !== null) {
      log.debug("datagram received", () => ({
        address,
        bytes: bytes.length,
        ...outcomeSince(before, { counters, effects }),
        effects: kindsOf(effects),
      }));
    }
    this.#do(effects, address);
    const after = clock.now();
    this.#peer.processed(after - now, after);
    return effects;
  }

  /** Processes what a host put into a hub. */
  readonly receiveHub = (
    bytes: Uint8Array,
    named: NamedByHub,
  ): void => {
    this.#receive(
      bytes,
      `${HUB_SENDER}${named.id}`,
      (now) => this.#peer.receiveHub(bytes, named, now),
    );
  };

  /** Joins networks from now on, or no longer. */
  relay(settings: RelaySettings): void {
    this.#do(this.#peer.relay(settings, this.#options.clock.now()));
  }

  /** Sets our networks; asks all hosts if we `joined` one. */
  networkChanged(networks: readonly OwnNetwork[], joined: boolean): void {
    this.#peer.setOwnNetworks(networks);
    if (joined) this.#do(this.#peer.join(this.#options.clock.now()));
  }

  /** A scan has ended; `null` if it could not list the disks. Or it goes on, because a disk is slow. */
  scanned(
    disks: readonly Disk[] | null,
    { goesOn = false }: { readonly goesOn?: boolean } = {},
  ): void {
    this.#isFirstScan ??= this.#peer.inventory.self.disks.length === 0;
    this.#do(this.#peer.scanned(disks, this.#options.clock.now()));
    if (disks !== null && !goesOn) this.#isFirstScan = false;
  }

  announce(): void {
    this.#do(this.#peer.announce(this.#options.clock.now()));
  }

  /** This host may have gone back in time. */
  beginLife(wallMs: number): void {
    this.#do(this.#peer.beginLife(wallMs, this.#options.clock.now()));
  }

  ask(): void {
    this.#do(this.#peer.ask(this.#options.clock.now()));
  }

  /** Somebody says something of a disk, here. */
  remark(remark: Pick<Remark, "subject" | "field" | "value">): void {
    this.#do(this.#peer.remark(remark, this.#options.clock.now()));
  }

  /** Takes in remarks of an export, and tells how many. Other hosts will know. */
  takeRemarks(values: readonly unknown[]): ImportedRemarks {
    const remarks = values.map(asRemark).filter((remark) => remark !== null);
    const { effects, refused } = this.#peer
      .takeRemarks(remarks, this.#options.clock.now());
    this.#do(effects);
    const added = effects.filter(({ kind }) => kind === "remark").length;
    return {
      added,
      known: remarks.length - added - refused,
      skipped: values.length - remarks.length + refused,
    };
  }

  configure(options: PeerSettings): void {
    this.#do(this.#peer.configure(options, this.#options.clock.now()));
  }

  /** Replaces the keys. */
  trust(trust: Trust): void {
    this.#do(this.#peer.trust(trust, this.#options.clock.now()));
  }

  /** Says goodbye and stops. */
  stop(): void {
    this.#do(this.#peer.bye());
    this.#stopped = true;
    this.#farArrivals.flush();
    clearInterval(this.#writeTimer);
    clearTimeout(this.#timer);
    clearTimeout(this.#summaryTimer);
  }

  /** Attacks on this host for an administrator to know, a sentence each. */
  get problems(): string[] {
    return [
      ...this.#peer.problems(this.#options.clock.now()),
      ...this.#leftOut.problems,
    ];
  }

  /** Changes that were not told one by one. */
  get leftOut(): StatusView["leftOut"] {
    return this.#leftOut.view;
  }

  /** Hosts that cannot be understood because a key is missing, a sentence each reason. */
  get unread(): string[] {
    const now = this.#options.clock.now();
    return sayUnread({ unread: this.#peer.lockedSenders(now) });
  }

  /** Who else has the identity of this host, a sentence. */
  get twins(): string[] {
    const address = this.#peer.farTwin(this.#options.clock.now());
    return address === null ? [] : [sayTwin(address)];
  }

  /** Number of clients that follow events. */
  get watching(): number {
    return this.#watchers.size;
  }

  /** Calls `onEvent` for each event until the returned function is called. */
  readonly watch = (onEvent: (event: EventRow) => void): () => void => {
    this.#watchers.add(onEvent);
    return () => this.#watchers.delete(onEvent);
  };

  /** `address`: the sender of the datagram that caused this, if one did. */
  #do(effects: readonly Effect[], address: string | null = null): void {
    if (this.#stopped) return;
    const changes = effects.flatMap((effect) =>
      effect.kind === "change" ? [effect.change] : []
    );
    const isTold = this.#affordable(changes, address);
    const told = changes.filter(isTold);
    const lists = told.length === 0 ? NO_LISTS : this.#tellLists(told);
    for (const effect of effects) {
      if (effect.kind === "change" && !isTold(effect.change)) continue;
      this.#carryOut(effect, lists);
    }
    if (this.#peer.deadline < this.#wakeAt) this.#sleep();
  }

  /** Tells which of these changes are told; the hosts of the others are noted. */
  #affordable(
    changes: readonly Change[],
    sender: string | null,
  ): (change: Change) => boolean {
    if (changes.length === 0) return () => true;
    const { clock, isTight, onLeftOut } = this.#options;
    const { self } = this.#peer.inventory;
    const now = clock.now();
    const leftOut = new Set<Host>();
    const quiet = new Set<Host>();
    for (const [host, some] of Map.groupBy(changes, ({ host }) => host)) {
      if (host === self) continue;
      const isOnlyMore = some.every(({ event }) => MORE.has(event));
      const isOfHub = sender?.startsWith(HUB_SENDER) ?? false;
      if (isOfHub && this.#budget.takeFirstList(host, { isOnlyMore, now })) {
        quiet.add(host);
        continue;
      }
      // A relay, or a hub, sends what hundreds of hosts say.
      const own = host.addresses[0] ?? null;
      const address = host.farSite === null ? sender ?? own : own;
      const because = this.#leftOut.pending(host) ??
        this.#budget.take(host, {
          count: some.length,
          isOnlyMore,
          isTight: isTight?.(),
          address,
          now,
        });
      if (because === null) continue;
      leftOut.add(host);
      this.#leftOut.add(host, { count: some.length, because, address, now });
      onLeftOut?.(host);
    }
    if (leftOut.size > 0) this.#sumUpSoon();
    for (const host of quiet) this.#writeLater(host);
    return ({ host, event }) =>
      quiet.has(host) ? event === "host-up" : !leftOut.has(host);
  }

  /** Of thousands of hosts that a hub knows at once, the history learns bit by bit. */
  #writeLater(host: Host): void {
    this.#unwritten.add(host);
    this.#writeTimer ??= setInterval(() => {
      if (this.#options.hasPlenty?.() === false) return;
      const some = [...this.#unwritten].slice(0, WRITTEN_AT_ONCE);
      for (const one of some) {
        this.#unwritten.delete(one);
        this.#options.onFirstList?.(one);
      }
      if (this.#unwritten.size > 0) return;
      clearInterval(this.#writeTimer);
      this.#writeTimer = undefined;
    }, WRITE_EVERY_MS);
  }

  #sumUpSoon(): void {
    this.#summaryTimer ??= setTimeout(() => this.#sumUp(), SUMMARY_CHECK_MS);
  }

  /** Tells the present state of hosts whose changes were left out. */
  #sumUp(): void {
    const { clock, log, rows, onSummary } = this.#options;
    this.#summaryTimer = undefined;
    const now = clock.now();
    for (const { host, events } of this.#leftOut.due(now)) {
      onSummary?.(host, events);
      const event = rows.leftOut(host, { events, at: now });
      for (const watcher of this.#watchers) watcher(event);
    }
    const line = this.#leftOut.takeLine(now);
    if (line !== null) log.warn("events left out", line);
    if (!this.#leftOut.isEmpty) this.#sumUpSoon();
  }

  /** Logs the first list of a host in a line, and returns all such lists. */
  #tellLists(changes: readonly Change[]): WholeLists {
    const lists = wholeLists(changes);
    for (const { host, disks, isUp } of lists.values()) {
      if (isUp) continue;
      const name = this.#peer.inventory.uniqueName(host);
      this.#options.log.info("attached", { host: name, disks });
    }
    return lists;
  }

  #carryOut(effect: Effect, lists: WholeLists): void {
    const { send, keepIdentity, log } = this.#options;
    if (effect.kind !== "accepted") this.#options.beforeTelling?.();
    switch (effect.kind) {
      case "send":
        log.debug("sending", () => ({
          datagrams: effect.datagrams.length,
          bytes: effect.datagrams.reduce((sum, one) => sum + one.length, 0),
          via: effect.via?.join(" ") ?? null,
        }));
        send(effect.datagrams, effect.via);
        return this.#options.onSaid?.();
      case "send-far":
        log.debug("sending far", () => ({
          datagrams: effect.datagrams.length,
          to: effect.to.join(" "),
        }));
        return this.#options.sendFar?.(effect.datagrams, effect.to);
      case "locked": {
        const unread = new Map([[effect.reason, new Set([effect.address])]]);
        return sayUnread({ unread }).forEach((line) => log.warn(line));
      }
      case "twin":
        return log.warn(sayTwin(effect.address));
      case "accepted":
        return this.#options.onAccepted?.(effect);
      case "remark":
        return this.#tellRemark(effect.remark);
      case "change":
        return this.#tell(effect.change, lists);
      case "yield":
        return this.#options.onYield?.(effect.isPrivileged);
      case "identity":
        keepIdentity(effect.identity);
        if (effect.reason === "moved") {
          log.warn(
            "another machine has the identity of this host, so this host made a new one; was its state directory copied?",
            { id: effect.identity.key.id },
          );
        }
    }
  }

  #tell(change: Change, lists: WholeLists): void {
    this.#options.onChange(change);
    const event = this.#options.rows.event(change);
    const { uniqueHost: host, device, label, uuid, mount } = event;
    const about = { host, device, label, uuid, mount, from: event.uniqueFrom };
    const list = lists.get(change.host.id);
    const { self } = this.#peer.inventory;
    const isListed = list !== undefined ||
      (this.#isFirstScan === true && change.host === self);
    this.#options.onTold?.(change, isListed);
    const site = change.host.farSite;
    if (site !== null && event.event === "host-up") {
      const disks = list?.disks ?? shownDisks(change.host).length;
      this.#farArrivals.add({ host, site, disks });
    } else if (list !== undefined && event.event === "attached") {
      this.#options.log.debug(event.event, () => about);
    } else {
      const disks = event.event === "host-up" ? list?.disks ?? null : null;
      this.#options.log.info(event.event, { ...about, disks });
    }
    for (const watcher of this.#watchers) watcher(event);
  }

  #tellRemark(remark: Remark): void {
    const { log, rows, onRemark } = this.#options;
    onRemark?.(remark);
    if (remark.by !== this.#peer.identity.key.id) {
      const told = this.#remarkBudget.take(remark, this.#options.clock.now());
      if (told === null) return;
      const { leftOut } = told;
      if (leftOut > 0) log.info("remarks left out", { remarks: leftOut });
    }
    const { subject, field, value, host } = remark;
    log.info("remarked", { subject, field, value, host });
    if (this.#watchers.size === 0) return;
    const event = rows.remarked(remark);
    for (const watcher of this.#watchers) watcher(event);
  }

  #tick(): void {
    const { log, clock } = this.#options;
    const due = this.#wakeAt;
    this.#wakeAt = Infinity;
    const now = clock.now();
    const effects = this.#peer.tick(now);
    log.debug("timer", () => ({
      lateMs: Math.round(now - due),
      effects: kindsOf(effects),
    }));
    this.#do(effects);
  }

  #sleep(): void {
    clearTimeout(this.#timer);
    this.#wakeAt = this.#peer.deadline;
    const sleepMs = Math.max(0, this.#wakeAt - this.#options.clock.now());
    this.#timer = setTimeout(
      () => this.#tick(),
      Math.min(sleepMs, MAX_SLEEP_MS),
    );
  }
}
