import { fileURLToPath } from "node:url";
import { Daemon, type DaemonOptions } from "./daemon.ts";
import { asRoot } from "./host.ts";
import type { Host, LoopDisk } from "./lan.ts";
import { User } from "./user.ts";

const MOUNTS = fileURLToPath(new URL("service_mounts.sh", import.meta.url));

/** Any that nobody has. */
const UID = 30_036;
/** Of this number wherever Debian's `base-passwd` is, and on most others. */
const DISK_GROUP = 6;

/** Stands for the homes, which the service does not see. */
export const HOMES = "/run/homes";

/**
 * `diskd --daemon` with the rights and the mounts that systemd would give it by
 * packaging/diskd.service: a user of its own in group disk, no capabilities and
 * none to be had, nothing to be written but its two directories.
 */
export class Service {
  readonly #host: Host;
  readonly #user: User;

  private constructor(host: Host, user: User) {
    this.#host = host;
    this.#user = user;
  }

  get uid(): number {
    return this.#user.uid;
  }

  /** Makes the user and its directories. */
  static async install(host: Host): Promise<Service> {
    const commands = [
      `mkdir -p -m 755 /run/diskd && mkdir -p -m 700 /var/lib/diskd ${HOMES}`,
      `chown ${UID}:${UID} /run/diskd /var/lib/diskd`,
    ];
    await asRoot(host, commands.join(" && "));
    const user = await User.create(host, {
      uid: UID,
      groups: [DISK_GROUP],
      setpriv: [
        "--no-new-privs",
        "--bounding-set=-all,+net_bind_service",
        "--inh-caps=-all,+net_bind_service",
        "--ambient-caps=-all,+net_bind_service",
      ],
      within: [
        "unshare",
        "--mount",
        "--propagation=slave",
        "sh",
        MOUNTS,
        HOMES,
      ],
    });
    return new Service(host, user);
  }

  /** Plugs a disk in, as udev would: it belongs to root and the group disk. */
  async attach(disk: LoopDisk): Promise<void> {
    await this.#host.attach(disk);
    const node = this.#host.path(disk.device);
    await Deno.chown(node, 0, DISK_GROUP);
  }

  /** Starts the daemon, and waits until it is ready. */
  start(options: Pick<DaemonOptions, "args"> = {}): Promise<Daemon> {
    const spawn = (argv: readonly string[]) =>
      this.#user.spawn(argv, {
        env: { XDG_RUNTIME_DIR: "/run", XDG_STATE_HOME: "/var/lib" },
      });
    return Daemon.start(this.#host, { ...options, spawn });
  }
}
