import type { DiskRow, EventRow, HostRow } from "../../src/control/views.ts";
import { NOTHING_MORE } from "../../src/daemon/list_rows.ts";
import { makeDisk } from "../../src/inventory/disk.ts";
import { diskRow, hostRow, STATUS } from "../unit/render/rows.ts";
import { seededRandom } from "./seeded_random.ts";

const GREETING = "diskd 0.1.0 on alpha; type help\n";

/** How many there are. */
interface CrowdSize {
  readonly hosts: number;
  /** Volumes of each host, each on a drive of its own. */
  readonly disks: number;
}

interface Request {
  readonly id: number;
  readonly method: string;
  readonly params?: { readonly host?: string; readonly devices?: boolean };
}

/**
 * Answers on a socket as a daemon does that knows many hosts, and tells events
 * when it is asked to. Nothing of these hosts exists.
 */
export class CrowdDaemon implements AsyncDisposable {
  readonly hosts: readonly HostRow[];
  /** By id of the host. */
  readonly #rows = new Map<string, readonly DiskRow[]>();
  readonly #listener: Deno.UnixListener;
  readonly #serving: Promise<void>;
  readonly #clients = new Set<Deno.UnixConn>();
  readonly #watchers = new Set<Deno.UnixConn>();

  constructor(socket: string, size: CrowdSize) {
    const random = seededRandom(1);
    this.hosts = Array.from(
      { length: size.hosts },
      (_, i) => crowdHost(i, size, random),
    );
    for (const host of this.hosts) {
      const rows = Array.from(
        { length: size.disks },
        (_, i) => crowdDisk(host, i, random),
      );
      this.#rows.set(host.hostId, rows.flat());
    }
    this.#listener = Deno.listen({ transport: "unix", path: socket });
    this.#serving = this.#serve();
  }

  /** The label of its first volume. */
  labelOn({ hostId }: HostRow): string {
    const labels = this.#rows.get(hostId)!.map(({ label }) => label);
    return labels.find((label) => label !== null)!;
  }

  /**
   * Another disk on the host of this number. Who follows the events is told;
   * gives when, in ms since 1970.
   */
  async plugInto(number: number, label: string): Promise<number> {
    const host = this.hosts[number]!;
    const rows = this.#rows.get(host.hostId)!;
    const [drive, volume] = crowdDisk(host, rows.length, Math.random);
    const added = { ...volume!, label };
    this.#rows.set(host.hostId, [...rows, drive!, added]);
    const event: EventRow = {
      ...NOTHING_MORE,
      event: "attached",
      at: new Date().toISOString(),
      host: host.host,
      hostId: host.hostId,
      uniqueHost: host.uniqueHost,
      device: added.device,
      uuid: added.uuid,
      label,
    };
    const notice = { jsonrpc: "2.0", method: "event", params: event };
    const at = performance.timeOrigin + performance.now();
    for (const watcher of this.#watchers) await write(watcher, notice);
    return at;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const client of this.#clients) client.close();
    await this.#serving;
  }

  async #serve(): Promise<void> {
    const talks: Promise<void>[] = [];
    for await (const client of this.#listener) talks.push(this.#talk(client));
    await Promise.all(talks);
  }

  async #talk(client: Deno.UnixConn): Promise<void> {
    this.#clients.add(client);
    try {
      await writeAll(client, new TextEncoder().encode(GREETING));
      const lines = client.readable.pipeThrough(new TextDecoderStream());
      let waiting = "";
      for await (const text of lines) {
        const [last, ...whole] = `${waiting}${text}`.split("\n").reverse();
        waiting = last!;
        for (const line of whole.reverse()) {
          const request: Request = JSON.parse(line);
          if (request.method === "watch") this.#watchers.add(client);
          const result = this.#answer(request);
          await write(client, { jsonrpc: "2.0", id: request.id, result });
        }
      }
    } catch {
      // It hung up.
    } finally {
      this.#clients.delete(client);
      this.#watchers.delete(client);
    }
  }

  #answer({ method, params }: Request): unknown {
    switch (method) {
      case "hosts":
        return this.hosts;
      case "list":
        return this.#list(params?.host)
          .filter(({ hidden }) => params?.devices || hidden === null);
      case "status":
        return { ...STATUS, hosts: this.hosts.length };
      case "duplicates":
      case "overdue":
      case "history":
        return [];
      default:
        return null;
    }
  }

  #list(host?: string): readonly DiskRow[] {
    if (host === undefined) return [...this.#rows.values()].flat();
    return this.#rows.get(host) ?? [];
  }
}

function crowdHost(
  number: number,
  { disks }: CrowdSize,
  random: () => number,
): HostRow {
  const name = `node-${String(number).padStart(4, "0")}`;
  return hostRow({
    host: name,
    hostId: digits(32, random),
    uniqueHost: name,
    addresses: [`10.1.${number >> 8}.${number & 255}`],
    disks,
    heardAt: new Date(Date.now() - random() * 10_000).toISOString(),
    fingerprint: digits(16, random).replace(/....(?=.)/g, "$&-"),
  });
}

/** A drive, and the volume on it. */
function crowdDisk(
  host: HostRow,
  number: number,
  random: () => number,
): [DiskRow, DiskRow] {
  const device = `/dev/sd${letters(number)}`;
  const hardware = {
    model: "WDC WD40EFRX-68N32N0",
    serial: `WD-WCC7K${digits(7, random).toUpperCase()}`,
    wwn: `0x50014ee2${digits(8, random)}`,
    tran: "sata",
    size: 4_000_787_030_016,
  };
  const drive = makeDisk({
    ...hardware,
    device,
    kind: "disk",
    hidden: "parts",
    inUse: true,
  });
  const volume = makeDisk({
    ...hardware,
    device: `${device}1`,
    kind: "part",
    parents: [device],
    uuid: digits(32, random).replace(
      /^(.{8})(.{4})(.{4})(.{4})/,
      "$1-$2-$3-$4-",
    ),
    label: `data-${digits(4, random)}`,
    type: "ext4",
    mounts: [`/srv/data-${number}`],
    inUse: true,
  });
  const place = {
    host: host.host,
    hostId: host.hostId,
    uniqueHost: host.uniqueHost,
    address: host.addresses[0]!,
    seenAt: host.heardAt,
    since: host.heardAt,
    drives: [{ ...hardware, device, port: null, slot: null, health: null }],
  };
  return [
    diskRow({ ...drive, ...place }),
    diskRow({
      ...volume,
      ...place,
      layers: [{ device, kind: "disk", type: null }],
    }),
  ];
}

/** As the kernel counts drives: `a` to `z`, then `aa`. */
function letters(number: number): string {
  const last = String.fromCharCode(97 + number % 26);
  return number < 26 ? last : letters(Math.floor(number / 26) - 1) + last;
}

function digits(count: number, random: () => number): string {
  return Array.from(
    { length: count },
    () => Math.floor(random() * 16).toString(16),
  ).join("");
}

function write(to: Deno.UnixConn, message: unknown): Promise<void> {
  const line = `${JSON.stringify(message)}\n`;
  return writeAll(to, new TextEncoder().encode(line));
}

async function writeAll(to: Deno.UnixConn, bytes: Uint8Array): Promise<void> {
  for (let sent = 0; sent < bytes.length;) {
    sent += await to.write(bytes.subarray(sent));
  }
}
