import { COMMAND_LINE } from "../../../src/cli/app.ts";
import type {
  DaemonClient,
  MountContext,
  TextSink,
} from "../../../src/cli/context.ts";

import { RemoteFailure } from "../../../src/control/client.ts";
import type { EventRow, Methods } from "../../../src/control/views.ts";
import { UTC } from "../../../src/render/format.ts";
import type { System } from "../../../src/system/system.ts";
import { scriptedSystem } from "../../support/scripted_system.ts";
import { findAmong } from "../daemon/find_among.ts";
import { NOW } from "../render/rows.ts";

/** What the daemon of a test answers, by method; `find` is judged from the rows of `where`. */
export type Answers = {
  readonly [M in keyof Methods]?:
    | Methods[M]["result"]
    | ((params: Methods[M]["params"]) => Methods[M]["result"]);
};

export interface FakeOptions {
  readonly answers?: Answers;
  readonly events?: readonly EventRow[];
  readonly env?: Record<string, string>;
  readonly files?: Record<string, string>;
  readonly stdin?: string;
  /** The same, as it comes. */
  readonly input?: ReadableStream<Uint8Array>;
  readonly isTerminal?: boolean;
  readonly isInteractive?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  readonly uid?: number;
  readonly mayAsk?: boolean;
  readonly cwd?: string;
  /** Default: one on which no program is installed. */
  readonly system?: System;
  readonly inPrompt?: boolean;
  /** Typed as soon as keys are read. */
  readonly keys?: string;
  /** What is typed when the command asks. */
  readonly typed?: string | null;
  /** Thrown instead of connecting. */
  readonly unreachable?: Error;
}

/** A context whose output and connections a test can look at. */
export interface FakeContext extends MountContext {
  readonly stdout: FakeSink;
  readonly stderr: FakeSink;
  /** What was asked. */
  readonly questions: string[];
  /** Paths of each attempt to connect. */
  readonly connections: string[][];
}

export class FakeSink implements TextSink {
  text = "";
  isClosed = false;
  readonly waitingChars = 0;
  write(text: string): void {
    this.text += text;
  }
  flush(): Promise<void> {
    return Promise.resolve();
  }
}

export function fakeContext(options: FakeOptions = {}): FakeContext {
  const connections: string[][] = [];
  const questions: string[] = [];
  const system = options.system ??
    scriptedSystem(() => ({ kind: "missing" }));
  return {
    stdout: new FakeSink(),
    stderr: new FakeSink(),
    connections,
    questions,
    ask(question) {
      questions.push(question);
      return Promise.resolve(options.typed ?? null);
    },
    commandLine: COMMAND_LINE,
    isTerminal: options.isTerminal ?? false,
    isInteractive: options.isInteractive ?? false,
    columns: () => options.columns ?? Infinity,
    rows: () => options.rows ?? Infinity,
    resized: () => () => {},
    onKeys(onKey) {
      for (const key of options.keys ?? "") queueMicrotask(() => onKey(key));
      return () => {};
    },
    mayAsk: options.mayAsk ?? false,
    system,
    loadSystem: () => Promise.resolve(system),
    env: options.env ?? {},
    uid: options.uid ?? 0,
    inPrompt: options.inPrompt ?? false,
    now: () => NOW,
    zone: UTC,
    cwd: () => options.cwd ?? null,
    // deno-lint-ignore require-await
    async openInput(path) {
      if (path === null && options.input) return options.input;
      const text = path === null ? options.stdin : options.files?.[path];
      if (text === undefined) throw new Error("no such file");
      return ReadableStream.from([new TextEncoder().encode(text)]);
    },
    readText: (path) => options.files?.[path] ?? null,
    connect(paths) {
      connections.push([...paths]);
      if (options.unreachable) return Promise.reject(options.unreachable);
      return Promise.resolve(fakeClient(options));
    },
    interrupted: () => new AbortController().signal,
    catchSignals: () => ({
      signal: new AbortController().signal,
      [Symbol.dispose]() {},
    }),
  };
}

function fakeClient({ answers = {}, events = [] }: FakeOptions): DaemonClient {
  const known = new Map<string, unknown>(Object.entries(answers));
  return {
    // deno-lint-ignore require-await
    async call(method, params) {
      const answer = (method: string) => {
        if (!known.has(method)) throw new RemoteFailure(-32601, `no ${method}`);
        const given = known.get(method);
        return typeof given === "function" ? given(params) : given;
      };
      if (method !== "find" || known.has("find")) return answer(method);
      const names = known.has("names") ? answer("names") : [];
      return findAmong(answer("where"), { name: "", ...params, names });
    },
    async *watch() {
      yield* events;
    },
    close: () => Promise.resolve(),
  };
}
