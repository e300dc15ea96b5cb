import assert from "node:assert/strict";
import { exited } from "../../support/scripted_system.ts";
import { hostWithDisk, PLACE } from "../mount/local_support.ts";
import { ANSWER, PATH, ScriptedCaller } from "../mount/remote_support.ts";
import { diskRow } from "../render/rows.ts";
import { type Given, ON_BETA, OPENED, run, SOURCE } from "./run_reach.ts";

Deno.test("mount says where it is on the host that it hangs on", async () => {
  const { code, stdout, stderr, caller } = await run("mount backup-2019");
  assert.deepEqual([code, stdout, stderr], [0, `beta:${PATH}\n`, ""]);
  assert.deepEqual(caller.run, ["ssh mount"]);
  assert.ok(caller.commands[0]!.includes("BatchMode=yes"));
});

Deno.test("mount lets ssh ask at a terminal, and says first what it is about", async () => {
  const { stderr, caller } = await run("mount backup-2019", { mayAsk: true });
  assert.equal(stderr, "Mounting on beta over ssh ...\n");
  assert.equal(caller.commands[0]!.includes("BatchMode=yes"), false);
});

Deno.test("mount --at says where it is here, and beside that where it is there", async () => {
  const { code, stdout, stderr, caller } = await run(
    "mount backup-2019 --at b --read-only",
    { cwd: "/mnt" },
  );
  assert.deepEqual([code, stdout], [0, "/mnt/b\n"]);
  assert.equal(stderr, `Mounted on beta:${PATH}\n`);
  assert.deepEqual(caller.mounts, [{
    target: "/mnt/b",
    source: SOURCE,
    options: "ro,user_id=0",
  }]);
});

Deno.test("mount --json prints the view alone", async () => {
  const { stdout, stderr } = await run("mount backup-2019 --at /mnt/b --json");
  assert.deepEqual(JSON.parse(stdout), { ...ANSWER, at: "/mnt/b" });
  assert.equal(stderr, "");
});

Deno.test("mount --host takes a name in any case, or an id", async () => {
  const rows = [ON_BETA, { ...ON_BETA, host: "gamma", hostId: "c0c0" }];
  for (const host of ["beta", "BETA", "b0b0"]) {
    const { code, stdout } = await run(`mount backup-2019 --host ${host}`, {
      rows,
    });
    assert.deepEqual([code, stdout], [0, `beta:${PATH}\n`], host);
  }
});

Deno.test("mount prints no control character of another host", async () => {
  const answer = { ...ANSWER, host: "be\x1bta", type: "\x1b" };
  const caller = new ScriptedCaller();
  caller.answer = answer;
  const { stdout } = await run("mount backup-2019", { caller });
  assert.equal(stdout, `be\\x1bta:${PATH}\n`);
});

Deno.test("mount follows --user, --ssh-option and the configuration", async () => {
  const files = { "/etc/diskd/config.yaml": "ssh: {b0b0: admin@10.0.0.2}" };
  const words =
    "mount backup-2019 --user jo --ssh-option Port=1 --ssh-option -4";
  const { caller } = await run(words, { files });
  const argv = caller.commands[0]!.join(" ");
  assert.match(argv, / -l jo -o Port=1 -o -4 -o .* -- 10\.0\.0\.2 diskd /);
});

Deno.test("mount --dry-run prints the commands, and runs none", async () => {
  const { stdout, stderr, caller } = await run(
    "mount backup-2019 --at /mnt/b --dry-run",
  );
  assert.match(
    stdout,
    /^ssh .* --json\nmkdir -- \/mnt\/b\nsshfs .* beta:PATH \/mnt\/b\n$/,
  );
  assert.equal(stderr, "PATH is the answer of beta.\n");
  assert.deepEqual(caller.commands, []);
  assert.equal(caller.folders.look("/mnt/b"), null);
  const json = await run("mount backup-2019 --dry-run --json");
  assert.deepEqual(JSON.parse(json.stdout).commands[0].slice(0, 2), [
    "ssh",
    "-T",
  ]);
});

Deno.test("mount --dry-run takes a path of the LAN only where it can be printed", async () => {
  const shown = async (mounts: string[]) => {
    const rows = [{ ...ON_BETA, mounts }];
    return (await run("mount backup-2019 --at /mnt/b --dry-run", { rows }))
      .stdout;
  };
  assert.match(await shown(["[SWAP]", "/srv/b"]), / beta:\/srv\/b \/mnt\/b\n$/);
  assert.match(await shown(["/srv/\x1b[2J"]), / beta:PATH \/mnt\/b\n$/);
});

Deno.test("mount refuses before anything is done", async () => {
  const hostile = { ...ON_BETA, host: "-oProxyCommand=touch /tmp/x" };
  const cases: readonly (readonly [string, Given, number, RegExp])[] = [
    ["mount backup-2019", { rows: [] }, 1, /^diskd: No disk is named/],
    ["mount backup-2018", { rows: [] }, 1, /Did you mean backup-2019\?/],
    [
      "mount backup-2019",
      { rows: [hostile] },
      6,
      /not safe for ssh[^]*ssh: \{"b0b0"/,
    ],
    [
      "mount backup-2019",
      { rows: [{ ...ON_BETA, uuid: "-x" }] },
      6,
      /The UUID of/,
    ],
    ["mount backup-2019 --at b", {}, 2, /expected an absolute path/],
    [
      "mount backup-2019 --at /opt/b/c",
      {},
      6,
      /below .*\/mnt, \/media and \/srv/,
    ],
    ["mount backup-2019 --user=-l", {}, 2, /--user/],
    ["mount backup-2019 --at /mnt/b --ssh-option a\\b", {}, 2, /--ssh-option/],
    ["mount backup-2019 --at /mnt/b --at /mnt/c", {}, 2, /given twice/],
  ];
  for (const [words, given, code, stderr] of cases) {
    const outcome = await run(words, given);
    assert.equal(outcome.code, code, words);
    assert.match(outcome.stderr, stderr);
    assert.deepEqual(outcome.caller.commands, []);
  }
});

Deno.test("mount --at without sshfs asks nobody", async () => {
  const caller = new ScriptedCaller();
  caller.failures.set("sshfs --help", { kind: "missing" });
  const { code, stderr } = await run("mount backup-2019 --at /mnt/b", {
    caller,
  });
  assert.deepEqual([code, caller.commands], [7, []]);
  assert.match(stderr, /^diskd: there is no sshfs on this host\nInstall it/);
});

Deno.test("mount --at says when sshfs would follow links of the disk to files of this host", async () => {
  for (const [help, expected] of [["transform_symlinks", 1], [null, 0]]) {
    const caller = new ScriptedCaller();
    if (typeof help === "string") {
      caller.failures.set("sshfs --help", exited({ code: 1, stderr: help }));
    }
    const { code, stderr } = await run("mount backup-2019 --at /mnt/b", {
      caller,
    });
    assert.equal(code, 0);
    const warnings = stderr.match(/links on the disk may lead to files/g) ?? [];
    assert.equal(warnings.length, expected, stderr);
  }
});

Deno.test("mount, open and unmount do it here where it hangs here", async () => {
  const { system, mounts } = hostWithDisk();
  const given = { rows: [diskRow()], system };
  const mounted = await run("mount backup-2019", given);
  assert.deepEqual([mounted.code, mounted.stdout], [0, `alpha:${PLACE}\n`]);
  const opened = await run("open backup-2019", given);
  assert.deepEqual([opened.code, opened.stdout], [0, `${PLACE}\n`]);
  assert.equal(mounts.length, 1);
  const unmounted = await run("unmount backup-2019", given);
  assert.deepEqual([unmounted.code, unmounted.stdout], [
    0,
    `alpha:${PLACE}\n`,
  ]);
  assert.deepEqual(mounts, []);
});

Deno.test("mount --dry-run of a disk of this host prints what it would run, as JSON too", async () => {
  const { system, commands } = hostWithDisk();
  const given = { rows: [diskRow()], system };
  const { stdout } = await run("mount backup-2019 --dry-run", given);
  assert.match(stdout, /^mkdir .*\nmkdir .*\nmount -t ext4 .*\n$/);
  const json = JSON.parse(
    (await run("mount backup-2019 --dry-run --json", given)).stdout,
  );
  assert.equal(json.commands.at(-1)[0], "mount");
  assert.deepEqual(commands, []);
});

Deno.test("open has a directory of its own, and prints nothing else", async () => {
  const caller = new ScriptedCaller();
  const { code, stdout, stderr } = await run("open backup-2019", { caller });
  assert.deepEqual([code, stdout, stderr], [0, `${OPENED}\n`, ""]);
  assert.equal(caller.mounts[0]!.target, OPENED);
});
