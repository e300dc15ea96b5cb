import { join } from "node:path";

/** An npm package of which a module is in the bundle, so in the binary. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** Where it is unpacked. */
  readonly folder: string;
  /** Sum of its archive, as in deno.lock: `sha512-` and base64. */
  readonly integrity: string;
  /** Whether diskd itself imports it. */
  readonly direct: boolean;
  /** Names of the packages that it needs, in the bundle or not. */
  readonly dependencies: readonly string[];
  /** SPDX expression that it says of itself. */
  readonly licence: string;
}

interface Lock {
  readonly npm: Readonly<
    Record<
      string,
      { readonly integrity: string; readonly dependencies?: readonly string[] }
    >
  >;
}

/** What `deno task bundle` staged: how the packages were found. */
interface Staged {
  readonly lock: Lock;
  readonly config: { readonly imports: Readonly<Record<string, string>> };
}

/** `deno bundle` writes above each module where it was. */
const MODULE =
  /^\/\/ (node_modules\/\.deno\/[^/]+\/node_modules\/(?:@[^/]+\/)?[^/]+)\//gm;

/** What `deno task bundle` took into the bundle in the folder `dist`, by name. */
export function bundledPackages(dist: string): readonly BundledPackage[] {
  const bundle = join(dist, "bundle");
  const stage = join(dist, "stage");
  const texts = [...Deno.readDirSync(bundle)].map(({ name }) =>
    Deno.readTextFileSync(join(bundle, name))
  );
  const folders = new Set(
    texts.flatMap((text) =>
      [...text.matchAll(MODULE)].map((match) => match[1]!)
    ),
  );
  const staged: Staged = {
    lock: readJson(join(stage, "deno.lock")),
    config: readJson(join(stage, "deno.json")),
  };
  return [...folders]
    .map((folder) => readPackage(join(stage, folder), staged))
    .sort((one, other) => one.name < other.name ? -1 : 1);
}

function readPackage(
  folder: string,
  { lock, config }: Staged,
): BundledPackage {
  const { name, version, license } = readJson<
    { name: string; version: string; license?: string }
  >(join(folder, "package.json"));
  const locked = lock.npm[`${name}@${version}`];
  if (!locked) throw new Error(`${name}@${version} is not in deno.lock.`);
  if (!license) throw new Error(`${folder}/package.json names no licence.`);
  const { integrity, dependencies = [] } = locked;
  return {
    name,
    version,
    folder,
    integrity,
    direct: name in config.imports,
    dependencies: dependencies.map((one) => one.replace(/(?<=.)@.*$/, "")),
    licence: license,
  };
}

function readJson<T>(path: string): T {
  return JSON.parse(Deno.readTextFileSync(path));
}
