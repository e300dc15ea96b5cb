import assert from "node:assert/strict";
import type { Device } from "../../../src/probe/device.ts";
import { parseLsblk } from "../../../src/probe/parse_lsblk.ts";
import { ProbeError } from "../../../src/probe/printed_json.ts";
import { readCapture } from "../../support/captured_host.ts";

function parseRows(...rows: readonly unknown[]): Device[] {
  return parseText(JSON.stringify({ blockdevices: rows }));
}

function parseText(text: string): Device[] {
  return parseLsblk(new TextEncoder().encode(text));
}

function parseCaptured(host: string): Map<string, Device> {
  const stdout = readCapture(host).get("lsblk.json")!;
  return new Map(parseLsblk(stdout).map((device) => [device.path, device]));
}

function messageOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    assert(error instanceof ProbeError);
    return error.message;
  }
  assert.fail("nothing was thrown");
}

Deno.test("parseLsblk() lists nested devices, parents first", () => {
  const laptop = parseCaptured("nvme-laptop");
  assert.deepEqual([...laptop.keys()], [
    "/dev/sda",
    "/dev/sda1",
    "/dev/sdb",
    "/dev/zram0",
    "/dev/nvme0n1",
    "/dev/nvme0n1p1",
    "/dev/nvme0n1p2",
    "/dev/nvme0n1p3",
    "/dev/mapper/luks-home",
    "/dev/mapper/vg-root",
    "/dev/mapper/vg-swap",
    "/dev/mapper/vg-home",
  ]);
  assert.deepEqual(laptop.get("/dev/mapper/vg-home")?.parents, ["dm-0"]);
});

Deno.test("parseLsblk() lists a RAID once, with all its members as parents", () => {
  const server = parseCaptured("raid-server");
  assert.deepEqual(server.get("/dev/md1")?.parents, ["sda2", "sdb2"]);
  assert.deepEqual(server.get("/dev/mapper/data-backup--2019")?.parents, [
    "md1",
  ]);
});

Deno.test("parseLsblk() reads a flat list by pkname", () => {
  const [, partition] = parseRows(
    { name: "sda", kname: "sda", pkname: null },
    { name: "sda1", kname: "sda1", pkname: "sda" },
  );
  assert.deepEqual(partition?.parents, ["sda"]);
});

Deno.test("parseLsblk() drops the nulls among mount points and keeps [SWAP]", () => {
  const laptop = parseCaptured("nvme-laptop");
  assert.deepEqual(laptop.get("/dev/sda")?.mounts, []);
  assert.deepEqual(laptop.get("/dev/mapper/vg-swap")?.mounts, ["[SWAP]"]);
  assert.deepEqual(laptop.get("/dev/mapper/vg-home")?.mounts, [
    "/home",
    "/srv/snapshots",
  ]);
});

Deno.test("parseLsblk() reads the one mountpoint of older versions", () => {
  const disks = parseCaptured("debian-10");
  assert.deepEqual(disks.get("/dev/sda1")?.mounts, ["/"]);
  assert.deepEqual(disks.get("/dev/sda2")?.mounts, []);
});

Deno.test("parseLsblk() reads the texts that older versions print for numbers and booleans", () => {
  const [device] = parseRows(
    { name: "sda", size: "120034123776", rm: "0", ro: "1" },
  );
  assert.equal(device?.size, 120034123776);
  assert.equal(device?.rm, false);
  assert.equal(device?.ro, true);
});

Deno.test("parseLsblk() makes up the path that older versions do not print", () => {
  const disks = parseCaptured("ubuntu-18.04");
  assert.deepEqual([...disks.keys()], [
    "/dev/sda",
    "/dev/sda1",
    "/dev/sda2",
    "/dev/mapper/ubuntu--vg-root",
  ]);
});

Deno.test("parseLsblk() reads the \\xHH of older versions, which is no JSON", () => {
  assert.equal(
    parseCaptured("debian-10").get("/dev/sda1")?.label,
    'Büro "alt"',
  );
});

Deno.test("parseLsblk() keeps a literal \\x41 in proper JSON", () => {
  const [device] = parseRows({ name: "sda", label: "a\\x41" });
  assert.equal(device?.label, "a\\x41");
});

Deno.test("parseLsblk() keeps odd characters in names and labels", () => {
  const label = ' "\\\n\x1b[31m\x7f \u{1f600} 备份 ';
  const [device] = parseRows(
    { name: "my vol", kname: "dm-3", path: "/dev/mapper/my\\x20vol", label },
  );
  assert.equal(device?.label, label);
  assert.equal(device?.path, "/dev/mapper/my\\x20vol");
});

Deno.test("parseLsblk() replaces invalid UTF-8", () => {
  const start = new TextEncoder().encode(
    '{"blockdevices":[{"name":"sda","label":"a',
  );
  const end = new TextEncoder().encode('b"}]}');
  const [device] = parseLsblk(Uint8Array.from([...start, 0xff, ...end]));
  assert.equal(device?.label, "a\ufffdb");
});

Deno.test("parseLsblk() trims what hardware pads with blanks, and takes blanks for none", () => {
  const [device] = parseRows(
    { name: "sda", model: "CT250MX500SSD1  ", serial: "   " },
  );
  assert.equal(device?.model, "CT250MX500SSD1");
  assert.equal(device?.serial, null);
});

Deno.test("parseLsblk() finds no device in an empty list", () => {
  assert.deepEqual(parseText('{\n   "blockdevices": [\n\n   ]\n}\n'), []);
});

Deno.test("parseLsblk() names the device and the field that it cannot read", () => {
  assert.equal(
    messageOf(() => parseRows({ name: "sda", size: "465,8G" })),
    'Cannot read the output of lsblk, field "size" of device sda: found "465,8G", expected a number of bytes or null.',
  );
});

const REFUSED: readonly [what: string, text: string][] = [
  ["no output", ""],
  ["no JSON", "NAME MAJ:MIN RM"],
  ["half of a list", '{"blockdevices":[{"name":"sda"'],
  ["another list", '{"loopdevices":[]}'],
  ["a list alone", "[]"],
  ["a device that is no object", '{"blockdevices":["sda"]}'],
  ["a device without a name", '{"blockdevices":[{"size":1}]}'],
  [
    "a path outside /dev",
    '{"blockdevices":[{"name":"a","path":"-o/etc/shadow"}]}',
  ],
  ["children that are no list", '{"blockdevices":[{"name":"a","children":1}]}'],
  ["a label that is a list", '{"blockdevices":[{"name":"a","label":[[]]}]}'],
  ["a negative size", '{"blockdevices":[{"name":"a","size":-1}]}'],
  ["a flag that is a word", '{"blockdevices":[{"name":"a","rm":"yes"}]}'],
  [
    "mount points that are numbers",
    '{"blockdevices":[{"name":"a","mountpoints":[1]}]}',
  ],
  ["lists as deep as the stack", "[".repeat(200_000) + "]".repeat(200_000)],
];

for (const [what, text] of REFUSED) {
  Deno.test(`parseLsblk() refuses ${what}`, () => {
    const message = messageOf(() => parseText(text));
    assert.match(
      message,
      /^Cannot read the output of lsblk, .*found .*expected/,
    );
    assert(message.length < 400, message);
  });
}

Deno.test("parseLsblk() reads children as deep as they come", () => {
  const depth = 20_000;
  const open = '{"name":"a","children":[';
  const text = `{"blockdevices":[${open.repeat(depth)}${"]}".repeat(depth)}]}`;
  assert.equal(parseText(text).length, 1);
});
