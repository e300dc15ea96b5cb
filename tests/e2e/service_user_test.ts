import assert from "node:assert/strict";
import type { DiskRow, StatusView } from "../../src/control/views.ts";
import { Daemon, DEFAULT_SOCKET, SHORT_INTERVALS } from "../support/daemon.ts";
import { eventually } from "../support/eventually.ts";
import { asRoot } from "../support/host.ts";
import { type Host, lanTest, type LoopDisk } from "../support/lan.ts";
import { knowsDisksOf } from "../support/plug.ts";
import { HOMES, Service } from "../support/service.ts";
import { User } from "../support/user.ts";

interface Site {
  readonly alpha: Host;
  readonly service: Service;
  readonly beta: Daemon;
  readonly disk: LoopDisk;
  /** The one that the service's directories are on. */
  readonly root: LoopDisk;
}

lanTest({
  name: "diskd works with the rights that its service has",
  programs: ["setpriv", "findmnt"],
  hosts: ["alpha", "beta"],
}, async ({ alpha, lan }, t) => {
  const root = await alpha.disk({ type: "ext4", label: "root" });
  const disk = await alpha.disk({ type: "ext4", label: "data" });
  await alpha.attach(root);
  await asRoot(alpha, `mount ${root.device} /var/lib`);
  const service = await Service.install(alpha);
  await service.attach(disk);
  await Deno.chown(alpha.path(root.device), 0, 6);
  await using beta = await Daemon.start(lan.host("beta"), {
    args: SHORT_INTERVALS,
  });
  const site: Site = { alpha, service, beta, disk, root };
  await using daemon = await service.start({ args: SHORT_INTERVALS });

  await t.step("it finds its disks and tells them", () => tells(site));
  await t.step("it writes its files, for itself alone", () => writes(site));
  await t.step(
    "it tells mounts as the host has them, not as it sees them",
    () => tellsMounts(site, daemon),
  );
  await t.step("a user's daemon beside it ends", async () => {
    const user = await User.create(alpha, { uid: 30_041 });
    const { code, stderr } = await user.run(["diskd", "--daemon"]);
    assert.equal(code, 1);
    assert.match(stderr, /already runs on this host, for the whole system/);
  });
  await t.step("and all of that again after kill -9", async () => {
    await daemon.process.stop("SIGKILL");
    await using again = await service.start({ args: SHORT_INTERVALS });
    await tells(site);
    const outcome = await again.stop();
    assert.equal(outcome.code, 0, outcome.stderr);
    assert.doesNotMatch(outcome.stderr, /^\S+ (warn|error) /m);
  });
});

/** Root may use the socket of the service. */
async function tells({ alpha, beta }: Site): Promise<void> {
  await knowsDisksOf(beta, ["alpha", "alpha"]);
  const { code, stdout, stderr } = await alpha.run(["diskd", "list", "--json"]);
  assert.equal(code, 0, stderr);
  const rows: DiskRow[] = JSON.parse(stdout);
  assert.deepEqual(rows.map(({ label }) => label), ["root", "data"]);
  await eventually(async () => {
    const { stdout } = await alpha.run(["diskd", "status", "--json"]);
    const { scan, history, problems }: StatusView = JSON.parse(stdout);
    assert.deepEqual([scan.ok, scan.problems, problems], [true, [], []]);
    assert.deepEqual([scan.mountEvents, history.on], ["events", true]);
    assert.notEqual(scan.deviceEvents, "none");
  });
}

async function writes({ alpha, service }: Site): Promise<void> {
  const files = [
    DEFAULT_SOCKET,
    `${DEFAULT_SOCKET}.accepted`,
    `${DEFAULT_SOCKET}.lock`,
    "/var/lib/diskd/identity.json",
    "/var/lib/diskd/identity.key",
    "/var/lib/diskd/names.json",
    "/var/lib/diskd/history.db",
    "/var/lib/diskd/accepted.txt",
  ];
  await eventually(() => {
    for (const file of files) {
      const { mode, uid } = Deno.lstatSync(alpha.path(file));
      assert.deepEqual([mode! & 0o777, uid], [0o600, service.uid], file);
    }
  });
}

async function tellsMounts(
  { alpha, disk }: Site,
  daemon: Daemon,
): Promise<void> {
  await isMounted(daemon, { root: ["/var/lib"], data: [] });
  // It lies where the service sees nothing at all.
  const target = `${HOMES}/me/usb`;
  await asRoot(alpha, `mkdir -p ${target} && mount ${disk.device} ${target}`);
  await isMounted(daemon, { root: ["/var/lib"], data: [target] });
  await asRoot(alpha, `mount -o remount,ro ${target}`);
  await eventually(async () => {
    const rows = await daemon.call("list", {});
    assert.deepEqual(rows.map((row) => row.mounts_ro), [[], [target]]);
  });
  await asRoot(alpha, `umount ${target}`);
  await isMounted(daemon, { root: ["/var/lib"], data: [] });
}

async function isMounted(
  daemon: Daemon,
  mounts: Readonly<Record<string, readonly string[]>>,
): Promise<void> {
  await eventually(async () => {
    const rows = (await daemon.call("list", {}))
      .filter(({ host }) => host === "alpha");
    const found = rows.map(({ label, mounts }) => [label!, mounts]);
    assert.deepEqual(Object.fromEntries(found), mounts);
  });
}
