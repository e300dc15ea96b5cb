import assert from "node:assert/strict";
import { fileURLToPath, pathToFileURL } from "node:url";
import { eventually } from "../support/eventually.ts";
import { type Host, Lan, type Process } from "../support/lan.ts";
import type { Calls } from "./recorder.ts";

/** What the program does in one way through it. */
export interface Way {
  readonly name: string;
  /** Files of the program that are loaded. */
  readonly loaded: readonly string[];
  /** Those of them in which a function is called: what stands at the top level is none. */
  readonly run: readonly string[];
  /** Functions that are called. */
  readonly functions: number;
}

/** The label of a disk of beta, and of those that it gets later. */
const LABEL = "backup";
const LATER = Array.from({ length: 8 }, (_, index) => `later${index}`);
/** On alpha, and on beta, where the disk is. */
const COMMANDS: readonly (readonly [host: string, ...command: string[]])[] = [
  ["alpha", "where", LABEL],
  ["alpha", "list"],
  ["alpha", "mount", "--dry-run", LABEL],
  ["beta", "mount", "--dry-run", LABEL],
];
/** Says nothing by itself. */
const QUIET = ["--daemon", "--announce-interval", "1h"];
/** Looks for disks every second, or never. */
const DAEMONS = {
  alpha: [...QUIET, "--scan-interval", "1h"],
  beta: [...QUIET, "--scan-interval", "1s"],
};
const START_TIMEOUT_MS = 30_000;
/** A daemon says more in the first seconds after its start. */
const SETTLE_MS = 10_000;
/** Takes in the scan on beta, the datagram, and what alpha does next. */
const TAKE_IN_MS = 1_500;

/**
 * Measures the program in the folder `root` on a LAN in a box: commands on
 * alpha about a disk of beta, and what a daemon on alpha does with a datagram
 * that says that beta has one disk more.
 */
export async function measureWays(root: string): Promise<Way[]> {
  await using lan = await Lan.create({ hosts: ["alpha", "beta"] });
  const [alpha, beta] = [lan.host("alpha"), lan.host("beta")];
  await beta.attach(await beta.disk({ type: "ext4", label: LABEL }));
  await using other = new Recording(beta, root, DAEMONS.beta);
  await using daemon = new Recording(alpha, root, DAEMONS.alpha);
  await other.isReady();
  await daemon.isReady();
  await eventually(() => isListed(alpha, root, LABEL));
  const ways: Way[] = [];
  for (const [name, ...command] of COMMANDS) {
    await using run = new Recording(lan.host(name), root, command);
    const calls = await run.ofAll();
    ways.push(wayOf(`${command.join(" ")}, on ${name}`, { root, calls }));
  }
  const datagram = await measureDatagram(daemon, { alpha, beta, root });
  return [...ways, wayOf("an incoming datagram", datagram)];
}

/**
 * What else happens on this machine, such as devices that come and go, the
 * daemon sees too: so only what is called for each of several datagrams counts.
 */
async function measureDatagram(
  daemon: Recording,
  { alpha, beta, root }: {
    readonly alpha: Host;
    readonly beta: Host;
    readonly root: string;
  },
): Promise<Recorded> {
  const disks = await Promise.all(LATER.map(async (label) => ({
    label,
    disk: await beta.disk({ type: "ext4", label }),
  })));
  await pause(SETTLE_MS);
  const before = await daemon.take();
  const calls: Calls[] = [];
  const idle: Calls[] = [];
  for (const { label, disk } of disks) {
    await pause(TAKE_IN_MS);
    idle.push(await daemon.take());
    await beta.attach(disk);
    await pause(TAKE_IN_MS);
    calls.push(await daemon.take());
    await isListed(alpha, root, label);
    await daemon.take();
  }
  return { root, before, calls: inAll(calls), idle: inAll(idle) };
}

/** The calls that are in each of these. */
function inAll([first, ...others]: readonly Calls[]): Calls {
  const files = Object.entries(first!).map(([url, all]) => [
    url,
    all.filter((one) => others.every((calls) => calls[url]?.includes(one))),
  ]);
  return Object.fromEntries(files);
}

/** A run of the program that counts the calls of its functions. */
class Recording implements AsyncDisposable {
  readonly #folder = Deno.makeTempDirSync({ prefix: "structure-" });
  readonly #process: Process;
  #takes = 0;

  constructor(host: Host, root: string, args: readonly string[]) {
    const env = { STRUCTURE_CALLS: this.#folder };
    this.#process = host.spawn(programArgv(root, args), { env });
  }

  /** What it has printed. */
  get output(): string {
    return this.#process.log;
  }

  async isReady(): Promise<void> {
    await this.#process.waitForLog(/[ "]ready[ "]/, START_TIMEOUT_MS);
  }

  /** What was called since the last time, or ever. */
  async take(): Promise<Calls> {
    await this.#process.kill("SIGUSR2");
    return await this.#next();
  }

  /** What was called until it ended by itself, which must be well. */
  async ofAll(): Promise<Calls> {
    const { code, stderr } = await this.#process.end(START_TIMEOUT_MS);
    assert.equal(code, 0, stderr);
    return await this.#next();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
    await Deno.remove(this.#folder, { recursive: true });
  }

  async #next(): Promise<Calls> {
    const path = `${this.#folder}/${++this.#takes}.json`;
    return await eventually(async () =>
      JSON.parse(await Deno.readTextFile(path))
    );
  }
}

/** The program from source, with the recorder before it. */
function programArgv(root: string, args: readonly string[]): string[] {
  const recorder = fileURLToPath(new URL("recorder.ts", import.meta.url));
  return [
    ...[Deno.execPath(), "run", "-A", "--quiet", "--cached-only"],
    ...[`--config=${root}/deno.json`, `--preload=${recorder}`],
    ...[`${root}/main.ts`, ...args],
  ];
}

async function isListed(
  host: Host,
  root: string,
  label: string,
): Promise<void> {
  await using run = new Recording(host, root, ["list"]);
  await run.ofAll();
  assert.match(run.output, new RegExp(`\\b${label}\\b`));
}

interface Recorded {
  readonly root: string;
  /** In this way. */
  readonly calls: Calls;
  /** Before it, which tells what else is loaded. Default: nothing. */
  readonly before?: Calls;
  /** What goes on all the time, and does not count. Default: nothing. */
  readonly idle?: Calls;
}

function wayOf(name: string, recorded: Recorded): Way {
  const { root, calls, before = {}, idle = {} } = recorded;
  const prefix = `${pathToFileURL(root)}/`;
  const ours = (urls: readonly string[]) =>
    urls.filter((url) => url.startsWith(prefix))
      .map((url) => url.slice(prefix.length)).toSorted();
  const called = Object.entries(calls).map(([url, all]) => {
    const others = idle[url] ?? [];
    const own = all.filter((one) => isFunction(one) && !others.includes(one));
    return [url, own.length] as const;
  }).filter(([url, count]) => count > 0 && url.startsWith(prefix));
  return {
    name,
    loaded: ours(Object.keys({ ...before, ...calls })),
    run: ours(called.map(([url]) => url)),
    functions: called.reduce((sum, [, count]) => sum + count, 0),
  };
}

/** A file itself begins at 0 and has no name, and what makes the statics of a class runs with it. */
function isFunction(call: string): boolean {
  return call !== ":0" && !call.startsWith("<static_initializer>:");
}

function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}
