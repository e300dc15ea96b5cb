import type { AttendOutcome, RunOutcome } from "../system/system.ts";
import { printable, printableStart } from "../text/printable.ts";
import { attendedEnvironment } from "./attended_environment.ts";
import { Refusal } from "./refusal.ts";
import type { RemoteTools } from "./remote_tools.ts";
import { sshfsArgv, type SshfsRequest } from "./sshfs_argv.ts";
import { fullDestination } from "./ssh_target.ts";
import { typed } from "./typed.ts";
import { readSshfsMounts } from "./sshfs_mounts.ts";

/** It prints nothing. */
const MAX_OUTPUT_BYTES = 4_096;
const RUN = { timeoutMs: 30_000, maxOutputBytes: 65_536 };
/** What is reached over a network may take a while to answer, but not longer. */
const ANSWER_MS = 5_000;

/** @throws {Refusal} where there is no sshfs on this host */
export async function checkSshfs(
  { system }: Pick<RemoteTools, "system">,
): Promise<void> {
  const outcome = await system.run("sshfs", ["--version"], RUN);
  if (outcome.kind === "exited") return;
  throw new Refusal("failed", {
    message: outcome.kind === "denied"
      ? `sshfs cannot be run: ${printable(outcome.reason)}`
      : "there is no sshfs on this host",
    hints: ["Install it; in Debian it is in sshfs."],
  });
}

/**
 * Shows a directory of another host in one of this, and makes sure of it.
 * @throws {Refusal} and then nothing is mounted there
 */
export async function mountSshfs(
  request: SshfsRequest,
  tools: RemoteTools,
): Promise<void> {
  const { system, env, signal } = tools;
  const argv = sshfsArgv(request, tools.ways);
  const outcome = await system.attend("sshfs", argv.slice(1), {
    env: attendedEnvironment(env),
    maxOutputBytes: MAX_OUTPUT_BYTES,
    signal,
  });
  const isDone = outcome.kind === "exited" && outcome.code === 0;
  if (!isDone) throw sshfsFailed(outcome, { request, argv, signal });
  const mounts = await readSshfsMounts(tools);
  const destination = fullDestination(request.target);
  const isThere = mounts.some((mount) =>
    mount.directory === request.directory && mount.uuid === request.uuid &&
    mount.destination === destination
  );
  if (isThere) return;
  throw new Refusal("failed", {
    message: "sshfs said that it was done, but nothing is mounted at " +
      printable(request.directory),
  });
}

/**
 * Ends what sshfs shows at a directory. Works when the other host is gone.
 * @throws {Refusal} where it is in use
 */
export async function unmountSshfs(
  directory: string,
  { system }: Pick<RemoteTools, "system">,
): Promise<void> {
  let outcome: RunOutcome = { kind: "missing" };
  for (const argv of unmountArgvs(directory)) {
    outcome = await system.run(argv[0]!, argv.slice(1), RUN);
    if (outcome.kind !== "missing") break;
  }
  if (outcome.kind === "exited" && outcome.code === 0) return;
  const why = outcome.kind === "exited"
    ? printableStart(outcome.stderr.trim(), 300)
    : `fusermount3: ${outcome.kind}`;
  throw new Refusal("failed", {
    message: `cannot unmount ${printable(directory)}: ${why}`,
    hints: [
      "Something may use it. To see what: " +
      typed(["fuser", "-vm", directory]),
    ],
  });
}

/** The command that ends it, as libfuse 3 has it, and as 2 had it. */
export function unmountArgvs(directory: string): string[][] {
  return ["fusermount3", "fusermount"]
    .map((program) => [program, "-u", "--", directory]);
}

/** Whether a directory can be looked at: not where sshfs was killed, or waits for a host that is gone. */
export async function answers(directory: string): Promise<boolean> {
  const late = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => late.resolve(false), ANSWER_MS);
  const looked = Deno.stat(directory).then(() => true, () => false);
  const isAnswered = await Promise.race([looked, late.promise]);
  clearTimeout(timer);
  return isAnswered;
}

function sshfsFailed(
  outcome: AttendOutcome,
  { request, argv, signal }: {
    readonly request: SshfsRequest;
    readonly argv: readonly string[];
    readonly signal: AbortSignal;
  },
): Refusal {
  const from = `${fullDestination(request.target)}:${request.path}`;
  if (signal.aborted) {
    return new Refusal("failed", {
      message: `interrupted while sshfs was to show ${printable(from)}`,
    });
  }
  const how = outcome.kind === "exited"
    ? `exit code ${outcome.code}`
    : outcome.kind;
  const [program, ...args] = argv;
  const talking = [program!, "-o", "sshfs_verbose", ...args];
  return new Refusal("failed", {
    message: `sshfs does not show ${printable(from)} (${how})`,
    hints: [
      "It does not pass on what ssh says. To see that: " +
      typed(talking),
      "That host may allow no sftp, or that user may not read the disk.",
    ],
  });
}
