import { eventually } from "./eventually.ts";
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

const PROGRAM = "/run/lan/bin/diskd";

/** The program that was replaced, to be started from the script in its place. */
export const REAL_DISKD = "/run/lan/real-diskd";

/** Puts a shell script in the place of `diskd` on one host; `null`: nothing. */
export async function replaceDiskd(
  host: Host,
  script: string | null,
): Promise<void> {
  await Deno.rename(host.path(PROGRAM), host.path(REAL_DISKD));
  if (script === null) return;
  const text = `#!/bin/sh\n${script}\n`;
  await Deno.writeTextFile(host.path(PROGRAM), text, { mode: 0o755 });
}

export async function restoreDiskd(host: Host): Promise<void> {
  await Deno.rename(host.path(REAL_DISKD), host.path(PROGRAM));
}

const FOLDER = "/run/lan/gates";

/** A place in a script where it waits until a test lets it go on. */
export class Gate {
  readonly #host: Host;
  readonly #name: string;

  constructor(host: Host, name: string) {
    this.#host = host;
    this.#name = `${FOLDER}/${name}`;
  }

  /** Lines of shell that wait here. */
  get lines(): string {
    const name = this.#name;
    return `mkdir -p ${FOLDER}; rm -f ${name}.*; mkfifo ${name}.fifo; ` +
      `: >${name}.reached; read -r go <${name}.fifo`;
  }

  /** Waits until somebody waits here who has not been waited for before. */
  async reached(): Promise<void> {
    const file = this.#host.path(`${this.#name}.reached`);
    await eventually(() => Deno.remove(file), { pauseMs: 10 });
  }

  /** Lets the one go on who was waited for last. */
  async open(): Promise<void> {
    await Deno.writeTextFile(this.#host.path(`${this.#name}.fifo`), "go\n");
  }
}
