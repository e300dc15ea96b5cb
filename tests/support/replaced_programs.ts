import type { Host } from "./host.ts";

/** Where the system's programs are; on most systems some are links to others. */
const PLACES = ["/usr/sbin", "/sbin", "/usr/bin", "/bin"];

/** Copies of the programs that were replaced. */
const ORIGINALS = "/run/lan/originals";

/**
 * Programs of one host, replaced as that host alone sees them: a layer lies
 * over the folders that they are in, and the machine's own are not touched.
 */
export class ReplacedPrograms {
  readonly #host: Host;
  readonly #layered = new Set<string>();

  constructor(host: Host) {
    this.#host = host;
  }

  /** Puts a shell script in the program's place. */
  async replace(
    program: string,
    script: string,
    { executable = true }: { readonly executable?: boolean } = {},
  ): Promise<void> {
    const mode = executable ? 0o755 : 0o644;
    for (const path of await this.#paths(program)) {
      const file = this.#host.path(path);
      // Moved into place, as a running program cannot be written to.
      await Deno.writeTextFile(`${file}.new`, `#!/bin/sh\n${script}\n`);
      await Deno.chmod(`${file}.new`, mode);
      await Deno.rename(`${file}.new`, file);
    }
  }

  /** As if the package were not installed. */
  async remove(program: string): Promise<void> {
    for (const path of await this.#paths(program)) {
      await Deno.remove(this.#host.path(path));
    }
  }

  async restore(program: string): Promise<void> {
    for (const path of await this.#paths(program)) {
      const file = this.#host.path(path);
      await Deno.copyFile(path, `${file}.new`);
      await Deno.rename(`${file}.new`, file);
    }
  }

  /** A path, on the host, of the program as it was. */
  async original(program: string): Promise<string> {
    const [path] = placesOf(program);
    const copy = `${ORIGINALS}/${program}`;
    await Deno.mkdir(this.#host.path(ORIGINALS), { recursive: true });
    await Deno.copyFile(path!, this.#host.path(copy));
    return copy;
  }

  /** Each place of the program, writable on the host. */
  async #paths(program: string): Promise<string[]> {
    const paths = placesOf(program);
    for (const path of paths) await this.#layerOver(folderOf(path));
    return paths;
  }

  async #layerOver(folder: string): Promise<void> {
    if (this.#layered.has(folder)) return;
    this.#layered.add(folder);
    const [upper, work] = [`/run/lan/upper${folder}`, `/run/lan/work${folder}`];
    const layers = `lowerdir=${folder},upperdir=${upper},workdir=${work}`;
    const script = `mkdir -p ${upper} ${work} && ` +
      `mount -t overlay -o ${layers} overlay ${folder}`;
    const { code, stderr } = await this.#host.run(["sh", "-c", script]);
    if (code !== 0) throw new Error(`Cannot replace programs: ${stderr}`);
  }
}

/** Real paths on this machine, each once. */
function placesOf(program: string): string[] {
  const paths = new Set<string>();
  for (const place of PLACES) {
    try {
      paths.add(`${Deno.realPathSync(place)}/${program}`);
    } catch {
      // There is no such folder on this machine.
    }
  }
  const found = [...paths].filter(isFile);
  if (found.length > 0) return found;
  throw new Error(`There is no ${program} in ${PLACES.join(", ")}.`);
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}
