/** Width that Debian's changelogs keep. */
const LINE_LENGTH = 78;

/**
 * CHANGELOG.md in the form of deb-changelog(5). A version that is not released
 * has the time `epochSeconds`.
 */
export function debianChangelog(
  changelog: string,
  { maintainer, epochSeconds }: {
    readonly maintainer: string;
    readonly epochSeconds: number;
  },
): string {
  const [, ...versions] = changelog.split(/^## /m);
  return versions.map((section) => {
    const [, version, date] = /^\[(\S+)\] - (.*)\n/.exec(section) ?? [];
    if (version === undefined || date === undefined) {
      const [heading] = section.split("\n");
      throw new Error(
        `CHANGELOG.md: "## ${heading}" is not of the form "## [1.2.3] - 2026-01-31".`,
      );
    }
    const isDay = /^\d{4}-\d\d-\d\d$/.test(date);
    const time = isDay ? new Date(date) : new Date(epochSeconds * 1000);
    const when = time.toUTCString().replace("GMT", "+0000");
    return [
      `diskd (${packageVersion(version)}-1) unstable; urgency=medium`,
      "",
      ...entries(section.slice(section.indexOf("\n") + 1)),
      "",
      ` -- ${maintainer}  ${when}`,
      "",
    ].join("\n");
  }).join("\n");
}

/** A version before a release, such as 1.0.0-rc.1, must not count as later than it. */
export function packageVersion(version: string): string {
  return version.replace("-", "~");
}

/** Headings and list items; the lines of a paragraph are filled anew. */
function entries(markdown: string): string[] {
  const blocks = markdown.trim().split(/\n\n|\n(?=- )/);
  return blocks.flatMap((block) => {
    const text = block.trim().replace(/\s*\n\s*/g, " ");
    if (text.startsWith("### ")) return [`  [ ${text.slice(4)} ]`];
    return fill(text.replace(/^- /, ""));
  });
}

function fill(text: string): string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1)!;
    const longer = line === "" ? word : `${line} ${word}`;
    // Every line is indented by four columns.
    if (line !== "" && longer.length > LINE_LENGTH - 4) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines.map((line, index) => `${index === 0 ? "  * " : "    "}${line}`);
}
