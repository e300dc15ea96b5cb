import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { bundledPackages } from "../../packaging/tasks/bundled_packages.ts";
import { VERSION } from "../../src/version.ts";
import { runOrThrow } from "../support/process.ts";
import { PROJECT } from "../support/program.ts";

const BUILT_FROM = ["main.ts", "deno.json", "deno.lock", "src", "packaging"]
  .concat(["LICENSE"]);
/**
 * `deno compile` puts the program behind this instead of Deno's runtime, which
 * is the same file in each build, but has to be downloaded: any ELF file will do.
 */
const RUNTIME = "/usr/bin/env";
const BUILD_TIMEOUT_MS = 120_000;

/** A copy of the project in which `deno task compile` has made `dist/diskd`. */
class Build implements AsyncDisposable {
  readonly #top: string;
  readonly dist: string;
  /** What was compiled: the runtime's stand-in, then the program. */
  readonly binary: Uint8Array;

  private constructor(top: string, dist: string) {
    this.#top = top;
    this.dist = dist;
    this.binary = Deno.readFileSync(join(dist, "diskd"));
  }

  /** @param options.folder from a temporary folder to the copy. */
  static async make(
    options: { folder: string; umask: string; env: Record<string, string> },
  ): Promise<Build> {
    // code_cache_test.ts looks in the same folder for what diskd might leave.
    const top = await Deno.makeTempDir({ prefix: "build_" });
    const copy = join(top, options.folder);
    await Deno.mkdir(dirname(copy), { recursive: true });
    const sources = BUILT_FROM.map((part) => join(PROJECT, part));
    const script = `umask ${options.umask} && mkdir "$1" && copy=$1 && shift &&
      cp -R "$@" "$copy" && cd "$copy" && "$DENO" task --quiet compile &&
      "$DENO" run -A packaging/tasks/licences.ts &&
      "$DENO" run -A packaging/tasks/sbom.ts`;
    const { COMPILE_FLAGS: _, ...around } = Deno.env.toObject();
    await runOrThrow(["sh", "-c", script, "sh", copy, ...sources], {
      env: {
        ...around,
        DENO: Deno.execPath(),
        DENORT_BIN: RUNTIME,
        SOURCE_DATE_EPOCH: "1700000000",
        ...options.env,
      },
      timeoutMs: BUILD_TIMEOUT_MS,
    });
    return new Build(top, join(copy, "dist"));
  }

  /** Of a file in `dist`. */
  read(name: string): string {
    return Deno.readTextFileSync(join(this.dist, name));
  }

  /** Names of the files that the binary contains, sorted. */
  get embedded(): readonly string[] {
    const text = new TextDecoder("latin1").decode(this.binary);
    return [...text.matchAll(/\{"File":\{"n":"([^"]+)","o":\[/g)]
      .map(([, name]) => name!)
      .sort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#top, { recursive: true });
  }
}

/** By name and version, what a file imports and what that needs, as deno.lock says. */
async function needs(file: string): Promise<Needs> {
  const output = await runOrThrow(
    [Deno.execPath(), "info", "--json", file],
    { env: Deno.env.toObject() },
  );
  const { modules, npmPackages }: {
    modules: { npmPackage?: string }[];
    npmPackages: Record<string, { dependencies: string[] }>;
  } = JSON.parse(output);
  const direct = new Set(modules.flatMap(({ npmPackage }) => npmPackage ?? []));
  const all = new Set(direct);
  for (const one of all) {
    for (const needed of npmPackages[one]!.dependencies) all.add(needed);
  }
  return { direct, all, locked: Object.keys(npmPackages) };
}

interface Needs {
  readonly direct: ReadonlySet<string>;
  readonly all: ReadonlySet<string>;
  /** Those of the whole project, also of its tests. */
  readonly locked: readonly string[];
}

Deno.test("deno task compile makes the same bytes in two folders, and of npm packages takes what main.ts imports", async (t) => {
  await using one = await Build.make({
    folder: "a",
    umask: "022",
    env: { TZ: "UTC" },
  });

  await t.step(
    "another folder, depth, umask, time zone and language, later",
    async () => {
      await using other = await Build.make({
        folder: "some/where/else/with a longer path",
        umask: "077",
        env: { TZ: "Asia/Tokyo", LANG: "de_DE.UTF-8" },
      });
      assert.equal(firstDifference(one.binary, other.binary), null);
      for (const name of ["licences.txt", `diskd-${VERSION}.cdx.json`]) {
        assert.equal(one.read(name), other.read(name));
      }
    },
  );

  await t.step("the binary has the files of the bundle, and no others", () => {
    const bundle = [...Deno.readDirSync(join(one.dist, "bundle"))];
    assert.deepEqual(one.embedded, bundle.map(({ name }) => name).sort());
  });

  const { direct, all, locked } = await needs(join(PROJECT, "main.ts"));
  const bundled = new Set(
    bundledPackages(one.dist).map(({ name, version }) => `${name}@${version}`),
  );

  await t.step("each package that is imported is in the bundle", () => {
    assert.deepEqual([...direct.difference(bundled)], []);
  });

  await t.step(
    "each package in the bundle is imported, or needed by one that is",
    () => {
      assert.deepEqual([...bundled.difference(all)], []);
    },
  );

  await t.step("the binary does not name the packages of the tests", () => {
    const text = new TextDecoder("latin1").decode(one.binary);
    const ofTests = locked.filter((name) => !all.has(name));
    assert.ok(ofTests.length > 0);
    assert.deepEqual(ofTests.filter((name) => text.includes(name)), []);
  });
});

/** Where two files begin to differ; `null` where they do not. */
function firstDifference(one: Uint8Array, other: Uint8Array): number | null {
  const length = Math.max(one.length, other.length);
  for (let at = 0; at < length; at++) if (one[at] !== other[at]) return at;
  return null;
}
