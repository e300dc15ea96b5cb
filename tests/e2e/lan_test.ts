import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { Lan, lanTest, type Process } from "../support/lan.ts";
import { leaveTraces, remainders, type Traces } from "../support/leftovers.ts";
import { needs } from "../support/needs.ts";
import { Process as LocalProcess, runOrThrow } from "../support/process.ts";
import { PROJECT } from "../support/program.ts";

const wanted = { lan: true, programs: ["socat"] };
const GROUP = "230.1.2.3:32003";
const MACHINE_ID = "0123456789abcdef0123456789abcdef";
const INSTALLED_MACHINE = `${PROJECT}/tests/support/installed_machine.sh`;

lanTest({
  name: "Lan carries multicast to every host of a network, and no further",
  ...wanted,
  hosts: ["alpha", "beta", { name: "gamma", networks: ["lan", "lab"] }, {
    name: "delta",
    networks: ["lab"],
  }],
}, async ({ lan }) => {
  const listeners = await Promise.all([
    listen(lan, "beta"),
    listen(lan, "gamma"),
    listen(lan, "delta"),
  ]);
  await say(lan, "alpha", "from alpha");
  await say(lan, "gamma", "from gamma");
  const [beta, gamma, delta] = listeners;
  await beta.waitForLog(/from gamma/);
  await gamma.waitForLog(/from alpha/);
  assert.match(beta.log, /from alpha/);
  assert.doesNotMatch(delta.log, /from/);
});

lanTest({
  name: "Lan shows a disk to blkid on its own host alone, also after a move",
  ...wanted,
  hosts: ["alpha", "beta"],
}, async ({ alpha, beta }) => {
  const disk = await alpha.disk({ type: "ext4", label: "backup-2019" });
  const seen = { device: disk.device, label: "backup-2019", uuid: disk.uuid };

  assert.deepEqual(await blkid(alpha), []);
  await alpha.attach(disk);
  assert.deepEqual(await blkid(alpha), [seen]);
  assert.deepEqual(await blkid(beta), []);
  await disk.moveTo(beta);
  assert.deepEqual(await blkid(alpha), []);
  assert.deepEqual(await blkid(beta), [seen]);
  await beta.detach(disk);
  assert.deepEqual(await blkid(beta), []);
});

for (const type of ["ext4", "vfat", "xfs", "btrfs", "swap"] as const) {
  lanTest(
    { name: `Lan makes a real ${type}`, ...wanted, hosts: ["alpha"] },
    async ({ alpha }) => {
      const disk = await alpha.disk({ type, label: "SCRATCH" });
      await alpha.attach(disk);
      const { stdout } = await alpha.run([
        "blkid",
        "-p",
        "-o",
        "udev",
        disk.device,
      ]);
      assert.match(stdout, new RegExp(`^ID_FS_TYPE=${type}$`, "m"));
      assert.match(stdout, new RegExp(`^ID_FS_UUID=${disk.uuid}$`, "m"));
      assert.match(stdout, /^ID_FS_LABEL=SCRATCH$/m);
      const size = await alpha.run(["blockdev", "--getsize64", disk.device]);
      assert.equal(Number(size.stdout), disk.size);
    },
  );
}

lanTest({
  name:
    "Lan gives each host a name, a machine id, a home and folders of its own",
  ...wanted,
  hosts: [{ name: "alpha", machineId: MACHINE_ID }, "beta"],
}, async ({ alpha, beta }) => {
  const script = "hostname; cat /etc/machine-id; " +
    "touch /etc/only-here /var/lib/only-here /run/only-here $HOME/only-here; " +
    "ls -d /etc/only-here /var/lib/only-here /run/only-here $HOME/only-here | wc -l";
  const made = await alpha.run(["sh", "-c", script]);
  assert.deepEqual(made.stdout.split("\n"), ["alpha", MACHINE_ID, "4", ""]);
  const look =
    "hostname; cat /etc/machine-id; ls -d /*/only-here /var/lib/only-here $HOME/only-here";
  const seen = await beta.run(["sh", "-c", look]);
  assert.equal(seen.stdout, `beta\n${beta.machineId}\n`);
  assert.equal(
    Deno.readTextFileSync(alpha.path("/etc/hostname")),
    "alpha\n",
  );
  assert.throws(() => Deno.statSync("/etc/only-here"), Deno.errors.NotFound);
});

Deno.test({
  ...needs("Lan hides the diskd that is installed on the machine", wanted),
  async fn() {
    const script = `
      import { Lan } from ${JSON.stringify(module("lan.ts"))};
      const folders = ["/etc/diskd", "/var/lib/diskd", "/run/diskd"];
      const look = ["sh", "-c", "ls -d " + folders.join(" ") + "; env"];
      await using lan = await Lan.create({ hosts: ["alpha"] });
      const { stdout } = await lan.host("alpha").run(look);
      const machine = folders.flatMap((path) => [...Deno.readDirSync(path)]);
      console.log(JSON.stringify({ machine, host: stdout }));`;
    const argv = [INSTALLED_MACHINE, Deno.execPath(), "eval", script];
    const env = Deno.env.toObject();
    const { machine, host } = JSON.parse(await runOrThrow(argv, { env }));
    assert.ok(machine.length > 5);
    assert.doesNotMatch(host, /diskd$|DISKD_|XDG_|installed/m);
    assert.match(host, /^LANG=C.UTF-8$/m);
  },
});

lanTest({
  name: "Lan can leave a host without a default route",
  ...wanted,
  hosts: ["alpha", { name: "beta", defaultRoute: false }],
}, async ({ alpha, beta }) => {
  const route = ["ip", "route", "show", "default"];
  assert.equal(
    (await alpha.run(route)).stdout.trim(),
    "default via 192.168.1.1 dev eth0",
  );
  assert.equal((await beta.run(route)).stdout, "");
});

Deno.test({
  ...needs("Lan does not meet another that runs beside it", wanted),
  async fn() {
    await using one = await Lan.create({ hosts: ["alpha", "beta"] });
    await using other = await Lan.create({ hosts: ["alpha", "beta"] });
    const listener = await listen(other, "beta");
    await say(one, "alpha", "from one");
    await say(other, "alpha", "from other");
    await listener.waitForLog(/from other/);
    assert.doesNotMatch(listener.log, /from one/);
  },
});

lanTest({
  name: "Lan keeps a disk that was made on a host that is gone",
  ...wanted,
  hosts: ["alpha", "beta"],
}, async ({ alpha, beta }) => {
  const disk = await alpha.disk({ type: "swap", label: "kept" });
  await beta.attach(disk);
  await alpha[Symbol.asyncDispose]();
  assert.equal((await blkid(beta))[0]?.label, "kept");
});

Deno.test({
  ...needs(
    "Lan leaves nothing behind, mounted disks and daemons among it",
    wanted,
  ),
  async fn() {
    const lan = await Lan.create({ hosts: ["alpha"] });
    const traces = await leaveTraces(lan);
    assert.deepEqual(remainders(traces), traces);
    await lan[Symbol.asyncDispose]();
    await assertGone(traces);
  },
});

for (const signal of ["SIGINT", "SIGTERM", "SIGKILL"] as const) {
  Deno.test({
    ...needs(
      `Lan leaves nothing behind when its process ends by ${signal}`,
      wanted,
    ),
    async fn() {
      const script = `
        import { Lan } from ${JSON.stringify(module("lan.ts"))};
        import { leaveTraces } from ${JSON.stringify(module("leftovers.ts"))};
        const lan = await Lan.create({ hosts: ["alpha"] });
        console.log("traces " + JSON.stringify(await leaveTraces(lan)));
        await new Promise(() => setInterval(() => {}, 1000));`;
      const argv = [Deno.execPath(), "eval", script];
      await using process = new LocalProcess(argv, {
        env: Deno.env.toObject(),
      });
      const [, traces = ""] = await process.waitForLog(
        /^traces (.*)$/m,
        30_000,
      );
      await process.stop(signal);
      await assertGone(JSON.parse(traces));
    },
  });
}

function module(name: string): string {
  return import.meta.resolve(`../support/${name}`);
}

/** The kernel takes apart what nobody holds any more a little later. */
async function assertGone(traces: Traces): Promise<void> {
  assert.equal(traces.pids.length, 2);
  assert.match(traces.images[0] ?? "", /diskd-lan/);
  const nothing = { pids: [], images: [] };
  for (let tries = 0; tries < 100; tries++) {
    if (isDeepStrictEqual(remainders(traces), nothing)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.deepEqual(remainders(traces), nothing);
}

/** Starts to print what the group hears on the host's first network. */
async function listen(lan: Lan, name: string): Promise<Process> {
  const join = `ip-add-membership=${GROUP.split(":")[0]}:eth0,reuseaddr`;
  const listener = lan.host(name).spawn(
    ["socat", "-u", "-d", "-d", `UDP4-RECV:32003,${join}`, "STDOUT"],
  );
  await listener.waitForLog(/starting data transfer loop/);
  return listener;
}

async function say(lan: Lan, name: string, words: string): Promise<void> {
  const host = lan.host(name);
  const to = `UDP4-DATAGRAM:${GROUP},ip-multicast-if=${host.address}`;
  const { code, stderr } = await host.run(["socat", "-u", "STDIN", to], {
    input: `${words}\n`,
  });
  assert.equal(code, 0, stderr);
}

/** What blkid sees on a host. */
async function blkid(host: ReturnType<Lan["host"]>) {
  const { stdout } = await host.run(["blkid", "-c", "/dev/null"]);
  return stdout.split("\n").filter(Boolean).map((line) => ({
    device: line.split(":")[0],
    label: / LABEL="(.*?)"/.exec(line)?.[1] ?? null,
    uuid: / UUID="(.*?)"/.exec(line)?.[1] ?? null,
  }));
}
