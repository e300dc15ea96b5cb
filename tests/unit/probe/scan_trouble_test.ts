import assert from "node:assert/strict";
import type { RunOutcome } from "../../../src/system/system.ts";
import { exited } from "../../support/scripted_system.ts";
import { ext4, lsblk, rows, scan, scannerOf } from "./scripted_host.ts";

const FOREVER = new Promise<never>(() => {});

const LSBLK_FAILURES: readonly [
  what: string,
  outcome: RunOutcome,
  problem: RegExp,
][] = [
  [
    "fails",
    exited({ code: 1, stderr: "lsblk: failed to access sysfs\nmore" }),
    /^lsblk failed with exit code 1: lsblk: failed to access sysfs\.$/,
  ],
  [
    "prints nonsense",
    exited({ stdout: "\x1b[2J nonsense" }),
    /^Cannot read the output of lsblk/,
  ],
  [
    "prints half a list",
    exited({ stdout: '{"blockdevices":[{"name":"sda"},' }),
    /^Cannot read the output of lsblk/,
  ],
  [
    "prints too much",
    { kind: "overflow", limitBytes: 8388608 },
    /^lsblk printed more than 8388608 bytes/,
  ],
  [
    "hangs",
    { kind: "timeout", exited: FOREVER },
    /^lsblk did not answer within 15 s/,
  ],
];

for (const [what, outcome, problem] of LSBLK_FAILURES) {
  Deno.test(`scan() keeps the last list when lsblk ${what}`, async () => {
    const result = await scan({ lsblk: outcome, blkid: () => ext4("u1") });
    assert.equal(result.disks, null);
    assert.equal(result.ok, false);
    assert.equal(result.problems.length, 1);
    assert.match(result.problems[0]!, problem);
  });
}

const BLKID_FAILURES: readonly [
  what: string,
  outcome: RunOutcome,
  problem: RegExp,
][] = [
  [
    "fails",
    exited({ code: 4, stderr: "usage\x1b[2J" }),
    /^blkid on \/dev\/sdb failed with exit code 4: usage\\x1b\[2J\. Its last known/,
  ],
  [
    "cannot open the device",
    exited({ code: 2, stderr: "blkid: error: /dev/sdb: Input/output error" }),
    /^blkid on \/dev\/sdb failed with exit code 2: .*Input\/output error/,
  ],
  [
    "prints nonsense",
    exited({ stdout: "nonsense" }),
    /^\/dev\/sdb: Cannot read/,
  ],
  [
    "prints too much",
    { kind: "overflow", limitBytes: 65536 },
    /^blkid on \/dev\/sdb printed more than 65536/,
  ],
  [
    "hangs",
    { kind: "timeout", exited: Promise.resolve() },
    /^blkid on \/dev\/sdb did not answer within 15 s/,
  ],
];

for (const [what, outcome, problem] of BLKID_FAILURES) {
  Deno.test(`scan() keeps what was known of a device on which blkid ${what}`, async () => {
    const { scanner, state } = scannerOf({
      lsblk: lsblk({ name: "sda" }, { name: "sdb" }),
      blkid: ext4,
    });
    await scanner.scan();
    state.blkid = (device) => device === "/dev/sdb" ? outcome : ext4("new");
    for (let again = 0; again < 2; again++) {
      const result = await scanner.scan();
      assert.deepEqual(rows(result), ["/dev/sda new", "/dev/sdb /dev/sdb"]);
      assert.equal(result.ok, false);
      assert.equal(result.problems.length, 1);
      assert.match(result.problems[0]!, problem);
    }
  });
}

Deno.test("scan() forgets a device that is gone, and one that was exchanged", async () => {
  const { scanner, state } = scannerOf({
    lsblk: lsblk({ name: "sda", serial: "S1" }, { name: "sdb" }),
    blkid: ext4,
  });
  await scanner.scan();
  state.blkid = () => exited({ code: 1 });
  state.lsblk = lsblk({ name: "sda", serial: "S2" });
  assert.deepEqual(rows(await scanner.scan()), ["/dev/sda null"]);
  state.lsblk = lsblk({ name: "sdb" });
  assert.deepEqual(rows(await scanner.scan()), ["/dev/sdb null"]);
});

Deno.test("scan() starts no second blkid on a device while the first lives", async () => {
  const death = Promise.withResolvers<void>();
  const { scanner, calls, state } = scannerOf({
    lsblk: lsblk({ name: "sda" }, { name: "sdb" }),
    blkid: ext4,
  });
  await scanner.scan();
  state.blkid = (device) =>
    device === "/dev/sda"
      ? { kind: "timeout", exited: death.promise }
      : ext4("new");
  await scanner.scan();
  calls.length = 0;

  const stuck = await scanner.scan();
  assert(!calls.includes("blkid -p -o udev /dev/sda"));
  assert.deepEqual(rows(stuck), ["/dev/sda /dev/sda", "/dev/sdb new"]);
  assert.match(
    stuck.problems[0]!,
    /\/dev\/sda has been hanging since an earlier scan/,
  );

  death.resolve();
  await death.promise;
  state.blkid = () => ext4("back");
  const after = await scanner.scan();
  assert.deepEqual(rows(after), ["/dev/sda back", "/dev/sdb back"]);
  assert.equal(after.ok, true);
});

Deno.test("scan() goes on with what it knows where blkid is missing all of a sudden", async () => {
  const { scanner, state } = scannerOf({
    lsblk: lsblk({ name: "sda" }, { name: "sdb" }),
    blkid: ext4,
  });
  await scanner.scan();
  state.blkid = () => ({ kind: "missing" });
  state.lsblk = lsblk({ name: "sda" });
  const result = await scanner.scan();
  assert.deepEqual(rows(result), ["/dev/sda /dev/sda"]);
  assert.match(result.problems[0]!, /^blkid was not found/);
});
