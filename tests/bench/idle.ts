import { Daemon } from "../support/daemon.ts";
import { HotDisk } from "../support/hot_disk.ts";
import { Lan } from "../support/lan.ts";
import { startUdevd } from "../support/udisks.ts";
import { pause } from "./daemon_on_lan.ts";
import { familyCpuSeconds } from "./process_figures.ts";

const REST = { disks: 2, settleMs: 10_000, measureMs: 60_000 } as const;

/** What a daemon uses that has nothing to do. */
export interface IdleFigure {
  /** Percent of one core, children included. */
  readonly cpuPercent: number;
  /** Requests for the media of both disks, over the time measured. */
  readonly reads: number;
  readonly text: string;
}

/** A daemon at rest for a minute, where udev runs and where it does not. */
export async function idleFigures(): Promise<IdleFigure[]> {
  return [await measure({ udev: true }), await measure({ udev: false })];
}

async function measure({ udev }: { udev: boolean }): Promise<IdleFigure> {
  await using lan = await Lan.create({ hosts: ["alpha", "beta"] });
  const alpha = lan.host("alpha");
  if (udev) await startUdevd(alpha);
  await using resources = new AsyncDisposableStack();
  const disks: HotDisk[] = [];
  for (let i = 0; i < REST.disks; i++) {
    const disk = resources.use(
      await HotDisk.create({ type: "ext4", label: `rest-${i}` }),
    );
    await disk.plugInto(alpha);
    disks.push(disk);
  }
  await using daemon = await Daemon.start(alpha);
  await pause(REST.settleMs);
  const pid = await daemon.process.pid();
  const reads = () => disks.reduce((sum, disk) => sum + disk.reads(), 0);
  const before = { cpu: familyCpuSeconds(pid), reads: reads() };
  await pause(REST.measureMs);
  const seconds = familyCpuSeconds(pid) - before.cpu;
  const cpuPercent = seconds / REST.measureMs * 1000 * 100;
  const found = reads() - before.reads;
  const where = udev ? "with udev" : "without udev";
  return {
    cpuPercent,
    reads: found,
    text:
      `At rest ${where}, ${REST.disks} disks, over ${
        REST.measureMs / 1000
      } s: ` +
      `${cpuPercent.toFixed(2)} % of a core, ${found} reads of their media`,
  };
}
