import type { DiskRow } from "../control/views.ts";
import { isMakersName, realSerial, realWwn } from "../inventory/evidence.ts";
import { blink, ledctlArgv, readArgv } from "../mount/blink.ts";
import { isFitName, isFitUuid } from "../mount/fit_uuid.ts";
import {
  drivesBelow,
  type FoundDrive,
  namesToLocate,
  warningsOf,
} from "../mount/located_drives.ts";
import { checkAllowed } from "../mount/mountable.ts";
import { Refusal } from "../mount/refusal.ts";
import { CALLER_SILENT_MS } from "../mount/remote_locate.ts";
import { isRoot } from "../mount/run_attended.ts";
import type { LocateView } from "../mount/views.ts";
import { renderLocate } from "../render/locate.ts";
import { printable, printableStart } from "../text/printable.ts";
import { EXIT } from "../system/exit_code.ts";
import type { ChosenDisk } from "./choose_disk.ts";
import type { CommonOptions, MountCall, MountContext } from "./context.ts";
import { attached, findHere } from "./mount_for_caller.ts";
import { readMountSettings, showCommands } from "./mount_tools.ts";
import { note, show } from "./show.ts";
import { withDaemon } from "./with_daemon.ts";

/** Lets drives of this host blink, for a user here or a caller from another host. */

/** A request of a caller from another host. */
interface LocateRequest {
  /** A UUID, WWN or serial number. */
  readonly name: string;
  /** `null`: until the caller is gone. */
  readonly forMs: number | null;
}

/**
 * `diskd locate --here NAME`: lets a local disk named in `locate.allow` blink
 * until the time is over, or the caller ends standard input or writes no more.
 * @throws {Refusal}
 * @throws {ConfigError}
 * @throws {DaemonUnreachable}
 */
export async function locateForCaller(
  { name, forMs }: LocateRequest,
  { options, context }: MountCall<CommonOptions>,
): Promise<number> {
  const disk = await findForCaller(name, { options, context });
  const drives = await drivesOf(disk, context);
  const { locateAllow } = await readMountSettings(context);
  const names = isRoot(context) ? namesToLocate(disk.row, drives) : disk.row;
  const { host } = disk.row;
  checkAllowed({ ...names, host }, locateAllow, { deed: "locate" });
  using caught = context.catchSignals();
  const caller = await callerGone(context);
  const signal = AbortSignal.any([caught.signal, caller]);
  const task = { disk, drives, forMs, signal };
  await blinkHere(task, { options, context });
  return EXIT.ok;
}

async function findForCaller(
  name: string,
  asking: MountCall<CommonOptions>,
): Promise<ChosenDisk> {
  if (!isFitName(name)) {
    throw new Refusal("usage", {
      message: `--here ${printableStart(name)} is no UUID, WWN or serial ` +
        "number, expected letters, digits and . _ -",
    });
  }
  const drives = await drivesCalled(name, asking);
  if (drives.length === 0 && isFitUuid(name)) {
    return attached(await findHere(name, asking), asking.context.now());
  }
  const [row, ...others] = drives;
  if (row === undefined) {
    throw new Refusal("notKnown", { message: `no drive here is ${name}` });
  }
  if (others.length === 0) return { row, members: [] };
  const devices = drives.map(({ device }) => printable(device)).join(", ");
  throw new Refusal("severalHosts", {
    message: `${drives.length} drives here are called ${name}: ${devices}`,
    hints: ["To locate one of them, type on that host: diskd locate DEVICE"],
  });
}

/** The drives of this host with this WWN or serial number. */
async function drivesCalled(
  name: string,
  asking: MountCall<CommonOptions>,
): Promise<DiskRow[]> {
  return await withDaemon({ ...asking, doubts: "refused" }, async (client) => {
    const { hostId } = await client.call("localhost", {});
    const rows = await client.call("list", { devices: true });
    return rows.filter((row) =>
      row.hostId === hostId && row.state === "attached" && isDrive(row) &&
      isMakersName(name, row)
    );
  });
}

function isDrive({ device, drives }: DiskRow): boolean {
  return drives.length === 1 && drives[0]!.device === device;
}

/** What the maker wrote into the drive, the best first. */
function namesOfDrive({ wwn, serial }: DiskRow): string[] {
  const names = [realWwn(wwn) && wwn, realSerial(serial) && serial];
  return names.filter((name) => name !== null && isFitName(name)) as string[];
}

/**
 * The name by which another host finds a disk.
 * @throws {Refusal} `refused` if it has none
 */
export function nameForCaller(row: DiskRow): string {
  const { uuid, device } = row;
  if (uuid !== null && isFitUuid(uuid)) return uuid;
  const [name] = namesOfDrive(row);
  if (name !== undefined) return name;
  throw new Refusal("refused", {
    message: `${printableStart(device)} has no UUID, WWN or serial number, ` +
      "so it cannot be identified reliably",
    hints: ["On its host, diskd locate finds it by its path."],
  });
}

/** The drives that a disk of this host lies on. */
export function drivesOf(
  { row, members }: ChosenDisk,
  { system }: MountContext,
): Promise<FoundDrive[]> {
  return drivesBelow([row, ...members], system);
}

interface BlinkTask {
  readonly disk: ChosenDisk;
  readonly drives: readonly FoundDrive[];
  readonly forMs: number | null;
  readonly signal: AbortSignal;
}

/**
 * Says which drives these are, and lets them blink until the time is over or
 * `signal` aborts.
 * @throws {Refusal}
 */
export async function blinkHere(
  { disk: { row }, drives, forMs, signal }: BlinkTask,
  { options, context }: MountCall<CommonOptions>,
): Promise<void> {
  const { host, hostId, device, uuid, label } = row;
  const shown = drives.map(({ majMin: _, ...drive }) => drive);
  const view: LocateView = {
    host,
    hostId,
    device,
    uuid,
    label,
    drives: shown,
  };
  show(view, { options, context, render: renderLocate });
  await context.stdout.flush();
  for (const line of drives.flatMap(warningsOf)) note(line, context);
  const over = new AbortController();
  const timer = forMs === null ? null : setTimeout(() => over.abort(), forMs);
  try {
    await blink(drives, {
      system: context.system,
      signal: AbortSignal.any([signal, over.signal]),
      say: (text) => note(text, context),
    });
  } finally {
    if (timer !== null) clearTimeout(timer);
  }
}

/** The output of `--dry-run`. */
export function showBlinking(
  drives: readonly FoundDrive[],
  how: MountCall<CommonOptions>,
): void {
  const commands = drives.flatMap(({ device }) => [
    ledctlArgv(device, true),
    readArgv(device, 0),
    ledctlArgv(device, false),
  ]);
  showCommands(commands, how);
}

/** Aborts when standard input ends, or brings nothing for long. */
async function callerGone(context: MountContext): Promise<AbortSignal> {
  // The prompt reads its lines itself.
  if (context.inPrompt) return context.interrupted();
  const gone = new AbortController();
  const input = await context.openInput(null);
  const leave = () => gone.abort();
  let timer = setTimeout(leave, CALLER_SILENT_MS);
  async function listen(): Promise<void> {
    for await (const _ of input) {
      clearTimeout(timer);
      timer = setTimeout(leave, CALLER_SILENT_MS);
    }
  }
  gone.signal.addEventListener("abort", () => clearTimeout(timer));
  void listen().catch(() => {}).finally(leave);
  return gone.signal;
}
