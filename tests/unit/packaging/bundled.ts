import { dirname, join } from "node:path";

/** A sum of nothing, as deno.lock writes it. */
export const INTEGRITY = `sha512-${"A".repeat(86)}==`;

/** A package that a made-up bundle contains. */
export interface MadeUpPackage {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  /** Texts by name, beside its package.json. */
  readonly files?: Readonly<Record<string, string>>;
  readonly dependencies?: readonly string[];
  readonly integrity?: string;
}

/** What `deno task bundle` leaves behind, made up; gone when its block is left. */
export class MadeUpDist implements AsyncDisposable {
  private constructor(readonly path: string) {}

  static async make(packages: readonly MadeUpPackage[]): Promise<MadeUpDist> {
    const dist = new MadeUpDist(
      await Deno.makeTempDir({ prefix: "diskd_dist_" }),
    );
    await dist.#write("stage/deno.lock", {
      npm: Object.fromEntries(
        packages.map(({ name, version, integrity, dependencies }) => [
          `${name}@${version}`,
          { integrity: integrity ?? INTEGRITY, dependencies },
        ]),
      ),
    });
    const imports = Object.fromEntries(
      packages.map(({ name }) => [name, `npm:${name}`]).slice(0, 1),
    );
    await dist.#write("stage/deno.json", { imports });
    for (const one of packages) await dist.#unpack(one);
    const comments = packages.map((one) => `// ${folderOf(one)}/index.js\n`);
    await dist.#write("bundle/main.js", comments.join("\n"));
    return dist;
  }

  async #unpack(one: MadeUpPackage): Promise<void> {
    const { name, version, license, files = {} } = one;
    const folder = join("stage", folderOf(one));
    await this.#write(join(folder, "package.json"), { name, version, license });
    for (const [file, text] of Object.entries(files)) {
      await this.#write(join(folder, file), text);
    }
  }

  async #write(file: string, content: unknown): Promise<void> {
    const path = join(this.path, file);
    await Deno.mkdir(dirname(path), { recursive: true });
    const isText = typeof content === "string";
    await Deno.writeTextFile(path, isText ? content : JSON.stringify(content));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}

function folderOf({ name, version }: MadeUpPackage): string {
  const unpacked = `${name.replace("/", "+")}@${version}`;
  return `node_modules/.deno/${unpacked}/node_modules/${name}`;
}
