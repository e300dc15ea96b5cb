import assert from "node:assert/strict";
import { Daemon } from "../support/daemon.ts";
import { type Host, lanTest } from "../support/lan.ts";
import { attachNew } from "../support/plug.ts";

/**
 * Where a compiled program of Deno would keep its code, and read it again,
 * whoever wrote it: denoland/deno#36143.
 */
const CACHE = "deno-compile-diskd.cache";
const TMPDIR = "/run/tmp";
/** Where diskd leaves nothing. */
const FOLDERS = ["/tmp", "/var/tmp"];

const POISONS: Readonly<Record<string, (path: string) => string>> = {
  "holds what somebody else wrote": (path) =>
    `head -c 100000 /dev/urandom >${path}; chown nobody ${path}`,
  "may not be read": (path) => `echo x >${path}; chmod 000 ${path}`,
  "is a directory": (path) => `mkdir ${path}`,
  "leads to a file of the system": (path) => `ln -s /etc/hosts ${path}`,
};

async function namesIn(host: Host, folder: string): Promise<string[]> {
  const { stdout } = await host.run(["ls", "-A", folder]);
  return stdout.split("\n").filter((name) => name.includes("diskd"));
}

lanTest({
  name: "diskd keeps no code where other users may write, and runs none of it",
  hosts: ["alpha"],
}, async ({ alpha }, t) => {
  await attachNew(alpha, { type: "ext4", label: "here" });
  const before = await Promise.all(FOLDERS.map((one) => namesIn(alpha, one)));
  const env = { TMPDIR };
  for (const [what, poison] of Object.entries(POISONS)) {
    await t.step(`the cache ${what}`, async () => {
      const path = `${TMPDIR}/${CACHE}`;
      await alpha.run(["mkdir", "-m", "1777", TMPDIR]);
      await alpha.run(["sh", "-c", poison(path)]);
      const listing = ["ls", "-lAR", "--time-style=full-iso", TMPDIR];
      const poisoned = await alpha.run(listing);
      {
        await using _daemon = await Daemon.start(alpha, {
          spawn: (argv) => alpha.spawn(argv, { env }),
        });
        for (const command of ["--version", "list", "where here"]) {
          const argv = ["diskd", ...command.split(" ")];
          const { code, stderr } = await alpha.run(argv, { env });
          assert.deepEqual({ code, stderr }, { code: 0, stderr: "" }, command);
        }
      }
      assert.equal((await alpha.run(listing)).stdout, poisoned.stdout);
      await alpha.run(["rm", "-r", TMPDIR]);
    });
  }
  const after = await Promise.all(FOLDERS.map((one) => namesIn(alpha, one)));
  assert.deepEqual(after, before);
});
