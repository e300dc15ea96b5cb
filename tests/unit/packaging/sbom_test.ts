import assert from "node:assert/strict";
import { bundledPackages } from "../../../packaging/tasks/bundled_packages.ts";
import { sbom } from "../../../packaging/tasks/sbom.ts";
import { VERSION } from "../../../src/version.ts";
import { MadeUpDist, type MadeUpPackage } from "./bundled.ts";

/** What this test needs of CycloneDX 1.6. */
interface Bom {
  readonly bomFormat: string;
  readonly specVersion: string;
  readonly version: number;
  readonly serialNumber?: string;
  readonly metadata: { readonly timestamp: string; readonly component: Part };
  readonly components: readonly Part[];
  readonly dependencies: readonly { ref: string; dependsOn: string[] }[];
}

interface Part {
  readonly type: string;
  readonly group?: string;
  readonly name: string;
  readonly version: string;
  readonly "bom-ref": string;
  readonly purl: string;
  readonly licenses: readonly unknown[];
  readonly externalReferences?: readonly unknown[];
}

const PACKAGES: readonly MadeUpPackage[] = [
  {
    name: "@some/one",
    version: "1.2.3",
    license: "Apache-2.0",
    dependencies: ["two", "unused"],
  },
  { name: "two", version: "2.0.0", license: "(MIT OR Apache-2.0)" },
];

async function bomOf(packages: readonly MadeUpPackage[]): Promise<Bom> {
  await using dist = await MadeUpDist.make(packages);
  return sbom(bundledPackages(dist.path), 1_700_000_000) as Bom;
}

Deno.test("sbom() is CycloneDX without anything that differs from build to build", async () => {
  const bom = await bomOf(PACKAGES);
  assert.equal(bom.bomFormat, "CycloneDX");
  assert.equal(bom.specVersion, "1.6");
  assert.equal(bom.version, 1);
  assert.equal(bom.serialNumber, undefined);
  assert.equal(bom.metadata.timestamp, "2023-11-14T22:13:20.000Z");
  assert.deepEqual(await bomOf(PACKAGES), bom);
});

Deno.test("sbom() has the purl, version, sum and licence of each package in the bundle", async () => {
  const { components: [one, two] } = await bomOf(PACKAGES);
  assert.deepEqual(one, {
    type: "library",
    name: "one",
    version: "1.2.3",
    group: "@some",
    "bom-ref": "pkg:npm/%40some/one@1.2.3",
    purl: "pkg:npm/%40some/one@1.2.3",
    licenses: [{ license: { id: "Apache-2.0" } }],
    hashes: [{ alg: "SHA-512", content: "0".repeat(128) }],
  });
  assert.equal(two?.purl, "pkg:npm/two@2.0.0");
  assert.equal(two.group, undefined);
  assert.deepEqual(two.licenses, [{ expression: "(MIT OR Apache-2.0)" }]);
});

Deno.test("sbom() has diskd, Deno and V8, and all that depends on another by its reference", async () => {
  const { metadata: { component }, components, dependencies } = await bomOf(
    PACKAGES,
  );
  const { deno, v8 } = Deno.version;
  assert.equal(component.name, "diskd");
  assert.equal(component.version, VERSION);
  const refs = [component, ...components].map((one) => one["bom-ref"]);
  assert.equal(new Set(refs).size, refs.length);
  assert.deepEqual(dependencies, [
    {
      ref: refs[0],
      dependsOn: [refs[1], `pkg:github/denoland/deno@v${deno}`],
    },
    { ref: refs[1], dependsOn: [refs[2]] },
    { ref: refs[2], dependsOn: [] },
    { ref: refs[3], dependsOn: [`pkg:generic/v8@${v8}`] },
    { ref: refs[4], dependsOn: [] },
  ]);
});

Deno.test("sbom() refuses a sum that is no SHA-512", async () => {
  const [one] = PACKAGES;
  await assert.rejects(
    bomOf([{ ...one!, integrity: "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=" }]),
    /no SHA-512 of @some\/one, but sha1-2jmj/,
  );
});
