import { isJsonObject, type JsonObject } from "../text/json_object.ts";
import type { AttendOutcome } from "../system/system.ts";
import { printable, printableStart } from "../text/printable.ts";
import { typed } from "../text/shell_quoted.ts";
import { EXIT } from "../system/exit_code.ts";
import { attendedEnvironment } from "./attended_environment.ts";
import { type Caller, callerOf } from "./caller.ts";
import { LeftToOthers, Refusal, REFUSAL_OF_CODE } from "./refusal.ts";
import {
  type DiskHost,
  fullDestination,
  type RemoteTask,
  type RemoteTools,
  sshArgv,
  sshLine,
} from "./ssh.ts";
import type { MountView, UnmountedPlace, UnmountView } from "./views.ts";

/** A typical answer has a few hundred bytes. */
const MAX_REMOTE_ANSWER_BYTES = 65_536;

/** ssh(1): "255 if an error occurred". */
const SSH_FAILED = 255;
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

function failedHere(
  outcome: Exclude<AttendOutcome, { kind: "exited" }>,
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
function failedThere(
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
    // Hosts find a UUID in any case.
    if (answer.uuid.toLowerCase() === task.uuid.toLowerCase()) return answer;
  } catch (error) {
    if (!(error instanceof UnreadableAnswer)) throw error;
    throw notAnAnswer(diskHost, { why: error.message, printed });
  }
  throw notAnAnswer(diskHost, { why: "it concerns another disk", printed });
}

/** Longest quotation of what a host printed. */
const MAX_PRINTED_CHARS = 400;

/** A hint with what a host printed instead of an answer; none if that is nothing. */
function sayPrinted(stdout: Uint8Array, { host }: DiskHost): string[] {
  const text = new TextDecoder().decode(stdout).trim().replace(/\s+/g, " ");
  if (text === "") return [];
  return [
    `${printable(host)} printed: ${printableStart(text, MAX_PRINTED_CHARS)}`,
  ];
}

function notAnAnswer(
  { host }: DiskHost,
  { why, printed = [] }: {
    readonly why: string;
    readonly printed?: readonly string[];
  },
): Refusal {
  const name = printable(host);
  return new Refusal("failed", {
    message: `the answer of ${name} is not from diskd: ${why}`,
    hints: [
      ...printed,
      `Another program may answer at login on ${name}, such as a forced command.`,
      "The disk may be mounted there now; diskd unmount undoes that.",
    ],
  });
}

/** Longest possible path: `PATH_MAX` of limits.h less its NUL. */
const MAX_PATH_BYTES = 4_095;
/** Host names, labels and the like are far shorter. */
const MAX_TEXT_BYTES = 1_024;
/** No disk is mounted in more places. */
const MAX_PLACES = 1_000;

/** An invalid answer. The message continues a sentence, and quotes nothing of the answer. */
export class UnreadableAnswer extends Error {
  override readonly name = "UnreadableAnswer";
}

/**
 * Parses the output of `diskd mount --here UUID --json` on another host, field
 * by field, ignoring anything else: that host may lie.
 * @throws {UnreadableAnswer}
 */
export function readMountAnswer(stdout: Uint8Array): MountView {
  const answer = readObject(stdout);
  return {
    host: text(answer, "host"),
    hostId: text(answer, "hostId"),
    device: path(answer, "device"),
    uuid: text(answer, "uuid"),
    label: textOrNull(answer, "label"),
    type: textOrNull(answer, "type"),
    path: path(answer, "path"),
    at: null,
    readOnly: flag(answer, "readOnly"),
    wasMounted: flag(answer, "wasMounted"),
  };
}

/** The answer to another host. */
interface UnmountAnswer extends UnmountView {
  /** Mount points of other programs, if only those have it mounted. */
  readonly left?: readonly UnmountedPlace[];
}

/**
 * Parses the output of `diskd unmount --here UUID --json` likewise.
 * @throws {UnreadableAnswer}
 */
export function readUnmountAnswer(stdout: Uint8Array): UnmountAnswer {
  const answer = readObject(stdout);
  return {
    host: textOrNull(answer, "host"),
    hostId: textOrNull(answer, "hostId"),
    uuid: text(answer, "uuid"),
    label: textOrNull(answer, "label"),
    unmounted: places(answer, "unmounted"),
    ...("left" in answer && { left: places(answer, "left") }),
  };
}

function places(answer: JsonObject, key: string): UnmountedPlace[] {
  const list = answer[key];
  if (!Array.isArray(list) || list.length > MAX_PLACES) {
    throw wrong(key, "a list");
  }
  return list.map((place: unknown) => {
    if (!isJsonObject(place)) throw wrong(key, "objects");
    return { host: text(place, "host"), path: path(place, "path") };
  });
}

/** Start and end of an object in the output of diskd. */
const OBJECT_START = '{\n  "';
const OBJECT_END = "\n}\n";

/** The last object. A `.bashrc` or the like may print something before or after it. */
function lastObject(text: string): string {
  const end = text.lastIndexOf(OBJECT_END);
  const start = text.lastIndexOf(OBJECT_START, end);
  return end === -1 || start === -1
    ? text
    : text.slice(start, end + OBJECT_END.length);
}

function readObject(stdout: Uint8Array): JsonObject {
  let answer: unknown;
  try {
    answer = JSON.parse(lastObject(new TextDecoder().decode(stdout)));
  } catch {
    throw new UnreadableAnswer("it is not JSON");
  }
  if (!isJsonObject(answer)) throw new UnreadableAnswer("it is not an object");
  return answer;
}

function text(answer: JsonObject, key: string): string {
  const value = textOrNull(answer, key);
  if (value === null || value === "") throw wrong(key, "a text");
  return value;
}

function textOrNull(answer: JsonObject, key: string): string | null {
  const value = answer[key];
  if (value === null) return null;
  if (typeof value !== "string" || bytesOf(value) > MAX_TEXT_BYTES) {
    throw wrong(key, `a text of at most ${MAX_TEXT_BYTES} bytes, or null`);
  }
  return value;
}

function path(answer: JsonObject, key: string): string {
  const value = answer[key];
  const isPath = typeof value === "string" && value.startsWith("/") &&
    !/\p{Cc}/u.test(value) && bytesOf(value) <= MAX_PATH_BYTES;
  if (!isPath) {
    throw wrong(key, "an absolute path without control characters");
  }
  return value;
}

function flag(answer: JsonObject, key: string): boolean {
  const value = answer[key];
  if (typeof value !== "boolean") throw wrong(key, "true or false");
  return value;
}

function bytesOf(value: string): number {
  return new TextEncoder().encode(value).length;
}

function wrong(key: string, expected: string): UnreadableAnswer {
  return new UnreadableAnswer(`"${key}" is not ${expected}`);
}
