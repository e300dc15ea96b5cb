/** Checks of this host without its network. */
import { isBelieved } from "../daemon/stored_times.ts";
import { MIN_UTIL_LINUX } from "../probe/list_devices.ts";
import { UDEV_CONTROL, Watch } from "../probe/watch.ts";
import type { RunOutcome } from "../system/system.ts";
import { pause } from "../system/within.ts";
import { reasonOf } from "../system/reason.ts";
import { printableStart } from "../text/printable.ts";
import {
  fault,
  type Finding,
  type Given,
  ok,
  printed,
  warning,
} from "./given.ts";

export async function checkClock(given: Given): Promise<Finding[]> {
  const now = new Date(given.system.wallClock());
  const shown = `${now.toISOString().slice(0, 19)}Z`;
  const remedies = ["timedatectl set-ntp true, or date --set"];
  if (!isBelieved(now.getTime())) {
    return [fault(`the clock says ${shown}, which cannot be right`, remedies)];
  }
  const args = ["show", "--property=NTPSynchronized", "--value"];
  const synchronized = (await printed(given, "timedatectl", args))?.trim();
  if (synchronized === "no") {
    return [warning(
      `${shown}, but no time server confirms it: the history may have wrong times`,
      remedies,
    )];
  }
  return [ok(`${shown}${synchronized === "yes" ? ", synchronized" : ""}`)];
}

/** Whether disks may be read, and the daemon's folders written. */
export function checkPermissions(given: Given): Finding[] {
  const { uid, daemon, scanProblems } = given;
  const isRoot = uid === 0;
  const disks = scanProblems.length === 0
    ? [ok("this user may read the disks")]
    : scanProblems.filter((text) => !isAboutProgram(text)).map((text) =>
      isRoot ? fault(text) : warning(text, ROOT_OR_GROUP)
    );
  // A daemon that runs can write them, and so need not this user.
  const runs = ["answers", "other-version", "denied"].includes(daemon.kind);
  return runs ? disks : [...disks, ...checkFolders(given)];
}

/** Another check says what is missing. */
function isAboutProgram(text: string): boolean {
  return PROGRAMS.some(({ name }) => text.startsWith(`${name} was not found`));
}

const ROOT_OR_GROUP = [
  "Run diskd as root, or the daemon as a user in the group disk",
];

function checkFolders({ system, config }: Given): Finding[] {
  const folders = [
    ["the control socket", config.socket.replace(/\/[^/]*$/, "") || "/"],
    ["the state of the daemon", config.stateDir],
  ] as const;
  return folders.map(([use, folder]) => {
    try {
      tryToWrite(folder, system);
      return ok(`${folder} can be written, for ${use}`);
    } catch (error) {
      return fault(
        `${folder} cannot be written, for ${use}: ${reasonOf(error)}`,
      );
    }
  });
}

/** Leaves nothing behind. Throws if it cannot be written, or made. */
function tryToWrite(folder: string, system: Given["system"]): void {
  let existing = folder;
  while (existing !== "" && !system.exists(existing)) {
    existing = existing.replace(/\/[^/]*$/, "");
  }
  if (existing !== "") {
    system.privateFile("", existing).remove();
    return;
  }
  // The folder above must not be read, so whether it exists is unknown.
  system.folders.make(folder);
  system.folders.remove(folder);
}

/** Longest wait until udevadm has subscribed to events. */
const SUBSCRIBE_MS = 2_000;
const LOOK_MS = 50;

export async function checkUdev(given: Given): Promise<Finding[]> {
  const { system } = given;
  if (!system.exists(UDEV_CONTROL)) {
    return [warning(
      "udev does not run here, as in many containers: new labels and formats " +
        "are noticed at the scan interval",
    )];
  }
  const watch = new Watch(system, {
    onDevice() {},
    onMounts() {},
    onState() {},
  });
  watch.start();
  const until = system.now() + SUBSCRIBE_MS;
  while (watch.devices === "none" && watch.problems.length === 0) {
    if (system.now() > until) break;
    await pause(LOOK_MS);
  }
  const { devices, problems } = watch;
  await watch.stop();
  if (problems.length > 0) return problems.map((text) => warning(text));
  if (devices === "none") return [warning("udevadm monitor does not start")];
  return system.exists("/run/udev/data")
    ? [ok("udev runs, tells of changes, and has its database")]
    : [warning("udev runs, but its database /run/udev/data is missing", [
      "udevadm trigger",
    ])];
}

interface Program {
  readonly name: string;
  readonly package: string;
  /** Whether no disk is found without it. */
  readonly isNeeded: boolean;
  /** What its version begins with, and the least one. */
  readonly least: readonly [major: number, minor: number] | null;
}

const PROGRAMS: readonly Program[] = [
  {
    name: "lsblk",
    package: "util-linux",
    isNeeded: true,
    least: MIN_UTIL_LINUX,
  },
  {
    name: "blkid",
    package: "util-linux",
    isNeeded: true,
    least: MIN_UTIL_LINUX,
  },
  {
    name: "findmnt",
    package: "util-linux (on Debian: mount)",
    isNeeded: false,
    least: MIN_UTIL_LINUX,
  },
  { name: "udevadm", package: "udev", isNeeded: false, least: null },
];

export async function checkPrograms({ system }: Given): Promise<Finding[]> {
  return await Promise.all(PROGRAMS.map(async (program) => {
    const options = { timeoutMs: 5_000 };
    const outcome = await system.run(program.name, ["--version"], options);
    return judge(program, outcome);
  }));
}

function judge(program: Program, outcome: RunOutcome): Finding {
  const { name, package: origin, isNeeded, least } = program;
  const bad = isNeeded ? fault : warning;
  const remedies = [`Install ${origin}`];
  if (outcome.kind === "missing") return bad(`${name} is missing`, remedies);
  if (outcome.kind === "denied") {
    return bad(`${name} cannot be run: ${printableStart(outcome.reason)}`);
  }
  if (outcome.kind !== "exited") return bad(`${name} --version does not end`);
  const text = new TextDecoder().decode(outcome.stdout).trim();
  const [line = ""] = (text || outcome.stderr.trim()).split("\n");
  const shown = printableStart(line, MAX_VERSION_CHARS);
  if (least === null) return ok(`${name} ${shown}`);
  const [, major, minor] = /util-linux.* (\d+)\.(\d+)/.exec(line) ?? [];
  const needed = `util-linux ${least.join(".")} or later`;
  if (major === undefined) {
    return bad(`${name} is not of util-linux (${shown}); needed is ${needed}`, [
      `Install ${origin}`,
    ]);
  }
  const isOld = Number(major) < least[0] ||
    Number(major) === least[0] && Number(minor) < least[1];
  return isOld
    ? bad(`${shown} is too old; needed is ${needed}`, remedies)
    : ok(shown);
}

const MAX_VERSION_CHARS = 80;
