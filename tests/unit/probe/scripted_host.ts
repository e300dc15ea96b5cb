import {
  createScanner,
  type Scanner,
  type ScanResult,
} from "../../../src/probe/scan.ts";
import type { RunOutcome } from "../../../src/system/system.ts";
import { exited, scriptedSystem } from "../../support/scripted_system.ts";

/** Rows as lsblk prints them, and what blkid says of each device. */
export interface Host {
  lsblk: RunOutcome;
  blkid: (device: string) => RunOutcome | Promise<RunOutcome>;
}

export function lsblk(...blockdevices: readonly unknown[]): RunOutcome {
  return exited({ stdout: JSON.stringify({ blockdevices }) });
}

export function ext4(uuid: string): RunOutcome {
  return exited({
    stdout: `ID_FS_UUID=${uuid}\nID_FS_UUID_ENC=${uuid}\nID_FS_TYPE=ext4\n`,
  });
}

/** A scanner of a host that the test may change between scans. */
export function scannerOf(
  host: Host,
): { scanner: Scanner; calls: string[]; state: Host } {
  const calls: string[] = [];
  const state = { ...host };
  const system = scriptedSystem(({ program, args }) => {
    calls.push([program, ...args].join(" "));
    return program === "lsblk" ? state.lsblk : state.blkid(args.at(-1)!);
  });
  return { scanner: createScanner(system), calls, state };
}

export async function scan(host: Host): Promise<ScanResult> {
  return await scannerOf(host).scanner.scan();
}

export function rows({ disks }: ScanResult): string[] | undefined {
  return disks?.map(({ device, uuid }) => `${device} ${uuid}`);
}
