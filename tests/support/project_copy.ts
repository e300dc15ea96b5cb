import { dirname, join } from "node:path";
import { run, runOrThrow } from "./process.ts";
import { PROJECT } from "./program.ts";

/** What the type checker and the program read. */
const COPIED = ["main.ts", "deno.json", "deno.lock", "src"];

const ENV = Object.fromEntries(
  ["HOME", "PATH", "DENO_DIR"].flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  }),
);

/** A copy of the program, to be changed; gone when its block is left. */
export class ProjectCopy implements AsyncDisposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async make(): Promise<ProjectCopy> {
    const path = await Deno.makeTempDir({ prefix: "diskd_copy_" });
    const sources = COPIED.map((part) => join(PROJECT, part));
    await runOrThrow(["cp", "-r", ...sources, path], { env: ENV });
    return new ProjectCopy(path);
  }

  /** Rejects where the diff does not fit. */
  async apply(diff: string): Promise<void> {
    const argv = ["git", "-C", this.path, "apply", "-"];
    await runOrThrow(argv, { env: ENV, input: diff });
  }

  /** Rejects with what the type checker finds. */
  async check(): Promise<void> {
    const argv = this.#deno("check", ["--quiet"]);
    await runOrThrow(argv, { env: ENV, timeoutMs: 120_000 });
  }

  /** Runs a test of the project, that imports nothing but the program. Rejects where it fails. */
  async test(file: string): Promise<void> {
    const copy = join(this.path, file);
    await Deno.mkdir(dirname(copy), { recursive: true });
    await Deno.copyFile(join(PROJECT, file), copy);
    const config = `--config=${this.path}/deno.json`;
    const argv = [Deno.execPath(), "test", "-A", "--no-check", config, copy];
    await runOrThrow(argv, { env: ENV, timeoutMs: 120_000 });
  }

  /** A file of the copy, as a module of the type that it has here. */
  async import<Module>(file: string): Promise<Module> {
    return await import(join(this.path, file));
  }

  /** Standard output of diskd. */
  async diskd(args: readonly string[]): Promise<string> {
    return (await this.run(args)).stdout;
  }

  run(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const argv = this.#deno("run", ["-A", "--no-check"]);
    return run([...argv, ...args], { env: { ...ENV, ...env } });
  }

  #deno(task: string, options: readonly string[]): string[] {
    const config = `--config=${this.path}/deno.json`;
    return [Deno.execPath(), task, ...options, config, `${this.path}/main.ts`];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}
