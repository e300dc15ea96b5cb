import type { Device } from "./device.ts";

/** udev's data of a block device with these numbers. @see systemd's sd-device */
const UDEV_DATA = "/run/udev/data/b";

/** The path that leads to a drive, such as `pci-0000:00:17.0-ata-3`. */
const PORT = /^E:ID_PATH=(.+)$/m;

/** Adds the ports of drives, as udev knows them; without udev nobody does. */
export function withPorts(
  devices: readonly Device[],
  readText: (path: string) => string | null,
): Device[] {
  return devices.map((device) => {
    if (device.parents.length > 0 || device.majMin === null) return device;
    const data = readText(`${UDEV_DATA}${device.majMin}`);
    return { ...device, port: PORT.exec(data ?? "")?.[1] ?? null };
  });
}
