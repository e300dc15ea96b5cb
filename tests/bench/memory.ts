import { DaemonOnLan, pause } from "./daemon_on_lan.ts";
import type { Benchmark } from "./figure.ts";
import { residentMegabytes } from "./process_figures.ts";

const DAEMONS = 3;
const ALONE_SECONDS = 5;
const HOSTS = 1_000;
const DISKS = 10;
const ANNOUNCEMENTS = 100_000;
const RATE = 4_000;

/** What the daemon keeps in memory, alone and on a large LAN. */
export const memory: Benchmark = {
  name: "memory",
  needsLan: true,
  async measure() {
    const alone: number[] = [];
    const full: number[] = [];
    while (alone.length < DAEMONS) {
      await using bench = await DaemonOnLan.start();
      const pid = await bench.pid();
      await pause(ALONE_SECONDS * 1000);
      alone.push(residentMegabytes(pid));
      await bench.send({
        hosts: HOSTS,
        disks: DISKS,
        rate: RATE,
        announcements: ANNOUNCEMENTS,
      });
      full.push(residentMegabytes(pid));
    }
    return [{
      what: "memory, alone",
      unit: "MB",
      samples: alone,
      goal: { atMost: 50 },
      old: "23.6 MB",
    }, {
      what: "memory, with 1,000 hosts of 10 disks, after 100,000 announcements",
      unit: "MB",
      samples: full,
      goal: { atMost: 70 },
      old: "27.6 MB",
    }];
  },
};
