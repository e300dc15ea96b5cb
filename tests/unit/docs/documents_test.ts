import assert from "node:assert/strict";
import { dirname, join, relative } from "node:path";
import { commandsCalled } from "../../../src/control/commands.ts";
import { VERSION } from "../../../src/version.ts";
import deno from "../../../deno.json" with { type: "json" };
import { PROJECT } from "../../support/program.ts";
import { document, DOCUMENTS } from "./documents.ts";
import {
  codeBlocks,
  typedCommands,
  withoutCode,
  withoutDiffs,
} from "./markdown.ts";

/** Who may be named: what a reader needs to follow the text, and nothing that could move. */
const HOSTS = [
  "deno.com",
  "keepachangelog.com",
  "semver.org",
  "www.jsonrpc.org",
];

/** Of the project, as long as nobody knows who owns it; a release has the real one. */
const HOME = "https://github.com/OWNER/diskd";

/** A command at the start of a line for a shell, as root or not. */
const SHELL_COMMAND = /^(?:sudo )?diskd ([a-z]+).*$/gm;

/** Where the page is. */
const IN_THE_LAN = /^(?:localhost|127\.0\.0\.1|192\.168\.1\.\d+|unix)(?::|$)/;

/** Where a path of a Linux host, or an address of the page, may begin. */
const FOLDERS = [
  "/api",
  "/dev",
  "/etc",
  "/home",
  "/media",
  "/metrics",
  "/mnt",
  "/proc",
  "/root",
  "/run",
  "/sbin",
  "/srv",
  "/bin",
  "/boot",
  "/lib",
  "/lib64",
  "/sys",
  "/tmp",
  "/usr",
  "/var",
];

for (const [path, text] of DOCUMENTS) {
  Deno.test(`${path} links only to what is there`, () => {
    for (const [, target] of withoutCode(text).matchAll(/\]\(([^)]+)\)/g)) {
      if (/^https?:/.test(target!)) continue;
      const problem = brokenLink(path, target!);
      assert.equal(problem, null, `${path}: ${target}: ${problem}`);
    }
  });

  Deno.test(`${path} names no other host of the Internet than it should`, () => {
    const found = [
      ...text.replaceAll(HOME, "").matchAll(/\bhttps?:\/\/([^/\s)]+)/g),
    ]
      .map(([, host]) => host!);
    // RFC 2606 reserves .example for documents.
    assert.deepEqual(
      found.filter((host) =>
        !HOSTS.includes(host) && !/\.example\b/.test(host) &&
        !IN_THE_LAN.test(host)
      ),
      [],
    );
  });

  Deno.test(`${path} names only paths that every host has, and those of the project`, () => {
    const absolute = [...text.matchAll(/(?<![\w.:~$/<-])\/[a-z][\w.-]*/g)]
      .map(([found]) => found);
    assert.deepEqual(
      absolute.filter((found) => !FOLDERS.includes(found)),
      [],
    );
    // In a diff they are those of the file that it changes.
    const outside = [
      ...withoutDiffs(text).matchAll(/(?<![\w.])\.\.\/[\w./-]*/g),
    ]
      .map(([found]) => found)
      .filter((found) => brokenLink(path, found) !== null);
    assert.deepEqual(outside, []);
  });

  Deno.test(`${path} is plain ASCII`, () => {
    assert.deepEqual(text.match(/[^\x20-\x7e\n]/g) ?? [], []);
  });

  Deno.test(`${path} types only commands that there are`, () => {
    for (const { command } of typedCommands(text)) {
      const word = /^diskd ([a-z]+)/.exec(command)?.[1];
      assert.ok(
        word === undefined || commandsCalled(word).length > 0,
        command,
      );
    }
    for (const block of codeBlocks(text, "sh")) {
      for (const [line, word] of block.matchAll(SHELL_COMMAND)) {
        assert.ok(commandsCalled(word!).length > 0, line);
      }
    }
    for (const [, task] of text.matchAll(/\bdeno(?:@[\d.]+)? task ([\w:]+)/g)) {
      assert.ok(Object.hasOwn(deno.tasks, task!), `There is no task ${task}`);
    }
  });
}

Deno.test("CHANGELOG.md has the version that is built", () => {
  assert.ok(document("CHANGELOG.md").includes(`\n## [${VERSION}]`));
});

/** What is wrong with a link from one document to somewhere in the project. */
function brokenLink(from: string, target: string): string | null {
  const [file = "", anchor] = target.split("#");
  const path = file === "" ? from : join(dirname(from), file);
  if (relative(".", path).startsWith("..")) return "leads out of the project";
  try {
    Deno.statSync(join(PROJECT, path));
  } catch {
    return "is not there";
  }
  if (anchor === undefined || !path.endsWith(".md")) return null;
  return anchorsOf(document(path)).includes(anchor)
    ? null
    : "has no such heading";
}

/** As GitHub makes them of headings. */
function anchorsOf(text: string): string[] {
  return [...withoutCode(text).matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!.toLowerCase().replace(/[^\w\- ]/g, "").replaceAll(" ", "-")
  );
}
