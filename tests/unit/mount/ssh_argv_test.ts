import assert from "node:assert/strict";
import { sshArgv } from "../../../src/mount/ssh.ts";
import { shellQuoted } from "../../../src/text/shell_quoted.ts";

const TASK = { verb: "mount", uuid: "AB12-CD34", readOnly: false } as const;
const BETA = { destination: "beta", user: null };

Deno.test("sshArgv() is one command whose words of the LAN stand behind --", () => {
  const argv = sshArgv(TASK, BETA, { options: [], isBatch: false });
  assert.equal(
    shellQuoted(argv),
    "ssh -T -a -x -o ConnectTimeout=10 -o ClearAllForwardings=yes " +
      "-- beta diskd mount --here AB12-CD34 --json",
  );
});

Deno.test("sshArgv() has the user's own options before ours, each behind its -o", () => {
  const ways = { options: ["ConnectTimeout=1", "-F/x"], isBatch: true };
  const task = { ...TASK, readOnly: true };
  const argv = sshArgv(task, { destination: "beta", user: "jo" }, ways);
  assert.deepEqual(argv, [
    ...["ssh", "-T", "-a", "-x", "-l", "jo"],
    ...["-o", "ConnectTimeout=1", "-o", "-F/x"],
    ...["-o", "ConnectTimeout=10", "-o", "BatchMode=yes"],
    ...["-o", "ClearAllForwardings=yes"],
    ...["--", "beta"],
    ...["diskd", "mount", "--here", "AB12-CD34", "--read-only", "--json"],
  ]);
});
