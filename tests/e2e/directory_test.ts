import assert from "node:assert/strict";
import { Daemon, SHORT_INTERVALS } from "../support/daemon.ts";
import { eventually } from "../support/eventually.ts";
import { type Host, lanTest } from "../support/lan.ts";
import { attachNew } from "../support/plug.ts";

/** A daemon that is started in a directory of its host, with a configuration file named relative to it. */
function startIn(host: Host, directory: string): Promise<Daemon> {
  const script = 'cd "$1" && shift && exec "$@"';
  return Daemon.start(host, {
    args: SHORT_INTERVALS,
    spawn: (argv) =>
      host.spawn(["sh", "-c", script, "sh", directory, ...argv], {
        env: { DISKD_CONFIG: "own.yaml" },
      }),
  });
}

lanTest({
  name: "the daemon does not depend on the directory that it was started in",
  hosts: ["alpha", "beta"],
}, async ({ alpha, beta }, t) => {
  await using _other = await Daemon.start(beta, { args: SHORT_INTERVALS });
  const where = async () => {
    const { code } = await beta.run(["diskd", "where", "pulled"]);
    return code;
  };

  await t.step("that may be removed", async () => {
    const pulled = await attachNew(alpha, { type: "ext4", label: "pulled" });
    await alpha.run(["mkdir", "/run/start"]);
    Deno.writeTextFileSync(alpha.path("/run/start/own.yaml"), "ttl: 2\n");
    await using daemon = await startIn(alpha, "/run/start");
    await eventually(async () => assert.equal(await where(), 0));
    await alpha.run(["rm", "-r", "/run/start"]);
    await alpha.detach(pulled);
    await eventually(async () => assert.equal(await where(), 4));
    const { code, stderr } = await alpha.run(["diskd", "refresh"]);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
    const { scan } = await daemon.call("status", {});
    assert.deepEqual(scan.problems, []);
  });

  await t.step("that may be on a stick", async () => {
    const stick = await attachNew(alpha, { type: "ext4", label: "stick" });
    await alpha.run(["mkdir", "/run/stick"]);
    await alpha.run(["mount", stick.device, "/run/stick"]);
    await alpha.run(["sh", "-c", "echo 'ttl: 2' > /run/stick/own.yaml"]);
    await using _daemon = await startIn(alpha, "/run/stick");
    const { code, stderr } = await alpha.run(["umount", "/run/stick"]);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  });
});

lanTest({
  name: "refresh fails where lsblk does, and says why",
  hosts: ["alpha"],
}, async ({ alpha }) => {
  const disk = await attachNew(alpha, { type: "ext4", label: "here" });
  await using _daemon = await Daemon.start(alpha, { args: SHORT_INTERVALS });
  await alpha.run(["mount", "--bind", "/bin/false", "/usr/bin/lsblk"]);
  const { code, stdout, stderr } = await alpha.run(["diskd", "refresh"]);
  assert.equal(code, 7);
  assert.match(stdout, /^The scan failed after /);
  assert.match(stderr, /^lsblk failed with exit code 1/);
  assert.match(disk.device, /^\/dev\//);
  const list = await alpha.run(["diskd", "where", "here"]);
  assert.equal(list.code, 0);
});
