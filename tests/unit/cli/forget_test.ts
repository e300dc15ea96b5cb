import assert from "node:assert/strict";
import { runCommandLine } from "../../../src/cli/app.ts";
import { RemoteFailure } from "../../../src/control/client.ts";
import { INVALID_PARAMS } from "../../../src/control/jsonrpc.ts";
import type { ForgetParams, ForgetView } from "../../../src/control/views.ts";
import { bareVerdict } from "../../../src/daemon/verdict.ts";
import { ago, hostRow } from "../render/rows.ts";
import { fakeContext, type FakeOptions } from "./fake_context.ts";

const DISK: ForgetView = {
  hosts: [],
  disks: [{
    uuid: "8261f666",
    label: "bad\x1b",
    host: "beta",
    hostId: "b",
    uniqueHost: "beta",
    device: "/dev/sdb1",
    seenAt: ago(7200),
  }],
  sightings: 1,
};
const NOTHING: ForgetView = { hosts: [], disks: [], sightings: 0 };

Deno.test("forget asks, and forgets after a yes", async () => {
  for (const typed of ["y", " YES "]) {
    const { code, stdout, stderr, asked, questions } = await run(["b"], {
      view: DISK,
      isInteractive: true,
      typed,
    });
    assert.deepEqual(questions, [
      "Forget bad\\x1b, last seen on beta 2 h ago, with 1 sighting? [y/N] ",
    ]);
    assert.deepEqual(asked, [{ name: "b", dryRun: true }, { name: "b" }]);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.equal(
      stdout,
      "Forgot bad\\x1b, last seen on beta 2 h ago\nRemoved 1 sighting from the history\n",
    );
  }
});

Deno.test("forget keeps everything after any other answer, and none", async () => {
  for (const typed of ["", "n", "yesterday", null]) {
    const { code, stdout, stderr, asked } = await run(["b"], {
      view: DISK,
      isInteractive: true,
      typed,
    });
    assert.deepEqual(asked, [{ name: "b", dryRun: true }]);
    assert.deepEqual([code, stdout], [1, ""]);
    assert.equal(stderr, "Nothing was forgotten.\n");
  }
});

Deno.test("forget --yes asks nobody, and prints what it forgot as JSON as well", async () => {
  const { code, stdout, asked, questions } = await run(
    ["--yes", "--json", "two", "words"],
    { view: DISK },
  );
  assert.equal(code, 0);
  assert.deepEqual([asked, questions], [[{ name: "two words" }], []]);
  assert.deepEqual(JSON.parse(stdout), DISK);
});

Deno.test("forget without --yes where nobody can answer is refused before anybody is asked", async () => {
  const { code, stderr, asked } = await run(["b"], { view: DISK });
  assert.deepEqual([code, asked], [2, []]);
  assert.match(stderr, /there is no terminal; .*: --yes\n$/);
  const empty = await run(["--yes", " "], { view: DISK });
  assert.equal(empty.code, 2);
  assert.match(empty.stderr, /^forget needs a name/);
});

Deno.test("forget says what is not known, without asking", async () => {
  const { code, stdout, stderr, questions } = await run(["\x1b"], {
    view: NOTHING,
    isInteractive: true,
  });
  assert.deepEqual([code, stdout, questions], [1, "", []]);
  assert.match(stderr, /^No disk and no host is named \\x1b\. See: /);
});

Deno.test("forget names a host with its disks", async () => {
  const hosts = [hostRow({ host: "beta", state: "gone", heardAt: ago(90) })];
  const { questions } = await run(["beta"], {
    view: { ...NOTHING, hosts, sightings: 12 },
    isInteractive: true,
  });
  assert.deepEqual(questions, [
    "Forget the host beta with 3 disks, shut down 1 min ago, with 12 sightings? [y/N] ",
  ]);
});

Deno.test("forget --dry-run says what it would forget, and asks nobody", async () => {
  const { code, stdout, asked, questions } = await run(["--dry-run", "b"], {
    view: DISK,
  });
  assert.deepEqual([code, questions], [0, []]);
  assert.deepEqual(asked, [{ name: "b", dryRun: true }]);
  assert.equal(
    stdout,
    "Would forget bad\\x1b, last seen on beta 2 h ago\n" +
      "Would remove 1 sighting from the history\n",
  );
  const unknown = await run(["--dry-run", "b"], { view: NOTHING });
  assert.deepEqual([unknown.code, unknown.stdout], [1, ""]);
});

Deno.test("forget passes on why it was refused", async () => {
  const { code, stderr } = await run(["--yes", "b"], {
    view: new RemoteFailure(INVALID_PARAMS, "b is attached to alpha"),
  });
  assert.equal(code, 2);
  assert.equal(stderr, "diskd: the daemon reports: b is attached to alpha\n");
});

Deno.test("forget says that a disk is known from what was said of it alone", async () => {
  const said = { alias: "red", note: null, tags: [], remarks: [] };
  const ids = { label: null, uuid: "u", partuuid: null, serial: null };
  const noted = [{ ...ids, wwn: null, ...said }];
  const verdict = { ...bareVerdict("noted"), noted };
  const { code, stderr } = await run(["--yes", "red"], {
    view: NOTHING,
    answers: { find: { rows: [], verdict, contents: [] } },
  });
  assert.equal(code, 1);
  assert.match(stderr, /^No host has or had red, so .* see: diskd note\n$/);
});

async function run(
  args: readonly string[],
  { view, ...options }: FakeOptions & { readonly view: ForgetView | Error },
) {
  const asked: ForgetParams[] = [];
  const context = fakeContext({
    ...options,
    answers: {
      forget(params) {
        asked.push(params);
        if (view instanceof Error) throw view;
        return view;
      },
      where: [],
      ...options.answers,
    },
  });
  const code = await runCommandLine(["forget", ...args], context);
  const { stdout, stderr, questions } = context;
  return { code, stdout: stdout.text, stderr: stderr.text, asked, questions };
}
