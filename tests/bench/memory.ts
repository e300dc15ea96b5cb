import { DaemonOnLan, pause } from "./daemon_on_lan.ts";
import { figure, lanBenchmark } from "./figure.ts";
import { residentMegabytes } from "./process_figures.ts";

const DAEMONS = 3;
const ALONE_MS = 5_000;
const LOAD = { hosts: 1_000, disks: 10, rate: 4_000, announcements: 100_000 };

/** What the daemon keeps in memory, alone and on a large LAN. */
export const memory = lanBenchmark("memory", async () => {
  const alone: number[] = [];
  const full: number[] = [];
  while (alone.length < DAEMONS) {
    await using bench = await DaemonOnLan.start();
    const pid = await bench.pid();
    await pause(ALONE_MS);
    alone.push(residentMegabytes(pid));
    await bench.send(LOAD);
    full.push(residentMegabytes(pid));
  }
  return [
    figure("memory, alone", "MB", {
      samples: alone,
      goal: { atMost: 50 },
      old: "23.6 MB",
    }),
    figure(
      "memory, with 1,000 hosts of 10 disks, after 100,000 announcements",
      "MB",
      { samples: full, goal: { atMost: 70 }, old: "27.6 MB" },
    ),
  ];
});
