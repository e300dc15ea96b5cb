import type { RunOutcome, System } from "../../../src/system/system.ts";
import { exited, scriptedSystem } from "../../support/scripted_system.ts";

/** A device of a host that a test makes up. */
export interface MadeDevice {
  readonly kname: string;
  /** Its path in `/dev`, if not that of the kernel name. */
  readonly path?: string;
  /** lsblk's TYPE. */
  readonly kind: string;
  readonly size?: number;
  readonly serial?: string;
  readonly wwn?: string;
  /** What blkid prints, `TYPE` for `ID_FS_TYPE` and `ENTRY_NAME` for `ID_PART_ENTRY_NAME`. */
  readonly blkid?: Readonly<Record<string, string>>;
  /** How blkid ends instead: with its exit code and standard error. */
  readonly fails?: (types: string | null, isDebugging: boolean) => RunOutcome;
  /** lsblk's mount points, for swap. */
  readonly mounts?: readonly string[];
  readonly children?: readonly MadeDevice[];
}

/** A row of findmnt. */
export interface MadeMount {
  readonly target: string;
  readonly source: string;
  readonly fstype?: string;
  readonly fsroot?: string;
  readonly options?: string;
}

/** A drive, with what is on it. */
export function drive(
  kname: string,
  more: Partial<MadeDevice> = {},
): MadeDevice {
  return { kname, kind: "disk", ...more };
}

/** A partition. */
export function part(
  kname: string,
  more: Partial<MadeDevice> = {},
): MadeDevice {
  return { kname, kind: "part", ...more };
}

/** A device of the device mapper. */
export function mapped(
  kname: string,
  name: string,
  more: Partial<MadeDevice> = {},
): MadeDevice {
  return { kname, kind: "lvm", path: `/dev/mapper/${name}`, ...more };
}

/** Values of the signature that blkid reads. */
export function signature(
  TYPE: string,
  UUID?: string,
  more: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  return { TYPE, ...(UUID && { UUID }), ...more };
}

/** A host with these devices and mounts; without mounts, findmnt is missing. */
export function madeHost(
  devices: readonly MadeDevice[],
  mounts: readonly MadeMount[] | null = [],
): System {
  const byPath = new Map(everyDevice(devices).map((one) => [pathOf(one), one]));
  return scriptedSystem(({ program, args, options }): RunOutcome => {
    if (program === "lsblk") {
      const blockdevices = devices.map((one) => lsblkRow(one, null));
      return exited({ stdout: JSON.stringify({ blockdevices }) });
    }
    if (program === "findmnt") {
      if (mounts === null) return { kind: "missing" };
      const filesystems = mounts.map((mount) => ({ options: "rw", ...mount }));
      return exited({ stdout: JSON.stringify({ filesystems }) });
    }
    const { kind, blkid = {}, fails } = byPath.get(args.at(-1)!)!;
    const isDebugging = options.env?.["LIBBLKID_DEBUG"] !== undefined;
    const only = args.indexOf("-n");
    if (fails) return fails(only < 0 ? null : args[only + 1]!, isDebugging);
    const lines = blkidLines(blkid);
    if (kind === "part") lines.push("ID_PART_ENTRY_SCHEME=gpt\n");
    if (lines.length > 0) return exited({ stdout: lines.join("") });
    return exited({ code: 2, stderr: isDebugging ? "1: LOWPROBE: []\n" : "" });
  });
}

/** What `blkid -p -o udev` prints of these values. */
export function blkidLines(values: Readonly<Record<string, string>>): string[] {
  return Object.entries(values).flatMap(([name, value]) => {
    const key = `ID_${name.startsWith("ENTRY_") ? "PART" : "FS"}_${name}`;
    return [`${key}=${value}\n`, `${key}_ENC=${value}\n`];
  });
}

function everyDevice(devices: readonly MadeDevice[]): MadeDevice[] {
  return devices.flatMap((one) => [one, ...everyDevice(one.children ?? [])]);
}

function pathOf({ kname, path }: MadeDevice): string {
  return path ?? `/dev/${kname}`;
}

const GIB = 1024 ** 3;

function lsblkRow(one: MadeDevice, pkname: string | null): unknown {
  const { kname, kind, size = 100 * GIB, serial = null, wwn = null } = one;
  const path = pathOf(one);
  const children = (one.children ?? []).map((child) => lsblkRow(child, kname));
  return {
    name: path.split("/").at(-1),
    kname,
    pkname,
    path,
    size,
    serial,
    wwn,
    rm: false,
    ro: false,
    type: kind,
    mode: "brw-rw----",
    mountpoints: one.mounts ?? [null],
    ...(children.length > 0 && { children }),
  };
}
