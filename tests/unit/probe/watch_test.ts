import assert from "node:assert/strict";
import { KEPT_RUNNING_TIMES as TIMES } from "../../../src/probe/kept_running.ts";
import { POLL_ARGS } from "../../../src/probe/mounts.ts";
import { MONITOR_ARGS, UDEV_CONTROL, Watch } from "../../../src/probe/watch.ts";
import { MockedTime } from "../../support/mocked_time.ts";
import { endedWith, ScriptedPrograms } from "../../support/scripted_system.ts";

const HEADING = [
  "monitor will print the received events for:",
  "UDEV - the event which udev sends out after rule processing",
  "KERNEL - the kernel uevent",
];
const ADD_LOOP0 = "KERNEL[1.2] add      /devices/virtual/block/loop0 (block)";
const KERNEL_LOOP0 = { source: "kernel", kname: "loop0" };

Deno.test("Watch runs udevadm and findmnt", () => {
  using run = watching();
  assert.deepEqual(
    run.programs.starts.map(({ program, args }) => [program, args]),
    [["udevadm", MONITOR_ARGS], ["findmnt", [
      "--task",
      "1",
      ...POLL_ARGS,
    ]]],
  );
});

Deno.test("Watch tells of devices and mounts as they change", () => {
  using run = watching();
  run.programs.the("udevadm").print(...HEADING, "", ADD_LOOP0, "garbage");
  run.programs.the("findmnt").print("/dev/sda1[/srv\\x20a]");
  assert.deepEqual(run.heard.filter((what) => typeof what !== "string"), [
    KERNEL_LOOP0,
  ]);
  assert.equal(run.heard.at(-1), "mounts");
});

Deno.test("Watch follows the mounts that it sees itself where it may not see process 1", async () => {
  using run = watching();
  run.programs.the("findmnt").end(
    endedWith(1, "findmnt: can't read /proc/1/mountinfo: No such file"),
  );
  await run.time.pass(TIMES.readyMs);
  const last = run.programs.starts.at(-1)!;
  assert.deepEqual([last.program, last.args], ["findmnt", POLL_ARGS]);
  assert.deepEqual(run.watch.problems, []);
  assert.equal(run.watch.mounts, "events");
  run.programs.the("findmnt").print("/dev/sda1");
  assert.equal(run.heard.at(-1), "mounts");
});

Deno.test("Watch does not tell of mounts that no device has to do with", () => {
  using run = watching();
  run.programs.the("findmnt").print("overlay", "tmpfs", "nsfs[mnt:[42]]", "");
  assert.equal(run.heard.includes("mounts"), false);
});

Deno.test("Watch hears of devices once the heading is over", () => {
  using run = watching();
  const udevadm = run.programs.the("udevadm");
  udevadm.print(...HEADING);
  assert.equal(run.watch.devices, "none");
  udevadm.print("");
  assert.equal(run.watch.devices, "kernel");
  assert.deepEqual(run.heard, ["kernel, none"]);
});

Deno.test("Watch hears of mounts once findmnt has had time to begin", async () => {
  using run = watching();
  assert.equal(run.watch.mounts, "none");
  await run.time.pass(TIMES.readyMs);
  assert.deepEqual(run.watch.mounts, "events");
  assert.equal(run.heard.at(-1), "kernel, events");
});

Deno.test("Watch has events of all changes where udevd listens", () => {
  using run = watching();
  run.files.add(UDEV_CONTROL);
  run.programs.the("udevadm").print("");
  assert.deepEqual(run.heard, ["udev, none"]);
});

Deno.test("Watch tells when udevd has come, at the first event that follows", () => {
  using run = watching();
  run.programs.the("udevadm").print("", ADD_LOOP0);
  run.files.add(UDEV_CONTROL);
  run.programs.the("udevadm").print(ADD_LOOP0, ADD_LOOP0);
  assert.deepEqual(run.heard, [
    "kernel, none",
    KERNEL_LOOP0,
    "udev, none",
    KERNEL_LOOP0,
    KERNEL_LOOP0,
  ]);
});

Deno.test("Watch says what is missing and what to do, and goes on with the other", async () => {
  using run = watching("udevadm");
  run.programs.the("findmnt").print("/dev/sda1");
  await run.time.pass(0);
  assert.equal(run.watch.devices, "none");
  assert.equal(run.watch.mounts, "events");
  assert.deepEqual(run.watch.problems, [
    "udevadm monitor was not found in PATH, /usr/sbin, /sbin, /usr/bin or /bin, so devices are scanned only at intervals: install udev.",
  ]);
});

Deno.test("Watch tells when a program dies and when it is there again", async () => {
  using run = watching();
  run.programs.the("findmnt").print("/dev/sda1");
  run.programs.the("findmnt").end(endedWith(1, "findmnt: poll() failed"));
  await run.time.pass(TIMES.restartMs);
  run.programs.the("findmnt").end(endedWith(1, "findmnt: poll() failed"));
  await run.time.pass(1);
  assert.deepEqual(run.watch.problems, [
    "findmnt --poll ended with exit code 1 (findmnt: poll() failed), so mounts are checked only at intervals until it is started again.",
  ]);
  await run.time.pass(2 * TIMES.restartMs + TIMES.readyMs);
  assert.equal(run.watch.mounts, "events");
  assert.deepEqual(run.watch.problems, []);
});

Deno.test("Watch, stopped, leaves no program behind", async () => {
  using run = watching();
  await run.watch.stop();
  await run.time.pass(2 * TIMES.maxRestartMs);
  assert.deepEqual(run.programs.running, []);
});

/** A watch in mocked time, what it told, and `devices, mounts` where it told that its state changed. */
function watching(missing?: string) {
  const time = new MockedTime();
  const programs = new ScriptedPrograms();
  if (missing) programs.absent.set(missing, { kind: "missing" });
  const files = new Set<string>();
  const heard: unknown[] = [];
  const watch: Watch = new Watch({
    follow: programs.follow,
    exists: (path) => files.has(path),
    now: time.now,
  }, {
    onDevice: (event) => heard.push(event),
    onMounts: () => heard.push("mounts"),
    onState: () => heard.push(`${watch.devices}, ${watch.mounts}`),
  });
  watch.start();
  return {
    time,
    programs,
    files,
    heard,
    watch,
    [Symbol.dispose]: () => time[Symbol.dispose](),
  };
}
