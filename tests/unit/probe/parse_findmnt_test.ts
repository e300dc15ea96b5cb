import assert from "node:assert/strict";
import { bareDevice } from "../../../src/probe/device.ts";
import { MountTable } from "../../../src/probe/mounts.ts";
import { parseFindmnt } from "../../../src/probe/parse_findmnt.ts";
import { ProbeError } from "../../../src/probe/printed_json.ts";
import { readCapture } from "../../support/captured_host.ts";

/** The mount points that are read-only. */
function parseText(text: string): string[] {
  return readOnlyOf(new TextEncoder().encode(text));
}

function readOnlyOf(stdout: Uint8Array): string[] {
  const mounts = parseFindmnt(stdout);
  const table = new MountTable(mounts, { isOfHost: true });
  const isReadOnly = (target: string) =>
    table.of({ ...bareDevice("/dev/x"), mounts: [target] }).readOnly.length > 0;
  return [...new Set(mounts.map(({ target }) => target))].filter(isReadOnly);
}

function parseMounts(...filesystems: readonly unknown[]): string[] {
  return parseText(JSON.stringify({ filesystems }));
}

function mount(target: string, options: string, ...children: unknown[]) {
  return { target, options, ...(children.length > 0 ? { children } : {}) };
}

Deno.test("parseFindmnt() finds the mounts that are read-only", () => {
  const stdout = readCapture("nvme-laptop").get("findmnt.json")!;
  assert.deepEqual(readOnlyOf(stdout), [
    "/boot",
    "/boot/efi",
    "/srv/snapshots",
  ]);
});

Deno.test("parseFindmnt() finds the device before the brackets that findmnt prints without -v", () => {
  const sourcesOf = (...filesystems: readonly unknown[]) =>
    parseFindmnt(new TextEncoder().encode(JSON.stringify({ filesystems })))
      .map(({ source, fsroot }) => [source, fsroot]);
  const row = { target: "/a", options: "rw" };
  assert.deepEqual(
    sourcesOf(
      { ...row, source: "/dev/sda[/@]", fsroot: "/@" },
      { ...row, source: "/dev/sda[/@]", options: "rw,subvol=/@" },
      { ...row, source: "/dev/mapper/odd[/b]", fsroot: "/" },
    ),
    [["/dev/sda", "/@"], ["/dev/sda", "/@"], ["/dev/mapper/odd[/b]", "/"]],
  );
});

Deno.test("parseFindmnt() finds them in a tree too", () => {
  assert.deepEqual(
    parseMounts(
      mount(
        "/",
        "rw",
        mount("/a", "ro,relatime", mount("/a/b", "rw"), mount("/a/c", "ro")),
        mount("/d", "nodev,ro"),
      ),
      mount("/e", "ro"),
    ),
    ["/a", "/a/c", "/d", "/e"],
  );
});

Deno.test("parseFindmnt() takes the last of several mounts on one target", () => {
  assert.deepEqual(
    parseMounts(mount("/a", "ro"), mount("/b", "rw"), mount("/a", "rw")),
    [],
  );
  assert.deepEqual(
    parseMounts(mount("/a", "rw", mount("/a", "ro")), mount("/b", "rw")),
    ["/a"],
  );
});

Deno.test("parseFindmnt() takes no other option for ro", () => {
  assert.deepEqual(
    parseMounts(mount("/", "rw,errors=remount-ro,context=ro:s0,ro_x")),
    [],
  );
});

Deno.test("parseFindmnt() keeps odd characters in a target", () => {
  const target = ' "\\x41\n\x1b[2J\u{1f600} é, ';
  assert.deepEqual(parseMounts(mount(target, "ro")), [target]);
});

Deno.test("parseFindmnt() reads the \\xHH of older versions, which is no JSON", () => {
  const stdout = readCapture("debian-10").get("findmnt.json")!;
  assert.deepEqual(readOnlyOf(stdout), ["/media/Büro"]);
});

Deno.test("parseFindmnt() tells what is mounted, in the order of the mounts", () => {
  const filesystems = [
    {
      target: "/",
      source: "/dev/sda1",
      options: "rw",
      children: [{ target: "/proc", source: null, options: "rw" }],
    },
    {
      target: "/a",
      fstype: "btrfs",
      "maj:min": "0:31",
      options: "rw,ro,subvol=/@a",
    },
    { target: "/b", fsroot: "/x", options: "rw,subvol=/@a" },
  ];
  const stdout = new TextEncoder().encode(JSON.stringify({ filesystems }));
  assert.deepEqual(parseFindmnt(stdout), [
    { ...UNKNOWN, target: "/", source: "/dev/sda1", options: ["rw"] },
    { ...UNKNOWN, target: "/proc", options: ["rw"] },
    {
      target: "/a",
      source: null,
      fstype: "btrfs",
      fsroot: "/@a",
      majMin: "0:31",
      options: ["rw", "ro", "subvol=/@a"],
    },
    {
      ...UNKNOWN,
      target: "/b",
      fsroot: "/x",
      options: ["rw", "subvol=/@a"],
    },
  ]);
});

const UNKNOWN = { source: null, fstype: "", fsroot: "/", majMin: "" };

const REFUSED: readonly [what: string, text: string, message: RegExp][] = [
  ["no output", "", /expected JSON, {"filesystems": \[...]}/],
  ["another list", '{"blockdevices":[]}', /at the top: found an object/],
  [
    "a mount that is a text",
    '{"filesystems":["/"]}',
    /found "\/", expected an/,
  ],
  [
    "a mount without a target",
    '{"filesystems":[{}]}',
    /"target": found nothing/,
  ],
  [
    "a source that is a number",
    '{"filesystems":[{"target":"/a","source":1,"options":""}]}',
    /field "source" of \/a: found 1, expected a text, or null/,
  ],
  [
    "options that are a list",
    '{"filesystems":[{"target":"/a","options":[]}]}',
    /field "options" of \/a: found a list, expected a text/,
  ],
  [
    "children that are no list",
    '{"filesystems":[{"target":"/a","options":"","children":1}]}',
    /field "children" of \/a: found 1, expected a list/,
  ],
];

for (const [what, text, message] of REFUSED) {
  Deno.test(`parseFindmnt() refuses ${what}`, () => {
    assert.throws(() => parseText(text), (error) => {
      assert(error instanceof ProbeError);
      assert.match(error.message, /^Cannot read the output of findmnt, /);
      assert.match(error.message, message);
      return true;
    });
  });
}

Deno.test("parseFindmnt() reads children as deep as they come", () => {
  const depth = 20_000;
  const open = '{"target":"/a","options":"ro","children":[';
  const text = `{"filesystems":[${open.repeat(depth)}${"]}".repeat(depth)}]}`;
  assert.deepEqual(parseText(text), ["/a"]);
});
