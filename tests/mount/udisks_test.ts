import assert from "node:assert/strict";
import { ANYTHING } from "../support/check_outcome.ts";
import { asRoot } from "../support/host.ts";
import { type Host, inSteps, type LoopDisk } from "../support/lan.ts";
import {
  ALLOW_ALL,
  type MountSite,
  mountsOn,
  mountTest,
} from "../support/mount_site.ts";
import {
  POLKITD,
  showUdevd,
  startUdevd,
  Udisks,
  UDISKSD,
} from "../support/udisks.ts";
import { Login } from "../support/user.ts";

/** Numbers that nobody has. */
const ANNA = { name: "anna", uid: 30_037 };
const BEN = { name: "ben", uid: 30_038 };

/** polkit(8) lets anna mount. */
const RULE = `polkit.addRule(function (action, subject) {
  if (subject.user == "anna" &&
    action.id.indexOf("org.freedesktop.udisks2.") == 0) return "yes";
});
`;

/** Everybody may ask the daemon. */
const CONFIG = `${ALLOW_ALL}readSocket: /run/diskd-read.sock\n`;

interface WithUdisks {
  readonly site: MountSite;
  readonly alpha: Host;
  readonly disk: LoopDisk;
  /** Users of alpha. */
  readonly anna: Login;
  readonly ben: Login;
}

mountTest({
  name: "diskd mount leaves it to udisks where that answers",
  programs: [
    ...[UDISKSD, POLKITD, "udisksctl", "dbus-daemon", "udevadm"],
  ],
  config: CONFIG,
}, async (site, t) => {
  const alpha = site.host("alpha");
  const disk = await site.plug("alpha", "backup");
  const anna = await Login.create(alpha, ANNA);
  const ben = await Login.create(alpha, BEN);
  const given = { site, alpha, disk, anna, ben };
  await startUdevd(alpha);
  await showUdevd(alpha, disk.device);
  await t.step("a user without udisks", () => needsRoot(given));
  const rules = alpha.path("/etc/polkit-1/rules.d/10-anna.rules");
  await Deno.writeTextFile(rules, RULE, { mode: 0o644 });
  const udisks = await Udisks.start(alpha);
  await udisks.knows(disk);
  await inSteps(t, given, {
    "root": mountsByUdisks,
    "a user who may not": isNotAuthorized,
    "a user who may": isAuthorized,
    "a disk that udisks does not know": isUnknown,
  });
});

async function needsRoot({ site, disk, anna }: WithUdisks): Promise<void> {
  await anna.check("mount backup", {
    code: 6,
    stderr: new RegExp(`only root may mount ${disk.device} .*\n.*sudo diskd`),
  });
  await site.hasMounts([]);
  // Root mounted it, so root unmounts it.
  await site.check("alpha", "mount backup", ANYTHING);
  await anna.check("mount backup", {
    stdout: /^alpha:\/run\/media\/diskd\/backup\n$/,
    stderr: /^/,
  });
  await anna.check("unmount backup", { code: 6, stderr: /root/ });
  await site.hasMounts(["alpha:/run/media/diskd/backup"]);
  await site.check("alpha", "unmount backup", ANYTHING);
}

async function mountsByUdisks(
  { site, alpha, disk }: WithUdisks,
): Promise<void> {
  await site.check("beta", "mount backup --dry-run", ANYTHING);
  await site.check("alpha", "mount backup --dry-run", {
    stdout: new RegExp(`^udisksctl mount --block-device ${disk.device} `),
  });
  await site.hasMounts([]);
  const place = await site.check("beta", "mount backup", {
    stdout: /^alpha:\/(run\/)?media\/root\/backup\n$/,
  });
  await site.hasMounts([place.trim()]);
  const [mount] = await mountsOn(alpha);
  assert.ok(mount!.options.includes("nosuid"), mount!.options.join(","));
  assert.ok(mount!.options.includes("nodev"), mount!.options.join(","));
  await site.check("beta", "open backup", ANYTHING);
  const hello = await asRoot(
    site.host("beta"),
    "cat /run/diskd-open/backup/hello",
  );
  assert.equal(hello, "from alpha\n");
  await site.check("beta", "unmount backup", ANYTHING);
  await site.hasMounts([]);

  await site.check("beta", "mount backup --read-only", ANYTHING);
  const [readOnly] = await mountsOn(alpha);
  assert.ok(readOnly!.options.includes("ro"), readOnly!.options.join(","));
  await site.check("alpha", "unmount backup", ANYTHING);
  await site.hasMounts([]);
}

async function isNotAuthorized(
  { site, ben }: WithUdisks,
): Promise<void> {
  await ben.check("mount backup", {
    code: 6,
    stderr: /udisks does not let this user mount/,
  });
  await site.hasMounts([]);
}

async function isAuthorized(
  { site, anna, ben }: WithUdisks,
): Promise<void> {
  const place = await anna.check("mount backup", {
    stdout: /^alpha:\/(run\/)?media\/anna\/backup\n$/,
  });
  await site.hasMounts([place.trim()]);
  // It is hers, and neither root nor ben takes it from her.
  const leftAlone = { code: 6, stderr: /leaves it alone/ };
  await site.refuses("alpha", "unmount backup", leftAlone);
  await ben.check("unmount backup", leftAlone);
  await site.hasMounts([place.trim()]);
  await anna.check("unmount backup", ANYTHING);
  await site.hasMounts([]);
}

/** It came when nobody told udev: not even the kernel's events of its making. */
async function isUnknown({ site, alpha }: WithUdisks): Promise<void> {
  const disk = await alpha.disk({ type: "ext4", label: "second" });
  await asRoot(alpha, "udevadm settle");
  await alpha.attach(disk);
  await site.isKnown("alpha", disk);
  await site.check("beta", "mount second", {
    stdout: /^alpha:\/run\/media\/diskd\/second\n$/,
  });
  await site.check("beta", ["unmount", disk.uuid!], ANYTHING);
  await site.hasMounts([]);
}
