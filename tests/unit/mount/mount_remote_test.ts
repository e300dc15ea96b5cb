import assert from "node:assert/strict";
import { readMountPoints } from "../../../src/mount/mount_points.ts";
import {
  mountRemote,
  remoteCommands,
} from "../../../src/mount/mount_remote.ts";
import { choosePlace, sourceOf } from "../../../src/mount/places.ts";
import { Refusal } from "../../../src/mount/refusal.ts";
import type { MountView } from "../../../src/mount/views.ts";
import { shellQuoted } from "../../../src/text/shell_quoted.ts";
import { exited } from "../../support/scripted_system.ts";
import {
  ANSWER,
  HOLDER,
  PATH,
  ScriptedCaller,
  UUID,
} from "./remote_support.ts";

const SOURCE = `diskd:${UUID}:beta`;
const FAILED = exited({ code: 1 });

interface Wish {
  readonly at: string | null;
  readonly readOnly?: boolean;
  readonly isShared?: boolean;
}

async function requestFor(
  caller: ScriptedCaller,
  { at, readOnly = false, isShared = false }: Wish,
) {
  const source = sourceOf({ uuid: UUID, diskHost: HOLDER });
  const { system, uid, folders } = caller;
  const mounts = await readMountPoints(system);
  const place = at === null
    ? null
    : choosePlace(at, { source, mounts, uid, folders });
  const { label } = ANSWER;
  return { uuid: UUID, label, diskHost: HOLDER, readOnly, isShared, place };
}

async function mount(
  caller: ScriptedCaller,
  wish: Wish,
): Promise<MountView> {
  return await mountRemote(await requestFor(caller, wish), caller.tools());
}

async function refusal(
  caller: ScriptedCaller,
  at: string | null = "/mnt/b",
): Promise<Refusal> {
  try {
    await mount(caller, { at });
  } catch (error) {
    assert.ok(error instanceof Refusal, String(error));
    return error;
  }
  assert.fail("nothing was refused");
}

Deno.test("mountRemote() mounts there alone where no directory is asked for", async () => {
  const caller = new ScriptedCaller();
  assert.deepEqual(await mount(caller, { at: null }), ANSWER);
  assert.deepEqual(caller.run, ["ssh mount"]);
});

Deno.test("mountRemote() shows it here in a directory that it makes", async () => {
  const caller = new ScriptedCaller();
  const view = await mount(caller, { at: "/mnt/b", readOnly: true });
  assert.deepEqual(view, { ...ANSWER, at: "/mnt/b", readOnly: true });
  assert.equal(caller.mounts[0]!.source, SOURCE);
  assert.ok(caller.folders.look("/mnt/b"));
});

Deno.test("mountRemote() mounts nothing that the diskHost refuses", async () => {
  const caller = new ScriptedCaller();
  caller.failures.set("ssh mount", exited({ code: 6 }));
  assert.equal((await refusal(caller)).kind, "refused");
  assert.deepEqual(caller.run, ["ssh mount"]);
  assert.equal(caller.folders.look("/mnt/b"), null);
});

Deno.test("mountRemote() undoes what it did where sshfs fails", async () => {
  const caller = new ScriptedCaller();
  caller.failures.set("sshfs", FAILED);
  const { kind, message } = await refusal(caller);
  assert.equal(kind, "failed");
  assert.equal(message, `sshfs cannot show beta:${PATH} (exit code 1)`);
  assert.deepEqual(caller.run, ["ssh mount", "sshfs", "ssh unmount"]);
  assert.equal(caller.folders.look("/mnt/b"), null);
});

Deno.test("mountRemote() leaves mounted what was mounted before", async () => {
  const caller = new ScriptedCaller();
  caller.answer = { ...ANSWER, wasMounted: true };
  caller.failures.set("sshfs", FAILED);
  await refusal(caller);
  assert.deepEqual(caller.run, ["ssh mount", "sshfs"]);
});

Deno.test("mountRemote() says what is left where that cannot be undone", async () => {
  const caller = new ScriptedCaller();
  caller.failures.set("sshfs", FAILED);
  caller.failures.set("ssh unmount", exited({ code: 255 }));
  const { hints } = await refusal(caller);
  assert.match(
    hints.at(-1)!,
    new RegExp(`still mounted on beta, at ${PATH}.*diskd unmount ${UUID}`),
  );
});

Deno.test("mountRemote() does not believe sshfs that it is done", async () => {
  const caller = new ScriptedCaller();
  caller.failures.set("sshfs", exited({}));
  assert.match((await refusal(caller)).message, /nothing is mounted at \/mnt/);
  assert.deepEqual(caller.run, ["ssh mount", "sshfs", "ssh unmount"]);
});

Deno.test("mountRemote() refuses another host than the one that was chosen, and undoes it", async () => {
  const caller = new ScriptedCaller();
  caller.answer = { ...ANSWER, host: "gamma", hostId: "c0c0" };
  const { kind, message } = await refusal(caller);
  assert.equal(kind, "refused");
  assert.match(message, /^ssh beta leads to gamma \(c0c0\), not to beta/);
  assert.deepEqual(caller.run, ["ssh mount", "ssh unmount"]);
});

/** A directory that shows the disk already, and can be looked at. */
async function showing(options = "rw,user_id=0") {
  const folder = await Deno.makeTempDir();
  const caller = new ScriptedCaller();
  for (const path of ["/tmp", folder]) caller.folders.make(path);
  caller.show(folder, SOURCE, options);
  const remove = () => Deno.remove(folder);
  return { folder, caller, [Symbol.asyncDispose]: remove };
}

Deno.test("mountRemote() shows anew what the diskHost has mounted anew", async () => {
  await using shown = await showing();
  const { folder, caller } = shown;
  const view = await mount(caller, { at: folder });
  assert.deepEqual([view.at, view.wasMounted], [folder, false]);
  assert.deepEqual(caller.run, ["ssh mount", "fusermount3", "sshfs"]);
});

Deno.test("mountRemote() shows anew what cannot be looked at", async () => {
  const caller = new ScriptedCaller();
  caller.show("/mnt/dead", SOURCE);
  caller.stuck.add("/mnt/dead");
  caller.answer = { ...ANSWER, wasMounted: true };
  const view = await mount(caller, { at: "/mnt/dead" });
  assert.equal(view.wasMounted, false);
  assert.deepEqual(caller.run, ["ssh mount", "fusermount3", "sshfs"]);
});

Deno.test("mountRemote() shows anew also where a process waits for what is gone", async () => {
  const caller = new ScriptedCaller();
  caller.show("/mnt/dead", SOURCE);
  caller.stuck.add("/mnt/dead");
  caller.failures.set("fusermount3", exited({ code: 1, stderr: "busy" }));
  caller.answer = { ...ANSWER, wasMounted: true };
  await mount(caller, { at: "/mnt/dead" });
  assert.match(caller.said.join(), /^\/mnt\/dead does not answer/);
  assert.equal(caller.mounts.length, 1);
});

Deno.test("mountRemote() shows anew for others what root alone could read", async () => {
  await using shown = await showing();
  const { folder, caller } = shown;
  caller.answer = { ...ANSWER, wasMounted: true };
  await mount(caller, { at: folder, isShared: true });
  assert.deepEqual(caller.run, ["ssh mount", "fusermount3", "sshfs"]);
  assert.match(
    caller.commands.at(-1)!.join(" "),
    /,allow_other,default_permissions,fsname=/,
  );
});

Deno.test("mountRemote() leaves alone what is shown already", async () => {
  await using shown = await showing("ro,user_id=0");
  const { folder, caller } = shown;
  caller.answer = { ...ANSWER, wasMounted: true };
  const view = await mount(caller, { at: folder });
  assert.deepEqual(caller.run, ["ssh mount"]);
  assert.deepEqual([view.at, view.wasMounted], [folder, true]);
  assert.equal(view.readOnly, true);
});

Deno.test("mountRemote() does not take a directory that another made meanwhile", async () => {
  const caller = new ScriptedCaller();
  const request = await requestFor(caller, { at: "/mnt/b" });
  caller.folders.make("/mnt/b");
  await assert.rejects(mountRemote(request, caller.tools()), {
    kind: "refused",
    message: "/mnt/b is in use by another diskd",
  });
  assert.deepEqual(caller.run, ["ssh mount", "ssh unmount"]);
  assert.ok(caller.folders.look("/mnt/b"));
});

Deno.test("choosePlace() refuses what others mounted there, by whatever name", async () => {
  const others = [`diskd:${UUID}:gamma`, "diskd:AB12-CD34:beta", "beta:/srv"];
  for (const source of others) {
    const caller = new ScriptedCaller();
    caller.show("/mnt/b", source);
    await assert.rejects(requestFor(caller, { at: "/mnt/b" }), {
      kind: "refused",
    });
  }
});

Deno.test("remoteCommands() has all that is run, the path there as PATH where it is not known", async () => {
  const caller = new ScriptedCaller();
  const request = await requestFor(caller, { at: "/mnt/b" });
  const { ways } = caller.tools();
  const [there, folder, shown] = remoteCommands(request, { path: null, ways });
  assert.match(shellQuoted(there!), /^ssh .* -- beta diskd mount --here /);
  assert.equal(shellQuoted(folder!), "mkdir -- /mnt/b");
  assert.match(shellQuoted(shown!), /^sshfs .* -- beta:PATH \/mnt\/b$/);
  const known = remoteCommands(request, { path: "/a b", ways });
  assert.match(shellQuoted(known.at(-1)!), /-- 'beta:\/a b' \/mnt\/b$/);
  assert.deepEqual(caller.run, []);
});

Deno.test("mountRemote() refuses a disk whose label there is another, and undoes it", async () => {
  for (const label of [null, "secret", "Backup-2019"]) {
    const caller = new ScriptedCaller();
    caller.answer = { ...ANSWER, label };
    const { kind, message } = await refusal(caller);
    assert.equal(kind, "refused");
    assert.equal(
      message,
      `the label of ${UUID} on beta is ${
        label ?? "none"
      }, expected backup-2019`,
    );
    assert.deepEqual(caller.run, ["ssh mount", "ssh unmount"]);
    assert.equal(caller.folders.look("/mnt/b"), null);
  }
});
