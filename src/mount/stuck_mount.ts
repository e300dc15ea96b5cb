import type { System } from "../system/system.ts";
import { printable, printableStart } from "../text/printable.ts";

/** A directory whose host or disk is gone: whether it is one, and who uses it. */

/** A network may delay the answer, but not longer. */
const ANSWER_MS = 5_000;
const LOOK = { timeoutMs: 10_000, maxOutputBytes: 4 * 1024 * 1024 };

/** Processes named in a message. */
const MAX_NAMED = 5;
const MAX_NAME_CHARS = 60;

/**
 * Whether a directory answers: not if sshfs was killed, or waits for a host
 * that is gone. statfs(2) is answered from no cache, and another process calls
 * it, because a process that waits for FUSE cannot even be killed.
 */
export async function answers(
  directory: string,
  system: Pick<System, "run">,
): Promise<boolean> {
  const args = ["--file-system", "--", directory];
  const outcome = await system.run("stat", args, {
    timeoutMs: ANSWER_MS,
    maxOutputBytes: LOOK.maxOutputBytes,
  });
  return outcome.kind === "exited" && outcome.code === 0;
}

/**
 * The processes of a directory that does not answer, as `1234 (cp -a ...)`:
 * those that have something in it open, as far as this user may see, and those
 * that wait for FUSE. Touches nothing in the directory.
 */
export async function processesIn(
  directory: string,
  system: Pick<System, "run">,
): Promise<string[]> {
  const [holders, processes] = await Promise.all([
    findHolders(directory, system),
    listProcesses(system),
  ]);
  const found = processes.filter(({ id, waitsFor, command }) =>
    holders.has(id) ||
    (waitsFor === FUSE_WAIT && !OUR_QUESTION.test(command))
  );
  const named = found.slice(0, MAX_NAMED).map(({ id, command }) =>
    `${id} (${printableStart(command, MAX_NAME_CHARS)})`
  );
  const rest = found.length - named.length;
  return rest > 0 ? [...named, `${rest} more`] : named;
}

/** The function of the kernel in which processes wait for a filesystem in user space. */
const FUSE_WAIT = "request_wait_answer";

/** The command of `answers`. */
const OUR_QUESTION = /^(?:\S*\/)?stat --file-system /;

/** Ids of the processes with a file, working directory or program there, from the links in /proc. */
async function findHolders(
  directory: string,
  { run }: Pick<System, "run">,
): Promise<ReadonlySet<string>> {
  const pattern = directory.replace(/[*?[\\]/g, "\\$&");
  const outcome = await run("find", [
    ...["/proc", "-mindepth", "1", "-maxdepth", "3"],
    ...["(", "-path", "/proc/[!0-9]*", "-o", "-path", "/proc/*/task"],
    ...["-o", "-path", "/proc/*/net", ")", "-prune", "-o"],
    ...["(", "-lname", pattern, "-o", "-lname", `${pattern}/*`, ")"],
    "-print",
  ], LOOK);
  // It fails too where a process has just ended.
  if (outcome.kind !== "exited") return new Set();
  const paths = new TextDecoder().decode(outcome.stdout);
  return new Set(
    [...paths.matchAll(/^\/proc\/(\d+)\//gm)].map(([, id = ""]) => id),
  );
}

interface RunningProcess {
  readonly id: string;
  /** Where it sleeps in the kernel, ps(1) `wchan`. */
  readonly waitsFor: string;
  readonly command: string;
}

async function listProcesses(
  { run }: Pick<System, "run">,
): Promise<RunningProcess[]> {
  const columns = ["pid=", "wchan:32=", "args="];
  const args = ["-ww", "-e", ...columns.flatMap((column) => ["-o", column])];
  const outcome = await run("ps", args, LOOK);
  if (outcome.kind !== "exited") return [];
  const text = new TextDecoder().decode(outcome.stdout);
  return [...text.matchAll(/^ *(\d+) +(\S+) +(.*)$/gm)].map(
    ([, id = "", waitsFor = "", command = ""]) => ({ id, waitsFor, command }),
  );
}

const GONE = {
  host: "does not answer",
  disk: "is on an unplugged disk",
};

/** A sentence about the processes of a directory that is taken away. */
export function sayProcesses(
  directory: string,
  { gone, processes }: {
    readonly gone: keyof typeof GONE;
    readonly processes: readonly string[];
  },
): string {
  const who = processes.length === 0
    ? "a process that this user may not see"
    : `process ${processes.join(", ")}`;
  const waiting = gone === "host"
    ? "; what waits for it goes on waiting until that host answers or sshfs " +
      "gives up"
    : "";
  return `${printable(directory)} ${GONE[gone]}, and is in use by ${who}. ` +
    `It is taken away all the same${waiting}.`;
}
