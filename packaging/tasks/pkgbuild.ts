/**
 * Prints the PKGBUILD of Arch Linux with the sums of a release:
 *
 *     deno task pkgbuild SHA256SUMS > PKGBUILD
 */
import { VERSION } from "../../src/version.ts";

const PKGBUILD = new URL("../arch/PKGBUILD", import.meta.url);

/** Fills the version and the empty arrays of sums of a PKGBUILD. */
export function withSums(
  pkgbuild: string,
  { version, sums }: { readonly version: string; readonly sums: string },
): string {
  const binary = (arch: string) => `diskd-${version}-linux-${arch}`;
  const arrays = {
    sha256sums: releaseFiles(pkgbuild),
    sha256sums_x86_64: [binary("x86_64")],
    sha256sums_aarch64: [binary("aarch64")],
  };
  const known = readSums(sums);
  let filled = pkgbuild.replace(/^pkgver=.*$/m, `pkgver=${version}`);
  for (const [name, files] of Object.entries(arrays)) {
    const lines = files.map((file) => `  ${sumOf(file, known)}\n`);
    filled = filled.replace(
      `\n${name}=()\n`,
      `\n${name}=(\n${lines.join("")})\n`,
    );
  }
  return filled;
}

/** The files of a release that both architectures use, in the order of `source`. */
export function releaseFiles(pkgbuild: string): string[] {
  const [, list] = /^_files=\(\n(.*?)^\)/ms.exec(pkgbuild)!;
  return list!.trim().split(/\s+/);
}

/** A file as `sha256sum` writes it: sums by file name. */
function readSums(text: string): Map<string, string> {
  const lines = text.matchAll(/^([0-9a-f]{64}) [ *](\S+)$/gm);
  return new Map([...lines].map(([, sum, name]) => [name!, sum!]));
}

function sumOf(file: string, known: ReadonlyMap<string, string>): string {
  const sum = known.get(file);
  if (sum === undefined) throw new Error(`The release has no sum of ${file}.`);
  return sum;
}

if (import.meta.main) {
  const [path] = Deno.args;
  if (path === undefined) {
    console.error("Usage: deno task pkgbuild SHA256SUMS");
    Deno.exit(2);
  }
  const pkgbuild = Deno.readTextFileSync(PKGBUILD);
  const sums = Deno.readTextFileSync(path);
  await Deno.stdout.write(
    new TextEncoder().encode(withSums(pkgbuild, { version: VERSION, sums })),
  );
}
