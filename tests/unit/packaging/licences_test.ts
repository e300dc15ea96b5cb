import assert from "node:assert/strict";
import { bundledPackages } from "../../../packaging/tasks/bundled_packages.ts";
import { licences } from "../../../packaging/tasks/licences.ts";
import { VERSION } from "../../../src/version.ts";
import { MadeUpDist, type MadeUpPackage } from "./bundled.ts";

async function licencesOf(packages: readonly MadeUpPackage[]): Promise<string> {
  await using dist = await MadeUpDist.make(packages);
  return licences(bundledPackages(dist.path));
}

function mit(name: string, files: Record<string, string>): MadeUpPackage {
  return { name, version: "1.2.3", license: "MIT", files };
}

Deno.test("licences() has name, version and text of each package, a shared text once", async () => {
  const text = await licencesOf([
    mit("@some/one", { "LICENSE": "Shared text\n", "index.js": "no text" }),
    mit("other", { "license.md": "Own text\n" }),
    mit("third", { "LICENSE.txt": "Shared text\n" }),
  ]);
  assert.match(
    text,
    /@some\/one 1\.2\.3 \(MIT\)\nthird 1\.2\.3 \(MIT\)\n-+\n\nShared text\n/,
  );
  assert.match(text, /\nother 1\.2\.3 \(MIT\)\n-+\n\nOwn text\n/);
  assert.doesNotMatch(text, /no text/);
});

Deno.test("licences() has the notices that come with a licence", async () => {
  const files = { "LICENSE": "Text\n", "NOTICE": "Thanks to all\n" };
  const text = await licencesOf([mit("one", files)]);
  assert.match(text, /\nText\n\nThanks to all\n/);
});

Deno.test("licences() fails where a package has no text of its licence, and names the remedy", async () => {
  await assert.rejects(
    licencesOf([mit("@some/one", { "NOTICE": "Thanks\n", "README.md": "" })]),
    /package @some\/one has no file .* into .*packaging\/licences\/@some\+one\.txt/,
  );
});

Deno.test("licences() takes the text that the project keeps of a package without one", async () => {
  const text = await licencesOf([mit("@stricli/core", {})]);
  assert.match(text, /@stricli\/core 1\.2\.3[^]+2024 Bloomberg Finance L\.P\./);
});

Deno.test("licences() has those of diskd, Deno and V8, and says where those of Rust crates are", async () => {
  const text = await licencesOf([]);
  const { deno, v8 } = Deno.version;
  for (
    const said of [
      `\ndiskd ${VERSION} (MIT)\n`,
      "Copyright (c) 2026 the diskd authors",
      `\nDeno ${deno}, the runtime (MIT)\n`,
      "the Deno authors",
      `\nV8 ${v8}, its JavaScript engine (BSD-3-Clause)\n`,
      "the V8 project authors",
      `/deno/blob/v${deno}/Cargo.lock\n`,
    ]
  ) assert.ok(text.includes(said), said);
});

Deno.test("bundledPackages() refuses a package that names no licence, or is not in deno.lock", async () => {
  await assert.rejects(
    licencesOf([{ name: "one", version: "1.0.0" }]),
    /one\/package\.json names no licence/,
  );
  await using dist = await MadeUpDist.make([mit("one", {})]);
  Deno.writeTextFileSync(`${dist.path}/stage/deno.lock`, '{"npm":{}}');
  assert.throws(() => bundledPackages(dist.path), /one@1\.2\.3 is not in deno/);
});
