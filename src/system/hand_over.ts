import type { ChildProcess } from "node:child_process";
import type { Socket } from "node:net";
import { KILL_AFTER_MS, PROGRAM_PLACES } from "./run_program.ts";
import { within } from "./within.ts";
import type { HandedOverOutcome, HandOverOptions, SidePipe } from "./system.ts";

/** Limit of what is read from a side pipe. */
const MAX_SIDE_BYTES = 64 * 1024;

/**
 * Runs a program on this process's streams; see `System.handOver`. It is found
 * as by `runProgram`. Deno.Command cannot give it further pipes; Node's can.
 */
export async function handOver(
  program: string,
  args: readonly string[],
  { signal, sidePipes = 0, onStart }: HandOverOptions,
): Promise<HandedOverOutcome> {
  const started = await startAnywhere(program, args, sidePipes);
  if (started.kind !== "started") return started;
  const { child, ended } = started;
  const stop = () => terminate(child, ended);
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  const sockets = child.stdio.slice(3) as unknown as Socket[];
  onStart?.(sockets.map(sidePipe));
  const code = await ended;
  signal.removeEventListener("abort", stop);
  await within(KILL_AFTER_MS, Promise.all(sockets.map(isLetGo)));
  for (const socket of sockets) socket.destroy();
  return { kind: "exited", code };
}

type Spawned =
  | {
    readonly kind: "started";
    readonly child: ChildProcess;
    /** Its exit code; 128 and the number of the signal that ended it. */
    readonly ended: Promise<number>;
  }
  | Exclude<HandedOverOutcome, { kind: "exited" }>;

async function startAnywhere(
  program: string,
  args: readonly string[],
  sidePipes: number,
): Promise<Spawned> {
  let result = await start(program, args, sidePipes);
  if (program.includes("/")) return result;
  for (const place of PROGRAM_PLACES) {
    if (result.kind === "started") return result;
    const next = await start(`${place}/${program}`, args, sidePipes);
    // A refusal at one place tells more than its absence at others.
    if (result.kind === "missing" || next.kind === "started") result = next;
  }
  return result;
}

async function start(
  command: string,
  args: readonly string[],
  sidePipes: number,
): Promise<Spawned> {
  const { spawn } = await import("node:child_process");
  const { constants } = await import("node:os");
  const { promise: ended, resolve } = Promise.withResolvers<number>();
  try {
    const child = spawn(command, [...args], {
      cwd: "/",
      env: { LC_ALL: "C" },
      stdio: [
        ...["inherit", "inherit", "inherit"] as const,
        ...Array.from({ length: sidePipes }, () => "pipe" as const),
      ],
    });
    child.once(
      "exit",
      (code, name) =>
        resolve(code ?? 128 + (name === null ? 0 : constants.signals[name])),
    );
    await new Promise<void>((started, failed) => {
      child.once("spawn", started);
      child.once("error", failed);
    });
    return { kind: "started", child, ended };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === "ENOENT"
      ? { kind: "missing" }
      : { kind: "denied", reason: message };
  }
}

/** Settles when no process has the other end any more. */
async function isLetGo(socket: Socket): Promise<void> {
  if (socket.readableEnded || socket.destroyed) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  for (const event of ["end", "close", "error"]) socket.once(event, resolve);
  socket.resume();
  await promise;
}

function terminate(child: ChildProcess, ended: Promise<number>): void {
  child.kill("SIGTERM");
  const last = setTimeout(() => child.kill("SIGKILL"), KILL_AFTER_MS);
  void ended.then(() => clearTimeout(last));
}

function sidePipe(socket: Socket): SidePipe {
  return {
    async text() {
      let text = "";
      try {
        for await (const chunk of socket) {
          text += String(chunk);
          if (text.length > MAX_SIDE_BYTES) break;
        }
      } catch {
        // The program ended; what it wrote counts.
      }
      return text;
    },
    close: () => void socket.destroy(),
  };
}
