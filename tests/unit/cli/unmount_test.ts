import assert from "node:assert/strict";
import { DaemonUnreachable } from "../../../src/control/client.ts";
import { exited } from "../../support/scripted_system.ts";
import {
  PATH,
  ScriptedCaller,
  UNMOUNTED,
  UUID,
} from "../mount/remote_support.ts";
import { ago } from "../render/rows.ts";
import { ON_BETA, OPENED, run, SOURCE } from "./run_reach.ts";

Deno.test("unmount ends what is shown here first, then asks the diskHost", async () => {
  const caller = new ScriptedCaller();
  await run("open backup-2019", { caller });
  await run("mount backup-2019 --at /mnt/b", { caller });
  caller.commands.length = 0;
  const { code, stdout } = await run("unmount backup-2019", { caller });
  assert.equal(code, 0);
  assert.equal(stdout, `alpha:${OPENED}\nalpha:/mnt/b\nbeta:${PATH}\n`);
  assert.deepEqual(caller.run, ["fusermount3", "fusermount3", "ssh unmount"]);
  assert.deepEqual(caller.mounts, []);
  // The one is ours, the other is the user's.
  assert.equal(caller.folders.look(OPENED), null);
  assert.ok(caller.folders.look("/mnt/b"));
});

Deno.test("unmount --json says all that went", async () => {
  const caller = new ScriptedCaller();
  caller.show("/mnt/b", SOURCE);
  const { stdout } = await run("unmount backup-2019 --json", { caller });
  const { unmounted, ...disk } = UNMOUNTED;
  assert.deepEqual(JSON.parse(stdout), {
    ...disk,
    unmounted: [{ host: "alpha", path: "/mnt/b" }, ...unmounted],
  });
});

Deno.test("unmount --dry-run prints the commands, and runs none", async () => {
  const caller = new ScriptedCaller();
  caller.show("/mnt/b", SOURCE);
  const { stdout } = await run("unmount backup-2019 --dry-run", { caller });
  assert.match(
    stdout,
    /^fusermount3 -u -- \/mnt\/b\nssh .* diskd unmount --here /,
  );
  assert.deepEqual(caller.commands, []);
});

Deno.test("unmount says what is left where the diskHost cannot be asked", async () => {
  const unreachable = exited({ code: 255 });
  const stale = { ...ON_BETA, state: "stale", seenAt: ago(300) } as const;
  const caller = new ScriptedCaller();
  caller.failures.set("ssh unmount", unreachable);
  for (const [rows, expected] of [[[ON_BETA], 7], [[stale], 4]] as const) {
    caller.show("/mnt/b", SOURCE);
    const { code, stdout, stderr } = await run("unmount backup-2019", {
      rows,
      caller,
    });
    assert.deepEqual([code, stdout], [expected, "alpha:/mnt/b\n"]);
    assert.match(stderr, /still be mounted on beta; there: diskd unmount/);
  }
});

Deno.test("unmount needs no daemon for a UUID that is shown here", async () => {
  const unreachable = new DaemonUnreachable("not-found", "no diskd answers");
  const caller = new ScriptedCaller();
  for (const path of ["/run/diskd-open", OPENED]) caller.folders.make(path);
  caller.show(OPENED, SOURCE);
  const shown = await run(`unmount ${UUID}`, { unreachable, caller });
  assert.equal(shown.code, 3);
  assert.equal(shown.stdout, `scripted:${OPENED}\n`);
  assert.match(shown.stderr, /still be mounted on beta/);
  assert.deepEqual(caller.mounts, []);
  assert.equal(caller.folders.look(OPENED), null);
  const nothing = await run(`unmount ${UUID}`, { unreachable, caller });
  assert.deepEqual([nothing.code, nothing.stdout], [3, ""]);
});

Deno.test("unmount asks a diskHost that the disk was pulled out of, while it is up", async () => {
  const rows = [{ ...ON_BETA, state: "detached" } as const];
  assert.deepEqual((await run("unmount backup-2019", { rows })).caller.run, [
    "ssh unmount",
  ]);
  const gone = [{ ...rows[0]!, hostId: "c0c0" }];
  const { code, caller } = await run("unmount backup-2019", { rows: gone });
  assert.deepEqual([code, caller.run], [4, []]);
});

Deno.test("unmount is content where only something else has it mounted there", async () => {
  const caller = new ScriptedCaller();
  const left = [{ host: "beta", path: "/mnt/own" }];
  const answer = JSON.stringify({ ...UNMOUNTED, unmounted: [], left });
  caller.failures.set("ssh unmount", exited({ code: 6, stdout: answer }));
  const nothing = await run("unmount backup-2019", { caller });
  assert.equal(nothing.code, 6);
  assert.match(
    nothing.stderr,
    /^diskd: on beta another program mounted it on \/mnt\/own, so diskd leaves/,
  );
  caller.show("/mnt/b", SOURCE);
  const { code, stdout, stderr } = await run("unmount backup-2019", { caller });
  assert.deepEqual([code, stdout, stderr], [0, "alpha:/mnt/b\n", ""]);
});

Deno.test("unmount fails where the diskHost refuses the rest", async () => {
  const caller = new ScriptedCaller();
  caller.failures.set("ssh unmount", exited({ code: 6 }));
  caller.show("/mnt/b", SOURCE);
  const { code, stdout, stderr } = await run("unmount backup-2019", { caller });
  assert.deepEqual([code, stdout], [6, "alpha:/mnt/b\n"]);
  assert.match(stderr, /^diskd: beta did not unmount it/);
});

Deno.test("unmount --host leaves alone what other hosts show", async () => {
  const caller = new ScriptedCaller();
  const gamma = { ...ON_BETA, host: "gamma", hostId: "c0c0" };
  caller.show("/mnt/b", `diskd:${UUID}:jo@beta`);
  caller.show("/mnt/c", `diskd:${UUID}:gamma`);
  const rows = [ON_BETA, gamma];
  const { code } = await run("unmount backup-2019 --host beta", {
    rows,
    caller,
  });
  assert.equal(code, 0);
  assert.deepEqual(caller.mounts.map(({ target }) => target), ["/mnt/c"]);
});

Deno.test("unmount says where something uses what is shown here", async () => {
  const caller = new ScriptedCaller();
  caller.show("/mnt/a b", SOURCE);
  const busy = exited({ code: 1, stderr: "fusermount3: busy\x1b\n" });
  caller.failures.set("fusermount3", busy);
  const { code, stderr } = await run("unmount backup-2019", { caller });
  assert.equal(code, 7);
  assert.match(stderr, /cannot unmount \/mnt\/a b: fusermount3: busy\\x1b\n/);
  assert.match(stderr, /fuser -vm '\/mnt\/a b'\n$/);
  assert.deepEqual(caller.run, ["fusermount3"]);
});

const PS = `    1 ep_poll          /sbin/init
  812 do_wait          -bash
 1234 request_wait_ans cp -a x\x1b /mnt
   77 request_wait_answer              cat /mnt/b/film
   78 request_wait_answer              /usr/bin/stat --file-system -- /mnt/b
`;

Deno.test("unmount takes away what is in use where the host is gone, and says by whom", async () => {
  const caller = new ScriptedCaller();
  caller.show("/mnt/b", SOURCE);
  caller.stuck.add("/mnt/b");
  caller.failures.set("fusermount3", exited({ code: 1, stderr: "busy" }));
  const links = "/proc/812/cwd\n/proc/1234/fd/3\n/proc/1234/fd/4\n";
  caller.failures.set("find", exited({ code: 1, stdout: links }));
  caller.failures.set("ps", exited({ stdout: PS }));
  const { code, stdout, stderr } = await run("unmount backup-2019", { caller });
  assert.deepEqual([code, stdout], [0, `alpha:/mnt/b\nbeta:${PATH}\n`]);
  assert.match(
    stderr,
    /^\/mnt\/b does not answer, and is in use by process 812 \(-bash\), 1234 \(cp -a x\\x1b \/mnt\), 77 \(cat \/mnt\/b\/film\)\. /,
  );
  assert.deepEqual(
    caller.commands.map((argv) => argv.slice(0, 3).join(" ")).slice(0, 2),
    ["fusermount3 -u --", "fusermount3 -u -z"],
  );
});
