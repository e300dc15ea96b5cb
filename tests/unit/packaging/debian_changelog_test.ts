import assert from "node:assert/strict";
import {
  debianChangelog,
  packageVersion,
} from "../../../packaging/tasks/debian_changelog.ts";

const OPTIONS = { maintainer: "Somebody <>", epochSeconds: 86_400 };

Deno.test("debianChangelog() has each version, its headings and its items, at most 80 columns wide", () => {
  const long = "word ".repeat(30).trim();
  const text = `# Changelog

Words about it.

## [1.1.0-rc.1] - unreleased

A sentence.

### Added

- One thing, of
  two lines.
- ${long}

## [1.0.0] - 2026-03-01

### Fixed

- Another.
`;
  assert.equal(
    debianChangelog(text, OPTIONS),
    `diskd (1.1.0~rc.1-1) unstable; urgency=medium

  * A sentence.
  [ Added ]
  * One thing, of two lines.
  * ${"word ".repeat(15).trim()}
    ${"word ".repeat(15).trim()}

 -- Somebody <>  Fri, 02 Jan 1970 00:00:00 +0000

diskd (1.0.0-1) unstable; urgency=medium

  [ Fixed ]
  * Another.

 -- Somebody <>  Sun, 01 Mar 2026 00:00:00 +0000
`,
  );
});

Deno.test("debianChangelog() refuses a version whose heading it cannot read", () => {
  assert.throws(() => debianChangelog("## 1.0.0\n", OPTIONS), {
    message:
      'CHANGELOG.md: "## 1.0.0" is not of the form "## [1.2.3] - 2026-01-31".',
  });
});

Deno.test("packageVersion() lets a version before a release come before it", () => {
  assert.equal(packageVersion("1.0.0-rc.1"), "1.0.0~rc.1");
  assert.equal(packageVersion("1.0.0"), "1.0.0");
});
