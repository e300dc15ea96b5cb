import assert from "node:assert/strict";
import { ProbeRunner } from "../../../src/probe/probe_runner.ts";
import {
  type Expected,
  NOTHING_EXPECTED,
  readSignature,
} from "../../../src/probe/read_signature.ts";
import type { RunOutcome } from "../../../src/system/system.ts";
import { exited, scriptedSystem } from "../../support/scripted_system.ts";

const NOTHING = exited({ code: 2 });

/** How blkid ends on a device. */
interface Blkid {
  readonly plain?: RunOutcome;
  /** With debug messages. */
  readonly debug?: RunOutcome;
  /** For these types alone; default: it finds nothing. */
  readonly only?: (types: readonly string[]) => RunOutcome;
}

/** The reading in one line, and the number of runs. */
async function read(
  { plain = NOTHING, debug = NOTHING, only = () => NOTHING }: Blkid,
  expected: Partial<Expected> = {},
): Promise<string> {
  let runs = 0;
  const system = scriptedSystem(({ args, options }) => {
    runs++;
    const types = args.indexOf("-n");
    // Those of an old ZFS member take 45 KB.
    if (options.env) assert(options.maxErrorBytes! >= 2 * 45_000);
    if (types >= 0) return only(args[types + 1]!.split(","));
    return options.env?.["LIBBLKID_DEBUG"] === "lowprobe" ? debug : plain;
  });
  const reading = await readSignature(new ProbeRunner(system), {
    device: "/dev/sda",
    timeoutMs: 10_000,
    expected: { ...NOTHING_EXPECTED, ...expected },
  });
  const what = "signature" in reading && reading.signature !== null
    ? ` ${reading.signature.type} ${reading.signature.uuid}` +
      ` of ${reading.signature.types}`
    : "";
  const why = "problem" in reading ? `: ${reading.problem}` : "";
  return `${reading.kind}${what} in ${runs}${why}`;
}

function found(type: string, uuid = "u1"): RunOutcome {
  return exited({ stdout: `ID_FS_TYPE=${type}\nID_FS_UUID_ENC=${uuid}\n` });
}

function debugged(...messages: readonly string[]): RunOutcome {
  const lines = messages.map((one) => `12: libblkid: LOWPROBE: ${one}\n`);
  return exited({ code: 2, stderr: lines.join("") });
}

function printed(stderr: string): RunOutcome {
  return exited({ code: 2, stderr });
}

const FAILING =
  "/dev/sda cannot be read: the drive, its cable or its port may be failing.";
const FAILING_IO =
  "/dev/sda cannot be read (Input/output error): the drive, its cable or its port may be failing.";

/** blkid that finds the first of these types that it may. */
function has(...types: readonly string[]) {
  return (allowed: readonly string[]) => {
    const type = types.find((one) => allowed.includes(one));
    return type === undefined ? NOTHING : found(type);
  };
}

const AMBIVALENT = debugged(
  "[12] LVM2_member:",
  "assigning TYPE [superblocks]",
  "[13] nothing.of+it:",
  "[35] ext-4.x+y:",
  "assigning UUID [superblocks]",
  "assigning TYPE [superblocks]",
  "ERROR: ambivalent result detected (2 filesystems)!",
);

const READINGS: readonly (readonly [
  what: string,
  blkid: Blkid,
  expected: Partial<Expected>,
  reading: string,
])[] = [
  ["a signature", { plain: found("xfs") }, {}, "read xfs u1 of  in 1"],
  ...[
    "blkid: error: /dev/sda: Permission denied",
    "blkid: error: /dev/sda: Operation not permitted",
  ].map((stderr) =>
    [stderr, { plain: printed(stderr) }, {}, "denied in 1"] as const
  ),
  [
    "no node",
    { plain: printed("blkid: error: /dev/sda: No such file or directory") },
    {},
    "absent in 1",
  ],
  ...[
    "blkid: error: /dev/sda: No medium found",
    "blkid: error: /dev/sda: No such device or address",
  ].map((stderr) =>
    [stderr, { plain: printed(stderr) }, {}, "empty in 1"] as const
  ),
  [
    "another error",
    { plain: printed("blkid: error: /dev/sda: oops") },
    {},
    "failed in 1: blkid on /dev/sda failed with exit code 2: blkid: error: /dev/sda: oops.",
  ],
  ["what was blank", {}, { wasBlank: true }, "read null null of  in 1"],
  ["a blank drive", {}, {}, "read null null of  in 2"],
  [
    "a blank partition",
    { debug: debugged("[0] xfs:") },
    { isPartition: true },
    "read null null of  in 2",
  ],
  [
    "a drive that cannot be read",
    { debug: debugged(" read failed:  Input/output error ") },
    {},
    `failed in 3: ${FAILING_IO}`,
  ],
  [
    "a drive that cannot be read, without a blank before the reason",
    { debug: debugged("\tread failed:Input/output error") },
    {},
    `failed in 3: ${FAILING_IO}`,
  ],
  [
    "a drive that cannot be read, without a reason",
    { debug: debugged("read failed") },
    {},
    `failed in 3: ${FAILING}`,
  ],
  [
    "a reason that is not printable",
    { debug: debugged("read failed: \x1b[2J") },
    {},
    `failed in 3: ${FAILING.replace("read:", "read (\\x1b[2J):")}`,
  ],
  [
    "the known type of a drive that cannot be read elsewhere",
    { debug: debugged("read failed"), only: has("ext4", "zfs_member") },
    { type: "zfs_member" },
    `failed zfs_member u1 of  in 3: ${FAILING}`,
  ],
  [
    "nonsense of a drive that cannot be read elsewhere",
    {
      debug: debugged("read failed"),
      only: () => exited({ stdout: "oops" }),
    },
    {},
    `failed in 3: ${FAILING}`,
  ],
  [
    "several types of a drive that cannot be read elsewhere",
    {
      debug: debugged("read failed"),
      only: () => exited({ stdout: "ID_FS_AMBIVALENT=filesystem:ext4\n" }),
    },
    {},
    `failed in 3: ${FAILING}`,
  ],
  [
    "a drive that cannot be read elsewhere, and then hangs",
    {
      debug: debugged("read failed"),
      only: () => ({ kind: "timeout", exited: Promise.resolve() }),
    },
    {},
    `failed in 3: ${FAILING}`,
  ],
  [
    "nothing where blkid is missing",
    { plain: { kind: "missing" } },
    {},
    "no-blkid in 1: blkid was not found in PATH, /usr/sbin, /sbin, /usr/bin or /bin: install util-linux.",
  ],
  [
    "nothing where blkid may not be run",
    { plain: { kind: "denied", reason: "no" } },
    {},
    "no-blkid in 1: blkid cannot be run (no): install util-linux, and let diskd run it.",
  ],
  [
    "a partition with a blkid without debug messages",
    { only: has("ext4", "xfs") },
    { isPartition: true, type: "xfs" },
    "read xfs u1 of  in 3",
  ],
  [
    "a partition of unknown type with a blkid without debug messages",
    { only: has("ext4") },
    { isPartition: true },
    `failed in 2: ${FAILING}`,
  ],
  [
    "a second run that hangs",
    { debug: { kind: "timeout", exited: Promise.resolve() } },
    {},
    "failed in 2: blkid on /dev/sda did not answer within 10 s and was killed.",
  ],
  [
    "a second run that finds something",
    { debug: found("xfs") },
    {},
    "read xfs u1 of  in 2",
  ],
  [
    "a second run that finds several",
    { debug: exited({ stdout: "ID_FS_AMBIVALENT=filesystem:ext4\n" }) },
    {},
    "read ext4 null of ext4 in 3",
  ],
  [
    "a failed read whose reason is that of a device without a medium",
    { debug: debugged("read failed: No such device", "x error: no such file") },
    {},
    `failed in 3: ${
      FAILING_IO.replace("Input/output error", "No such device")
    }`,
  ],
  [
    "what was blank and begins to fail",
    { debug: debugged("read failed: Input/output error") },
    { wasBlank: true },
    `failed in 2: ${FAILING_IO}`,
  ],
  [
    "several signatures, those that a second run tells",
    { debug: AMBIVALENT, only: has("LVM2_member", "ext-4.x+y") },
    {},
    "read ext-4.x+y u1 of LVM2_member,ext-4.x+y in 3",
  ],
  [
    "several signatures, of which the known one counts",
    { debug: AMBIVALENT, only: has("LVM2_member", "ext-4.x+y") },
    { type: "LVM2_member" },
    "read LVM2_member u1 of LVM2_member,ext-4.x+y in 3",
  ],
  [
    "several signatures that no message names",
    { debug: debugged("ambivalent result detected"), only: has("xfs") },
    { type: "xfs" },
    "read xfs u1 of  in 3",
  ],
  [
    "several signatures, of which none can be read",
    { debug: AMBIVALENT },
    {},
    "read ext-4.x+y null of LVM2_member,ext-4.x+y in 3",
  ],
];

for (const [what, blkid, expected, reading] of READINGS) {
  Deno.test(`readSignature() reads ${what}`, async () => {
    assert.equal(await read(blkid, expected), reading);
  });
}

for (
  const type
    of "ext4 ext3 ext2 xfs btrfs vfat exfat ntfs f2fs crypto_LUKS LVM2_member swap"
      .split(" ")
) {
  Deno.test(`readSignature() reads ${type} from a drive whose end is unreadable`, async () => {
    assert.equal(
      await read({ debug: debugged("read failed"), only: has(type) }),
      `failed ${type} u1 of  in 3: ${FAILING}`,
    );
  });
}

const CHOICES:
  readonly (readonly [types: readonly string[], chosen: string])[] = [
    [["zfs_member", "xfs"], "xfs"],
    [["crypto_LUKS", "xfs"], "xfs"],
    [["swap", "xfs"], "xfs"],
    [["BitLocker", "xfs"], "xfs"],
    [["DM_snapshot_cow", "xfs"], "xfs"],
    [["my_swap", "xfs"], "my_swap"],
    [["a_memberx", "xfs"], "a_memberx"],
    [["ext4", "xfs"], "ext4"],
    [["swap", "zfs_member"], "swap"],
  ];

for (const [types, chosen] of CHOICES) {
  for (const code of [0, 8]) {
    Deno.test(`readSignature() reads ${chosen} of ${types} after the code ${code}`, async () => {
      const stdout = `ID_FS_AMBIVALENT=${
        types.map((type) => `filesystem:${type}:1`).join(" ")
      }\n`;
      const plain = exited({ code, stdout });
      assert.equal(
        await read({ plain, only: has(...types) }),
        `read ${chosen} u1 of ${types} in 2`,
      );
    });
  }
}
