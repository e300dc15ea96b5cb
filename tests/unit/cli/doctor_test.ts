import assert from "node:assert/strict";
import { askDaemon } from "../../../src/cli/doctor.ts";
import {
  DaemonUnreachable,
  RemoteFailure,
} from "../../../src/control/client.ts";
import { VERSION } from "../../../src/version.ts";
import { STATUS } from "../render/rows.ts";
import { fakeContext, type FakeOptions } from "./fake_context.ts";

Deno.test("doctor asks the daemon for its state, unless it is another version", async () => {
  const answers = { status: { ...STATUS, version: VERSION }, hosts: [] };
  const same = await ask({ answers });
  assert.deepEqual(same, { kind: "answers", ...answers });
  // It may lack keys.
  const status = { version: "0.0.1" } as typeof STATUS;
  const other = await ask({ answers: { status } });
  assert.deepEqual(other, { kind: "other-version", version: "0.0.1" });
});

Deno.test("doctor goes on without a daemon, and knows one that it may not ask from none", async () => {
  const kinds = {
    "not-found": "none",
    "refused": "none",
    "denied": "denied",
    "timeout": "failed",
  } as const;
  for (const [reason, kind] of Object.entries(kinds)) {
    const unreachable = new DaemonUnreachable(
      reason as keyof typeof kinds,
      "because",
    );
    assert.deepEqual(await ask({ unreachable }), { kind, message: "because" });
  }
  const unreachable = new RemoteFailure(-1, "it says");
  assert.deepEqual(await ask({ unreachable }), {
    kind: "failed",
    message: "it says",
  });
});

function ask(options: FakeOptions) {
  return askDaemon({ options: {}, context: fakeContext(options) });
}
