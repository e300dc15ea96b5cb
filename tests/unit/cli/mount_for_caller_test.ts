import assert from "node:assert/strict";
import { EXIT } from "../../../src/system/exit_code.ts";
import { mountHere, unmountHere } from "../../../src/cli/mount_for_caller.ts";
import { ConfigError } from "../../../src/config/config_error.ts";
import type { DiskRow, LocalhostView } from "../../../src/control/views.ts";
import { ScriptedMounts } from "../../support/scripted_mounts.ts";
import {
  DEVICE,
  hostWithDisk,
  MOUNTED,
  PLACE,
  refusalOf,
  UUID,
} from "../mount/local_support.ts";
import { diskRow } from "../render/rows.ts";
import { fakeContext } from "./fake_context.ts";

const FILE = "/etc/diskd/config.yaml";
const LOCALHOST: LocalhostView = {
  host: "alpha",
  hostId: "9f0c",
  uniqueHost: "alpha",
  version: "0.1.0",
  addresses: [],
  interfaces: [],
};

interface Given {
  readonly rows?: readonly DiskRow[];
  readonly config?: string | null;
  readonly host?: ScriptedMounts;
  readonly json?: boolean;
  readonly dryRun?: boolean;
}

function prepare(given: Given) {
  const { rows = [diskRow()], config = "mount: {allow: [backup-*]}" } = given;
  const { host = hostWithDisk(), json = false, dryRun = false } = given;
  const context = fakeContext({
    answers: { localhost: LOCALHOST, where: () => rows },
    system: host.system,
    ...(config !== null && { files: { [FILE]: config } }),
  });
  const options = { json, noColor: true };
  const task = { uuid: UUID, readOnly: false, dryRun };
  return { host, context, task, asking: { options, context } };
}

async function mount(given: Given = {}) {
  const { host, context, task, asking } = prepare(given);
  const code = await mountHere(task, asking);
  return { code, host, stdout: context.stdout.text };
}

async function unmount(given: Given = {}) {
  const { host, context, task, asking } = prepare(given);
  const code = await unmountHere(task, asking);
  return { code, host, stdout: context.stdout.text };
}

Deno.test("mountHere() mounts a disk that the configuration names, and says where", async () => {
  assert.deepEqual((await mount()).stdout, `alpha:${PLACE}\n`);
  const { code, stdout, host } = await mount({ json: true });
  assert.equal(code, EXIT.ok);
  assert.equal(JSON.parse(stdout).path, PLACE);
  assert.equal(host.mounts.length, 1);
});

for (const config of [null, "", "mount: {allow: [other]}"]) {
  Deno.test(`mountHere() refuses where the configuration is ${config}`, async () => {
    const host = hostWithDisk();
    const refusal = await refusalOf(mount({ config, host }));
    assert.equal(refusal.kind, "refused");
    assert.match(refusal.hints.at(-1)!, /^mount: \{allow: \[.*8261f666/);
    assert.deepEqual(host.commands, []);
  });
}

Deno.test("mountHere() says where it is mounted only to who may have it mounted", async () => {
  const host = hostWithDisk();
  host.mounts.push(MOUNTED);
  assert.equal((await refusalOf(mount({ config: "", host }))).kind, "refused");
  assert.equal((await mount({ host })).stdout, `alpha:${PLACE}\n`);
});

Deno.test("mountHere() does nothing while the configuration is wrong", async () => {
  await assert.rejects(mount({ config: "mount: {alow: ['*']}" }), ConfigError);
});

Deno.test("mountHere() only says what it would do when asked for that", async () => {
  const { stdout, host } = await mount({ dryRun: true });
  assert.deepEqual(stdout.split("\n"), [
    "mkdir -- /run/media/diskd",
    `mkdir -- ${PLACE}`,
    `mount -t ext4 -o nosuid,nodev,x-diskd=${UUID} --source ${DEVICE} --target ${PLACE}`,
    "",
  ]);
  assert.deepEqual(host.commands, []);
});

Deno.test("mountHere() takes nothing but a UUID, and asks nobody about anything else", async () => {
  for (const uuid of ["", "-rf", "backup 2019", "a;reboot", "a\n", "ä"]) {
    const { asking, context } = prepare({});
    const task = { uuid, readOnly: false, dryRun: false };
    assert.equal((await refusalOf(mountHere(task, asking))).kind, "usage");
    assert.deepEqual(context.connections, []);
  }
});

Deno.test("mountHere() knows only disks of this host, by their whole UUID", async () => {
  for (
    const rows of [
      [],
      [diskRow({ hostId: "other" })],
      [diskRow({ uuid: `${UUID}0` })],
      [diskRow({ uuid: null, label: UUID })],
    ]
  ) {
    assert.equal((await refusalOf(mount({ rows }))).kind, "notKnown");
  }
  const detached = [diskRow({ state: "detached" })];
  assert.equal(
    (await refusalOf(mount({ rows: detached }))).kind,
    "notAttached",
  );
});

Deno.test("mountHere() takes the UUID in either case", async () => {
  const { asking, host } = prepare({});
  const task = { uuid: UUID.toUpperCase(), readOnly: true, dryRun: false };
  assert.equal(await mountHere(task, asking), EXIT.ok);
  assert.match(host.mounts[0]!.options, /ro,/);
});

Deno.test("mountHere() refuses to guess between two copies", async () => {
  const rows = [diskRow(), diskRow({ device: "/dev/sdc1" })];
  const refusal = await refusalOf(mount({ rows }));
  assert.equal(refusal.kind, "severalHosts");
  assert.match(refusal.message, /2 times: \/dev\/sdb1, \/dev\/sdc1$/);
});

Deno.test("mountHere() mounts any of the members of one btrfs", async () => {
  const host = hostWithDisk();
  host.devices.set(DEVICE, { majMin: "8:17", uuid: UUID, type: "btrfs" });
  const rows = [
    diskRow({ type: "btrfs", uuid_sub: "a" }),
    diskRow({ type: "btrfs", uuid_sub: "b", device: "/dev/sdc1" }),
  ];
  assert.equal((await mount({ rows, host })).code, EXIT.ok);
  assert.match(host.commands.at(-1)!, /,device=\/dev\/sdc1 /);
});

Deno.test("mountHere() takes multipath for the one disk that it is", async () => {
  const host = hostWithDisk();
  const mpath = "/dev/mapper/mpatha";
  host.devices.set(mpath, { majMin: "253:0", uuid: UUID, type: "ext4" });
  const rows = [
    diskRow({ holders: [mpath] }),
    diskRow({ device: "/dev/sdc1", holders: [mpath] }),
    diskRow({ device: mpath }),
  ];
  await mount({ rows, host });
  assert.equal(host.mounts[0]?.source, mpath);
});

Deno.test("unmountHere() unmounts what is allowed, also after it was pulled out", async () => {
  const host = hostWithDisk();
  host.mounts.push(MOUNTED);
  const refusal = await refusalOf(unmount({ config: "", host }));
  assert.equal(refusal.kind, "refused");
  assert.equal(host.mounts.length, 1);
  host.devices.clear();
  const rows = [diskRow({ state: "detached" })];
  const { code, stdout } = await unmount({ rows, host });
  assert.equal(code, EXIT.ok);
  assert.equal(stdout, `alpha:${PLACE}\n`);
  assert.deepEqual(host.mounts, []);
  assert.equal((await unmount({ rows, host })).code, EXIT.ok);
});

Deno.test("unmountHere() does not know what the daemon does not know", async () => {
  assert.equal((await refusalOf(unmount({ rows: [] }))).kind, "notKnown");
});
