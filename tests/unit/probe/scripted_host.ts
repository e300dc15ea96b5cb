import {
  createScanner,
  type Scanner,
  type ScannerOptions,
  type ScanResult,
} from "../../../src/probe/scan.ts";
import type { ScanRequest } from "../../../src/probe/scan_requests.ts";
import type { RunOutcome } from "../../../src/system/system.ts";
import {
  type Call,
  exited,
  scriptedSystem,
} from "../../support/scripted_system.ts";

type Answer = RunOutcome | Promise<RunOutcome>;

/** What the programs of a host answer. */
export interface Host {
  lsblk: Answer;
  blkid: (device: string) => Answer;
  /** Default: it is not installed. */
  findmnt?: Answer | ((call: Call) => Answer);
}

/** A host that the test may change between scans. */
export interface ScriptedHost {
  readonly scanner: Scanner;
  /** Each command that was run, `blkid -p -o udev /dev/sda`. */
  readonly calls: string[];
  /** Devices that blkid was run on since the last look, sorted. */
  takeRead(): string[];
  readonly state: Host;
}

export function lsblk(...blockdevices: readonly unknown[]): RunOutcome {
  return exited({ stdout: JSON.stringify({ blockdevices }) });
}

export function findmnt(...filesystems: readonly unknown[]): RunOutcome {
  return exited({ stdout: JSON.stringify({ filesystems }) });
}

export function ext4(uuid: string): RunOutcome {
  return exited({
    stdout: `ID_FS_UUID=${uuid}\nID_FS_UUID_ENC=${uuid}\nID_FS_TYPE=ext4\n`,
  });
}

export function scannerOf(
  host: Host,
  options: ScannerOptions = {},
): ScriptedHost {
  const calls: string[] = [];
  const state = { ...host };
  const system = scriptedSystem((call) => {
    const { program, args } = call;
    calls.push([program, ...args].join(" "));
    switch (program) {
      case "lsblk":
        return state.lsblk;
      case "findmnt":
        return typeof state.findmnt === "function"
          ? state.findmnt(call)
          : state.findmnt ?? { kind: "missing" };
      default:
        return state.blkid(args.at(-1)!);
    }
  });
  const takeRead = () => {
    const read = calls.splice(0).flatMap((call) =>
      /^blkid .* (\S+)$/.exec(call)?.[1] ?? []
    );
    return read.sort();
  };
  return { scanner: createScanner(system, options), calls, takeRead, state };
}

export async function scan(host: Host): Promise<ScanResult> {
  return await scannerOf(host).scanner.scan();
}

/** Reads only what changed, and these devices. */
export function changed(...knames: readonly string[]): ScanRequest {
  return { media: "changed", knames: new Set(knames) };
}

export function rows(
  { disks }: Pick<ScanResult, "disks">,
): string[] | undefined {
  return disks?.map(({ device, uuid }) => `${device} ${uuid}`);
}
