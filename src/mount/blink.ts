import type { RunOutcome, System } from "../system/system.ts";
import { unlessAborted } from "../system/within.ts";
import { parseDuration } from "../text/duration.ts";
import { printable, printableStart } from "../text/printable.ts";
import { type Argv, typed } from "../text/shell_quoted.ts";
import { Refusal } from "./refusal.ts";

/**
 * Makes the lights of drives blink: ledctl(8) switches the locate light on,
 * where there is one; other drives are read in pulses, so that their activity
 * light blinks. Nothing is written.
 */

/** A drive whose light is to blink. */
interface BlinkingDrive {
  /** Its path in `/dev`. */
  readonly device: string;
  /** In bytes; `null`: unknown. */
  readonly size: number | null;
  /** Its device numbers, `8:16`; `null`: unknown. */
  readonly majMin: string | null;
}

interface BlinkOptions {
  readonly system: System;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** Tells the user a printable sentence. */
  readonly say: (text: string) => void;
}

/** Length of a pulse, and of the pause after it. */
const ON_MS = 1_000;
const OFF_MS = 1_000;

/** A pulse consists of reads of so many blocks, each at another place. */
const BLOCK_BYTES = 1024 * 1024;
const BLOCKS_PER_READ = 4;
/** Time between two of them, in which others use the drive. */
const BREATH_MS = 10;

/** A drive that spins up takes 10 to 20 s; one that fails, longer. */
const READ_TIMEOUT_MS = 60_000;

const LEDCTL_TIMEOUT_MS = 15_000;
const LSBLK_TIMEOUT_MS = 15_000;
const MAX_OUTPUT_BYTES = 64 * 1024;

/** Exit codes from here on are 128 plus the number of a signal. */
const FIRST_SIGNAL_CODE = 128;

/** How often a light is switched off if Ctrl-C hits ledctl too. */
const OFF_ATTEMPTS = 3;

const TIME_LIMITS_MS = { from: 1_000, to: 24 * 3_600_000 };

/** For how long to blink, in ms; `null` for other text than 1s to 24h. */
export function parseBlinkTime(text: string): number | null {
  const ms = parseDuration(text);
  const { from, to } = TIME_LIMITS_MS;
  return ms !== null && ms >= from && ms <= to ? ms : null;
}

/** The command that switches the locate light of a drive, and leaves those of all others alone. */
export function ledctlArgv(device: string, isOn: boolean): Argv {
  const pattern = isOn ? "locate" : "locate_off";
  return ["ledctl", "--listed-only", `${pattern}=${device}`];
}

/** The command that reads a drive from a block on, past the page cache. */
export function readArgv(device: string, skip: number): Argv {
  return [
    "dd",
    `if=${device}`,
    "of=/dev/null",
    `bs=${BLOCK_BYTES}`,
    `count=${BLOCKS_PER_READ}`,
    `skip=${skip}`,
    "iflag=direct",
  ];
}

/**
 * Blinks until `signal` aborts, and switches every light off again.
 * @throws {Refusal} `notAttached` if a drive goes, `failed` if reading one
 * fails, `refused` without the right to read it
 */
export async function blink(
  drives: readonly BlinkingDrive[],
  options: BlinkOptions,
): Promise<void> {
  const lights = new LocateLights(options);
  try {
    const dark: BlinkingDrive[] = [];
    for (const drive of drives) {
      if (options.signal.aborted) return;
      if (!await lights.switchOn(drive.device)) dark.push(drive);
    }
    sayHow(drives, { ...options, dark });
    while (!options.signal.aborted) {
      await checkThere(drives, options.system);
      await pulse(dark, options);
    }
  } finally {
    await lights.switchOff();
  }
}

function sayHow(
  drives: readonly BlinkingDrive[],
  { dark, say }: BlinkOptions & { readonly dark: readonly BlinkingDrive[] },
): void {
  const lit = drives.filter((drive) => !dark.includes(drive));
  const of = (some: readonly BlinkingDrive[]) =>
    drives.length === 1 ? "" : ` of ${namesOf(some)}`;
  if (lit.length > 0) {
    say(`The locate light${of(lit)} blinks, switched on with ledctl.`);
  }
  if (dark.length > 0) {
    say(
      `No locate light${of(dark)} is known: diskd reads in pulses, so that ` +
        "the activity light is on for a second and off for a second.",
    );
  }
}

function namesOf(drives: readonly BlinkingDrive[]): string {
  return drives.map(({ device }) => printableStart(device)).join(", ");
}

/** The lights that ledctl has switched on. */
class LocateLights {
  readonly #options: BlinkOptions;
  /** Those that are on, or may be. */
  readonly #lit = new Set<string>();

  constructor(options: BlinkOptions) {
    this.#options = options;
  }

  /** Whether there is such a light, as far as ledctl knows. */
  async switchOn(device: string): Promise<boolean> {
    this.#lit.add(device);
    const outcome = await this.#run(ledctlArgv(device, true));
    if (isDone(outcome)) return true;
    if (!wasCutOff(outcome)) this.#lit.delete(device);
    return false;
  }

  /** Never throws. */
  async switchOff(): Promise<void> {
    for (const device of this.#lit) {
      const argv = ledctlArgv(device, false);
      let outcome = await this.#run(argv);
      for (let left = OFF_ATTEMPTS; wasCutOff(outcome) && left > 1; left--) {
        outcome = await this.#run(argv);
      }
      if (isDone(outcome)) continue;
      this.#options.say(
        `The light of ${printable(device)} may still blink. To switch it ` +
          `off, as root: ${typed(argv)}`,
      );
    }
    this.#lit.clear();
  }

  #run([program = "", ...args]: Argv): Promise<RunOutcome> {
    return this.#options.system.run(program, args, {
      timeoutMs: LEDCTL_TIMEOUT_MS,
      maxOutputBytes: MAX_OUTPUT_BYTES,
    });
  }
}

/** Some versions only complain. */
function isDone(outcome: RunOutcome): boolean {
  return outcome.kind === "exited" && outcome.code === 0 &&
    !/not supported|pattern ignored|missing block device/.test(outcome.stderr);
}

/** Ctrl-C goes to every program at the terminal. */
function wasCutOff(outcome: RunOutcome): boolean {
  return outcome.kind === "timeout" ||
    outcome.kind === "exited" && outcome.code >= FIRST_SIGNAL_CODE;
}

/** A second of reads and a second without. */
async function pulse(
  drives: readonly BlinkingDrive[],
  options: BlinkOptions,
): Promise<void> {
  const { system, signal } = options;
  const start = system.now();
  const reads = await Promise.allSettled(
    drives.map((drive) => readUntil(start + ON_MS, { drive, options })),
  );
  for (const read of reads) if (read.status === "rejected") throw read.reason;
  if (drives.length === 0) await rest(ON_MS, signal);
  await rest(OFF_MS, signal);
}

async function readUntil(
  end: number,
  { drive, options: { system, signal } }: {
    readonly drive: BlinkingDrive;
    readonly options: BlinkOptions;
  },
): Promise<void> {
  const blocks = Math.floor((drive.size ?? 0) / BLOCK_BYTES);
  const places = Math.max(1, blocks - BLOCKS_PER_READ + 1);
  while (!signal.aborted && system.now() < end) {
    const skip = Math.floor(system.random() * places);
    const [program = "", ...args] = readArgv(drive.device, skip);
    const outcome = await unlessAborted(
      signal,
      system.run(program, args, {
        timeoutMs: READ_TIMEOUT_MS,
        maxOutputBytes: MAX_OUTPUT_BYTES,
      }),
    );
    if (outcome === null) return;
    const failure = failureOf(outcome, drive.device);
    if (failure !== null) throw failure;
    await rest(BREATH_MS, signal);
  }
}

/** `null`: it was read, or Ctrl-C ended dd too. */
function failureOf(outcome: RunOutcome, device: string): Refusal | null {
  const name = printableStart(device);
  switch (outcome.kind) {
    case "exited":
      if (outcome.code >= FIRST_SIGNAL_CODE) return null;
      if (outcome.code !== 0) return unreadable(name, outcome.stderr);
      return /^0\+0 records in/m.test(outcome.stderr) ? gone(name) : null;
    case "timeout":
      return new Refusal("failed", {
        message: `${name} has not answered for ${READ_TIMEOUT_MS / 1000} s, ` +
          "so diskd reads it no more",
        hints: seeKernel(name),
      });
    case "overflow":
      return new Refusal("failed", { message: `dd on ${name} failed` });
    case "missing":
      return new Refusal("failed", {
        message: "there is no dd on this host",
        hints: ["Install it; the Debian package is coreutils."],
      });
    case "denied":
      return new Refusal("failed", {
        message: `dd cannot be run: ${printable(outcome.reason)}`,
      });
  }
}

function unreadable(name: string, stderr: string): Refusal {
  if (/Permission denied|Operation not permitted/.test(stderr)) {
    return new Refusal("refused", {
      message: `this user may not read ${name}`,
      hints: ["Run it as root: sudo diskd locate ..."],
    });
  }
  if (/No such (?:file|device)|No medium/.test(stderr)) return gone(name);
  const [line = ""] = stderr.split("\n");
  return new Refusal("failed", {
    message: `${name} fails, so diskd reads it no more: ${
      printableStart(line.replace(/^\S*dd: /, ""))
    }`,
    hints: seeKernel(name),
  });
}

function seeKernel(name: string): string[] {
  const kernelName = name.slice(name.lastIndexOf("/") + 1);
  return [`See, on its host: dmesg | grep ${kernelName}`];
}

function gone(name: string): Refusal {
  return new Refusal("notAttached", { message: `${name} is gone` });
}

/**
 * Whether all are what they were: another drive may get the path of one.
 * @throws {Refusal} `notAttached`
 */
async function checkThere(
  drives: readonly BlinkingDrive[],
  system: System,
): Promise<void> {
  const paths = drives.map(({ device }) => device);
  const args = ["-d", "-n", "-r", "-b", "-o", "MAJ:MIN,SIZE", "--"];
  const outcomes = await Promise.all(
    paths.map((path) =>
      system.run("lsblk", [...args, path], {
        timeoutMs: LSBLK_TIMEOUT_MS,
        maxOutputBytes: MAX_OUTPUT_BYTES,
      })
    ),
  );
  drives.forEach(({ device, majMin, size }, index) => {
    const outcome = outcomes[index]!;
    if (outcome.kind !== "exited" || outcome.code >= FIRST_SIGNAL_CODE) return;
    const [numbers = "", bytes = ""] = new TextDecoder().decode(outcome.stdout)
      .trim().split(/\s+/);
    const isSame = outcome.code === 0 && numbers !== "" &&
      (majMin === null || numbers === majMin) &&
      (size === null || Number(bytes) === size);
    if (!isSame) throw gone(printableStart(device));
  });
}

/** Settles early if `signal` aborts. */
async function rest(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await unlessAborted(signal, promise);
  clearTimeout(timer);
}
