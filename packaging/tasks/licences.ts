/**
 * `deno task licences`: `dist/licences.txt`, the licences of all that is in the
 * binary. Fails where a package has no text of its licence.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { VERSION } from "../../src/version.ts";
import { type BundledPackage, bundledPackages } from "./bundled_packages.ts";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));
const DIST = join(PROJECT, "dist");
/** Licences of Deno and V8, and of packages whose archives lack them. */
const TEXTS = join(PROJECT, "packaging/licences");
/** Files of a package that its licence asks to be passed on. */
const LICENCE_FILE = /^(?:licen[cs]e|unlicense|copying|notice)(?:\.\w+)?$/i;

/** Something in the binary, and the text of its licence. */
interface Licensed {
  /** With its version and the short name of its licence. */
  readonly title: string;
  readonly text: string;
}

export function licences(packages: readonly BundledPackage[]): string {
  const { deno, v8 } = Deno.version;
  const runtime = [
    {
      title: `Deno ${deno}, the runtime (MIT)`,
      text: Deno.readTextFileSync(join(TEXTS, "deno.txt")),
    },
    {
      title: `V8 ${v8}, its JavaScript engine (BSD-3-Clause)`,
      text: Deno.readTextFileSync(join(TEXTS, "v8.txt")),
    },
  ];
  const bundled = packages.map((one) => ({
    title: `${one.name} ${one.version} (${one.licence})`,
    text: textOf(one),
  }));
  const own = {
    title: `diskd ${VERSION} (MIT)`,
    text: Deno.readTextFileSync(join(PROJECT, "LICENSE")),
  };
  return [
    `Licences of what is in the binary of diskd ${VERSION}: diskd, the npm\n` +
    "packages that it imports, and the runtime of Deno, which executes them.\n",
    ...sections([own, ...bundled, ...runtime]),
    `${RULE}\nRust crates in the runtime of Deno\n${RULE}\n\n` +
    "The runtime is taken unchanged from the release of Deno. It contains Rust\n" +
    "crates and the libraries that those bring, such as SQLite and ICU, and\n" +
    "comes without a list of their licences. Names, versions and sources are in\n" +
    `https://github.com/denoland/deno/blob/v${deno}/Cargo.lock\n` +
    "and each crate's licence is on https://crates.io.\n",
  ].join("\n");
}

const RULE = "-".repeat(72);

/** A text that several share stands once, below all their titles. */
function sections(all: readonly Licensed[]): readonly string[] {
  const sharing = Map.groupBy(all, ({ text }) => text);
  return [...sharing].map(([text, licensed]) => {
    const titles = licensed.map(({ title }) => title).join("\n");
    return `${RULE}\n${titles}\n${RULE}\n\n${text.trim()}\n`;
  });
}

function textOf({ name, folder }: BundledPackage): string {
  const files = [...Deno.readDirSync(folder)]
    .map((entry) => entry.name)
    .filter((file) => LICENCE_FILE.test(file))
    .sort();
  if (files.some((file) => !/^notice/i.test(file))) {
    return files.map((file) => Deno.readTextFileSync(join(folder, file)))
      .join("\n");
  }
  const given = join(TEXTS, `${name.replace("/", "+")}.txt`);
  try {
    return Deno.readTextFileSync(given);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Error(
      `The package ${name} has no file with its licence: put the text of its ` +
        `licence, with whose copyright it is, into ${given}.`,
    );
  }
}

if (import.meta.main) {
  const text = licences(bundledPackages(DIST));
  Deno.writeTextFileSync(join(DIST, "licences.txt"), text);
}
