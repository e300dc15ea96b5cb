import { shellQuoted } from "../../src/text/shell_quoted.ts";
import { Holder, SYSTEM_PATH } from "./holder.ts";
import { ipBatch } from "./ip.ts";
import type { DiskOptions, LoopDisk } from "./loop_disk.ts";
import { type Outcome, Process, run } from "./process.ts";
import { programArgv, programEnv } from "./program.ts";
import type { Port, Switch } from "./switch.ts";

/** Programs found first in PATH, `diskd` among them. */
const BIN_FOLDER = "/run/lan/bin";
const HOME = "/run/lan/home";

export interface HostOptions {
  readonly name: string;
  /** Networks that it is on; the first is eth0, the next eth1. Default `["lan"]`. */
  readonly networks?: readonly string[];
  /** Whether it has a route to everywhere, by way of its first network. Default true. */
  readonly defaultRoute?: boolean;
  /** Default: IPv4 alone. */
  readonly families?: readonly ("IPv4" | "IPv6")[];
  /** 32 lower case hexadecimal digits, as in machine-id(5). Default: random. */
  readonly machineId?: string;
}

/** What the hosts of one LAN share. */
export interface Surroundings {
  readonly network: Switch;
  makeDisk(options: DiskOptions): Promise<LoopDisk>;
}

export interface CommandOptions {
  /** Added to the host's environment. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface RunOptions extends CommandOptions {
  /** What it reads; default: nothing. */
  readonly input?: string | Uint8Array;
  /** After this long it is killed and `run()` rejects. Default 30 s. */
  readonly timeoutMs?: number;
}

/**
 * One machine on the LAN in a box: a network, `/dev`, `/run`, `/proc`, host
 * name, machine id and home of its own, and its own layer over `/etc` and
 * `/var/lib`. All other folders are the real machine's: `/tmp` is shared.
 */
export class Host implements AsyncDisposable {
  readonly #holder: Holder;
  readonly #surroundings: Surroundings;
  readonly #processes: Process[] = [];

  readonly name: string;
  readonly machineId: string;
  readonly ports: readonly Port[];

  private constructor(
    holder: Holder,
    surroundings: Surroundings,
    about: Required<Pick<HostOptions, "name" | "machineId">> & {
      readonly ports: readonly Port[];
    },
  ) {
    this.#holder = holder;
    this.#surroundings = surroundings;
    this.name = about.name;
    this.machineId = about.machineId;
    this.ports = about.ports;
  }

  static async start(
    surroundings: Surroundings,
    options: HostOptions,
  ): Promise<Host> {
    const { name, networks = ["lan"], families } = options;
    const machineId = options.machineId ?? newMachineId();
    const holder = await Holder.start("host_init.sh", [
      name,
      machineId,
      families?.includes("IPv6") ? "0" : "1",
    ]);
    try {
      const ports = await surroundings.network.connect(holder.pid, networks);
      await ipBatch(holder.pid, portCommands(ports, options));
      const program = holder.path(`${BIN_FOLDER}/diskd`);
      await Deno.writeTextFile(program, programScript(), { mode: 0o755 });
      return new Host(holder, surroundings, { name, machineId, ports });
    } catch (error) {
      await holder[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** A process that holds its namespaces, by its id on this machine. */
  get pid(): number {
    return this.#holder.pid;
  }

  /** IPv4 address on its first network. */
  get address(): string {
    const [port] = this.ports;
    if (!port) throw new Error(`${this.name} is on no network.`);
    return port.address;
  }

  /** What the programs of root have in their environment. */
  get environment(): Readonly<Record<string, string>> {
    return {
      PATH: `${BIN_FOLDER}:${SYSTEM_PATH}`,
      HOME,
      LANG: "C.UTF-8",
      ...programEnv(),
    };
  }

  /** The host's file `path`, seen from outside: to read, to write, or a socket to connect to. */
  path(path: string): string {
    return this.#holder.path(path);
  }

  /** Runs a command to its end, `diskd` or any other, in `/` without a shell. */
  run(argv: readonly string[], options: RunOptions = {}): Promise<Outcome> {
    const { env, ...rest } = options;
    return run(this.#enter(argv), { ...rest, ...this.#inside(env) });
  }

  /** Starts a command that goes on; it is killed with the host at the latest. */
  spawn(
    argv: readonly string[],
    options: CommandOptions & { readonly stdin?: "piped" | "null" } = {},
  ): Process {
    const { env, stdin } = options;
    const process = new Process(this.#enter(argv), {
      stdin,
      ...this.#inside(env),
    });
    this.#processes.push(process);
    return process;
  }

  /** Makes a disk that is not attached yet, here or anywhere. */
  disk(options: DiskOptions): Promise<LoopDisk> {
    return this.#surroundings.makeDisk(options);
  }

  /** Plugs a disk in: from now on its device is in this host's `/dev`. */
  async attach(disk: LoopDisk): Promise<void> {
    await disk.attachTo(this);
  }

  /** Pulls a disk out. */
  async detach(disk: LoopDisk): Promise<void> {
    if (disk.host !== this) {
      throw new Error(`${disk.device} is not attached to ${this.name}.`);
    }
    await disk.detach();
  }

  /** As if the power failed: everything on it is killed at once, without a word to the LAN. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#holder[Symbol.asyncDispose]();
    await Promise.all(
      this.#processes.map((process) => process[Symbol.asyncDispose]()),
    );
  }

  #enter(argv: readonly string[]): string[] {
    const target = `--target=${this.#holder.pid}`;
    const namespaces = ["--net", "--mount", "--uts", "--pid"];
    return ["nsenter", target, ...namespaces, "--", ...argv];
  }

  #inside(env: CommandOptions["env"]) {
    return { env: { ...this.environment, ...env }, wraps: true };
  }
}

function portCommands(
  ports: readonly Port[],
  { defaultRoute = true, families = ["IPv4"] }: HostOptions,
): string[] {
  const [hasIpv4, hasIpv6] = [
    families.includes("IPv4"),
    families.includes("IPv6"),
  ];
  const commands = ports.flatMap((port) => [
    // The kernel gives it no IPv6 address, which could not be used for seconds.
    `link set ${port.interface} addrgenmode none up`,
    ...hasIpv4 ? [`addr add ${port.address}/24 dev ${port.interface}`] : [],
    ...hasIpv6 ? [`addr add ${port.ipv6}/64 dev ${port.interface} nodad`] : [],
  ]);
  const [first] = ports;
  if (first && defaultRoute && hasIpv4) {
    commands.push(`route add default via ${first.gateway}`);
  }
  return commands;
}

function programScript(): string {
  return `#!/bin/sh\nexec ${shellQuoted(programArgv())} "$@"\n`;
}

function newMachineId(): string {
  return crypto.randomUUID().replaceAll("-", "");
}

/** Runs a line of shell on a host, which must do what it says, and gives what it printed. */
export async function asRoot(host: Host, line: string): Promise<string> {
  const { code, stdout, stderr } = await host.run(["sh", "-c", line]);
  if (code !== 0) throw new Error(`${line} on ${host.name}: ${stderr}`);
  return stdout;
}
