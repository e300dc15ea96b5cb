/** How long `stop()` waits for the end, unless told otherwise. */
const STOP_TIMEOUT_MS = 10_000;
/** How long `waitForLog()` waits, unless told otherwise. */
const LOG_TIMEOUT_MS = 10_000;
/** How long a wrapper may take to fork the program. */
const FORK_TIMEOUT_MS = 5_000;
/** How long output is read after the end, in case a child of the program holds the pipe. */
const DRAIN_MS = 1_000;

export interface ProcessOptions {
  /** The whole environment: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  /** `piped`: standard input is open until `closeInput()`. Default `null`: there is none. */
  readonly stdin?: "piped" | "null";
  /**
   * The program is a wrapper, such as `nsenter`, that forks the real one and
   * waits for it: signals are for its child. Default false.
   */
  readonly wraps?: boolean;
}

/** How a process ended. */
export interface Outcome {
  /** 128 + the signal's number when a signal ended it. */
  readonly code: number;
  readonly signal: Deno.Signal | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running program whose output is kept; killed when it is disposed of. */
export class Process implements AsyncDisposable {
  readonly #argv: readonly string[];
  readonly #child: Deno.ChildProcess;
  readonly #wraps: boolean;
  readonly #readers: ReadableStreamDefaultReader<Uint8Array>[] = [];
  readonly #log = new Transcript();
  readonly #stdout = new Transcript();
  readonly #stderr = new Transcript();
  readonly #input: WritableStreamDefaultWriter<Uint8Array> | null;
  #ended = false;

  /** Settles when the process has ended and its output is read. */
  readonly outcome: Promise<Outcome>;

  constructor(argv: readonly string[], options: ProcessOptions) {
    const [program, ...args] = argv;
    if (program === undefined) throw new Error("No program was given to run.");
    this.#argv = argv;
    this.#wraps = options.wraps ?? false;
    this.#child = new Deno.Command(program, {
      args,
      clearEnv: true,
      env: { ...options.env },
      stdin: options.stdin ?? "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#input = options.stdin === "piped"
      ? this.#child.stdin.getWriter()
      : null;
    this.outcome = this.#follow();
  }

  /** Whether it still runs. */
  get running(): boolean {
    return !this.#ended;
  }

  /** Everything written so far, both streams in the order of arrival. */
  get log(): string {
    return this.#log.text;
  }

  /** The first match of `pattern` in `log`; rejects when it does not come in `timeoutMs`. */
  waitForLog(
    pattern: RegExp,
    timeoutMs = LOG_TIMEOUT_MS,
  ): Promise<RegExpExecArray> {
    return this.#log.waitFor(pattern, timeoutMs);
  }

  /** Writes to standard input, which must be piped. */
  async write(text: string | Uint8Array): Promise<void> {
    if (!this.#input) throw new Error("Standard input is not piped.");
    await this.#input.write(
      typeof text === "string" ? new TextEncoder().encode(text) : text,
    );
  }

  /** Ends standard input. */
  async closeInput(): Promise<void> {
    await this.#input?.close().catch(ignoreClosed);
  }

  /** Its process id on this machine: for a wrapper that of the program inside. */
  async pid(): Promise<number> {
    if (!this.#wraps) return this.#child.pid;
    const deadline = performance.now() + FORK_TIMEOUT_MS;
    while (!this.#ended && performance.now() < deadline) {
      const child = childOf(this.#child.pid);
      if (child !== null) return child;
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    throw new Error(`${this.#argv.join(" ")}: not running.\n${this.log}`);
  }

  /** Sends a signal; does nothing when the process has ended. */
  async kill(signal: Deno.Signal): Promise<void> {
    if (this.#ended) return;
    try {
      Deno.kill(await this.pid(), signal);
      // nsenter stops when its child does, and would not notice any more what
      // becomes of it.
      if (this.#wraps && signal !== "SIGSTOP") this.#child.kill("SIGCONT");
    } catch (error) {
      if (this.#ended || error instanceof Deno.errors.NotFound) return;
      throw error;
    }
  }

  /**
   * Sends `signal` and waits for the end. When that does not come within
   * `timeoutMs` the process is killed and this rejects.
   */
  async stop(
    signal: Deno.Signal = "SIGTERM",
    timeoutMs = STOP_TIMEOUT_MS,
  ): Promise<Outcome> {
    await this.kill(signal);
    return await this.end(timeoutMs);
  }

  /** Waits for the end by itself, with the same limit as `stop()`. */
  async end(timeoutMs: number): Promise<Outcome> {
    const outcome = await within(this.outcome, timeoutMs);
    if (outcome) return outcome;
    await this[Symbol.asyncDispose]();
    throw new Error(
      `${
        this.#argv.join(" ")
      } did not end within ${timeoutMs} ms. It wrote:\n${this.log}`,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill("SIGKILL");
    await this.outcome;
  }

  async #follow(): Promise<Outcome> {
    const drained = Promise.all([
      this.#read(this.#child.stdout, this.#stdout),
      this.#read(this.#child.stderr, this.#stderr),
    ]);
    const status = await this.#child.status;
    this.#ended = true;
    if (!await within(drained, DRAIN_MS)) {
      await Promise.all(this.#readers.map((reader) => reader.cancel()));
      await drained;
    }
    this.#log.end();
    await this.closeInput();
    return {
      code: status.code,
      signal: status.signal,
      stdout: this.#stdout.text,
      stderr: this.#stderr.text,
    };
  }

  async #read(
    stream: ReadableStream<Uint8Array>,
    transcript: Transcript,
  ): Promise<void> {
    const reader = stream.getReader();
    this.#readers.push(reader);
    const decoder = new TextDecoder();
    while (true) {
      const { value, done } = await reader.read();
      const text = decoder.decode(value, { stream: !done });
      transcript.append(text);
      this.#log.append(text);
      if (done) return;
    }
  }
}

/** Runs a program to its end. */
export function run(
  argv: readonly string[],
  options: ProcessOptions & {
    /** What it reads. */
    readonly input?: string | Uint8Array;
    /** After this long it is killed and `run()` rejects. Default 30 s. */
    readonly timeoutMs?: number;
  },
): Promise<Outcome> {
  const { input, timeoutMs = 30_000 } = options;
  const stdin = input === undefined ? "null" : "piped";
  const process = new Process(argv, { ...options, stdin });
  if (input !== undefined) {
    // A program need not read all of its input, so a broken pipe is no error.
    process.write(input).catch(ignoreClosed).then(() => process.closeInput());
  }
  return process.end(timeoutMs);
}

/** Runs a program to its end and rejects, with what it wrote, unless it exits with 0. */
export async function runOrThrow(
  argv: readonly string[],
  options: Parameters<typeof run>[1],
): Promise<string> {
  const { code, stdout, stderr } = await run(argv, options);
  if (code === 0) return stdout;
  throw new Error(
    `${argv.join(" ")} exited with ${code}:\n${stderr}${stdout}`,
  );
}

/** proc_pid_children(5); `null` while there is none. */
function childOf(pid: number): number | null {
  try {
    const pids = Deno.readTextFileSync(`/proc/${pid}/task/${pid}/children`);
    const first = Number.parseInt(pids, 10);
    return Number.isNaN(first) ? null : first;
  } catch {
    return null;
  }
}

async function within<T>(
  promise: Promise<T>,
  timeoutMs: number,
): Promise<T | null> {
  const { promise: timeout, resolve } = Promise.withResolvers<null>();
  const timer = setTimeout(() => resolve(null), timeoutMs);
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

/** The other end of a pipe may be gone before we are: its business. */
function ignoreClosed(): void {}

/** What a process has written so far, and who waits for more of it. */
export class Transcript {
  #text = "";
  #ended = false;
  readonly #waiting = new Set<() => void>();

  get text(): string {
    return this.#text;
  }

  append(text: string): void {
    this.#text += text;
    this.#wake();
  }

  /** Nothing more will come. */
  end(): void {
    this.#ended = true;
    this.#wake();
  }

  /**
   * The first match of `pattern` in all that was written, as soon as there is
   * one. Rejects after `timeoutMs`, or when the text ends without a match; the
   * error carries the text.
   */
  async waitFor(
    pattern: RegExp,
    timeoutMs: number,
  ): Promise<RegExpExecArray> {
    const deadline = performance.now() + timeoutMs;
    while (true) {
      const match = new RegExp(pattern.source, withoutState(pattern.flags))
        .exec(this.#text);
      if (match) return match;
      if (this.#ended) throw this.#missing(pattern, "before the output ended");
      const leftMs = deadline - performance.now();
      if (leftMs <= 0) throw this.#missing(pattern, `within ${timeoutMs} ms`);
      await this.#nextChange(leftMs);
    }
  }

  #nextChange(timeoutMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, timeoutMs);
    this.#waiting.add(resolve);
    return promise.finally(() => {
      clearTimeout(timer);
      this.#waiting.delete(resolve);
    });
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
  }

  #missing(pattern: RegExp, when: string): Error {
    return new Error(
      `No match of ${pattern} ${when}. The output was:\n${this.#text}`,
    );
  }
}

/** With `g` or `y` a pattern would go on where its last match ended. */
function withoutState(flags: string): string {
  return flags.replace(/[gy]/g, "");
}
