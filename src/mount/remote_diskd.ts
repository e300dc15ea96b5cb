import type { AttendOutcome, HandedOverOutcome } from "../system/system.ts";
import { printable, printableStart } from "../text/printable.ts";
import { typed } from "../text/shell_quoted.ts";
import { EXIT } from "../system/exit_code.ts";
import { attendedEnvironment } from "./attended_environment.ts";
import { type Caller, callerOf } from "./caller.ts";
import { isSameUuid } from "./fit_uuid.ts";
import {
  readMountAnswer,
  readUnmountAnswer,
  UnreadableAnswer,
} from "./read_answers.ts";
import { LeftToOthers, Refusal, REFUSAL_OF_CODE } from "./refusal.ts";
import {
  type DiskHost,
  fullDestination,
  type RemoteTask,
  type RemoteTools,
  sshArgv,
  sshLine,
} from "./ssh.ts";
import type { MountView, UnmountView } from "./views.ts";

/** A typical answer has a few hundred bytes. */
export const MAX_REMOTE_ANSWER_BYTES = 65_536;

/** ssh(1): "255 if an error occurred". */
export const SSH_FAILED = 255;
/** sudo(8): it refused, or found no such command. */
const SUDO_FAILED = EXIT.notKnown;
/** sh(1): not found, and not executable. */
const NO_PROGRAM = [126, 127];

/**
 * Mounts a disk on its host over ssh. Messages of that host go directly to
 * standard error.
 * @throws {Refusal}
 */
export async function mountOnDiskHost(
  task: Pick<RemoteTask, "uuid" | "readOnly">,
  diskHost: DiskHost,
  tools: RemoteTools,
): Promise<MountView> {
  const stdout = await runOnDiskHost(
    { verb: "mount", ...task },
    diskHost,
    tools,
  );
  return readAnswer(readMountAnswer, { stdout, task, diskHost });
}

/**
 * Unmounts it there, as far as diskd mounted it.
 * @throws {Refusal}
 */
export async function unmountOnDiskHost(
  uuid: string,
  diskHost: DiskHost,
  tools: RemoteTools,
): Promise<UnmountView> {
  const task = { verb: "unmount", uuid, readOnly: false } as const;
  const stdout = await runOnDiskHost(task, diskHost, tools);
  return readAnswer(readUnmountAnswer, { stdout, task, diskHost });
}

/** Standard output of a successful task. */
async function runOnDiskHost(
  task: RemoteTask,
  diskHost: DiskHost,
  { system, env, uid, ways, signal }: RemoteTools,
): Promise<Uint8Array> {
  const [program, ...args] = sshArgv(task, diskHost.target, ways);
  const outcome = await system.attend(program!, args, {
    env: attendedEnvironment(env),
    maxOutputBytes: MAX_REMOTE_ANSWER_BYTES,
    signal,
  });
  if (outcome.kind === "exited" && outcome.code === 0) return outcome.stdout;
  if (signal.aborted) throw interrupted(task, diskHost);
  const isBatch = ways.isBatch;
  const caller = callerOf({ uid, env });
  if (task.verb === "unmount" && outcome.kind === "exited") {
    throwIfLeft(outcome, { task, diskHost });
  }
  throw outcome.kind === "exited"
    ? failedThere(outcome, { task, diskHost, isBatch, caller })
    : failedHere(outcome, diskHost);
}

type Exited = Extract<AttendOutcome, { kind: "exited" }>;

/** @throws {LeftToOthers} if the answer says that only other programs have it mounted */
function throwIfLeft(
  { code, stdout }: Exited,
  { task, diskHost }: Pick<RemoteAttempt, "task" | "diskHost">,
): void {
  if (REFUSAL_OF_CODE.get(code) !== "refused") return;
  try {
    const { uuid, left = [] } = readUnmountAnswer(stdout);
    if (uuid !== task.uuid || left.length === 0) return;
    const paths = left.map(({ path }) => path);
    throw new LeftToOthers(paths, printable(diskHost.host));
  } catch (error) {
    if (!(error instanceof UnreadableAnswer)) throw error;
  }
}

function interrupted({ verb, uuid }: RemoteTask, diskHost: DiskHost): Refusal {
  const name = printable(diskHost.host);
  return new Refusal("failed", {
    message: `interrupted while ${name} was asked to ${verb} it`,
    hints: verb === "mount"
      ? [`It may be mounted there now; to undo that: diskd unmount ${uuid}`]
      : [`It may be mounted there still; to try again: diskd unmount ${uuid}`],
  });
}

export function failedHere(
  outcome: Exclude<AttendOutcome | HandedOverOutcome, { kind: "exited" }>,
  diskHost: DiskHost,
): Refusal {
  switch (outcome.kind) {
    case "missing":
      return new Refusal("failed", {
        message: "there is no ssh on this host",
        hints: ["Install it; the Debian package is openssh-client."],
      });
    case "denied":
      return new Refusal("failed", {
        message: `ssh cannot be run: ${printable(outcome.reason)}`,
      });
    case "overflow":
      return notAnAnswer(diskHost, {
        why: `it is longer than ${outcome.limitBytes} bytes`,
      });
  }
}

interface RemoteAttempt {
  readonly task: RemoteTask;
  readonly diskHost: DiskHost;
  readonly isBatch: boolean;
  /** Who typed it, if that is not who ssh runs as. */
  readonly caller: Caller | null;
}

/** How it failed, with what was printed at login, such as "Please login as admin". */
export function failedThere(
  { code, stdout }: Exited,
  attempt: RemoteAttempt,
): Refusal {
  const { kind, message, hints } = explainCode(code, attempt);
  const printed = sayPrinted(stdout, attempt.diskHost);
  // A forced command may end so too, but it means nothing then.
  const isOdd = kind === "notKnown" && printed.length > 0;
  return new Refusal(isOdd ? "failed" : kind, {
    message,
    hints: [...printed, ...hints],
  });
}

function explainCode(code: number, attempt: RemoteAttempt): Refusal {
  const { verb } = attempt.task;
  const { host, target } = attempt.diskHost;
  const name = printable(host);
  if (code === SSH_FAILED) return sshFailed(attempt);
  if (target.sudo && (code === SUDO_FAILED || NO_PROGRAM.includes(code))) {
    return sudoFailed(attempt);
  }
  if (NO_PROGRAM.includes(code)) {
    const there = fullDestination(target);
    return new Refusal("failed", {
      message: `there is no diskd on ${name}, or not in the PATH of ssh ` +
        "has there",
      hints: [
        "Install it where ssh finds it, as in /usr/local/bin. To see where " +
        `it looks: ssh ${there} 'echo $PATH'`,
      ],
    });
  }
  const kind = REFUSAL_OF_CODE.get(code) ?? "failed";
  return new Refusal(kind, {
    message: `${name} did not ${verb} it (exit code ${code}); see its ` +
      "message above",
    hints: kind === "usage"
      ? [
        `If it does not know "${verb}", diskd on ${name} is too old: update it.`,
      ]
      : [],
  });
}

/** sudo(8) ends so too if it refuses, so these two cannot be told apart. */
function sudoFailed({ task, diskHost }: RemoteAttempt): Refusal {
  const { host, target } = diskHost;
  const name = printable(host);
  const at = target.destination.lastIndexOf("@");
  const user = target.user ??
    (at === -1 ? "USER" : target.destination.slice(0, at));
  return new Refusal("failed", {
    message: `${name} did not ${task.verb} it with sudo; see its message above`,
    hints: [
      `If sudo asks for a password, add on ${name} with visudo(8):`,
      `${user} ALL=(root) NOPASSWD: /usr/local/bin/diskd ssh-command -- *`,
      `If it does not find diskd, install it where secure_path of sudoers(5) on ${name} leads.`,
    ],
  });
}

function sshFailed({ diskHost, isBatch, caller }: RemoteAttempt): Refusal {
  const { host, hostId, target } = diskHost;
  const destination = fullDestination(target);
  const words = target.options.flatMap((option) => ["-o", option]);
  const isAsNamed = destination === host;
  const name = printable(host) + (isAsNamed ? "" : ` (${destination})`);
  const asking = isBatch
    ? [
      "Without its own terminal ssh cannot ask: it needs a key or an " +
      "agent, and a known host key.",
    ]
    : [];
  const asRoot = caller === null ? [] : [
    `ssh ran as root, without the keys and known hosts of ${caller.name}.`,
  ];
  return new Refusal("failed", {
    message: `ssh could not connect to ${name}; see its message above`,
    hints: [
      ...asking,
      ...asRoot,
      `Try: ${typed(["ssh", ...words, destination])}`,
      "If ssh knows that host by another name, add to the configuration: " +
      sshLine(isAsNamed ? host : hostId),
    ],
  });
}

/**
 * The answer, checked to concern this disk.
 * @throws {Refusal}
 */
function readAnswer<Answer extends { readonly uuid: string }>(
  read: (stdout: Uint8Array) => Answer,
  { stdout, task, diskHost }: {
    readonly stdout: Uint8Array;
    readonly task: Pick<RemoteTask, "uuid">;
    readonly diskHost: DiskHost;
  },
): Answer {
  const printed = sayPrinted(stdout, diskHost);
  try {
    const answer = read(stdout);
    if (isSameUuid(answer.uuid, task.uuid)) return answer;
  } catch (error) {
    if (!(error instanceof UnreadableAnswer)) throw error;
    throw notAnAnswer(diskHost, { why: error.message, printed });
  }
  throw notAnAnswer(diskHost, { why: "it concerns another disk", printed });
}

/** Longest quotation of what a host printed. */
const MAX_PRINTED_CHARS = 400;

/** A hint with what a host printed instead of an answer; none if that is nothing. */
export function sayPrinted(stdout: Uint8Array, { host }: DiskHost): string[] {
  const text = new TextDecoder().decode(stdout).trim().replace(/\s+/g, " ");
  if (text === "") return [];
  return [
    `${printable(host)} printed: ${printableStart(text, MAX_PRINTED_CHARS)}`,
  ];
}

export function notAnAnswer(
  { host }: DiskHost,
  { why, printed = [], verb = "mount" }: {
    readonly why: string;
    readonly printed?: readonly string[];
    readonly verb?: RemoteTask["verb"];
  },
): Refusal {
  const name = printable(host);
  return new Refusal("failed", {
    message: `the answer of ${name} is not from diskd: ${why}`,
    hints: [
      ...printed,
      `Another program may answer at login on ${name}, such as a forced command.`,
      ...(verb === "locate"
        ? []
        : ["The disk may be mounted there now; diskd unmount undoes that."]),
    ],
  });
}

/** What an answer says of who answers, and of which disk. */
type Answering = Pick<MountView, "host" | "hostId" | "label">;

/** What the daemon of this host named. */
interface MeantDisk {
  readonly uuid: string;
  readonly label: string | null;
  readonly diskHost: DiskHost;
}

/**
 * Two hosts may have the disk: the chosen one must answer, and mean the disk
 * that the daemon of this host named. `null` if they do.
 */
export function wrongAnswer(
  view: Answering,
  expected: MeantDisk,
): Refusal | null {
  const { diskHost, label } = expected;
  if (view.hostId !== diskHost.hostId) return wrongHost(view, diskHost);
  return view.label === label ? null : wrongLabel(view, expected);
}

function wrongHost(view: Answering, diskHost: DiskHost): Refusal {
  const destination = fullDestination(diskHost.target);
  return new Refusal("refused", {
    message: `ssh ${destination} leads to ${printable(view.host)} ` +
      `(${printable(view.hostId)}), not to ${printable(diskHost.host)} ` +
      `(${printable(diskHost.hostId)})`,
    hints: [
      `Add to the configuration where ssh finds it: ${
        sshLine(diskHost.hostId)
      }`,
    ],
  });
}

/** The name may be why the user chose it. */
function wrongLabel(
  { host, label }: Answering,
  request: MeantDisk,
): Refusal {
  const [is, said] = [label, request.label]
    .map((text) => printable(text ?? "none"));
  return new Refusal("refused", {
    message: `the label of ${request.uuid} on ${printable(host)} is ${is}, ` +
      `expected ${said}`,
    hints: ["Look again with: diskd refresh"],
  });
}
