import assert from "node:assert/strict";
import { checkOutcome } from "./check_outcome.ts";
import type { Daemon } from "./daemon.ts";
import { eventually } from "./eventually.ts";
import type { Host } from "./host.ts";
import { PROJECT } from "./program.ts";
import { ReplacedPrograms } from "./replaced_programs.ts";

/** Where the stand-in for lsblk on a host reads what it prints. */
const LSBLK_OUTPUT = "/run/lan/lsblk.json";

/** One disk as udev knows it, and lsblk tells it. */
export interface MadeUp {
  readonly device: string;
  readonly uuid: string;
  readonly label: string;
}

/** So many disks, each a little different from the others. */
export function madeUpDisks(count: number): MadeUp[] {
  return Array.from({ length: count }, (_, i) => {
    const digits = String(i).padStart(4, "0");
    return {
      device: `/dev/sd${digits}`,
      uuid: `8261f666-0000-4000-8000-00000000${digits}`,
      label: `backup ${digits} \u{1f4be}`,
    };
  });
}

/** Lets the host have these disks, as far as lsblk tells; blkid is not there to deny it. */
export async function pretendToHave(
  host: Host,
  disks: readonly MadeUp[],
): Promise<void> {
  const programs = new ReplacedPrograms(host);
  await writeLsblk(host, disks);
  await programs.remove("blkid");
  await programs.replace("lsblk", `exec cat ${LSBLK_OUTPUT}`);
}

/** Replaces the disks that the host pretends to have. */
export async function writeLsblk(
  host: Host,
  disks: readonly MadeUp[],
): Promise<void> {
  const blockdevices = disks.map(({ device, uuid, label }) => ({
    name: device.slice("/dev/".length),
    path: device,
    fstype: "ext4",
    uuid,
    label,
    size: 4_000_787_030_016,
    model: "WDC WD40EFRX-68N32N0",
    serial: `WD-${uuid.slice(-12)}`,
    mountpoints: [`/srv/${label}`],
  }));
  await Deno.writeTextFile(
    host.path(LSBLK_OUTPUT),
    JSON.stringify({ blockdevices }),
  );
}

/** A datagram of App::Diskd 0.01; more disks fit into none. */
const DATAGRAM = `${PROJECT}/tests/fixtures/v1/s20-big-0900-disks.bin`;
const DISKS = 900;

/** Tells a daemon of 900 disks on another host, so that its lists are longer than a pipe or a socket holds. */
export async function tellOfCrowd(host: Host, daemon: Daemon): Promise<void> {
  const input = await Deno.readFile(DATAGRAM);
  const to = `UDP4-DATAGRAM:230.1.2.3:32003,ip-multicast-if=${host.address}`;
  const argv = ["socat", "-u", "-b", "65536", "STDIN", to];
  await eventually(async () => {
    checkOutcome(await host.run(argv, { input }), {}, argv.join(" "));
    const rows = await daemon.call("list", {});
    assert.ok(rows.length >= DISKS, `only ${rows.length} disks are known`);
  });
}
