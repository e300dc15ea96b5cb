import { commandWith } from "./build_command.ts";
import { MOUNT_FLAGS, OPEN_FLAGS, UNMOUNT_FLAGS } from "./flags.ts";
import { DISK_NAME } from "./known_names.ts";
import { withSystem } from "./mount_tools.ts";

const MOUNT_HELP = `Mount a disk on the host that it hangs on.

On this host by udisks, or as root; on another one over ssh, where diskd does
the same, if mount.allow of its configuration names the disk. Prints where:
beta:/run/media/diskd/backup-2019. With --at sshfs shows it here as well. What
is mounted already stays as it is. Programs on it get no rights of their owners,
and its device files do not work: nosuid, nodev.`;

/** `mount`: where the disk is. */
export const mount = commandWith(MOUNT_FLAGS, {
  brief: "Mount a disk on the host that it hangs on",
  help: MOUNT_HELP,
  load: withSystem(async () => (await import("./mount.ts")).mount),
  words: DISK_NAME,
});

const UNMOUNT_HELP = `Undo mount and open.

First what shows the disk on this host, then on the host that it hangs on. What
something else than diskd mounted is left alone. Works for what is shown here
also without a daemon, by the UUID.`;

/** `unmount`: everywhere. */
export const unmount = commandWith(UNMOUNT_FLAGS, {
  brief: "Undo mount and open",
  help: UNMOUNT_HELP,
  load: withSystem(async () => (await import("./unmount.ts")).unmount),
  words: DISK_NAME,
});

const OPEN_HELP = `Have the files of a disk on this host, and print where.

The same as mount --at with a directory of its own, which unmount removes.`;

/** `open`: on this host. */
export const open = commandWith(OPEN_FLAGS, {
  brief: "Have the files of a disk on this host, and print where",
  help: OPEN_HELP,
  load: withSystem(async () => (await import("./mount.ts")).open),
  words: DISK_NAME,
});
