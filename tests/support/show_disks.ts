/** Twelve hosts of a house, and the drives that each shows. */

/** A partition, or what is inside one. */
interface ShownVolume {
  readonly label: string | null;
  readonly type: string;
  /** Of the drive, 0 to 1. */
  readonly share: number;
  readonly mount?: string;
}

export interface ShownDrive {
  readonly model: string;
  readonly serial: string;
  readonly tran: "sata" | "nvme" | "usb";
  /** Bytes. */
  readonly size: number;
  readonly volumes: readonly ShownVolume[];
}

const TB = 1_000_000_000_000;
const GB = 1_000_000_000;

function volume(
  label: string | null,
  type: string,
  rest: { readonly share?: number; readonly mount?: string } = {},
): ShownVolume {
  return { label, type, share: 1, ...rest };
}

function red(serial: string, one: ShownVolume): ShownDrive {
  const model = "WDC WD40EFRX-68N32N0";
  return { model, serial, tran: "sata", size: 4 * TB, volumes: [one] };
}

function ironWolf(serial: string, one: ShownVolume): ShownDrive {
  const model = "ST8000VN004-2M2101";
  return { model, serial, tran: "sata", size: 8 * TB, volumes: [one] };
}

function system(serial: string, size = 500 * GB): ShownDrive {
  return {
    model: "Samsung SSD 980",
    serial,
    tran: "nvme",
    size,
    volumes: [
      volume("EFI", "vfat", { share: 0.02, mount: "/boot/efi" }),
      volume("root", "ext4", { share: 0.3, mount: "/" }),
      volume(null, "swap", { share: 0.08, mount: "[SWAP]" }),
      volume("home", "ext4", { share: 0.58, mount: "/home" }),
    ],
  };
}

function stick(serial: string, label: string): ShownDrive {
  return {
    model: "Ultra Fit",
    serial,
    tran: "usb",
    size: 64 * GB,
    volumes: [volume(label, "vfat")],
  };
}

/** The disk that this is about. */
export const BACKUP = red("WD-WCC7K2HTJ3PX", volume("backup-2019", "ext4"));

export const SHOWN_HOSTS: Readonly<Record<string, readonly ShownDrive[]>> = {
  attic: [
    system("S649NX0R410277", 250 * GB),
    red("WD-WCC7K0VEYTSN", volume("backup-odd", "ext4", { mount: "/mnt/odd" })),
    red("WD-WCC7K6RKXU4D", volume("backup-even", "ext4")),
  ],
  build: [
    system("S649NX0R702113", 1 * TB),
    {
      model: "Samsung SSD 990 PRO 2TB",
      serial: "S7KHNJ0X112840",
      tran: "nvme",
      size: 2 * TB,
      volumes: [
        volume("cache", "xfs", { share: 0.5, mount: "/var/cache" }),
        volume("scratch", "xfs", { share: 0.5, mount: "/scratch" }),
      ],
    },
  ],
  desk: [system("S649NX0R550921"), BACKUP, stick("4C530001220528", "CAMERA")],
  garage: [
    red("WD-WCC7K1ZLPN5A", volume("archive", "ext4", { mount: "/srv" })),
  ],
  kiosk: [stick("4C530001160723", "KIOSK")],
  lab: [
    system("S649NX0R318804"),
    red("WD-WCC7K5SDU9QE", volume("samples", "xfs", { mount: "/srv/samples" })),
    red("WD-WCC7K4FHY2RC", volume("vault", "crypto_LUKS")),
  ],
  laptop: [system("S649NX0R220146", 1 * TB)],
  media: [
    system("S649NX0R907335", 250 * GB),
    ironWolf("ZR11TQ2B", volume("films", "xfs", { mount: "/srv/films" })),
    ironWolf("ZR11V8LN", volume("music", "xfs", { mount: "/srv/music" })),
  ],
  nas: [
    system("S649NX0R615570", 250 * GB),
    ironWolf("ZR119KJ4", volume("tank", "btrfs", { mount: "/srv/tank" })),
    ironWolf("ZR11A0C7", volume("tank", "btrfs", { mount: "/srv/tank" })),
    ironWolf("ZR11B3XM", volume("tank-spare", "btrfs")),
  ],
  office: [
    system("S649NX0R480059"),
    red("WD-WCC7K3YPL7JT", volume("accounts", "ext4", { mount: "/srv/acc" })),
  ],
  printer: [stick("4C530001030881", "SPOOL")],
  studio: [
    system("S649NX0R733412", 2 * TB),
    ironWolf("ZR11M5DW", volume("photos", "ext4", { mount: "/srv/photos" })),
  ],
};

/** What lsblk prints of drives. */
export function lsblkOf(drives: readonly ShownDrive[]): string {
  let [sata, nvme] = [0, 0];
  const blockdevices = drives.map((drive) => {
    const isNvme = drive.tran === "nvme";
    const name = isNvme
      ? `nvme${nvme++}n1`
      : `sd${String.fromCharCode(97 + sata++)}`;
    return {
      ...bare(name, drive.size, "disk"),
      model: drive.model,
      serial: drive.serial,
      wwn: drive.tran === "sata" ? `0x5${hex(drive.serial, 15)}` : null,
      tran: drive.tran,
      rm: drive.tran === "usb",
      children: drive.volumes.map(({ label, type, share, mount }, i) => ({
        ...bare(
          `${name}${isNvme ? "p" : ""}${i + 1}`,
          drive.size * share,
          "part",
        ),
        pkname: name,
        fstype: type,
        label,
        uuid: type === "vfat"
          ? hex(`${drive.serial}${i}`, 8).toUpperCase().replace(/^..../, "$&-")
          : hex(`${drive.serial}${i}`, 32)
            .replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-"),
        mountpoints: mount === undefined ? [] : [mount],
      })),
    };
  });
  return JSON.stringify({ blockdevices });
}

function bare(name: string, size: number, type: string) {
  return {
    name,
    kname: name,
    path: `/dev/${name}`,
    size: Math.floor(size),
    type,
    mode: "brw-rw----",
    mountpoints: [] as string[],
  };
}

/** Digits that only this text has. */
function hex(text: string, count: number): string {
  let [digits, state] = ["", 7];
  for (let i = 0; digits.length < count; i++) {
    state = Math.imul(state ^ text.charCodeAt(i % text.length), 0x01000193);
    state ^= state >>> 13;
    digits += ((state >>> 8) & 15).toString(16);
  }
  return digits;
}
