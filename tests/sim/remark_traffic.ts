/**
 * Prints what notes, names and tags cost on a LAN of 10 hosts with a disk each,
 * as a table in Markdown. In virtual time, on good links, with one seed.
 *
 *     deno run -A tests/sim/remark_traffic.ts
 */
import { makeDisk } from "../../src/inventory/disk.ts";
import { LABEL, NOTE } from "../../src/inventory/remark.ts";
import { madeUpRemark } from "../support/made_up_remarks.ts";
import { type VirtualHost, VirtualLan } from "../support/virtual_lan.ts";

const HOSTS = 10;
const SECOND_MS = 1_000;
const REST_SECONDS = 1_800;

interface Sent {
  readonly at: number;
  readonly bytes: Uint8Array;
}

if (import.meta.main) {
  printRow(["Disks with remarks", ...columns().map(([name]) => name)]);
  printRow(["---:", ...columns().map(() => "---:")]);
  for (const disks of [0, 1, 100, 4_096]) {
    const traffic = measureRemarks(disks);
    printRow([
      disks.toLocaleString("en"),
      ...columns().map(([, cell]) => cell(traffic)),
    ]);
  }
}

function columns(): [string, (traffic: RemarkTraffic) => string][] {
  const count = (number: number) => Math.round(number).toLocaleString("en");
  return [
    ["datagrams/s at rest", ({ rest }) => rest.datagrams.toFixed(2)],
    ["bytes/s at rest", ({ rest }) => count(rest.bytes)],
    ["a new host knows all after", ({ newHost }) => `${newHost.seconds} s`],
    ["datagrams for it", ({ newHost }) => count(newHost.datagrams)],
    ["bytes for it", ({ newHost }) => count(newHost.bytes)],
    ["busiest second", ({ newHost }) => count(newHost.worst)],
  ];
}

interface RemarkTraffic {
  /** In a second. */
  readonly rest: { readonly datagrams: number; readonly bytes: number };
  readonly newHost: {
    readonly seconds: number;
    readonly datagrams: number;
    readonly bytes: number;
    readonly worst: number;
  };
}

/** A note and a label on each disk, made on all hosts in turn. */
function measureRemarks(disks: number): RemarkTraffic {
  const lan = new VirtualLan();
  const sent: Sent[] = [];
  lan.passes = (bytes, from, to) => {
    // A datagram counts once, not for each host that hears it.
    if (to === first.address || from === first.address && to === last.address) {
      sent.push({ at: lan.now, bytes });
    }
    return true;
  };
  const hosts = Array.from({ length: HOSTS }, (_, i) => begin(lan, i));
  const [first, last] = [hosts[0]!, hosts.at(-1)!];
  for (let i = 0; i < disks; i++) {
    for (
      const [field, value] of [[NOTE, `drawer ${i}`], [LABEL, `disk ${i}`]]
    ) {
      const subject = `uuid 30c3d01e-48ff-4605-87da-${i}`;
      const by = `id-host${i % HOSTS}`;
      const remark = madeUpRemark(by, {
        subject,
        field: field!,
        value: value!,
      });
      for (const { peer } of hosts) peer.remarks.take(remark);
    }
  }
  lan.run(300 * SECOND_MS);
  const atRest = phase(() => lan.run(REST_SECONDS * SECOND_MS));
  let seconds = 0;
  const syncing = phase(() => {
    const added = begin(lan, HOSTS);
    const { digest } = first.peer.remarks;
    while (added.peer.remarks.digest !== digest || seconds < 30) {
      lan.run(SECOND_MS);
      if (added.peer.remarks.digest !== digest) seconds++;
      else break;
    }
  });
  return {
    rest: {
      datagrams: atRest.length / REST_SECONDS,
      bytes: bytesOf(atRest) / REST_SECONDS,
    },
    newHost: {
      seconds: seconds + 1,
      datagrams: syncing.length,
      bytes: bytesOf(syncing),
      worst: busiest(syncing),
    },
  };

  function phase(act: () => void): Sent[] {
    const from = sent.length;
    act();
    return sent.slice(from);
  }
}

function begin(lan: VirtualLan, number: number): VirtualHost {
  const host = lan.host(`host${number}`);
  const disk = makeDisk({ device: "/dev/sda", label: `disk of ${number}` });
  lan.do(host, host.peer.join(lan.now));
  lan.do(host, host.peer.scanned([disk], lan.now));
  return host;
}

function bytesOf(sent: readonly Sent[]): number {
  return sent.reduce((sum, { bytes }) => sum + bytes.length, 0);
}

function busiest(sent: readonly Sent[]): number {
  const seconds = Map.groupBy(sent, ({ at }) => Math.floor(at / SECOND_MS));
  return Math.max(0, ...[...seconds.values()].map(({ length }) => length));
}

function printRow(cells: readonly string[]): void {
  console.log(`| ${cells.join(" | ")} |`);
}
