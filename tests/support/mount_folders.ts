import { asRoot } from "./as_root.ts";
import type { Host } from "./host.ts";

/** Where disks are mounted by hand; the machine's own are not touched. */
const FOLDERS = ["/mnt", "/media", "/srv"];

/** Gives a host folders of its own to mount disks in, and what FUSE needs. */
export async function prepareMounting(host: Host): Promise<void> {
  const commands = FOLDERS.map((folder) =>
    `mount -t tmpfs -o mode=755 tmpfs ${folder}`
  );
  commands.push("mknod -m 666 /dev/fuse c 10 229");
  await asRoot(host, commands.join(" && "));
}

/** A mount of a host, by where it is and what is there. */
export interface MountedThing {
  readonly target: string;
  readonly source: string;
  readonly type: string;
  readonly options: readonly string[];
}

/** Disks, and directories of other hosts, that are mounted on a host, in the order in which they were. */
export async function mountsOn(host: Host): Promise<MountedThing[]> {
  const table = await Deno.readTextFile(`/proc/${host.pid}/mountinfo`);
  return table.trim().split("\n").map(readLine).filter(isOurs);
}

/** proc_pid_mountinfo(5). */
function readLine(line: string): MountedThing {
  const [own = "", filesystem = ""] = line.split(" - ");
  const [, , , , target = "", options = ""] = own.split(" ");
  const [type = "", source = "", more = ""] = filesystem.split(" ");
  return {
    target: unescaped(target),
    source: unescaped(source),
    type,
    options: `${options},${more}`.split(","),
  };
}

/** Spaces and the like are in octal. */
function unescaped(text: string): string {
  return text.replace(
    /\\([0-7]{3})/g,
    (_, digits) => String.fromCharCode(Number.parseInt(digits, 8)),
  );
}

/** Else it is one that the machine itself has. */
function isOurs({ target, source, type }: MountedThing): boolean {
  return [...FOLDERS, "/run", "/tmp"].some((folder) =>
    target.startsWith(`${folder}/`)
  ) && (source.startsWith("/dev/loop") || type === "fuse.sshfs");
}
