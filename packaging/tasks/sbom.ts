/**
 * `deno task sbom`: `dist/diskd-VERSION.cdx.json`, what is in the binary, as
 * CycloneDX. The same source gives the same bytes: there is no serial number,
 * and the time is that of the source.
 *
 * @see https://cyclonedx.org/docs/1.6/json/
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { VERSION } from "../../src/version.ts";
import { type BundledPackage, bundledPackages } from "./bundled_packages.ts";
import { HOME } from "./home.ts";
import { sourceDateSeconds } from "./source_date.ts";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));
const DIST = join(PROJECT, "dist");

export function sbom(
  packages: readonly BundledPackage[],
  dateSeconds: number,
): unknown {
  const { deno, v8 } = Deno.version;
  const purls = new Map(packages.map((one) => [one.name, purlOf(one)]));
  const denoPurl = `pkg:github/denoland/deno@v${deno}`;
  const v8Purl = `pkg:generic/v8@${v8}`;
  const own = `pkg:generic/diskd@${VERSION}`;
  const direct = packages.filter((one) => one.direct).map(purlOf);
  return {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      timestamp: new Date(dateSeconds * 1000).toISOString(),
      component: {
        ...component("application", { name: "diskd", version: VERSION }),
        ...known(own, "MIT"),
        externalReferences: [{ type: "vcs", url: HOME }],
      },
    },
    components: [
      ...packages.map(npmComponent),
      {
        ...component("platform", { name: "deno", version: deno }),
        ...known(denoPurl, "MIT"),
      },
      {
        ...component("library", { name: "v8", version: v8 }),
        ...known(v8Purl, "BSD-3-Clause"),
      },
    ],
    dependencies: [
      { ref: own, dependsOn: [...direct, denoPurl] },
      ...packages.map((one) => ({
        ref: purlOf(one),
        dependsOn: one.dependencies.flatMap((name) => purls.get(name) ?? []),
      })),
      { ref: denoPurl, dependsOn: [v8Purl] },
      { ref: v8Purl, dependsOn: [] },
    ],
  };
}

function npmComponent(one: BundledPackage) {
  const [scope, name = scope] = one.name.split("/");
  return {
    ...component("library", { name, version: one.version }),
    ...(name === scope ? {} : { group: scope }),
    ...known(purlOf(one), one.licence),
    // Of the archive that npm has.
    hashes: [{ alg: "SHA-512", content: sha512Of(one) }],
  };
}

function component(
  type: string,
  { name, version }: { name: string | undefined; version: string },
) {
  return { type, name, version };
}

/** How others call it, and its licence: one of SPDX's names or an expression of them. */
function known(purl: string, licence: string) {
  const licenses = /^[\w.-]+$/.test(licence)
    ? [{ license: { id: licence } }]
    : [{ expression: licence }];
  return { "bom-ref": purl, purl, licenses };
}

/** @see https://github.com/package-url/purl-spec */
function purlOf({ name, version }: BundledPackage): string {
  return `pkg:npm/${name.replace("@", "%40")}@${version}`;
}

/** In hexadecimal. */
function sha512Of({ name, integrity }: BundledPackage): string {
  const [, base64] = /^sha512-([\w+/]{86}==)$/.exec(integrity) ?? [];
  if (base64) return Uint8Array.fromBase64(base64).toHex();
  throw new Error(`deno.lock has no SHA-512 of ${name}, but ${integrity}.`);
}

if (import.meta.main) {
  const bom = sbom(bundledPackages(DIST), sourceDateSeconds(PROJECT));
  const path = join(DIST, `diskd-${VERSION}.cdx.json`);
  Deno.writeTextFileSync(path, JSON.stringify(bom, null, 2) + "\n");
}
