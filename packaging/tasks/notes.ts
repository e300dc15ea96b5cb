/**
 * `deno task notes`: prints what CHANGELOG.md says of this version, as the notes
 * of its release.
 */
import { VERSION } from "../../src/version.ts";
import { HOME } from "./home.ts";

/** Throws where the version has no entry, no date, or nothing to say. */
export function releaseNotes(changelog: string, version: string): string {
  const section = changelog.split(/^## /m)
    .find((section) => section.startsWith(`[${version}]`));
  if (section === undefined) {
    throw new Error(
      `CHANGELOG.md has no entry for ${version}: expected "## [${version}] - DATE".`,
    );
  }
  const [heading = "", ...lines] = section.split("\n");
  const date = heading.replace(`[${version}] - `, "");
  if (!/^\d{4}-\d\d-\d\d$/.test(date)) {
    throw new Error(
      `CHANGELOG.md: "## ${heading}" has no date: expected the day of the ` +
        "release, such as 2026-01-31.",
    );
  }
  const notes = unwrapped(lines).trim()
    .replaceAll("](docs/", `](${HOME}/blob/v${version}/docs/`);
  if (notes === "") {
    throw new Error(`CHANGELOG.md says nothing of ${version}.`);
  }
  return `${notes}\n`;
}

/** One line a paragraph and item: GitHub shows each line of a release's notes as one. */
function unwrapped(lines: readonly string[]): string {
  return lines.join("\n").replace(/(?<=\S)\n(?!\n|- |#)\s*/g, " ");
}

if (import.meta.main) {
  const changelog = new URL("../../CHANGELOG.md", import.meta.url);
  try {
    const notes = releaseNotes(Deno.readTextFileSync(changelog), VERSION);
    await Deno.stdout.write(new TextEncoder().encode(notes));
  } catch (error) {
    console.error(`notes: ${(error as Error).message}`);
    Deno.exit(1);
  }
}
