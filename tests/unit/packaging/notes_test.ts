import assert from "node:assert/strict";
import { join } from "node:path";
import { HOME } from "../../../packaging/tasks/home.ts";
import { releaseNotes } from "../../../packaging/tasks/notes.ts";
import { VERSION } from "../../../src/version.ts";
import { run } from "../../support/process.ts";
import { PROJECT } from "../../support/program.ts";

const CHANGELOG = `# Changelog

About it.

## [1.1.0] - unreleased

- Later.

## [1.0.1] - 2026-03-01

## [1.0.0] - 2026-01-31

The first
version.

### Added

- An item
  of two lines.
- [Another](docs/web.md#tls).

### Fixed

- A fault.
`;

Deno.test("releaseNotes() has a line for each item of the version", () => {
  assert.equal(
    releaseNotes(CHANGELOG, "1.0.0"),
    `The first version.

### Added

- An item of two lines.
- [Another](${HOME}/blob/v1.0.0/docs/web.md#tls).

### Fixed

- A fault.
`,
  );
});

Deno.test("releaseNotes() refuses a version of which CHANGELOG.md has no date or nothing", () => {
  assert.throws(() => releaseNotes(CHANGELOG, "1.0"), /no entry for 1\.0:/);
  assert.throws(() => releaseNotes(CHANGELOG, "2.0.0"), /no entry for 2\.0\.0/);
  assert.throws(
    () => releaseNotes(CHANGELOG, "1.1.0"),
    /"## \[1\.1\.0\] - unreleased" has no date/,
  );
  assert.throws(() => releaseNotes(CHANGELOG, "1.0.1"), /says nothing of/);
});

Deno.test("deno task notes prints the notes of this version, or why it has none", async () => {
  const changelog = await Deno.readTextFile(join(PROJECT, "CHANGELOG.md"));
  const released = changelog.replace(
    `## [${VERSION}] - unreleased`,
    `## [${VERSION}] - 2026-01-31`,
  );
  assert.match(releaseNotes(released, VERSION), /^\S.*\n/);
  const task = join(PROJECT, "packaging/tasks/notes.ts");
  const { code, stdout, stderr } = await run(
    [Deno.execPath(), "run", "-A", task],
    { env: { DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" } },
  );
  const isReleased = released === changelog;
  assert.equal(code, isReleased ? 0 : 1);
  assert.match(
    isReleased ? stdout : stderr,
    isReleased ? /^\S/ : /^notes: .* has no date/,
  );
});
