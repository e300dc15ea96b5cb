import assert from "node:assert/strict";
import type { ScannerOptions } from "../../../src/probe/scan.ts";
import type { RunOutcome } from "../../../src/system/system.ts";
import { exited } from "../../support/scripted_system.ts";
import { eventually } from "../../support/eventually.ts";
import { changed, ext4, lsblk, rows, scannerOf } from "./scripted_host.ts";

/** Long enough that no healthy device of a scripted host is taken for slow. */
const SLOW_MS = 200;

/** A scan that waits for nothing takes a millisecond: `usualMs` is many times that, and much less than `slowMs`. */
const SPEEDS = { slowMs: 2_000, usualMs: 1_000 };

const NAMES = ["dead", "sda", "sdb"];

/** A host on which blkid hangs on /dev/dead until it is let go. */
async function hostWithDead(options: ScannerOptions = {}) {
  const problems: string[][] = [];
  const lists: (string[] | undefined)[] = [];
  const host = scannerOf({
    lsblk: lsblk(...NAMES.map((name) => ({ name, serial: name }))),
    blkid: ext4,
  }, {
    slowMs: SLOW_MS,
    patienceMs: 10,
    pauseMs: 10,
    ...options,
    onDisks: (disks) => lists.push(rows({ disks })),
    onProblems: (all) => problems.push([...all]),
  });
  await host.scanner.scan();
  host.takeRead();
  const end = Promise.withResolvers<RunOutcome>();
  host.state.blkid = (device) =>
    device === "/dev/dead" ? end.promise : ext4("new");
  return { ...host, problems, lists, end: end.resolve };
}

Deno.test("scan() keeps what it knew of a device that hangs, says so, and has the others", async () => {
  const { scanner, lists, end } = await hostWithDead();
  const result = await scanner.scan();
  assert.deepEqual(rows(result), [
    "/dev/dead /dev/dead",
    "/dev/sda new",
    "/dev/sdb new",
  ]);
  assert.deepEqual(lists.at(-1), rows(result));
  assert.match(result.problems.join(), /^blkid on \/dev\/dead takes longer/);
  end(ext4("end"));
});

Deno.test("scan() tells the disks that can be read while one hangs", async () => {
  const { scanner, lists, end } = await hostWithDead({ slowMs: 60_000 });
  let isOver = false;
  const scanned = scanner.scan().then(() => isOver = true);
  await eventually(() =>
    assert.deepEqual(lists.at(-1), [
      "/dev/dead /dev/dead",
      "/dev/sda new",
      "/dev/sdb new",
    ])
  );
  assert.equal(isOver, false);
  end(ext4("end"));
  await scanned;
});

Deno.test("scan() waits once for a device that hangs, and then goes at its usual speed", async () => {
  const { scanner, takeRead, end } = await hostWithDead(SPEEDS);
  const slow = await scanner.scan();
  assert.ok(slow.durationMs >= SPEEDS.slowMs - 1, `${slow.durationMs} ms`);
  takeRead();
  for (const request of [changed("sda"), changed("dead"), undefined]) {
    const { durationMs, ok } = await scanner.scan(request);
    assert.ok(durationMs < SPEEDS.usualMs, `${durationMs} ms`);
    assert.equal(ok, false);
  }
  assert.deepEqual(takeRead(), ["/dev/sda", "/dev/sda", "/dev/sdb"]);
  end(ext4("end"));
});

Deno.test("scan() of others goes at its usual speed while another scan waits for a device", async () => {
  const { scanner, end } = await hostWithDead(SPEEDS);
  let isOver = false;
  const waiting = scanner.scan(changed("dead")).then(() => isOver = true);
  const { durationMs, disks } = await scanner.scan(changed("sda"));
  assert.equal(isOver, false);
  assert.ok(durationMs < SPEEDS.usualMs, `${durationMs} ms`);
  assert.equal(disks?.[1]?.uuid, "new");
  await waiting;
  end(ext4("end"));
});

Deno.test("scan() tells what a slow device has when it answers, and that all is well", async () => {
  const { scanner, lists, problems, end } = await hostWithDead();
  await scanner.scan(changed("dead"));
  assert.equal(problems.at(-1)?.length, 1);
  end(ext4("awake"));
  await eventually(() => assert.equal(lists.at(-1)?.[0], "/dev/dead awake"));
  await eventually(() => assert.deepEqual(problems.at(-1), []));
});

Deno.test("scan() says that a device was given up, and keeps what was known of it", async () => {
  const { scanner, lists, problems, end } = await hostWithDead();
  await scanner.scan(changed("dead"));
  await scanner.scan(changed("dead"));
  end({ kind: "timeout", exited: new Promise(() => {}) });
  await eventually(() =>
    assert.match(
      problems.at(-1)!.join(),
      /^blkid on \/dev\/dead did not answer within 15 s and was killed/,
    )
  );
  assert.equal(lists.at(-1)?.[0], "/dev/dead /dev/dead");
  const { problems: again } = await scanner.scan(changed("dead"));
  assert.match(
    again.join(),
    /^blkid on \/dev\/dead has been hanging since an earlier/,
  );
});

Deno.test("scan() drops what was known of a device that hangs when another has its name", async () => {
  const { scanner, state, end } = await hostWithDead();
  await scanner.scan(changed("dead"));
  state.lsblk = lsblk({ name: "dead", serial: "other" });
  assert.deepEqual((await scanner.scan(changed())).disks, []);
  state.blkid = () => ext4("other");
  end(ext4("old"));
  await eventually(async () =>
    assert.deepEqual(rows(await scanner.scan(changed())), ["/dev/dead other"])
  );
});

Deno.test("scan() reads a slow device that was named again once it answers", async () => {
  const { scanner, state, lists, end } = await hostWithDead();
  await scanner.scan(changed("dead"));
  await scanner.scan(changed("dead"));
  state.blkid = () => ext4("second");
  end(ext4("first"));
  await eventually(() => assert.equal(lists.at(-1)?.[0], "/dev/dead second"));
});

Deno.test("scan() takes udev's word for a device that hangs from the start", async () => {
  const end = Promise.withResolvers<RunOutcome>();
  const { scanner } = scannerOf({
    lsblk: lsblk({ name: "sda", uuid: "u1", fstype: "ext4" }),
    blkid: () => end.promise,
  }, { slowMs: 10 });
  assert.deepEqual(rows(await scanner.scan()), ["/dev/sda u1"]);
  end.resolve(ext4("u1"));
  assert.deepEqual(rows(await scanner.scan(changed())), ["/dev/sda u1"]);
});

Deno.test("scan() reads all others beside more hanging devices than may be read at once", async () => {
  const dead = Array.from({ length: 24 }, (_, n) => `dead${n}`);
  const end = Promise.withResolvers<RunOutcome>();
  const alive = Promise.withResolvers<void>();
  const { scanner } = scannerOf({
    lsblk: lsblk(...dead.map((name) => ({ name })), { name: "alive" }),
    blkid: (device) => {
      if (device !== "/dev/alive") return end.promise;
      alive.resolve();
      return ext4("u1");
    },
  }, { slowMs: 10_000, patienceMs: 5 });
  const scanned = scanner.scan();
  await alive.promise;
  end.resolve(exited({ code: 2 }));
  assert.deepEqual(rows(await scanned)?.at(-1), "/dev/alive u1");
});

Deno.test("scan() reads devices that failed last after all others", async () => {
  const bad = ["bad0", "bad1", "bad2", "bad3"];
  const { scanner, calls, state } = scannerOf({
    lsblk: lsblk(...[...bad, "good"].map((name) => ({ name }))),
    blkid: (device) => device.includes("bad") ? exited({ code: 1 }) : ext4("u"),
  });
  await scanner.scan();
  calls.length = 0;
  state.blkid = () => ext4("u");
  await scanner.scan();
  assert.deepEqual(
    calls.filter((call) => call.startsWith("blkid")),
    ["good", ...bad].map((name) => `blkid -p -o udev /dev/${name}`),
  );
});

Deno.test("scan() reads a device that is named before those that failed last and still wait", async () => {
  const bad = Array.from({ length: 12 }, (_, n) => `bad${n}`);
  const { scanner, calls, state } = scannerOf({
    lsblk: lsblk(...[...bad, "good"].map((name) => ({ name }))),
    blkid: (device) => device.includes("bad") ? exited({ code: 1 }) : ext4("u"),
  }, { patienceMs: 20, slowMs: 10_000 });
  await scanner.scan();
  calls.length = 0;
  const end = Promise.withResolvers<RunOutcome>();
  state.blkid = (device) => device.includes("bad") ? end.promise : ext4("u");
  const all = scanner.scan();
  const named = scanner.scan(changed("good"));
  await eventually(() =>
    assert.ok(calls.includes("blkid -p -o udev /dev/bad11"))
  );
  end.resolve(ext4("u"));
  await Promise.all([all, named]);
  assert.ok(
    calls.lastIndexOf("blkid -p -o udev /dev/good") <
      calls.indexOf("blkid -p -o udev /dev/bad4"),
    calls.join("\n"),
  );
});

Deno.test("scan() is not held up by findmnt", async () => {
  const end = Promise.withResolvers<RunOutcome>();
  const { scanner, state } = scannerOf({
    lsblk: lsblk({ name: "sda", mountpoints: ["/mnt"] }),
    blkid: ext4,
    findmnt: { kind: "timeout", exited: end.promise.then(() => {}) },
  }, { slowMs: 20 });
  const first = await scanner.scan();
  assert.equal(first.disks?.length, 1);
  assert.match(first.problems.join(), /^findmnt did not answer within 0.02 s/);
  state.findmnt = exited({});
  const second = await scanner.scan();
  assert.match(
    second.problems.join(),
    /^findmnt has been hanging since an earlier scan/,
  );
  end.resolve(exited({}));
});
