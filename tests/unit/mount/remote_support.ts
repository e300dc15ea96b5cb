import type {
  DiskHost,
  RemoteTools,
  SshTarget,
} from "../../../src/mount/ssh.ts";
import type { RunOutcome, System } from "../../../src/system/system.ts";
import { FakeFolders } from "../../support/scripted_mounts.ts";
import { exited, scriptedSystem } from "../../support/scripted_system.ts";

export const UUID = "8261f666-2f3c-4b5e-9a0e-1d2c3b4a5f60";
export const PATH = "/run/media/diskd/backup-2019";

/** Where ssh goes by name, as it would anyway. */
export function targetNamed(
  destination: string,
  more: Partial<SshTarget> = {},
): SshTarget {
  const usual = { user: null, options: [], sudo: false, name: null };
  return { destination, ...usual, ...more };
}

/** What beta answers when it is asked to mount. */
export const ANSWER = {
  host: "beta",
  hostId: "b0b0",
  device: "/dev/sdb1",
  uuid: UUID,
  label: "backup-2019",
  type: "ext4",
  path: PATH,
  at: null,
  readOnly: false,
  wasMounted: false,
};

/** What it answers when it is asked to unmount. */
export const UNMOUNTED = {
  host: "beta",
  hostId: "b0b0",
  uuid: UUID,
  label: "backup-2019",
  unmounted: [{ host: "beta", path: PATH }],
};

export const HOLDER: DiskHost = {
  host: "beta",
  hostId: "b0b0",
  target: targetNamed("beta"),
};

interface Shown {
  readonly target: string;
  readonly source: string;
  readonly options: string;
}

/** A host on which ssh answers as a test says, and sshfs mounts in memory. */
export class ScriptedCaller {
  /** What is mounted here. */
  readonly mounts: Shown[] = [];
  readonly folders = new FakeFolders(["/mnt", "/run/diskd"]);
  /** Every command that changes something, here or there. */
  readonly commands: string[][] = [];
  /** How programs end instead, by name; `ssh mount`, `ssh unmount` for the two tasks. */
  readonly failures = new Map<string, RunOutcome>();
  answer: unknown = ANSWER;
  /** What the user was told. */
  readonly said: string[] = [];
  /** Directories whose host is gone. */
  readonly stuck = new Set<string>();
  /** What ssh has as its settings, beside a host's name. */
  readonly settings = new Map([["port", "22"]]);
  /** Addresses by name. */
  readonly names = new Map<string, readonly string[]>();
  /** Who accepts connections: `192.168.1.12:22`. */
  readonly accepting = new Set<string>();
  /** This host's own. */
  interfaces: ReturnType<System["interfaces"]> = [];
  uid = 0;

  readonly system: System = {
    ...scriptedSystem(({ program, args }) => this.#run(program, args)),
    folders: this.folders,
    lookUp: (name) => Promise.resolve(this.names.get(name) ?? []),
    accepts: ({ address, port }) =>
      Promise.resolve(this.accepting.has(`${address}:${port}`)),
    interfaces: () => this.interfaces,
  };

  tools(ways: Partial<RemoteTools["ways"]> = {}): RemoteTools {
    const { system, uid } = this;
    const signal = new AbortController().signal;
    const all = { options: [], isBatch: true, ...ways };
    const say = (text: string) => void this.said.push(text);
    return { system, env: {}, uid, ways: all, say, signal };
  }

  /** What was run, by program, and of ssh what it was to have done. */
  get run(): string[] {
    return this.commands.map(([program, ...args]) =>
      program === "ssh"
        ? `ssh ${args[args.lastIndexOf("diskd") + 1]}`
        : program!
    );
  }

  show(target: string, source: string, options = "rw,user_id=0"): void {
    this.mounts.push({ target, source, options });
  }

  #run(program: string, args: readonly string[]): RunOutcome {
    if (program === "findmnt") return this.#findmnt();
    if (program === "sshfs" && args[0] === "--help") {
      return this.failures.get("sshfs --help") ??
        exited({ stdout: "    -o contain_symlinks    reject links\n" });
    }
    if (program === "ssh" && args[0] === "-G") {
      return this.#settings(args.at(-1)!);
    }
    if (program === "stat") {
      const isStuck = this.stuck.has(args.at(-1)!);
      return isStuck
        ? { kind: "timeout", exited: Promise.resolve() }
        : exited({});
    }
    if (program === "find" || program === "ps") {
      return this.failures.get(program) ?? exited({});
    }
    this.commands.push([program, ...args]);
    if (program === "ssh") return this.#ssh(args);
    const failure = this.failures.get(program);
    // Nothing keeps a lazy unmount from it.
    if (failure !== undefined && !args.includes("-z")) return failure;
    if (program === "sshfs") return this.#sshfs(args);
    if (program === "fusermount3") return this.#unmount(args.at(-1)!);
    throw new Error(`Nothing should run ${program}.`);
  }

  #settings(destination: string): RunOutcome {
    const hostname = destination.split("@").at(-1)!;
    const all = [["hostname", hostname], ...this.settings];
    const lines = all.map((pair) => `${pair.join(" ")}\n`);
    return exited({ stdout: lines.join("") });
  }

  #ssh(args: readonly string[]): RunOutcome {
    const verb = args[args.lastIndexOf("diskd") + 1]!;
    const failure = this.failures.get(`ssh ${verb}`);
    if (failure !== undefined) return failure;
    const answer = verb === "mount" ? this.answer : UNMOUNTED;
    return exited({ stdout: JSON.stringify(answer) });
  }

  #sshfs(args: readonly string[]): RunOutcome {
    const options = args.filter((_, index) => args[index - 1] === "-o");
    const source = /fsname=([^,]*)/.exec(options.at(-1)!)![1]!;
    const isReadOnly = options.at(-1)!.split(",").includes("ro");
    const flags = isReadOnly ? "ro" : "rw";
    this.show(args.at(-1)!, source, `${flags},user_id=${this.uid}`);
    return exited({});
  }

  #unmount(target: string): RunOutcome {
    const index = this.mounts.findLastIndex((mount) => mount.target === target);
    if (index === -1) return exited({ code: 1, stderr: "not mounted" });
    this.mounts.splice(index, 1);
    return exited({});
  }

  #findmnt(): RunOutcome {
    const filesystems = this.mounts.map((mount) => ({
      fsroot: "/",
      "maj:min": "0:99",
      ...mount,
    }));
    return exited({ stdout: JSON.stringify({ filesystems }) });
  }
}
