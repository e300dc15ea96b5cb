import assert from "node:assert/strict";
import type { RejectReason } from "../../../src/codec/announcement.ts";
import { readDatagram, readDisks } from "../../../src/codec/read_datagram.ts";
import { makeDisk } from "../../../src/inventory/disk.ts";
import { encode } from "./support.ts";

const HEADER = '{"v":2,"id":"a","boot":5,"seq":7,"every":30}';

function version2(body: string): Uint8Array {
  return encode(`diskd:#${HEADER}\n${body}`);
}

function read(bytes: Uint8Array) {
  return readDisks(readDatagram(bytes));
}

function assertDevices(bytes: Uint8Array, devices: string[]): void {
  const disks = read(bytes);
  assert.ok(disks.format === "disks", JSON.stringify(disks));
  assert.deepEqual(disks.disks.map((disk) => disk.device), devices);
}

Deno.test("readDatagram() reads a version 2 header and leaves the body alone", () => {
  const datagram = readDatagram(version2("no list at all"));
  assert.ok(datagram.format === 2);
  assert.equal(datagram.header.id, "a");
  assert.deepEqual(datagram.body, encode("no list at all"));
});

Deno.test("readDatagram() takes what has no version 2 header for version 1", () => {
  for (const body of ["--- []\n", "", "# note\n- - ~", "#", "# {}\n[]"]) {
    const datagram = readDatagram(encode(`diskd:${body}`));
    assert.ok(datagram.format === 1);
    assert.deepEqual(datagram.body, encode(body));
  }
});

Deno.test("readDatagram() reads a header line that ends with CR and LF", () => {
  const datagram = readDatagram(encode(`diskd:#${HEADER}\r\n[]\r\n`));
  assert.equal(datagram.format, 2);
});

Deno.test("readDatagram() reads from the middle of a larger buffer", () => {
  const bytes = version2('[["u","l","/dev/sda"]]');
  const buffer = new Uint8Array(bytes.length + 200).fill(0x23);
  buffer.set(bytes, 100);
  assertDevices(buffer.subarray(100, 100 + bytes.length), ["/dev/sda"]);
});

const REJECTED_DATAGRAMS: [string, Uint8Array, RejectReason][] = [
  ["nothing", new Uint8Array(), "not-diskd"],
  ["half the prefix", encode("disk"), "not-diskd"],
  ["another protocol", encode("M-SEARCH * HTTP/1.1\r\n"), "not-diskd"],
  ["the prefix in capitals", encode("DISKD:--- []"), "not-diskd"],
  ["a header cut off", encode(`diskd:#${HEADER.slice(0, 20)}`), "bad-header"],
  ["a header without line end", encode(`diskd:#${HEADER} `), "bad-header"],
  ["a header that is not JSON", encode("diskd:#{v:2}\n[]"), "bad-header"],
  ["version 3", encode('diskd:#{"v":3}\n[]'), "bad-version"],
  [
    "a header that is not UTF-8",
    new Uint8Array([...encode('diskd:#{"v":2'), 0xff, 0x0a]),
    "not-utf8",
  ],
  ["a long version 2", version2(" ".repeat(8973 - 52)), "too-long"],
  ["a long version 1", encode("diskd:".padEnd(65_508)), "too-long"],
];

for (const [what, bytes, reason] of REJECTED_DATAGRAMS) {
  Deno.test(`readDatagram() rejects ${what}: ${reason}`, () => {
    const datagram = readDatagram(bytes);
    assert.ok(datagram.format === "rejected");
    assert.equal(datagram.reason, reason);
  });
}

Deno.test("readDatagram() takes the longest of each version", () => {
  const long2 = version2("[]".padEnd(8972 - version2("").length));
  assert.equal(long2.length, 8972);
  assertDevices(long2, []);
  assertDevices(encode("diskd:--- []".padEnd(65_507)), []);
});

Deno.test("readDatagram() gives the same rejection each time", () => {
  assert.equal(readDatagram(encode("x")), readDatagram(encode("y")));
});

const BAD_LISTS: [string, RejectReason][] = [
  ["", "bad-body"],
  ["\n", "bad-body"],
  ['[["u","l","/dev/sda"]', "bad-body"],
  ["- - u\n  - l\n  - /dev/sda\n", "bad-body"],
  ["#sig k1 AAAA\n", "bad-body"],
  ["{}", "bad-list"],
  ["null", "bad-list"],
  ["5", "bad-list"],
  ['"text"', "bad-list"],
  ["[1]", "bad-list"],
  ["[null]", "bad-list"],
  ["[{}]", "bad-list"],
  ['[["u","l","/dev/sda"],"x"]', "bad-list"],
  ['[[1,"l","/dev/sda"]]', "bad-list"],
  ['[["u",true,"/dev/sda"]]', "bad-list"],
  ['[["u","l",["/dev/sda"]]]', "bad-list"],
  [`[["u","${"l".repeat(1401)}","/dev/sda"]]`, "bad-list"],
  ['[]\n#[["u","l","/dev/sda"]', "bad-body"],
  ['[]\n#[["u","l","/dev/sda"]]#', "bad-body"],
  ['[]\n#[["u","l","/dev/sda"],5]\n', "bad-list"],
  ['#[["u","l","/dev/sda"]]\n', "bad-body"],
];

for (const [body, reason] of BAD_LISTS) {
  Deno.test(`readDisks() rejects ${JSON.stringify(body).slice(0, 60)}: ${reason}`, () => {
    assert.deepEqual(read(version2(body)), { format: "rejected", reason });
  });
}

const BAD_YAML: [string, RejectReason][] = [
  ["", "bad-body"],
  ["- - 'open\n", "bad-body"],
  ["- - a\n - b\n", "bad-body"],
  ["--- []\n--- []\n", "bad-body"],
  ["- - &a x\n  - *a\n  - /dev/sda\n", "bad-body"],
  ["- - !!perl/hash {}\n", "bad-body"],
  ["- - nul\0byte\n", "bad-body"],
  [`${"[".repeat(30)}${"]".repeat(30)}`, "bad-body"],
  ["[".repeat(60_000), "bad-body"],
  ["--- {}\n", "bad-list"],
  ["--- ~\n", "bad-list"],
  ["--- text\n", "bad-list"],
  ["- a\n- b\n", "bad-list"],
  ["- - a: b\n", "bad-list"],
  ["- - ~\n  - ~\n  - - /dev/sda\n", "bad-list"],
  ["- []\n".repeat(4097), "bad-list"],
];

for (const [body, reason] of BAD_YAML) {
  Deno.test(`readDisks() rejects version 1 ${JSON.stringify(body).slice(0, 60)}: ${reason}`, () => {
    const bytes = encode(`diskd:${body}`);
    assert.deepEqual(read(bytes), { format: "rejected", reason });
  });
}

Deno.test("readDisks() rejects a body that is not UTF-8", () => {
  const reason = "not-utf8";
  for (const start of [version2('[["'), encode("diskd:- - ")]) {
    for (const wrong of [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xc0, 0x80]]) {
      const bytes = new Uint8Array([...start, ...wrong]);
      assert.deepEqual(read(bytes), { format: "rejected", reason });
    }
  }
});

Deno.test("readDisks() keeps a replacement character that was sent", () => {
  const disks = read(version2('[["u","\ufffd","/dev/sda"]]'));
  assert.ok(disks.format === "disks");
  assert.equal(disks.disks[0]!.label, "\ufffd");
});

Deno.test("readDisks() keeps a replacement character after a byte order mark", () => {
  assertDevices(encode("diskd:\ufeff- - ~\n  - ~\n  - \ufffd\n"), ["\ufffd"]);
});

Deno.test("readDisks() passes on why a datagram was rejected", () => {
  assert.deepEqual(read(encode("x")), {
    format: "rejected",
    reason: "not-diskd",
  });
});

Deno.test("readDisks() reads what is before the first comment line", () => {
  const list = '[["u","l #1","/dev/sda"],\n["u","l","/dev/sdb"]]';
  const both = ["/dev/sda", "/dev/sdb"];
  for (const end of ["", "\n", "\r\n", "\n\n", "\n#", "\n#sig k1 kX9=\n"]) {
    assertDevices(version2(list + end), both);
  }
  assertDevices(version2(`${list}\n# one\n#sig k1 kX9=\nnot JSON`), both);
});

Deno.test("readDisks() reads JSON, comments and a byte order mark in version 1", () => {
  const row = '["u","l","/dev/sda"]';
  for (
    const body of [
      `[${row}]`,
      `\ufeff--- [${row}]\n`,
      `---\n# note\n- ${row} # note\n`,
      `# note\r\n- ${row}\r\n...\r\n`,
    ]
  ) {
    assertDevices(encode(`diskd:${body}`), ["/dev/sda"]);
  }
});

Deno.test("readDisks() takes only ~, null and nothing at all for nothing in YAML", () => {
  const texts = [
    "Null",
    "NULL",
    "nULL",
    "yes",
    "no",
    "on",
    "0x10",
    "1e5",
    "=",
    "<<",
  ];
  const rows = ["~", "null", "", "''", ...texts]
    .map((label) => `- - uuid\n  - ${label}\n  - /dev/sda\n`);
  const disks = read(encode(`diskd:---\n${rows.join("")}`));
  assert.ok(disks.format === "disks");
  assert.deepEqual(
    disks.disks.map((disk) => disk.label),
    [null, null, null, null, ...texts],
  );
});

Deno.test("readDisks() leaves out rows without a device", () => {
  const body =
    '[[],["u"],["u","l"],["u","l",null],["u","l",""],[null,null,"/dev/sda"]]';
  assertDevices(version2(body), ["/dev/sda"]);
});

Deno.test("readDisks() reads every key of the fourth element", () => {
  const details = {
    type: "ext4",
    size: 4000787030016,
    mounts: ["/", "/home"],
    mounts_ro: ["/home"],
    holders: ["/dev/md0"],
    partuuid: "pu",
    partlabel: "pl",
    uuid_sub: "us",
    model: "mo",
    serial: "se",
    wwn: "ww",
    tran: "usb",
    rm: true,
    ro: false,
  };
  const row = ["u", "l", "/dev/sda", { ...details, colour: "red" }, "fifth"];
  const disks = read(version2(JSON.stringify([row])));
  assert.ok(disks.format === "disks");
  const expected = { device: "/dev/sda", uuid: "u", label: "l", ...details };
  assert.deepEqual(disks.disks, [makeDisk(expected)]);
});

Deno.test("readDisks() takes wrong kinds in the fourth element for not known", () => {
  const wrong = {
    type: 5,
    size: "12",
    mounts: "/mnt",
    mounts_ro: true,
    holders: { "/dev/md0": 1 },
    partuuid: null,
    partlabel: "",
    uuid_sub: [],
    model: {},
    serial: true,
    wwn: "w".repeat(1401),
    rm: 1,
    ro: "false",
  };
  const rows = [
    wrong,
    { size: -1 },
    { size: 0.5 },
    { mounts: ["", 5, null] },
    null,
    "text",
    ["ext4"],
  ].map((details) => [null, null, "/dev/sda", details]);
  const disks = read(version2(JSON.stringify(rows)));
  assert.ok(disks.format === "disks");
  const expected = rows.map(() => makeDisk({ device: "/dev/sda" }));
  assert.deepEqual(disks.disks, expected);
});

Deno.test("readDisks() mends half a surrogate pair", () => {
  const body = String
    .raw`[["\ud83d","a\ude00","/dev/\ud83d",{"mounts":["\ud83d"]}]]`;
  const disks = read(version2(body));
  assert.ok(disks.format === "disks");
  const [disk] = disks.disks;
  assert.deepEqual(
    [disk!.uuid, disk!.label, disk!.device, disk!.mounts],
    ["\ufffd", "a\ufffd", "/dev/\ufffd", ["\ufffd"]],
  );
});

Deno.test("readDisks() reads the rows in a comment after those of the list", () => {
  const list = '[[null,"a","/dev/sda1"]]';
  const more = '#[[null,null,"/dev/sda"],[null,null,"/dev/sdb"]]';
  const devices = ["/dev/sda1", "/dev/sda", "/dev/sdb"];
  for (
    const body of [
      `${list}\n${more}`,
      `${list}\n${more}\n`,
      `${list}\r\n${more}\r\n`,
      `${list}\n# later\n${more}\n#sig 0 A\n`,
      `${list}\n#{"later":1}\n${more}\n#[[null,null,"/dev/sdc"]]\n`,
    ]
  ) {
    assertDevices(version2(body), devices);
  }
  assertDevices(version2(`${list}\n# ${more}\n`), ["/dev/sda1"]);
  assertDevices(version2(`[]\n${more}\n`), ["/dev/sda", "/dev/sdb"]);
});

Deno.test("readDisks() counts the rows of both lists", () => {
  const datagram = readDatagram(version2("[]"));
  assert.ok(datagram.format === 2);
  const rowsOf = (count: number) =>
    JSON.stringify(Array.from({ length: count }, () => []));
  const bodyOf = (first: number, second: number) =>
    encode(`${rowsOf(first)}\n#${rowsOf(second)}\n`);
  const whole = readDisks({ ...datagram, body: bodyOf(4000, 96) });
  assert.equal(whole.format, "disks");
  assert.deepEqual(
    readDisks({ ...datagram, body: bodyOf(4000, 97) }),
    { format: "rejected", reason: "bad-list" },
  );
});

Deno.test("readDisks() takes the first 128 texts of a list, and counts further mount points as binds", () => {
  const many = Array.from({ length: 200 }, (_, i) => `/${i}`);
  const rows = [
    { mounts: many, mounts_ro: many, holders: many, parents: many },
    { mounts: many, binds: 5 },
    { mounts: many.slice(0, 128), binds: 5 },
  ].map((details, i) => [null, null, `/dev/${i}`, details]);
  const disks = read(version2(JSON.stringify(rows)));
  assert.ok(disks.format === "disks");
  const [all, more, few] = disks.disks;
  for (const key of ["mounts", "mounts_ro", "holders", "parents"] as const) {
    assert.deepEqual(all![key], many.slice(0, 128), key);
  }
  assert.deepEqual([all, more, few].map((disk) => disk!.binds), [72, 77, 5]);
});

Deno.test("readDatagram() reads a header of up to 2,048 bytes", () => {
  const header = (bytes: number) => {
    const start = 'diskd:#{"v":2,"id":"a","boot":1,"seq":1,"every":30,"more":"';
    const line = `${start}${"x".repeat(bytes - start.length - 2)}"}`;
    return readDatagram(new TextEncoder().encode(`${line}\n[]\n`));
  };
  assert.equal(header(2_048).format, 2);
  const long = header(2_049);
  assert.equal(long.format === "rejected" && long.reason, "bad-header");
});

Deno.test("readDisks() refuses YAML that takes long to parse, before it parses it", () => {
  const refused = [
    "---\n".repeat(16_000),
    "---\r".repeat(16_000),
    "-\n".repeat(30_000),
    `[${"a,".repeat(30_000)}]`,
  ];
  for (const yaml of refused) {
    const read = readDisks(readDatagram(
      new TextEncoder().encode(`diskd:${yaml}`),
    ));
    assert.equal(read.format === "rejected" && read.reason, "bad-body");
  }
});

Deno.test("readDisks() reads the longest list of 0.01, and dashes that begin no document", () => {
  const row = "-\n  - u\n  - ---\n  - d\n";
  const yaml = `---\n${row.repeat(Math.floor(65_000 / row.length))}`;
  const read = readDisks(readDatagram(
    new TextEncoder().encode(`diskd:${yaml}`),
  ));
  assert.ok(read.format === "disks");
  assert.equal(read.disks[0]!.label, "---");
});
