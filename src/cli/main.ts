import type { Environment } from "../config/paths.ts";
import { CONFIG_VARIABLES } from "../config/settings.ts";
import { connectControl } from "../control/client.ts";
import { ATTENDED_VARIABLES } from "../mount/attended_environment.ts";
import { CALLER_VARIABLES } from "../mount/caller.ts";
import type { System } from "../system/system.ts";
import { within } from "../system/within.ts";
import { COMMAND_LINE, reportFailure, runCommandLine } from "./app.ts";
import type { CaughtSignals, Context } from "./context.ts";
import { EXIT } from "../system/exit_code.ts";
import { TextOutput } from "./text_output.ts";

/** Longest wait at the end for a slow reader of standard error. */
const LAST_WORDS_MS = 500;

/** Runs the program with its arguments, writes all output, and returns the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const context = processContext();
  const code = await runReporting(args, context);
  const written = await flush(context);
  return written ? code : EXIT.output;
}

/** An unexpected error is reported in a single line, not in Deno's format. */
async function runReporting(
  args: readonly string[],
  context: Context,
): Promise<number> {
  try {
    return await runCommandLine(args, context);
  } catch (error) {
    return reportFailure(error, context);
  }
}

/** Whether all output was written. If standard error fails, the failure cannot be reported. */
async function flush(context: Context): Promise<boolean> {
  let written = true;
  try {
    await context.stdout.flush();
  } catch (error) {
    reportFailure(error, context);
    written = false;
  }
  await flushLastWords(context);
  return written;
}

async function flushLastWords({ stderr }: Context): Promise<void> {
  await within(LAST_WORDS_MS, stderr.flush().catch(() => {}));
}

/** Besides those of the configuration. */
const OTHER_VARIABLES = [
  ...ATTENDED_VARIABLES,
  ...CALLER_VARIABLES,
  "JOURNAL_STREAM",
  "NO_COLOR",
  "NOTIFY_SOCKET",
  "SSH_ORIGINAL_COMMAND",
  "WATCHDOG_PID",
  "WATCHDOG_USEC",
];

/** Used if a terminal does not report its size. */
const DEFAULT_SIZE = { columns: 80, rows: 24 };

/**
 * The context of this process.
 *
 * Needs `--allow-env` for `CONFIG_VARIABLES` (`DISKD_*`, `HOME`,
 * `XDG_RUNTIME_DIR`, `XDG_STATE_HOME`), `ATTENDED_VARIABLES` and
 * `JOURNAL_STREAM`, `NO_COLOR`, `NOTIFY_SOCKET`, `SSH_ORIGINAL_COMMAND`, `WATCHDOG_PID`, `WATCHDOG_USEC`;
 * `--allow-sys=uid`;
 * `--allow-read` and `--allow-write` for the sockets, and for the configuration
 * file `--allow-read`.
 */
function processContext(): Context {
  const isTerminal = Deno.stdout.isTerminal();
  const interruption = new AbortController();
  const uid = Deno.uid();
  return {
    stdout: new TextOutput(Deno.stdout),
    stderr: new TextOutput(Deno.stderr),
    isTerminal,
    isInteractive: isTerminal && Deno.stdin.isTerminal(),
    mayAsk: Deno.stdin.isTerminal() && Deno.stderr.isTerminal(),
    loadSystem,
    env: readVariables([...CONFIG_VARIABLES, ...OTHER_VARIABLES]),
    uid,
    inPrompt: false,
    columns: () => isTerminal ? terminalSize().columns : Infinity,
    rows: () => isTerminal ? terminalSize().rows : Infinity,
    resized: onResized,
    onKeys,
    now: () => Date.now(),
    zone: { offsetAt: (ms) => -new Date(ms).getTimezoneOffset() },
    cwd,
    readText,
    openInput,
    connect: (paths, onDoubt) => connectControl(paths, { uid, onDoubt }),
    ask: askTerminal,
    interrupted: () => onSignals(interruption),
    catchSignals,
    commandLine: COMMAND_LINE,
  };
}

function terminalSize(): { readonly columns: number; readonly rows: number } {
  try {
    const { columns, rows } = Deno.consoleSize();
    return {
      columns: columns || DEFAULT_SIZE.columns,
      rows: rows || DEFAULT_SIZE.rows,
    };
  } catch {
    return DEFAULT_SIZE;
  }
}

function onResized(onResize: () => void): () => void {
  Deno.addSignalListener("SIGWINCH", onResize);
  return () => Deno.removeSignalListener("SIGWINCH", onResize);
}

/** Ctrl-C stays a signal. The last read is never answered, as Deno cannot cancel it. */
function onKeys(onKey: (key: string) => void): () => void {
  let isOver = false;
  const read = async () => {
    const typed = new Uint8Array(64);
    while (!isOver) {
      const length = await Deno.stdin.read(typed);
      if (length === null || isOver) return;
      for (const byte of typed.subarray(0, length)) {
        onKey(String.fromCharCode(byte));
      }
    }
  };
  Deno.stdin.setRaw(true, { cbreak: true });
  read().catch(() => {});
  return () => {
    isOver = true;
    Deno.stdin.setRaw(false);
  };
}

async function loadSystem(): Promise<System> {
  return (await import("../system/deno_system.ts")).denoSystem();
}

function readVariables(names: readonly string[]): Environment {
  return Object.fromEntries(names.map((name) => [name, Deno.env.get(name)]));
}

/** Deno requires permission to read the directory. */
function cwd(): string | null {
  try {
    return Deno.cwd();
  } catch {
    return null;
  }
}

function readText(path: string): string | null {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return null;
  }
}

async function openInput(
  path: string | null,
): Promise<AsyncIterable<Uint8Array>> {
  if (path === null) return Deno.stdin.readable;
  return (await Deno.open(path)).readable;
}

/**
 * After the first signal the process continues, so that the command can end; a
 * second signal ends it.
 */
function onSignals(interruption: AbortController): AbortSignal {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    const listener = () => {
      Deno.removeSignalListener(signal, listener);
      interruption.abort();
    };
    Deno.addSignalListener(signal, listener);
  }
  return interruption.signal;
}

function catchSignals(): CaughtSignals {
  const caught = new AbortController();
  const listener = () => caught.abort();
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) Deno.addSignalListener(signal, listener);
  return {
    signal: caught.signal,
    [Symbol.dispose]() {
      for (const signal of signals) Deno.removeSignalListener(signal, listener);
    },
  };
}

/**
 * Asks on standard error, because standard output may carry data, and reads a
 * line; `null` after Ctrl-C or Ctrl-D.
 */
async function askTerminal(question: string): Promise<string | null> {
  const { createInterface } = await import("node:readline");
  const { stdin, stderr } = await import("node:process");
  const lines = createInterface({ input: stdin, output: stderr });
  const { promise, resolve } = Promise.withResolvers<string | null>();
  lines.on("SIGINT", () => lines.close());
  lines.on("close", () => resolve(null));
  lines.question(question, resolve);
  const answer = await promise;
  if (answer === null) stderr.write("\n");
  lines.close();
  return answer;
}
