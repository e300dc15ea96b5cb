import assert from "node:assert/strict";
import fc from "fast-check";
import { bareDevice, type Device } from "../../../src/probe/device.ts";
import { disksToAsk, mergeListing } from "../../../src/probe/named_listing.ts";
import type { ScanRequest } from "../../../src/probe/scan_requests.ts";
import { exited } from "../../support/scripted_system.ts";
import { ext4, lsblk, rows, scannerOf } from "./scripted_host.ts";

function device(
  kname: string,
  parents: readonly string[] = [],
  more: Partial<Device> = {},
): Device {
  const path = `/dev/${kname}`;
  return { ...bareDevice(path), hasNode: true, size: 1, parents, ...more };
}

const HOST = [
  device("sda"),
  device("sda1", ["sda"]),
  device("sdb"),
  device("sdb1", ["sdb"]),
  device("md0", ["sda1", "sdb1"]),
  device("dm-0", ["md0"]),
  device("cciss/c0d0"),
];

const TO_ASK: readonly [
  string,
  knames: readonly string[],
  paths: readonly string[] | null,
][] = [
  ["a known disk", ["sda"], ["/dev/sda"]],
  ["a known partition", ["sda1"], ["/dev/sda"]],
  ["a disk and its partitions", ["sda", "sda1"], ["/dev/sda"]],
  ["what lies on two disks", ["dm-0"], ["/dev/sda", "/dev/sdb"]],
  ["a new disk", ["sdc"], ["/dev/sdc"]],
  ["a new partition", ["sdc7"], ["/dev/sdc"]],
  ["a new partition of NVMe", ["nvme0n1p12"], ["/dev/nvme0n1"]],
  ["a new partition of a card", ["mmcblk0p2"], ["/dev/mmcblk0"]],
  ["a loop device", ["loop7"], ["/dev/loop7"]],
  ["a new array, whose disks nobody knows", ["md1"], null],
  ["a new mapping", ["dm-1"], null],
  ["a name that no rule knows", ["cciss/c0d0"], null],
  ["more than four disks", ["sdc", "sdd", "sde", "sdf", "sdg"], null],
  ["nothing", [], null],
];

for (const [what, knames, paths] of TO_ASK) {
  Deno.test(`disksToAsk() for ${what}`, () => {
    assert.deepEqual(disksToAsk(knames, HOST), paths);
  });
}

Deno.test("disksToAsk() leaves a disk without a node in /dev to a list of all", () => {
  assert.equal(
    disksToAsk(["sdz"], [device("sdz", [], { hasNode: false })]),
    null,
  );
});

Deno.test("disksToAsk() ends where devices lie on each other in a ring", () => {
  const ring = [device("md0", ["md1"]), device("md1", ["md0"])];
  assert.equal(disksToAsk(["md0"], ring), null);
});

Deno.test("mergeListing() keeps the parents of an array that lie on other disks", () => {
  const listed = [
    device("sda"),
    device("sda1", ["sda"]),
    device("md0", ["sda1"], { label: "new" }),
  ];
  const merged = mergeListing(HOST, { paths: ["/dev/sda"], listed })!;
  const md0 = merged.find(({ kname }) => kname === "md0")!;
  assert.deepEqual(md0.parents.toSorted(), ["sda1", "sdb1"]);
  assert.equal(md0.label, "new");
});

Deno.test("mergeListing() does not believe that a disk is gone", () => {
  for (const listed of [[], [device("sda", [], { size: 0 })]]) {
    assert.equal(mergeListing(HOST, { paths: ["/dev/sda"], listed }), null);
  }
});

/** Something on one disk or on several, in two layers. */
interface Stack {
  readonly id: number;
  readonly disks: readonly string[];
  readonly label: string;
}

const DISKS = ["sda", "sdb", "sdc"];

const STACKS: fc.Arbitrary<Stack[]> = fc.array(
  fc.record({
    disks: fc.subarray(DISKS, { minLength: 1 }),
    label: fc.string({ maxLength: 2 }),
  }),
  { maxLength: 6 },
).map((stacks) => stacks.map((stack, id) => ({ ...stack, id })));

function hostOf(stacks: readonly Stack[]): Device[] {
  return [
    ...DISKS.map((name) => device(name)),
    ...stacks.flatMap(({ id, disks, label }) => {
      const parts = disks.map((disk) => device(`${disk}${id + 1}`, [disk]));
      const names = parts.map(({ kname }) => kname);
      return [
        ...parts,
        device(`md${id}`, names, { label }),
        device(`dm-${id}`, [
          `md${id}`,
        ], { label }),
      ];
    }),
  ];
}

/** What lsblk prints of these disks: of an array only the parents that lie on them. */
function listOn(disks: readonly string[], all: readonly Device[]): Device[] {
  const on = new Set(disks);
  for (const { kname, parents } of all) {
    if (parents.some((parent) => on.has(parent))) on.add(kname);
  }
  return all.filter(({ kname }) => on.has(kname)).map((one) => ({
    ...one,
    parents: one.parents.filter((parent) => on.has(parent)),
  }));
}

Deno.test("mergeListing() gives what a list of all gives, whatever changed on the disks asked for", () => {
  const asked = fc.subarray(DISKS, { minLength: 1 });
  fc.assert(
    fc.property(STACKS, STACKS, asked, (before, other, disks) => {
      const isOn = ({ disks: on }: Stack) =>
        on.some((one) => disks.includes(one));
      const isWithin = ({ disks: on }: Stack) =>
        on.every((one) => disks.includes(one));
      const after = [
        ...before.filter((one) => !isWithin(one)).map((one) =>
          isOn(one) ? { ...one, label: `${one.label}!` } : one
        ),
        ...other.filter(isWithin).map((one) => ({ ...one, id: one.id + 10 })),
      ];
      const all = hostOf(after);
      const merged = mergeListing(hostOf(before), {
        paths: disks.map((disk) => `/dev/${disk}`),
        listed: listOn(disks, all),
      });
      assert.deepEqual(asSet(merged!), asSet(all));
    }),
  );
});

function asSet(devices: readonly Device[]): string[] {
  return devices.map(({ kname, label, parents }) =>
    `${kname} ${label} ${parents.toSorted()}`
  ).toSorted();
}

const SDB: ScanRequest = {
  media: "changed",
  knames: new Set(["sdb"]),
  listsNamed: true,
};

/** A host with two disks that was scanned once; its calls count from now. */
async function scannedHost() {
  const host = scannerOf({
    lsblk: lsblk(
      { name: "sda", mode: "brw", size: 1 },
      { name: "sdb", mode: "brw", size: 1 },
    ),
    blkid: (path) => ext4(`uuid of ${path}`),
  });
  await host.scanner.scan();
  host.calls.length = 0;
  return host;
}

Deno.test("a scan for one disk asks lsblk for it alone, and keeps all others", async () => {
  const host = await scannedHost();
  host.state.lsblk = lsblk({ name: "sdb", mode: "brw", size: 1 });
  host.state.blkid = () => ext4("another");
  const result = await host.scanner.scan(SDB);
  assert.deepEqual(rows(result), [
    "/dev/sda uuid of /dev/sda",
    "/dev/sdb another",
  ]);
  const lists = host.calls.filter((call) => call.startsWith("lsblk"));
  assert.equal(lists.length, 1);
  assert.match(lists[0]!, / \/dev\/sdb$/);
});

Deno.test("a scan for one disk lists all where lsblk does not tell of that one", async () => {
  const host = await scannedHost();
  host.state.lsblk = exited({ code: 32, stderr: "not a block device" });
  const failed = await host.scanner.scan(SDB);
  assert.equal(failed.disks, null);
  const lists = host.calls.filter((call) => call.startsWith("lsblk"));
  assert.equal(lists.length, 2);
  assert.doesNotMatch(lists[1]!, /\/dev\//);
});
