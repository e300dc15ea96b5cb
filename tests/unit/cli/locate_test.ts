import assert from "node:assert/strict";
import { runCommandLine } from "../../../src/cli/app.ts";
import { nameForCaller } from "../../../src/cli/locate_here.ts";
import type { DiskRow } from "../../../src/control/views.ts";
import { EXIT } from "../../../src/system/exit_code.ts";
import type { System } from "../../../src/system/system.ts";
import { MockedTime } from "../../support/mocked_time.ts";
import { exited, scriptedSystem } from "../../support/scripted_system.ts";
import { refusalOf } from "../mount/local_support.ts";
import { diskRow, hostRow } from "../render/rows.ts";
import { fakeContext, type FakeOptions } from "./fake_context.ts";
import { run as runThere } from "./run_reach.ts";

const UUID = "8261f666-2f3c-4b5e-9a0e-1d2c3b4a5f60";
const SERIAL = "WD-WCC7K0LH1N5J";
const WWN = "0x50014ee2b9e7c1d4";
const DRIVE = {
  device: "/dev/sdb",
  model: "WD40EFRX",
  serial: SERIAL,
  wwn: WWN,
  tran: "sata",
  size: 4096,
  port: null,
  slot: "bay 3",
  health: null,
};

const PART = diskRow({ device: "/dev/sdb1", uuid: UUID, drives: [DRIVE] });
const BLANK = diskRow({ ...DRIVE, uuid: null, label: null, drives: [DRIVE] });

const LOCALHOST = {
  host: "alpha",
  hostId: "9f0c",
  uniqueHost: "alpha",
  version: "0.1.0",
  addresses: [],
  interfaces: [],
};

const LSBLK = {
  ...{ name: "sdb", kname: "sdb", path: "/dev/sdb", type: "disk" },
  ...{ "maj:min": "8:16", size: 4096, mode: "brw-rw----" },
  ...{ model: "WD40EFRX", serial: SERIAL, wwn: WWN, tran: "sata" },
  children: [{
    ...{ name: "sdb1", kname: "sdb1", path: "/dev/sdb1", type: "part" },
    ...{ mode: "brw-rw----" },
  }],
};

/** `alpha` with a drive that has a locate light. */
function alpha(allow: string, rows: readonly DiskRow[] = [PART]) {
  const ledctl: string[] = [];
  const system: System = scriptedSystem(({ program, args }) => {
    if (program === "ledctl") {
      ledctl.push(args.at(-1)!);
      return exited({});
    }
    if (program === "dd") return exited({ code: 1 });
    assert.equal(program, "lsblk");
    return exited({
      stdout: args.includes("-J")
        ? JSON.stringify({ blockdevices: [LSBLK] })
        : "8:16 4096\n",
    });
  });
  const run = async (words: string, options: FakeOptions = {}) => {
    const context = fakeContext({
      answers: {
        where: rows,
        list: rows,
        localhost: LOCALHOST,
        hosts: [hostRow()],
      },
      files: { "/etc/diskd/config.yaml": `locate: {allow: ["${allow}"]}\n` },
      stdin: "",
      system,
      ...options,
    });
    const code = await runCommandLine(words.split(" "), context);
    return { code, out: context.stdout.text, err: context.stderr.text };
  };
  return { ledctl, run };
}

const ON_AND_OFF = ["locate=/dev/sdb", "locate_off=/dev/sdb"];

Deno.test("locate --here lets a drive blink until the caller ends its input", async () => {
  for (const name of [UUID, WWN, SERIAL, SERIAL.toLowerCase()]) {
    const { run, ledctl } = alpha("serial:WD-*", [PART, BLANK]);
    const { code, out, err } = await run(`locate --here ${name} --json`);
    assert.equal(code, EXIT.ok, err);
    assert.equal(JSON.parse(out).drives[0].serial, SERIAL);
    assert.deepEqual(ledctl, ON_AND_OFF.slice(0, ledctl.length));
    assert.notEqual(ledctl.length, 1);
  }
});

Deno.test("locate --here ends when the caller writes nothing for half a minute", async () => {
  using time = new MockedTime();
  const { run, ledctl } = alpha("*");
  const late = new ReadableStream<Uint8Array>({
    async start(controller) {
      await new Promise((go) => setTimeout(go, 20_000));
      controller.enqueue(new Uint8Array(1));
    },
  });
  let isOver = false;
  const running = run(`locate --here ${UUID} --json`, { input: late })
    .finally(() => isOver = true);
  await time.pass(45_000);
  assert.equal(isOver, false);
  assert.deepEqual(ledctl, ON_AND_OFF.slice(0, 1));
  await time.pass(10_000);
  assert.equal((await running).code, EXIT.ok);
  assert.deepEqual(ledctl, ON_AND_OFF);
});

Deno.test("locate --here refuses what locate.allow does not name, whatever the daemon calls the drive", async () => {
  const silent = { ...DRIVE, serial: null, wwn: null };
  const liar = diskRow({ ...BLANK, serial: "ALLOWED-1", drives: [silent] });
  const cases = [
    ["other", PART, UUID],
    ["serial:ALLOWED-1", liar, "ALLOWED-1"],
  ] as const;
  for (const [allow, row, name] of cases) {
    const { run, ledctl } = alpha(allow, [row]);
    const { code, out, err } = await run(`locate --here ${name} --json`);
    assert.deepEqual([code, out], [EXIT.refused, ""], err);
    assert.match(err, /does not let other hosts locate .*\n.*\nlocate: /);
    assert.deepEqual(ledctl, []);
  }
});

Deno.test("locate --here allows a drive by its maker's names", async () => {
  for (const allow of [`wwn:${WWN}`, `serial:${SERIAL}`, `uuid:${UUID}`]) {
    const { run } = alpha(allow);
    const { code, err } = await run(`locate --here ${UUID} --json`);
    assert.equal(code, EXIT.ok, err);
  }
});

Deno.test("locate --here tells of names that are none, unknown, or of several drives", async () => {
  const twin = diskRow({ ...BLANK, device: "/dev/sdc" });
  const twins = [BLANK, {
    ...twin,
    drives: [{ ...DRIVE, device: "/dev/sdc" }],
  }];
  const cases = [
    ["a/b", [PART], EXIT.usage, /no UUID, WWN or serial/],
    ["AB12-CD34", [], EXIT.notKnown, /AB12-CD34/],
    ["a_b.c", [], EXIT.notKnown, /no drive here is a_b\.c/],
    [SERIAL, twins, EXIT.severalHosts, /2 drives here are called/],
  ] as const;
  for (const [name, rows, expected, message] of cases) {
    const { code, err } = await alpha("*", rows).run(`locate --here ${name}`);
    assert.equal(code, expected, err);
    assert.match(err, message);
  }
});

Deno.test("locate says what it would do, and needs a name and a time", async () => {
  const { run, ledctl } = alpha("none");
  const { code, out } = await run("locate backup-2019 --dry-run");
  assert.equal(code, EXIT.ok);
  assert.equal(
    out,
    "ledctl --listed-only locate=/dev/sdb\n" +
      "dd if=/dev/sdb of=/dev/null bs=1048576 count=4 skip=0 iflag=direct\n" +
      "ledctl --listed-only locate_off=/dev/sdb\n",
  );
  assert.deepEqual(ledctl, []);
  for (const words of ["locate  ", "locate x --for never", "locate x --for"]) {
    assert.equal((await run(words)).code, EXIT.usage, words);
  }
});

Deno.test("locate asks the host of the disk over ssh", async () => {
  const { code, stdout } = await runThere(
    "locate backup-2019 --for 2m --user jo --dry-run",
  );
  assert.equal(code, EXIT.ok);
  assert.match(
    stdout,
    /^ssh .*-l jo .* -- beta diskd locate --here \S+ --for 2m --json\n$/,
  );
});

Deno.test("nameForCaller() takes the UUID, else what the maker wrote into the drive", async () => {
  assert.equal(nameForCaller(PART), UUID);
  assert.equal(nameForCaller(BLANK), WWN);
  assert.equal(nameForCaller({ ...BLANK, wwn: null }), SERIAL);
  assert.equal(nameForCaller({ ...BLANK, wwn: "-x", uuid: "-y" }), SERIAL);
  for (const serial of [null, "00000000", "a b", "-x--y"]) {
    const row = { ...BLANK, wwn: null, serial };
    // deno-lint-ignore require-await
    const refusal = await refusalOf((async () => nameForCaller(row))());
    assert.equal(refusal.kind, "refused");
  }
});
