/**
 * Loaded before a program (`deno run --preload`), it counts the calls of each
 * function. On SIGUSR2 and at the end it writes what was called since the last
 * time to `$STRUCTURE_CALLS/1.json`, then `2.json`, and so on.
 */
import { Session } from "node:inspector";

/** As in the Profiler domain of the Chrome DevTools protocol. */
interface ScriptCoverage {
  readonly url: string;
  readonly functions: readonly {
    readonly functionName: string;
    readonly ranges: readonly {
      readonly startOffset: number;
      readonly count: number;
    }[];
  }[];
}

/** By the URL of each loaded file its functions that were called, as `name:offset`. */
export type Calls = Readonly<Record<string, readonly string[]>>;

const folder = Deno.env.get("STRUCTURE_CALLS");
if (folder === undefined) throw new Error("STRUCTURE_CALLS is not set.");
const session = new Session();
session.connect();
session.post("Profiler.enable");
session.post("Profiler.startPreciseCoverage", { callCount: true });
let written = 0;

function write(then?: () => void): void {
  session.post(
    "Profiler.takePreciseCoverage",
    (
      error: Error | null,
      { result }: { result: readonly ScriptCoverage[] },
    ) => {
      if (error) throw error;
      const path = `${folder}/${++written}.json`;
      Deno.writeTextFileSync(`${path}.new`, JSON.stringify(callsOf(result)));
      Deno.renameSync(`${path}.new`, path);
      then?.();
    },
  );
}

function callsOf(scripts: readonly ScriptCoverage[]): Calls {
  const files = scripts.filter(({ url }) => url.startsWith("file:"));
  return Object.fromEntries(files.map(({ url, functions }) => {
    const called = functions.filter(({ ranges }) => ranges[0]!.count > 0);
    return [
      url,
      called.map(({ functionName, ranges }) =>
        `${functionName}:${ranges[0]!.startOffset}`
      ),
    ];
  }));
}

Deno.addSignalListener("SIGUSR2", () => write());
const { exit } = Deno;
Deno.exit = ((code?: number) => write(() => exit(code))) as typeof exit;
