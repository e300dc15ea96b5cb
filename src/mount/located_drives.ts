import type { DiskRow, DriveView } from "../control/views.ts";
import { compareDrives } from "../inventory/evidence.ts";
import { Layers } from "../inventory/layers.ts";
import type { Device } from "../probe/device.ts";
import { inheritHardware } from "../probe/inherit_hardware.ts";
import { listDevices } from "../probe/list_devices.ts";
import { ProbeRunner } from "../probe/probe_runner.ts";
import { withPorts } from "../probe/udev_port.ts";
import type { System } from "../system/system.ts";
import { printable, printableStart } from "../text/printable.ts";
import type { DiskNames } from "./mountable.ts";
import { Refusal } from "./refusal.ts";
import { LOOK_TIMEOUT_MS } from "./run_attended.ts";
import type { LocatedDrive } from "./views.ts";

/** A drive of this host, as lsblk lists it. */
export interface FoundDrive extends LocatedDrive {
  readonly majMin: string | null;
}

/**
 * The drives that devices of this host lie on, through partitions, LVM, LUKS
 * and RAID. lsblk and udev say which; no medium is read, so none wakes up. The
 * daemon says how ports are named and whether reads fail.
 * @throws {Refusal} `notAttached` if a device is gone or another disk, `failed`
 * if lsblk fails
 */
export async function drivesBelow(
  rows: readonly DiskRow[],
  system: System,
): Promise<FoundDrive[]> {
  const listed = await listHere(system);
  const layers = new Layers(listed);
  const below = rows.flatMap((row) => {
    const device = listed.find(({ device }) => device === row.device);
    if (device === undefined || device.hasNode === false) {
      throw gone(row.device);
    }
    checkSame(row, device);
    const drives = layers.drives(device);
    // Of a volume on several, nobody knows which of them fails.
    const health = drives.length === 1 ? row.health : null;
    return drives.map((drive) => ({ row, drive, health }));
  });
  const drives = new Map<string, FoundDrive>();
  for (const { row, drive, health } of below) {
    const said = row.drives.find(({ device }) => device === drive.device);
    checkSameDrive(said, drive);
    if (drive.hasNode === false) throw gone(drive.device);
    const asleep = await isAsleep(drive, system);
    drives.set(drive.device, foundDrive(drive, { said, health, asleep }));
  }
  return [...drives.values()];
}

/** A device with the paths of those below it. */
type DeviceHere = Device & { readonly device: string };

async function listHere(system: System): Promise<DeviceHere[]> {
  const runner = new ProbeRunner(system);
  const { devices, problems } = await listDevices(runner, LOOK_TIMEOUT_MS);
  if (devices === null) {
    throw new Refusal("failed", {
      message: problems[0] ?? "lsblk lists no devices",
    });
  }
  const paths = new Map(devices.map(({ kname, path }) => [kname, path]));
  const known = inheritHardware(withPorts(devices, system.readText));
  return known.map((device) => ({
    ...device,
    device: device.path,
    parents: device.parents.flatMap((kname) => paths.get(kname) ?? []),
  }));
}

function foundDrive(
  drive: DeviceHere,
  { said, health, asleep }: {
    readonly said: DriveView | undefined;
    /** Of what was named. */
    readonly health: string | null;
    readonly asleep: boolean;
  },
): FoundDrive {
  const { device, kind, majMin, size, model, serial, wwn, tran, port } = drive;
  return {
    device,
    kind,
    majMin,
    size,
    model,
    serial,
    wwn,
    tran,
    port: port ?? said?.port ?? null,
    slot: said?.slot ?? null,
    health: said?.health ?? health,
    asleep,
  };
}

/**
 * What `locate.allow` may name: the daemon says what is on the disk, and lsblk
 * whose drive it is.
 */
export function namesToLocate(
  { uuid, label, partuuid, partlabel }: DiskRow,
  drives: readonly FoundDrive[],
): DiskNames {
  const agreed = (key: "serial" | "wwn" | "port") => {
    const [first] = drives;
    const value = first?.[key] ?? null;
    return drives.every((drive) => drive[key] === value) ? value : null;
  };
  const hardware = {
    serial: agreed("serial"),
    wwn: agreed("wwn"),
    port: agreed("port"),
  };
  return { uuid, label, partuuid, partlabel, ...hardware };
}

/** Without udev lsblk knows no contents. */
function checkSame(row: DiskRow, device: DeviceHere): void {
  const isOther = (["uuid", "label"] as const).some((key) =>
    row[key] !== null && device[key] !== null && row[key] !== device[key]
  );
  if (isOther) throw another(row.device);
}

function checkSameDrive(said: DriveView | undefined, drive: DeviceHere): void {
  if (said === undefined) return;
  if (compareDrives(said, drive) === "different") throw another(drive.device);
}

function another(device: string): Refusal {
  return new Refusal("notAttached", {
    message: `${printableStart(device)} is another disk now`,
    hints: ["Look again with: diskd refresh"],
  });
}

function gone(device: string): Refusal {
  return new Refusal("notAttached", {
    message: `${printableStart(device)} is no longer there`,
    hints: ["Look again with: diskd refresh"],
  });
}

const MAX_STATUS_BYTES = 64;

/**
 * Whether the kernel has put a drive to sleep. Of one that sleeps by itself only
 * the drive knows.
 */
async function isAsleep(
  { kname }: Pick<Device, "kname">,
  system: System,
): Promise<boolean> {
  // Deno reads nothing in /sys with named permissions.
  const name = kname.replaceAll("/", "!");
  const path = `/sys/block/${name}/device/power/runtime_status`;
  const outcome = await system.run("dd", [`if=${path}`], {
    timeoutMs: LOOK_TIMEOUT_MS,
    maxOutputBytes: MAX_STATUS_BYTES,
  });
  return outcome.kind === "exited" &&
    new TextDecoder().decode(outcome.stdout).trim() === "suspended";
}

/** Models, or else transports, of drives that are made up by a hypervisor or on a network. */
const VIRTUAL =
  /\b(?:QEMU|VBOX|VMware|Virtual|Msft)\b|^(?:virtio|iscsi|none)$/i;

/** What a user should know before a drive blinks, printable sentences. */
export function warningsOf(drive: LocatedDrive): string[] {
  const { device, kind, model, tran, health, asleep } = drive;
  const name = printableStart(device);
  return [
    ...(health === null ? [] : [
      `${name} is failing: reads of it fail, so its activity light may stay dark.`,
    ]),
    ...(asleep
      ? [`${name} is asleep; reading it for the light wakes it up.`]
      : []),
    ...lightless({ name, kind, model, tran }),
  ];
}

function lightless(
  { name, kind, model, tran }: Pick<LocatedDrive, "kind" | "model" | "tran"> & {
    readonly name: string;
  },
): string[] {
  if (kind === "loop") {
    return [`${name} is an image in a file, so it has no light.`];
  }
  const isReal = kind === "mpath" || !VIRTUAL.test(model ?? tran ?? "none");
  if (isReal) return [];
  const what = model === null ? "" : ` (${printable(model)})`;
  return [`${name}${what} seems to be virtual, so it may have no light.`];
}
