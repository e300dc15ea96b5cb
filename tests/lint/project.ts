import { join } from "node:path";
import { type Module, parseModule } from "./module.ts";

/** What is read of a project: its program, its source and its tests. */
const PARTS = ["main.ts", "src", "tests"];
/** Text for tests to read; nothing that runs. */
const EXCLUDED = "tests/fixtures";
/** The page of `diskd web` is of plain modules. */
const SCRIPT = /\.[jt]s$/;

/** All files of a project, and who imports what from whom. */
export class Project {
  readonly #modules = new Map<string, Module>();
  /** By file and name, those that import it. Made when it is asked for. */
  #users: Map<string, Set<string>> | null = null;
  /** By name, the files of src/ that declare it. Likewise. */
  #declaring: Map<string, Module[]> | null = null;

  /** @param sources texts by path from the root of the project. */
  constructor(sources: Iterable<readonly [path: string, text: string]>) {
    for (const [path, text] of sources) this.set(path, text);
  }

  /** Reads the project in the folder `root`. */
  static read(root: string): Project {
    return new Project(
      PARTS.flatMap((part) => [...scripts(root, part)]).map((path) =>
        [path, Deno.readTextFileSync(join(root, path))] as const
      ),
    );
  }

  /** From now on a file of the project has this text. */
  set(path: string, text: string): Module {
    const known = this.#modules.get(path);
    if (known?.text === text) return known;
    const module = parseModule(path, text);
    this.#modules.set(path, module);
    this.#users = this.#declaring = null;
    return module;
  }

  /** The files of src/. */
  get source(): readonly Module[] {
    return [...this.#modules.values()].filter(({ path }) => isSource(path));
  }

  /** The packages from which something is imported, sorted. */
  get packages(): readonly string[] {
    const all = [...this.#modules.values()].flatMap(({ imports }) => imports);
    const named = all.map(({ specifier }) => specifier);
    const packages = named.filter((one) => !/^(\.|node:)/.test(one))
      .map((one) => /^(?:@[^/]+\/)?[^/]+/.exec(one)![0]);
    return [...new Set(packages)].toSorted();
  }

  /** Other files that import `name` from the file `path`, by their paths. */
  usersOf(path: string, name: string): readonly string[] {
    const users = this.#users ??= this.#findUsers();
    const found = [name, ALL].flatMap((one) => [
      ...users.get(keyOf(path, one)) ?? [],
    ]);
    return found.filter((user) => user !== path);
  }

  /** Other files that import anything from the file `path`, or run it. */
  importersOf(path: string): readonly string[] {
    return [...this.#modules.values()]
      .filter((module) => module.path !== path)
      .filter(({ imports }) => imports.some(({ file }) => file === path))
      .map((module) => module.path);
  }

  /** Files of src/ that import each other, however indirectly: each set of them once. */
  get circles(): readonly (readonly string[])[] {
    const circles = new Map<string, readonly string[]>();
    for (const { path, imports } of this.source) {
      const back = imports.filter(({ file }) => this.way(file, path) !== null);
      if (back.length === 0) continue;
      const members = this.source.map((one) => one.path).filter((other) =>
        this.way(path, other) !== null && this.way(other, path) !== null
      );
      circles.set(members.join(), members);
    }
    return [...circles.values()];
  }

  /** Files of src/ that declare `name` at the top level. */
  declaring(name: string): readonly Module[] {
    return (this.#declaring ??= this.#findDeclaring()).get(name) ?? [];
  }

  /** The shortest way along imports from one file to another, with both; `null` where there is none. */
  way(from: string, to: string): readonly string[] | null {
    const cameFrom = new Map<string, string | null>([[from, null]]);
    for (const path of cameFrom.keys()) {
      if (path === to) return wayBack(cameFrom, to).reverse();
      for (const { file } of this.#modules.get(path)?.imports ?? []) {
        if (!cameFrom.has(file)) cameFrom.set(file, path);
      }
    }
    return null;
  }

  #findDeclaring(): Map<string, Module[]> {
    const declaring = new Map<string, Module[]>();
    for (const module of this.source) {
      for (const { name } of module.declared) {
        declaring.set(name, [...declaring.get(name) ?? [], module]);
      }
    }
    return declaring;
  }

  #findUsers(): Map<string, Set<string>> {
    const users = new Map<string, Set<string>>();
    for (const { path, imports } of this.#modules.values()) {
      for (const { file, names } of imports) {
        for (const name of names === "all" ? [ALL] : names) {
          const key = keyOf(file, name);
          users.set(key, (users.get(key) ?? new Set()).add(path));
        }
      }
    }
    return users;
  }
}

/** In the place of a name: all that a file exports. */
const ALL = "*";

export function isSource(path: string): boolean {
  return path.startsWith("src/");
}

/** Whether the file declares `name`, and does not only pass it on. */
export function exportsOwn(module: Module, name: string): boolean {
  return module.exports.some((one) => one.name === name) &&
    module.declared.some((one) => one.name === name);
}

function keyOf(path: string, name: string): string {
  return `${path}#${name}`;
}

function wayBack(
  cameFrom: ReadonlyMap<string, string | null>,
  to: string,
): string[] {
  const way: string[] = [];
  for (let at: string | null = to; at !== null; at = cameFrom.get(at)!) {
    way.push(at);
  }
  return way;
}

function* scripts(root: string, path: string): Generator<string> {
  if (path === EXCLUDED) return;
  if (SCRIPT.test(path)) {
    yield path;
    return;
  }
  for (const { name, isDirectory } of Deno.readDirSync(join(root, path))) {
    if (isDirectory || SCRIPT.test(name)) {
      yield* scripts(root, `${path}/${name}`);
    }
  }
}
