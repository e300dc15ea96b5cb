import assert from "node:assert/strict";
import {
  CALLER_SILENT_MS,
  locateOnDiskHost,
} from "../../../src/mount/remote_locate.ts";
import type { LocateView } from "../../../src/mount/views.ts";
import { renderJson } from "../../../src/render/format.ts";
import type {
  HandedOverOutcome,
  HoldOptions,
} from "../../../src/system/system.ts";
import { refusalOf } from "./local_support.ts";
import { HOLDER, ScriptedCaller, UUID } from "./remote_support.ts";

const VIEW: LocateView = {
  host: "beta",
  hostId: "b0b0",
  device: "/dev/sdb1",
  uuid: UUID,
  label: "backup",
  drives: [{
    device: "/dev/sdb",
    kind: "disk",
    model: "WD40EFRX",
    serial: "WD-WCC7",
    wwn: "0x50014ee2b9e7c1d4",
    tran: "sata",
    size: 4096,
    port: null,
    slot: "bay 3",
    health: null,
    asleep: false,
  }],
};

interface Given {
  readonly name?: string;
  readonly printed?: string;
  readonly outcome?: HandedOverOutcome;
  /** Goes on until it is to end. */
  readonly goesOn?: boolean;
  readonly signal?: AbortSignal;
}

async function locate(given: Given, shown: LocateView[] = []) {
  const { name = UUID, printed = renderJson(VIEW) } = given;
  const { outcome = { kind: "exited", code: 0 } } = given;
  const tools = new ScriptedCaller().tools();
  const asked: { argv: string[]; options: HoldOptions }[] = [];
  const task = { name, label: "backup", diskHost: HOLDER, forMs: 30_000 };
  await locateOnDiskHost(task, {
    ...tools,
    ...(given.signal && { signal: given.signal }),
    onStart: (view) => void shown.push(view),
    system: {
      ...tools.system,
      async hold(program, args, options) {
        asked.push({ argv: [program, ...args], options });
        printed.split("\n").forEach(options.onLine);
        if (given.goesOn && !options.signal.aborted) {
          await new Promise((end) =>
            options.signal.addEventListener("abort", end)
          );
        }
        return outcome;
      },
    },
  });
  return { shown, asked: asked[0]! };
}

Deno.test("locateOnDiskHost() keeps ssh, and shows the drives as soon as they are known", async () => {
  const { shown, asked } = await locate({});
  assert.deepEqual(shown, [VIEW]);
  const line = asked.argv.join(" ");
  assert.match(line, /-o ServerAliveInterval=5 -- beta /);
  assert.match(line, new RegExp(`locate --here ${UUID} --for 30s --json$`));
  assert.ok(asked.options.beatMs * 2 < CALLER_SILENT_MS);
});

Deno.test("locateOnDiskHost() finds the answer among chatter, and by each name", async () => {
  const printed = `Welcome!\n{\nto beta }\n${renderJson(VIEW)}Bye\n`;
  for (const name of [UUID.toUpperCase(), "wd-wcc7", "50014EE2B9E7C1D4"]) {
    const { shown } = await locate({ name, printed });
    assert.deepEqual(shown, [VIEW]);
  }
});

Deno.test("locateOnDiskHost() ends well when the user ends it", async () => {
  const ending = new AbortController();
  const shown: LocateView[] = [];
  const outcome = { kind: "exited", code: 255 } as const;
  const { signal } = ending;
  const located = locate({ outcome, goesOn: true, signal }, shown);
  ending.abort();
  await located;
  assert.deepEqual(shown, [VIEW]);
});

const OTHER = { ...VIEW, uuid: "AB12-CD34" };

const FAILURES: readonly (readonly [string, Given, string, RegExp])[] = [
  ["no answer", { printed: "" }, "failed", /not from diskd: it is empty/],
  [
    "another answer",
    { printed: "{\n}\n" },
    "failed",
    /is not from diskd: "drives" is not a list/,
  ],
  [
    "another disk, and ends it",
    { printed: renderJson(OTHER), goesOn: true },
    "failed",
    /it concerns another disk/,
  ],
  [
    "another host that has it too",
    { printed: renderJson({ ...VIEW, hostId: "9f0c" }), goesOn: true },
    "refused",
    /^ssh beta leads to beta \(9f0c\), not to beta \(b0b0\)$/,
  ],
  [
    "another label",
    { printed: renderJson({ ...VIEW, label: null }), goesOn: true },
    "refused",
    /^the label of .* on beta is none, expected backup$/,
  ],
  [
    "a disk that is not allowed",
    { printed: "", outcome: { kind: "exited", code: 6 } },
    "refused",
    /^beta did not locate it \(exit code 6\); see its message above$/,
  ],
  [
    "a drive that fails later",
    { outcome: { kind: "exited", code: 7 } },
    "failed",
    /^beta did not locate it \(exit code 7\)/,
  ],
  [
    "a diskd without the command",
    { printed: "", outcome: { kind: "exited", code: 2 } },
    "usage",
    /exit code 2/,
  ],
  ["no ssh here", { outcome: { kind: "missing" } }, "failed", /no ssh on this/],
  [
    "no connection",
    { printed: "", outcome: { kind: "exited", code: 255 } },
    "failed",
    /^ssh could not connect to beta/,
  ],
  [
    "a connection that ends",
    { outcome: { kind: "exited", code: 255 } },
    "failed",
    /^the connection to beta ended; see the message of ssh above$/,
  ],
];

for (const [what, given, kind, message] of FAILURES) {
  Deno.test(`locateOnDiskHost() tells of ${what}`, async () => {
    const refusal = await refusalOf(locate(given));
    assert.equal(refusal.kind, kind);
    assert.match(refusal.message, message);
    assert.doesNotMatch(refusal.hints.join(), /may be mounted/);
    if (kind === "usage") {
      assert.match(refusal.hints.join(), /know "locate", diskd on beta is too/);
    }
  });
}

Deno.test("locateOnDiskHost() ends an answer without end", async () => {
  const printed = "x\n".repeat(100_000);
  const { message } = await refusalOf(locate({ printed, goesOn: true }));
  assert.match(message, /is not from diskd: it is longer than 65536 bytes/);
});

Deno.test("locateOnDiskHost() takes no field that is not what it should be", async () => {
  const [drive] = VIEW.drives;
  const wrong = [
    { host: null },
    { device: "sdb" },
    { device: "/dev/sdb\n" },
    { drives: [{ ...drive, size: "4" }] },
    { drives: [{ ...drive, asleep: null }] },
    { drives: [{ ...drive, model: "x".repeat(2_000) }] },
    { drives: [null] },
    { drives: {} },
  ];
  for (const known of wrong) {
    const printed = renderJson({ ...VIEW, ...known });
    const { message } = await refusalOf(locate({ printed }));
    assert.match(message, /is not from diskd: "\w+" is not /);
  }
});
