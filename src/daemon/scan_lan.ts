/** `diskd scan`: lists disks without a daemon. */
import type { DiskRow } from "../control/views.ts";
import type { Disk } from "../inventory/disk.ts";
import { createScanner } from "../probe/scan.ts";
import { freshHostKey } from "../store/host_key_file.ts";
import type { System } from "../system/system.ts";
import { VERSION } from "../version.ts";
import {
  askLan,
  type LanAnswer,
  type LanConfig,
  type LanOptions,
} from "./ask_lan.ts";
import { Clock } from "./clocks.ts";
import { findFaults, sayElsewhere, sayUnread } from "./explain_silence.ts";
import { ListRows } from "./list_rows.ts";

interface LanScan {
  readonly rows: readonly DiskRow[];
  /** What it could not see, and why, a line each. */
  readonly problems: readonly string[];
  /** Whether other hosts could be asked at all. */
  readonly asked: boolean;
}

/**
 * Scans this host, asks the LAN, listens for a second, and returns the disks.
 * If a daemon of this host answers, its list is used for this host, because it
 * may have more rights.
 */
export async function scanLan(
  config: LanConfig,
  options: LanOptions,
): Promise<LanScan> {
  const { system } = options;
  const clock = new Clock(system);
  const [scan, answer] = await Promise.all([
    createScanner(system).scan(),
    askLan(config, options),
  ]);
  const { inventory } = answer.peer;
  if (answer.thisHost === null && scan.disks !== null) {
    const { id } = options.key ?? freshHostKey();
    const name = config.hostName ?? system.hostname();
    addThisHost(answer, scan.disks, { id, name, system });
  }
  // Earlier times are unknown, so they are left out.
  const rows = new ListRows(inventory, clock).list().decode()
    .map((row) => ({ ...row, since: null }));
  return {
    rows,
    problems: [...scan.problems, ...explain(answer, config)],
    asked: answer.portProblem === null,
  };
}

function explain(answer: LanAnswer, config: LanConfig): string[] {
  const { faults, commands } = findFaults(answer, config);
  const unread = sayUnread(answer);
  if (answer.others.length > 0) return [...faults, ...unread];
  const known = [...faults, ...unread];
  return [
    "No other host answered.",
    ...known.length > 0 ? known : [sayElsewhere(answer, config)],
    ...commands.length > 0 ? ["A firewall is opened by one of these:"] : [],
    ...commands.map((command) => `  ${command}`),
    "More: diskd doctor",
  ];
}

function addThisHost(
  { peer: { inventory }, interfaces }: LanAnswer,
  disks: readonly Disk[],
  { id, name, system }: {
    readonly id: string;
    readonly name: string;
    readonly system: System;
  },
): void {
  inventory.describeSelf({
    id,
    name,
    version: VERSION,
    everyMs: Infinity,
  });
  inventory.setOwnAddresses(interfaces.map(({ address }) => address));
  inventory.applyScan(disks, system.now());
}
