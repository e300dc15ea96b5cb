import type { Folders, PathEntry } from "../../src/system/folders.ts";
import type { RunOutcome, System } from "../../src/system/system.ts";
import { exited, scriptedSystem } from "./scripted_system.ts";

/** What is on a device, as blkid has it. */
export interface ScriptedDevice {
  readonly majMin: string;
  readonly uuid: string | null;
  /** Default: nobody knows. */
  readonly label?: string | null;
  readonly type: string | null;
  readonly usage?: string;
}

export interface ScriptedMount {
  readonly target: string;
  readonly source: string;
  readonly majMin: string;
  readonly fsroot?: string;
  readonly options: string;
}

/** Options of mount(8) that the kernel has nothing to do with. */
const KEPT = /^(nosuid|nodev|ro|x-diskd.*)$/;

/**
 * A host whose programs mount and unmount in memory, as the real ones do where
 * nothing is special. What is special a test says in `failures` and `before`.
 */
export class ScriptedMounts {
  readonly devices = new Map<string, ScriptedDevice>();
  readonly mounts: ScriptedMount[] = [];
  readonly folders = new FakeFolders(["/mnt", "/run/media"]);
  /** Whether udisks runs, and where it mounts. */
  udisksFolder: string | null = null;
  /** Whether blkid may read devices. */
  mayRead = true;
  /** What lsblk has from udev. */
  readonly udev = new Map<string, { uuid: string; fstype: string }>();
  /** What the user was told. */
  readonly said: string[] = [];
  /** Every command that changes something, in order. */
  readonly commands: string[] = [];
  /** How a program ends instead of doing its work, by name. */
  readonly failures = new Map<string, RunOutcome>();
  /** What happens before a program, or after it has done its work. */
  readonly before = new Map<string, () => void>();
  readonly after = new Map<string, () => void>();

  readonly system: System = {
    ...scriptedSystem(({ program, args }) => this.#run(program, args)),
    folders: this.folders,
  };

  #run(program: string, args: readonly string[]): RunOutcome {
    this.before.get(program)?.();
    const outcome = this.#outcome(program, args);
    this.after.get(program)?.();
    return outcome;
  }

  #outcome(program: string, args: readonly string[]): RunOutcome {
    switch (program) {
      case "lsblk":
        return this.#lsblk(args.at(-1)!);
      case "blkid":
        return this.#blkid(args.at(-1)!);
      case "findmnt":
        return this.#findmnt();
      case "mount":
        this.commands.push([program, ...args].join(" "));
        return this.failures.get(program) ?? this.#mount(args);
      case "umount":
        this.commands.push([program, ...args].join(" "));
        // Nothing keeps a lazy unmount from it.
        return args.includes("--lazy")
          ? this.#unmount(args.at(-1)!)
          : this.failures.get(program) ?? this.#unmount(args.at(-1)!);
      case "find":
      case "ps":
        return this.failures.get(program) ?? exited({});
      case "udisksctl":
        return this.#udisksctl(args);
      default:
        throw new Error(`Nothing should run ${program}.`);
    }
  }

  #lsblk(path: string): RunOutcome {
    const device = this.devices.get(path);
    if (device === undefined) return exited({ code: 32 });
    const known = this.udev.get(path) ?? { uuid: null, fstype: null };
    const { majMin, label } = device;
    const row = { name: path.slice(5), "maj:min": majMin, label, ...known };
    return exited({ stdout: JSON.stringify({ blockdevices: [row] }) });
  }

  #blkid(path: string): RunOutcome {
    const device = this.devices.get(path);
    if (device === undefined) {
      return exited({
        code: 2,
        stderr: `error: ${path}: No such file or directory`,
      });
    }
    if (!this.mayRead) {
      return exited({ code: 2, stderr: `error: ${path}: Permission denied` });
    }
    const { uuid, label, type, usage = "filesystem" } = device;
    if (type === null) return exited({ code: 2 });
    const lines = [
      ...(uuid === null ? [] : [`ID_FS_UUID_ENC=${uuid}`]),
      ...(label ? [`ID_FS_LABEL_ENC=${label}`] : []),
      `ID_FS_TYPE=${type}`,
      `ID_FS_USAGE=${usage}`,
    ];
    return exited({ stdout: lines.map((line) => `${line}\n`).join("") });
  }

  #findmnt(): RunOutcome {
    const filesystems = this.mounts.map(({ majMin, ...mount }) => ({
      fsroot: "/",
      ...mount,
      "maj:min": majMin,
    }));
    return exited({ stdout: JSON.stringify({ filesystems }) });
  }

  #mount(args: readonly string[]): RunOutcome {
    const source = after(args, "--source");
    const target = after(args, "--target");
    const options = after(args, "-o").split(",");
    if (this.folders.look(target) === null) {
      return exited({ code: 32, stderr: "mount point does not exist" });
    }
    const shown = options.includes("bind")
      ? this.mounts.find((mount) => mount.target === source)
      : undefined;
    const device = shown?.source ?? source;
    const majMin = this.devices.get(device)?.majMin ?? "0:99";
    const kept = options.filter((option) => KEPT.test(option));
    if (!kept.includes("ro")) kept.unshift("rw");
    this.mounts.push({
      target,
      source: device,
      majMin,
      options: kept.join(","),
    });
    return exited({});
  }

  #unmount(target: string): RunOutcome {
    const index = this.mounts.findLastIndex((mount) => mount.target === target);
    if (index === -1) return exited({ code: 32, stderr: "not mounted." });
    this.mounts.splice(index, 1);
    return exited({});
  }

  #udisksctl(args: readonly string[]): RunOutcome {
    if (this.udisksFolder === null) return { kind: "missing" };
    const source = after(args, "--block-device");
    if (args[0] === "info") {
      const stdout = "/x:\n  org.freedesktop.UDisks2.Filesystem:\n";
      return exited({ stdout });
    }
    this.commands.push(["udisksctl", ...args].join(" "));
    const failure = this.failures.get("udisksctl");
    if (failure !== undefined) return failure;
    if (args[0] === "mount") {
      const { majMin } = this.devices.get(source)!;
      const options = after(args, "--options");
      const target = `${this.udisksFolder}/disk`;
      this.mounts.push({ target, source, majMin, options });
      return exited({ stdout: `Mounted ${source} at ${target}\n` });
    }
    const mount = this.mounts.find((mount) => mount.source === source);
    return this.#unmount(mount?.target ?? "");
  }
}

function after(args: readonly string[], flag: string): string {
  return args[args.indexOf(flag) + 1]!;
}

const ROOTS: PathEntry = { kind: "folder", uid: 0, mode: 0o755 };

/** Directories in memory; those that are there at first are given, all of root's. `/` and `/run` always are. */
export class FakeFolders implements Folders {
  readonly entries = new Map<string, PathEntry>();

  constructor(paths: readonly string[] = []) {
    for (const path of ["/", "/run", ...paths]) this.entries.set(path, ROOTS);
  }

  look(path: string): PathEntry | null {
    return this.entries.get(path) ?? null;
  }

  isEmpty(path: string): boolean {
    return this.look(path)?.kind === "folder" &&
      ![...this.entries.keys()].some((name) => name.startsWith(`${path}/`));
  }

  realPath(path: string): string | null {
    return this.look(path) !== null || this.look(above(path)) !== null
      ? path
      : null;
  }

  make(path: string): void {
    if (this.look(path) !== null) throw new Error(`${path}: File exists`);
    if (this.look(above(path)) === null) {
      throw new Error(`${path}: No such file or directory`);
    }
    this.entries.set(path, ROOTS);
  }

  remove(path: string): boolean {
    return this.isEmpty(path) && this.entries.delete(path);
  }
}

function above(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}
