import assert from "node:assert/strict";
import {
  checkClock,
  checkPermissions,
  checkPrograms,
  checkUdev,
} from "../../../src/doctor/host.ts";
import { UDEV_CONTROL } from "../../../src/probe/watch.ts";
import { ScriptedPrograms } from "../../support/scripted_system.ts";
import { given, linesOf } from "./given.ts";

const WELL = {
  "lsblk --version": "lsblk from util-linux 2.38.1\n",
  "blkid --version": "blkid from util-linux 2.27 (libblkid 2.27, x)\n",
  "findmnt --version": "findmnt from util-linux 3.0-rc1\n",
  "udevadm --version": "252\n",
};

Deno.test("programs: each with its version, and the least one is enough", async () => {
  const found = await checkPrograms(given({}, { printed: WELL }));
  assert.deepEqual(linesOf(found), [
    "ok: lsblk from util-linux 2.38.1",
    "ok: blkid from util-linux 2.27 (libblkid 2.27, x)",
    "ok: findmnt from util-linux 3.0-rc1",
    "ok: udevadm 252",
  ]);
});

Deno.test("programs: without lsblk and blkid no disk is found, the others only make it slower", async () => {
  const found = await checkPrograms(given());
  assert.deepEqual(linesOf(found), [
    "fault: lsblk is missing",
    "fault: blkid is missing",
    "warning: findmnt is missing",
    "warning: udevadm is missing",
  ]);
  assert.deepEqual(found[0]!.remedies, ["Install util-linux"]);
});

Deno.test("programs: one that is too old, or of another origin, is a fault", async () => {
  const printed = {
    ...WELL,
    "lsblk --version": "lsblk from util-linux 2.26.2\n",
    "blkid --version": "BusyBox v1.36.1 multi-call binary.\n",
  };
  const [lsblk, blkid] = await checkPrograms(given({}, { printed }));
  assert.match(linesOf([lsblk!]).join(), /^fault: lsblk .*2\.26\.2 is too old/);
  assert.match(linesOf([blkid!]).join(), /^fault: blkid is not of util-linux/);
});

Deno.test("clock: a year that cannot be is a fault, and without a time server a warning", async () => {
  const at = (year: number, printed = {}) => {
    const one = given({}, { printed });
    const wallClock = () => Date.UTC(year, 0, 2);
    return checkClock({ ...one, system: { ...one.system, wallClock } });
  };
  assert.match(linesOf(await at(1970)).join(), /^fault: .* 1970-01-02T/);
  assert.match(linesOf(await at(2100)).join(), /^fault: /);
  assert.deepEqual(linesOf(await at(2027)), ["ok: 2027-01-02T00:00:00Z"]);
  const says = (text: string) => ({ "timedatectl show": `${text}\n` });
  assert.match(linesOf(await at(2027, says("yes"))).join(), /^ok: .*synchr/);
  assert.match(linesOf(await at(2027, says("no"))).join(), /^warning: /);
});

Deno.test("permissions: disks that cannot be read are a fault of root, and a warning of another user", () => {
  const scanProblems = ["No permission to read /dev/sda"];
  const found = (uid: number) =>
    linesOf(checkPermissions(given({ uid, scanProblems })))[0];
  assert.equal(found(0), "fault: No permission to read /dev/sda");
  assert.equal(found(7), "warning: No permission to read /dev/sda");
  const [well] = checkPermissions(given());
  assert.equal(well!.result, "ok");
});

Deno.test("permissions: a missing program is told by its own check alone", () => {
  const scanProblems = ["lsblk was not found in PATH: install it"];
  const daemon = { kind: "denied", message: "" } as const;
  assert.deepEqual(checkPermissions(given({ daemon, scanProblems })), []);
});

Deno.test("permissions: the folders of the daemon are tried, in the nearest one that exists, and left as they were", () => {
  const one = given();
  const tried: string[] = [];
  const system = {
    ...one.system,
    exists: (path: string) => path === "/run",
    privateFile(_text: string, folder: string) {
      tried.push(folder);
      return { path: "", remove: () => tried.push("removed") };
    },
    folders: {
      ...one.system.folders,
      make() {
        throw new Error("Read-only file system");
      },
    },
  };
  const found = checkPermissions({ ...one, system });
  assert.deepEqual(tried, ["/run", "removed"]);
  assert.deepEqual(linesOf(found).slice(1), [
    "ok: /run/diskd can be written, for the control socket",
    "fault: /var/lib/diskd cannot be written, for the state of the daemon: Read-only file system",
  ]);
});

Deno.test("udev: whether it runs, tells of changes, and has a database", async () => {
  assert.match(linesOf(await checkUdev(given())).join(), /^warning: udev does/);
  const programs = new ScriptedPrograms();
  const one = given();
  const check = (paths: readonly string[]) =>
    checkUdev({
      ...one,
      system: {
        ...one.system,
        follow(...args) {
          const following = programs.follow(...args);
          if (args[0] === "udevadm") programs.the("udevadm").print("");
          return following;
        },
        exists: (path) => paths.includes(path),
      },
    });
  assert.match(
    linesOf(await check([UDEV_CONTROL, "/run/udev/data"])).join(),
    /^ok: udev runs/,
  );
  assert.match(linesOf(await check([UDEV_CONTROL])).join(), /^warning: .*data/);
  assert.deepEqual(programs.running, []);
});

Deno.test("udev: without udevadm it says that changes are noticed late", async () => {
  const one = given();
  const system = { ...one.system, exists: () => true };
  const found = await checkUdev({ ...one, system });
  assert.match(
    linesOf(found).join(),
    /^warning: udevadm monitor was not found/,
  );
});
