import { dirname } from "node:path";
import { SYSTEM_PATH } from "./holder.ts";
import type { Host } from "./host.ts";
import { type Outcome, type Process, run } from "./process.ts";
import { denoDir } from "./program.ts";

/** A Debian with what is essential, kept beside Deno's cache: it takes 20 s to make. */
export const DEBIAN_ARCHIVE = `${
  dirname(denoDir())
}/diskd-tests/debian-bookworm.tar`;

/** Besides what is essential: what diskd depends on, and what the tests use. */
const PACKAGES = "systemd-standalone-sysusers,passwd,bash-completion";

/** Downloads and unpacks. */
const MAKE_TIMEOUT_MS = 300_000;

const FOLDER = "/run/debian";

/** Below these the kernel's and the host's own files are mounted. */
const MOUNTED = ["/dev", "/proc", "/sys"] as const;

/** Makes `DEBIAN_ARCHIVE` from the mirror that this machine is set up for. */
export async function makeDebianArchive(): Promise<void> {
  Deno.mkdirSync(dirname(DEBIAN_ARCHIVE), { recursive: true });
  const unfinished = `${DEBIAN_ARCHIVE}.new.tar`;
  const { code, stderr } = await run([
    "mmdebstrap",
    "--variant=essential",
    `--include=${PACKAGES}`,
    "--dpkgopt=force-unsafe-io",
    "--dpkgopt=path-exclude=/usr/share/doc/*",
    "--dpkgopt=path-exclude=/usr/share/locale/*",
    '--aptopt=Acquire::Languages "none"',
    // It is for making the archive alone.
    '--customize-hook=rm "$1/etc/dpkg/dpkg.cfg.d/99mmdebstrap"',
    "bookworm",
    unfinished,
  ], {
    env: { ...Deno.env.toObject(), PATH: SYSTEM_PATH },
    timeoutMs: MAKE_TIMEOUT_MS,
  });
  if (code !== 0) throw new Error(`mmdebstrap exited with ${code}: ${stderr}`);
  Deno.renameSync(unfinished, DEBIAN_ARCHIVE);
}

/** A fresh Debian in a folder of a host of the LAN in a box, with its disks and its network. */
export class DebianChroot {
  private constructor(readonly host: Host) {}

  static async unpack(host: Host): Promise<DebianChroot> {
    const mounts = MOUNTED.map((one) => `mount --rbind ${one} ${FOLDER}${one}`);
    const lines = [
      `mkdir ${FOLDER}`,
      `tar --extract --file "$1" --directory ${FOLDER}`,
      ...mounts,
    ];
    const { code, stderr } = await host.run(
      ["sh", "-euc", lines.join("\n"), "sh", DEBIAN_ARCHIVE],
    );
    if (code !== 0) throw new Error(`${DEBIAN_ARCHIVE}: ${stderr}`);
    return new DebianChroot(host);
  }

  /** The same folder, as the host sees it. */
  get folder(): string {
    return FOLDER;
  }

  /** The file `path` in it, seen from outside. */
  path(path: string): string {
    return this.host.path(`${FOLDER}${path}`);
  }

  run(argv: readonly string[]): Promise<Outcome> {
    return this.host.run(["chroot", FOLDER, ...argv]);
  }

  spawn(argv: readonly string[]): Process {
    return this.host.spawn(["chroot", FOLDER, ...argv]);
  }

  /** Every file and folder with its mode, and what it contains if it is in /etc. */
  files(): Map<string, string> {
    return new Map(this.#below("", "/"));
  }

  *#below(folder: string, root: string): Generator<[string, string]> {
    for (const { name } of Deno.readDirSync(this.path(root))) {
      const path = `${folder}/${name}`;
      if (MOUNTED.some((one) => one === path)) continue;
      const outside = this.path(path);
      const { mode, uid, gid, isDirectory, isFile } = Deno.lstatSync(outside);
      const text = isFile && path.startsWith("/etc/")
        ? Deno.readTextFileSync(outside)
        : "";
      yield [path, `${mode!.toString(8)} ${uid}:${gid} ${text}`];
      if (isDirectory) yield* this.#below(path, path);
    }
  }
}
