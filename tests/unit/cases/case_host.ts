import assert from "node:assert/strict";
import { readDatagram, readDisks } from "../../../src/codec/read_datagram.ts";
import { writeAnnouncement } from "../../../src/codec/write_datagram.ts";
import type { DiskRow, FindView } from "../../../src/control/views.ts";
import { Clock } from "../../../src/daemon/clocks.ts";
import { Finder } from "../../../src/daemon/find.ts";
import { ListRows } from "../../../src/daemon/list_rows.ts";
import type { Change } from "../../../src/inventory/change.ts";
import type { Disk } from "../../../src/inventory/disk.ts";
import { Inventory } from "../../../src/inventory/inventory.ts";
import { NOTHING_FOUND } from "../../../src/inventory/resolve.ts";
import {
  createScanner,
  type Scanner,
  type ScanResult,
} from "../../../src/probe/scan.ts";
import type { RunOutcome, System } from "../../../src/system/system.ts";
import { announcement } from "../../support/announcements.ts";
import { exited, scriptedSystem } from "../../support/scripted_system.ts";

const CASES = new URL("../../fixtures/cases/", import.meta.url);

function read(name: string, path: string): Uint8Array | null {
  try {
    return Deno.readFileSync(new URL(`${name}/${path}`, CASES));
  } catch {
    return null;
  }
}

function textOf(bytes: Uint8Array | null): string {
  return bytes === null ? "" : new TextDecoder().decode(bytes);
}

/** A part of blkid's debug messages on a device without a signature. */
const BLANK = "8432: libblkid: LOWPROBE: [0] linux_raid_member:\n";

/** A system whose lsblk, findmnt and blkid do what a host of the fixtures shows. */
function caseSystem(name: string): System {
  return scriptedSystem(({ program, args, options }): RunOutcome => {
    if (program !== "blkid") {
      const stdout = read(name, `${program}.json`) ?? new Uint8Array();
      const code = Number(textOf(read(name, `${program}.rc`)) || 0);
      const stderr = textOf(read(name, `${program}.err`));
      return exited({ stdout, code, stderr });
    }
    const device = args.at(-1)!.replace("/dev/", "").replaceAll("/", "!");
    const stdout = read(name, `blkid/${device}.txt`);
    const isDebugging = options.env?.["LIBBLKID_DEBUG"] !== undefined;
    const stderr = textOf(read(name, `blkid/${device}.err`)) ||
      (stdout === null && isDebugging ? BLANK : "");
    const rc = textOf(read(name, `blkid/${device}.rc`));
    const code = rc === "" ? (stdout === null ? 2 : 0) : Number(rc);
    return exited({ stdout: stdout ?? new Uint8Array(), code, stderr });
  });
}

/** A host of the fixtures by name, one that a test made up, or its scanner. */
export type CaseHost = string | System | Scanner;

/** What a scan of a host finds. */
export function scanCase(host: CaseHost): Promise<ScanResult> {
  if (typeof host !== "string" && "scan" in host) return host.scan();
  const system = typeof host === "string" ? caseSystem(host) : host;
  return createScanner(system).scan();
}

/** What arrives at another host of these disks. */
function overTheWire(disks: readonly Disk[]): Disk[] {
  return writeAnnouncement(announcement({ disks })).flatMap((bytes) => {
    const found = readDisks(readDatagram(bytes));
    if (found.format === "rejected") throw new Error(found.reason);
    return found.disks;
  });
}

/** The daemon of a host that sees others, or scans disks of its own. */
export class Watcher {
  readonly inventory = new Inventory({
    id: "watcher",
    name: "watcher",
    version: null,
    everyMs: 30_000,
  });
  now = 1_000;
  readonly rows: ListRows;
  readonly #finder: Finder;

  constructor() {
    const clock = new Clock({ now: () => this.now, wallClock: () => this.now });
    this.rows = new ListRows(this.inventory, clock);
    this.#finder = new Finder({
      inventory: this.inventory,
      rows: this.rows,
      past: { find: () => NOTHING_FOUND },
      clock,
    });
  }

  /** The host that scans this has now the disks of a case. */
  async scan(scanned: CaseHost): Promise<Change[]> {
    this.now += 1_000;
    const { disks } = await scanCase(scanned);
    return this.inventory.applyScan(disks!, this.now);
  }

  /** Another host announces the disks of a case. */
  async hear(
    host: string,
    scanned: CaseHost = host,
  ): Promise<readonly Change[]> {
    this.now += 1_000;
    const { disks } = await scanCase(scanned);
    const info = { id: host, name: host, version: null, everyMs: 30_000 };
    const address = `10.0.0.${host.length}`;
    return this.inventory
      .applyAnnouncement(info, overTheWire(disks!), { address, now: this.now })
      .changes;
  }

  list(params: Parameters<ListRows["list"]>[0] = {}): readonly DiskRow[] {
    return this.rows.list(params).decode();
  }

  find(name: string): Promise<FindView> {
    return this.#finder.find({ name });
  }
}

/** A host as it sees itself, and as another one does. */
export async function bothViews(host: CaseHost): Promise<Watcher[]> {
  const [itself, other] = [new Watcher(), new Watcher()];
  await itself.scan(host);
  await other.hear("other", host);
  return [itself, other];
}

/** Rows as `DEVICE NAME TYPE MOUNTS`, with what else there is to say. */
function told(rows: readonly DiskRow[]): string[] {
  return rows.map((row) => {
    const { label, partlabel, uuid, type, types, mounts, binds } = row;
    return [
      shortDevice(row),
      label ?? partlabel ?? uuid ?? "-",
      types.length > 0 ? types.join() : type ?? "blank",
      ...(mounts.length > 0 ? [mounts.join()] : []),
      ...(binds === null ? [] : [`+${binds}`]),
      ...(row.inUse ? ["used"] : []),
      ...(row.health === null ? [] : [row.health]),
    ].join(" ");
  }).sort();
}

/** What diskd must make of a host. */
export interface ExpectedOfHost {
  /** Rows of `list`. */
  readonly list: readonly string[];
  /** Devices in `list --unmounted`. Default: none. */
  readonly unmounted?: readonly string[];
  /** Devices in `list --devices` alone, with the reason. */
  readonly hidden?: Readonly<Record<string, string>>;
  /** As `duplicatesOf`. Default: none. */
  readonly duplicates?: readonly unknown[];
  /** What the scan complains of. Default: nothing. */
  readonly problems?: RegExp;
  /** The device that a name finds first. */
  readonly where?: Readonly<Record<string, string>>;
}

/** Compares what diskd makes of a host, there and on another host. */
export async function checkHost(
  host: CaseHost,
  expected: ExpectedOfHost,
): Promise<void> {
  const { problems } = await scanCase(host);
  if (expected.problems) assert.match(problems.join("\n"), expected.problems);
  else assert.deepEqual(problems, []);
  for (const view of await bothViews(host)) {
    assert.deepEqual(told(view.list()), expected.list.toSorted());
    assert.deepEqual(
      view.list({ mounted: false }).map(shortDevice).sort(),
      expected.unmounted ?? [],
    );
    const reasons = new Map(
      view.list({ devices: true }).map((row) => [shortDevice(row), row.hidden]),
    );
    for (const [device, why] of Object.entries(expected.hidden ?? {})) {
      assert.equal(reasons.get(device), why, device);
    }
    for (const [typed, device] of Object.entries(expected.where ?? {})) {
      const { rows } = await view.find(typed);
      assert.equal(rows[0]?.device, `/dev/${device}`, `where ${typed}`);
    }
    assert.deepEqual(duplicatesOf(view), expected.duplicates ?? []);
  }
}

function shortDevice({ device }: DiskRow): string {
  return device.replace("/dev/", "");
}

/** What duplicates there are: the reason, the identifier and the number of devices. */
export function duplicatesOf(view: Watcher): unknown[] {
  return view.rows.duplicates().map(({ reason, value, disks }) => [
    reason,
    value,
    disks.length,
  ]);
}
