import assert from "node:assert/strict";
import { EXIT } from "../../../src/system/exit_code.ts";
import { serveCaller } from "../../../src/cli/ssh_command.ts";
import type { LocalhostView } from "../../../src/control/views.ts";
import type { RunOutcome, System } from "../../../src/system/system.ts";
import { exited } from "../../support/scripted_system.ts";
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

const LOCALHOST: LocalhostView = {
  host: "alpha",
  hostId: "9f0c",
  uniqueHost: "alpha",
  version: "0.1.0",
  addresses: [],
  interfaces: [],
};

const SERVER = "/usr/lib/openssh/sftp-server";

interface Given {
  /** What sshd says was asked. */
  readonly asked?: string;
  /** Default: `backup-*`. */
  readonly allow?: string;
  readonly isMounted?: boolean;
  readonly bwrap?: RunOutcome;
  readonly hasServer?: boolean;
  readonly inPrompt?: boolean;
}

function prepare(given: Given) {
  const { bwrap = exited({}), hasServer = true, allow = "backup-*" } = given;
  const host = hostWithDisk();
  if (given.isMounted) host.mounts.push(MOUNTED);
  const handed: string[][] = [];
  const system: System = {
    ...host.system,
    run: (program, args, options) =>
      program === "bwrap"
        ? Promise.resolve(bwrap)
        : host.system.run(program, args, options),
    handOver(program, args) {
      handed.push([program, ...args]);
      return Promise.resolve(
        bwrap.kind === "exited"
          ? { kind: "exited", code: 0 }
          : { kind: "missing" },
      );
    },
    exists: (path) => hasServer && path === SERVER,
  };
  const row = diskRow({ device: DEVICE });
  const other = diskRow({ hostId: "other", device: "/dev/sdc1" });
  const context = fakeContext({
    answers: { localhost: LOCALHOST, where: () => [row], list: [row, other] },
    files: { "/etc/diskd/config.yaml": `mount: {allow: ["${allow}"]}` },
    system,
    ...(given.inPrompt && { inPrompt: true }),
    env: given.asked === undefined ? {} : { SSH_ORIGINAL_COMMAND: given.asked },
  });
  const options = { json: false, noColor: false, words: [] };
  return { host, context, handed, run: () => serveCaller(options, context) };
}

Deno.test("serveCaller() mounts and unmounts as it is asked, and answers in JSON", async () => {
  const { run, context, host } = prepare({
    asked: `diskd mount --here ${UUID} --read-only --json`,
  });
  assert.equal(await run(), EXIT.ok);
  const view = JSON.parse(context.stdout.text);
  assert.deepEqual([view.path, view.readOnly], [PLACE, true]);
  assert.equal(context.stderr.text, "");
  assert.equal(host.mounts.length, 1);
  const other = prepare({
    asked: `diskd unmount --here ${UUID} --json`,
    isMounted: true,
  });
  assert.equal(await other.run(), EXIT.ok);
  assert.equal(other.host.mounts.length, 0);
});

Deno.test("serveCaller() does nothing else, and says what it does", async () => {
  const refused = [
    { asked: "diskd list" },
    {},
    { asked: "internal-sftp", inPrompt: true },
  ];
  for (const given of refused) {
    const { run, host } = prepare(given);
    const { kind, message } = await refusalOf(run());
    assert.equal(kind, "refused");
    assert.match(message, /^over ssh only these are allowed: diskd mount/);
    assert.deepEqual(host.commands, []);
  }
});

Deno.test("serveCaller() serves the disks of this host that the configuration names", async () => {
  const { run, handed } = prepare({ asked: "internal-sftp", isMounted: true });
  assert.equal(await run(), EXIT.ok);
  const [argv = []] = handed;
  assert.equal(argv[0], "bwrap");
  const bound = argv.filter((_, index) => argv[index - 1] === "--bind-try");
  assert.deepEqual(bound, [PLACE]);
  assert.equal(argv.at(-1), SERVER);
});

Deno.test("serveCaller() serves nothing where nothing is named, or mounted", async () => {
  for (const given of [{ allow: "others" }, { isMounted: false }]) {
    const { run, handed } = prepare({
      asked: "internal-sftp",
      isMounted: true,
      ...given,
    });
    const { kind, message } = await refusalOf(run());
    assert.equal(kind, "refused");
    assert.match(message, /no disk is mounted that mount\.allow/);
    assert.deepEqual(handed, []);
  }
});

Deno.test("serveCaller() serves nothing without bwrap, and says so when it mounts", async () => {
  for (const lacks of [{ bwrap: { kind: "missing" } }, { hasServer: false }]) {
    const given = { ...lacks, isMounted: true } as Given;
    const files = prepare({ ...given, asked: "internal-sftp" });
    const { kind, message } = await refusalOf(files.run());
    assert.equal(kind, "refused");
    assert.match(message, /serves no files: there is no .* Debian package/);
    const asked = `diskd mount --here ${UUID} --json`;
    const mount = prepare({ ...given, asked });
    assert.equal(await mount.run(), EXIT.ok);
    assert.match(mount.context.stderr.text, /scripted serves no files: /);
  }
});

Deno.test("serveCaller() believes the label of the disk, not that of the daemon", async () => {
  for (const label of [null, "secret"]) {
    const { host, run, handed } = prepare({
      asked: "internal-sftp",
      isMounted: true,
    });
    host.devices.set(DEVICE, { ...host.devices.get(DEVICE)!, label });
    const { message } = await refusalOf(run());
    assert.match(message, /no disk is mounted that mount\.allow/);
    assert.deepEqual(handed, []);
    const mounting = prepare({ asked: `diskd mount --here ${UUID} --json` });
    mounting.host.devices.set(DEVICE, host.devices.get(DEVICE)!);
    assert.match(
      (await refusalOf(mounting.run())).message,
      /is another disk now: its label is (none|secret), expected backup-2019$/,
    );
    assert.deepEqual(mounting.host.commands, []);
  }
});
