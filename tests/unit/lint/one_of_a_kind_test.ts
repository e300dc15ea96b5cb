/**
 * What stands once in src/, by what gives it away in the text of a file. Copies
 * of these drifted apart before.
 */
import assert from "node:assert/strict";
import { Project } from "../../lint/project.ts";
import { PROJECT } from "../../support/program.ts";

const ONE_OF_A_KIND = [
  {
    what: "a splitter of lines off a stream",
    // Datagrams come whole, so the codec looks for newlines by itself.
    mark: /\.indexOf\((NEWLINE|LF|0x0a|10)\b/i,
    files: ["codec/first_line.ts", "system/lines.ts"],
  },
  {
    what: "a reader of findmnt",
    mark: /"filesystems"/,
    files: ["probe/parse_findmnt.ts"],
  },
  {
    what: "a reader of lsblk",
    mark: /"blockdevices"/,
    files: ["probe/parse_lsblk.ts"],
  },
  {
    what: "a race with a timer",
    // The session waits for the first of its requests, `list --watch` for the first of two ends.
    mark: /Promise\.race\(/,
    files: ["cli/watch_list.ts", "control/session.ts", "system/within.ts"],
  },
  {
    // A table of units, whatever it counts in, or a pattern of their letters.
    what: "a grammar of durations",
    mark: /\bh: [\d_(]|\[(?=\w*h)[smhdwy]{2,}\]|\bs\|m\|h|\bm\|h\|d/,
    files: ["text/duration.ts"],
  },
  {
    // A field that names a disk or a host, compared with what was typed.
    what: "a rule for what a name means",
    mark:
      /\b(label|serial|name|wwn|partuuid|host)\??\.toLowerCase\(\)|\.(label|serial|host|hostId|id) === (name|host|wanted)\b(?!\.)|COLLATE NOCASE (=|IN)|= \?\d COLLATE NOCASE|name\.normalize\(/,
    files: [
      "inventory/host_names.ts",
      "inventory/resolve.ts",
      // Selects what the resolver chooses from.
      "store/history/queries.ts",
      // Suggests names to somebody whose name means nothing.
      "text/nearest.ts",
    ],
  },
  {
    what: "the form of the ids of hosts",
    // With a dash behind it, it is LUKS' UUID in a name of dm.
    mark: /["'`^(|]v1-|\[0-9a-f\]\{32\}(?!-)/,
    files: ["inventory/host.ts"],
  },
  {
    // Flags and variables are named after settings, in one way.
    what: "a way to name flags and variables",
    mark: /\[A-Z\]\/g, "-|`DISKD_\$\{/,
    files: ["config/settings.ts"],
  },
  {
    what: "the length of the address of a Unix socket",
    mark: /= 10[478]\b/,
    files: ["control/limits.ts"],
  },
  {
    what: "a file written beside the old one, then renamed",
    mark: /\.new`/,
    files: ["system/write_whole.ts"],
  },
];

const { source } = Project.read(PROJECT);

for (const { what, mark, files } of ONE_OF_A_KIND) {
  Deno.test(`${what} stands in one place`, () => {
    const found = source
      .filter(({ text }) => mark.test(text))
      .map(({ path }) => path.replace("src/", ""));
    assert.deepEqual(found.toSorted(), files);
  });
}
