import { isMakersName } from "../inventory/evidence.ts";
import { printable } from "../text/printable.ts";
import { attendedEnvironment } from "./attended_environment.ts";
import { callerOf } from "./caller.ts";
import { isSameUuid } from "./fit_uuid.ts";
import { readLocateAnswer, UnreadableAnswer } from "./read_answers.ts";
import { Refusal } from "./refusal.ts";
import {
  failedHere,
  failedThere,
  MAX_REMOTE_ANSWER_BYTES,
  notAnAnswer,
  sayPrinted,
  SSH_FAILED,
  wrongAnswer,
} from "./remote_diskd.ts";
import { type DiskHost, type RemoteTools, sshArgv } from "./ssh.ts";
import type { LocateView } from "./views.ts";

const BEAT_MS = 5_000;

/** A caller that is silent for so long is gone, even if ssh does not know it yet. */
export const CALLER_SILENT_MS = 6 * BEAT_MS;

/** A disk of another host to locate. */
interface LocateTask {
  /** A UUID, WWN or serial number that is safe, see `isFitName`. */
  readonly name: string;
  /** As announced. */
  readonly label: string | null;
  readonly diskHost: DiskHost;
  /** For how long; `null`: until `signal` aborts. */
  readonly forMs: number | null;
}

/**
 * Lets the light of a disk blink there, until the time is over or `signal`
 * aborts. `onStart` receives the drives as soon as they are known.
 * @throws {Refusal}
 */
export async function locateOnDiskHost(
  request: LocateTask,
  { onStart, ...tools }: RemoteTools & {
    readonly onStart: (view: LocateView) => void;
  },
): Promise<void> {
  const { name, forMs, diskHost } = request;
  const task = { verb: "locate", uuid: name, readOnly: false, forMs } as const;
  const { system, env, uid, ways, signal } = tools;
  const [program, ...args] = sshArgv(task, diskHost.target, ways);
  const answer = new LocateAnswer(request, onStart);
  const outcome = await system.hold(program!, args, {
    env: attendedEnvironment(env),
    onLine: (line) => answer.add(line),
    beatMs: BEAT_MS,
    signal: AbortSignal.any([signal, answer.isWrong]),
  });
  if (answer.isWrong.aborted) throw answer.refusal!;
  if (signal.aborted) return;
  if (outcome.kind === "exited" && outcome.code === 0) {
    if (answer.refusal !== null) throw answer.refusal;
    return;
  }
  const isStarted = answer.refusal === null;
  if (isStarted && outcome.kind === "exited" && outcome.code === SSH_FAILED) {
    throw connectionEnded(diskHost);
  }
  throw outcome.kind === "exited"
    ? failedThere({ ...outcome, stdout: answer.odd }, {
      task,
      diskHost,
      isBatch: ways.isBatch,
      caller: callerOf({ uid, env }),
    })
    : failedHere(outcome, diskHost);
}

function connectionEnded({ host }: DiskHost): Refusal {
  const name = printable(host);
  return new Refusal("failed", {
    message: `the connection to ${name} ended; see the message of ssh above`,
    hints: [
      `The light goes out within ${
        CALLER_SILENT_MS / 1_000
      } s, if ${name} is ` +
      "still up.",
    ],
  });
}

/** What a host prints while it locates a disk. */
class LocateAnswer {
  readonly #request: LocateTask;
  readonly #onStart: (view: LocateView) => void;
  readonly #wrong = new AbortController();
  #text = "";
  /** Why there is no answer, or a wrong one; `null`: there is one. */
  refusal: Refusal | null;

  constructor(request: LocateTask, onStart: (view: LocateView) => void) {
    this.#request = request;
    this.#onStart = onStart;
    this.refusal = this.#unreadable("it is empty");
  }

  /** What was printed in place of an answer. */
  get odd(): Uint8Array {
    return new TextEncoder().encode(this.refusal === null ? "" : this.#text);
  }

  /** Aborts when nothing that follows can be an answer. */
  get isWrong(): AbortSignal {
    return this.#wrong.signal;
  }

  add(line: string): void {
    if (this.refusal === null || this.isWrong.aborted) return;
    this.#text += `${line}\n`;
    if (this.#text.length > MAX_REMOTE_ANSWER_BYTES) {
      const why = `it is longer than ${MAX_REMOTE_ANSWER_BYTES} bytes`;
      return this.#give(this.#unreadable(why));
    }
    try {
      const view = readLocateAnswer(this.odd);
      if (view !== null) this.#take(view);
    } catch (error) {
      if (!(error instanceof UnreadableAnswer)) throw error;
      this.refusal = this.#unreadable(error.message);
    }
  }

  #take(view: LocateView): void {
    const { name, label, diskHost } = this.#request;
    const isByUuid = isSameUuid(view.uuid, name);
    if (!isByUuid && !view.drives.some((drive) => isMakersName(name, drive))) {
      return this.#give(this.#unreadable("it concerns another disk"));
    }
    // By the name of its drive the other host means the drive, not a partition.
    const expected = { uuid: name, label: isByUuid ? label : view.label };
    const wrong = wrongAnswer(view, { ...expected, diskHost });
    if (wrong !== null) return this.#give(wrong);
    this.refusal = null;
    this.#onStart(view);
  }

  #give(refusal: Refusal): void {
    this.refusal = refusal;
    this.#wrong.abort();
  }

  #unreadable(why: string): Refusal {
    const { diskHost } = this.#request;
    const printed = sayPrinted(new TextEncoder().encode(this.#text), diskHost);
    return notAnAnswer(diskHost, { why, printed, verb: "locate" });
  }
}
