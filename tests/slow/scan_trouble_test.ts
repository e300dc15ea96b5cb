import assert from "node:assert/strict";
import type { DiskRow } from "../../src/control/views.ts";
import { Daemon, SHORT_INTERVALS } from "../support/daemon.ts";
import { eventually } from "../support/eventually.ts";
import { type Host, lanTest, type LoopDisk } from "../support/lan.ts";
import { ReplacedPrograms } from "../support/replaced_programs.ts";

/** A probe is sent TERM after 15 s and KILL 2 s later; the rest is for a busy machine. */
const HANG_TIMEOUT_MS = 60_000;

interface Trouble {
  readonly name: string;
  readonly make: (programs: ReplacedPrograms) => Promise<void>;
  /** What `status` says and what is logged once; of a device, of ours. */
  readonly problem: (device: string) => RegExp;
}

const TEN_MEGABYTES = "head -c 10485760 /dev/zero | tr '\\0' A";
const NONSENSE = "printf '%%PDF-1.4 \\033[31m\\377\\n\\n== ==\\n'";

const TROUBLES: readonly Trouble[] = [
  {
    name: "blkid is missing",
    make: (programs) => programs.remove("blkid"),
    problem: () => /^blkid was not found in PATH/,
  },
  {
    name: "blkid cannot be run",
    make: (programs) => programs.replace("blkid", "", { executable: false }),
    problem: () => /^blkid cannot be run \(/,
  },
  {
    name: "blkid fails",
    make: (programs) => programs.replace("blkid", "echo broken >&2; exit 1"),
    problem: on("blkid on DEVICE failed with exit code 1: broken"),
  },
  {
    name: "blkid prints nonsense",
    make: (programs) => programs.replace("blkid", NONSENSE),
    problem: on("DEVICE: Cannot read the output of blkid, line 1"),
  },
  {
    name: "blkid stops halfway",
    make: (programs) => programs.replace("blkid", "printf 'ID_FS_UUID_ENC'"),
    problem: on("DEVICE: Cannot read the output of blkid, line 1"),
  },
  {
    name: "blkid prints 10 MB",
    make: (programs) => programs.replace("blkid", TEN_MEGABYTES),
    problem: on("blkid on DEVICE printed more than 65536 bytes and was killed"),
  },
  {
    name: "lsblk is missing",
    make: (programs) => programs.remove("lsblk"),
    problem: () => /^lsblk was not found in PATH/,
  },
  {
    name: "lsblk fails",
    make: (programs) => programs.replace("lsblk", "echo broken >&2; exit 1"),
    problem: () => /^lsblk failed with exit code 1: broken/,
  },
  {
    name: "lsblk prints nonsense",
    make: (programs) => programs.replace("lsblk", NONSENSE),
    problem: () => /^Cannot read the output of lsblk/,
  },
  {
    name: "lsblk stops halfway",
    make: async (programs) => {
      const lsblk = await programs.original("lsblk");
      await programs.replace("lsblk", `${lsblk} "$@" | head -c 300`);
    },
    problem: () => /^Cannot read the output of lsblk/,
  },
  {
    name: "lsblk prints 10 MB",
    make: (programs) => programs.replace("lsblk", TEN_MEGABYTES),
    problem: () => /^lsblk printed more than 8388608 bytes and was killed/,
  },
];

lanTest({
  name: "diskd keeps the last good list whatever the probes do",
  hosts: ["alpha", "beta"],
}, async ({ alpha, beta }, t) => {
  const disk = await attachNew(alpha, "kept");
  await using daemon = await Daemon.start(alpha);
  await using observer = await Daemon.start(beta);
  await seesDisk(observer, disk);
  const programs = new ReplacedPrograms(alpha);
  for (const trouble of TROUBLES) {
    await t.step(trouble.name, async () => {
      await trouble.make(programs);
      await bears(daemon, { disk, problem: trouble.problem(disk.device) });
      await seesDisk(observer, disk);
      for (const name of ["blkid", "lsblk"]) await programs.restore(name);
      await recovers(daemon);
    });
  }
  await t.step("blkid is missing from the start", async () => {
    await daemon.stop();
    await programs.remove("blkid");
    await using without = await Daemon.start(alpha);
    const { scan, problems } = await without.call("status", {});
    assert.equal(scan.ok, false);
    assert.match(scan.problems.join("\n"), /^blkid was not found/m);
    assert.deepEqual(problems, []);
    await programs.restore("blkid");
    await without.json("refresh");
    await seesDisk(without, disk);
  });
});

lanTest({
  name: "diskd kills a blkid that hangs, and starts no second one beside it",
  hosts: ["alpha", "beta"],
}, async ({ alpha, beta }) => {
  const dead = await attachNew(alpha, "dead");
  const alive = await attachNew(alpha, "alive");
  const args = ["--scan-interval", "200ms", "--announce-interval", "1"];
  await using daemon = await Daemon.start(alpha, { args });
  await using observer = await Daemon.start(beta, { args: SHORT_INTERVALS });
  for (const disk of [dead, alive]) await seesDisk(observer, disk);

  const hanging = await hangOn(alpha, dead);
  const first = await eventually(() => hanging.pids()[0] ?? assert.fail());
  const log = daemon.process;
  await log.waitForLog(
    sentence(
      `blkid on ${dead.device} did not answer within 15 s and was killed.`,
    ),
    HANG_TIMEOUT_MS,
  );
  await log.waitForLog(
    sentence(
      `blkid on ${dead.device} has been hanging since an earlier scan and cannot be killed`,
    ),
    HANG_TIMEOUT_MS,
  );
  await eventually(() => assert.equal(hanging.pids().length, 2), {
    timeoutMs: HANG_TIMEOUT_MS,
  });
  assert.equal(hanging.overlaps(), 0);
  assert.ok(!hanging.isAlive(first), "TERM was ignored and KILL not sent");

  for (const disk of [dead, alive]) {
    await seesDisk(daemon, disk);
    await seesDisk(observer, disk);
  }
  assert.equal((await daemon.call("status", {})).scan.ok, false);
  const { code } = await daemon.stop();
  assert.equal(code, 0, daemon.process.log);
});

/** A scan says what is wrong, once, and nothing is lost. */
async function bears(
  daemon: Daemon,
  { disk, problem }: { readonly disk: LoopDisk; readonly problem: RegExp },
): Promise<void> {
  const logBefore = daemon.process.log.length;
  for (let scans = 0; scans < 3; scans++) {
    const { ok, disks, problems } = await daemon.call("refresh", {});
    assert.equal(ok, false);
    assert.equal(disks, 1);
    assert.equal(problems.filter((one) => problem.test(one)).length, 1);
  }
  const { scan } = await daemon.call("status", {});
  assert.equal(scan.ok, false);
  assert.equal(scan.disks, 1);
  assert.equal(scan.problems.filter((one) => problem.test(one)).length, 1);
  await seesDisk(daemon, disk);
  const logged = await eventually(() => {
    const messages = daemon.process.log.slice(logBefore).split("\n")
      .map((line) => line.replace(/^\S+ warn +/, ""))
      .filter((message) => problem.test(message));
    assert.notEqual(messages.length, 0);
    return messages;
  });
  assert.equal(logged.length, 1, logged.join("\n"));
}

async function recovers(daemon: Daemon): Promise<void> {
  const { ok, problems } = await daemon.call("refresh", {});
  assert.ok(ok, problems.join("\n"));
  // Nothing is wrong after it; of another host there may be news.
  await eventually(() =>
    assert.match(
      daemon.process.log,
      /scans are complete again\n(?!(?:.*\n)*\S+ warn )/,
    )
  );
}

async function attachNew(host: Host, label: string): Promise<LoopDisk> {
  const disk = await host.disk({ type: "ext4", label });
  await host.attach(disk);
  return disk;
}

async function seesDisk(daemon: Daemon, disk: LoopDisk): Promise<void> {
  await eventually(async () => {
    const rows = await daemon.call("list", {});
    assert.deepEqual(
      rows.filter(({ uuid }) => uuid === disk.uuid).map(named),
      [{
        host: disk.host?.name,
        device: disk.device,
        label: disk.label,
        type: disk.type,
        state: "attached",
      }],
    );
  });
}

function named({ host, device, label, type, state }: DiskRow) {
  return { host, device, label, type, state };
}

/** From now on blkid hangs on one disk, deaf to TERM, and keeps a book of its runs. */
async function hangOn(host: Host, { device }: LoopDisk) {
  const programs = new ReplacedPrograms(host);
  const blkid = await programs.original("blkid");
  await programs.replace(
    "blkid",
    `case "$*" in *" ${device}") ;; *) exec ${blkid} "$@" ;; esac
trap '' TERM
for pid in $(cat /run/started); do
  kill -0 $pid 2>/dev/null && echo $pid >>/run/overlaps
done
echo $$ >>/run/started
while :; do sleep 1; done`,
  );
  const lines = (path: string) => {
    try {
      return Deno.readTextFileSync(host.path(path)).split("\n").filter(Boolean);
    } catch {
      return [];
    }
  };
  return {
    pids: () => lines("/run/started"),
    overlaps: () => lines("/run/overlaps").length,
    isAlive: (pid: string) => {
      try {
        return Deno.statSync(host.path(`/proc/${pid}`)).isDirectory;
      } catch {
        return false;
      }
    },
  };
}

function on(text: string): Trouble["problem"] {
  return (device) =>
    new RegExp(`^${RegExp.escape(text.replace("DEVICE", device))}`);
}

function sentence(text: string): RegExp {
  return new RegExp(RegExp.escape(text));
}
