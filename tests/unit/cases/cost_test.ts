/** How many programs a scan starts. */
import assert from "node:assert/strict";
import { createScanner } from "../../../src/probe/scan.ts";
import type { System } from "../../../src/system/system.ts";
import { exited } from "../../support/scripted_system.ts";
import { drive, madeHost, part, signature } from "./made_host.ts";

/** Counts the programs that a host starts. */
function counting(system: System): {
  readonly counted: System;
  readonly taken: () => Record<string, number>;
} {
  let started: Record<string, number> = {};
  return {
    counted: {
      ...system,
      run(program, args, options) {
        started[program] = (started[program] ?? 0) + 1;
        return system.run(program, args, options);
      },
    },
    taken() {
      const all = started;
      started = {};
      return all;
    },
  };
}

const READ_FAILED = "1: libblkid: LOWPROBE: read failed: Input/output error\n";

/** 60 drives with a partition each, a blank one, and one that fails. */
const DRIVES = [
  ...Array.from({ length: 60 }, (_, n) =>
    drive(`sd${n}`, {
      blkid: { ENTRY_SCHEME: "gpt" },
      children: [part(`sd${n}p1`, { blkid: signature("ext4", `fs-${n}`) })],
    })),
  drive("blank"),
  drive("dying", {
    fails: (_types, isDebugging) =>
      exited({ code: 2, stderr: isDebugging ? READ_FAILED : "" }),
  }),
];

Deno.test("a scan of 60 drives starts a blkid a device, one more for a blank drive, and two for a failing one", async () => {
  const { counted, taken } = counting(madeHost(DRIVES));
  const scanner = createScanner(counted);
  const { disks } = await scanner.scan();
  assert.equal(disks!.length, DRIVES.length + 60);
  const { blkid, ...others } = taken();
  assert.deepEqual(others, { lsblk: 1, findmnt: 1 });
  assert.equal(blkid, 60 * 2 + 2 + 3);
  await scanner.scan();
  // The blank one is known to be blank.
  assert.equal(taken()["blkid"], 60 * 2 + 1 + 3);
  await scanner.scan({ media: "changed", knames: new Set() });
  assert.deepEqual(taken(), { lsblk: 1, findmnt: 1 });
});
