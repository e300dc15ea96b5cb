import assert from "node:assert/strict";
import { TRUST_EVERYBODY } from "../../../src/codec/trust.ts";
import { loadConfig } from "../../../src/config/load_config.ts";
import type { ConfigView } from "../../../src/control/views.ts";
import { Log } from "../../../src/daemon/log.ts";
import {
  type Loaded,
  RunningConfig,
} from "../../../src/daemon/running_config.ts";

const FILE = "/etc/diskd/config.yaml";

/** A daemon that runs with an empty file, whose text can be changed. */
async function setUp() {
  const site = {
    text: "" as string | null,
    keyId: null as string | null,
    /** In a file that `notify` names. */
    url: "https://a.example/one",
  };
  const steps: string[] = [];
  const lines: string[] = [];
  const load = (): Promise<Loaded> =>
    Promise.resolve().then(() => ({
      config: loadConfig({
        flags: {},
        env: { DISKD_TTL: "7" },
        readText: () => site.text,
        uid: 0,
      }),
      trust: { ...TRUST_EVERYBODY, keyId: site.keyId },
      endpoints: [{
        origin: "https://a.example",
        url: site.url,
        headers: [],
        on: new Set<never>(),
        disks: null,
      }],
    }));
  const running = new RunningConfig(await load(), {
    file: () => site.text === null ? null : FILE,
    load,
    apply: ({ config }) => {
      steps.push(`apply ${config.hostName}`);
      return Promise.resolve();
    },
    log: new Log({ level: "info", format: "text" }, {
      write: (line) => lines.push(line),
      timeOfDay: () => new Date(0),
      isJournal: true,
    }),
    systemd: {
      tell: (state) => {
        steps.push(state);
        return Promise.resolve();
      },
    },
  });
  return { site, running, steps, lines };
}

function view(changed: Partial<ConfigView> = {}): ConfigView {
  return { file: FILE, changed: [], restart: [], problem: null, ...changed };
}

Deno.test("RunningConfig.view() names what is different in the file, and applies nothing", async () => {
  const { site, running, steps } = await setUp();
  assert.deepEqual(await running.view(), view());
  site.text = "hostName: two\nport: 4000\nttl: 3\n";
  const expected = view({ changed: ["hostName"], restart: ["port"] });
  assert.deepEqual(await running.view(), expected);
  assert.deepEqual(await running.view(), expected);
  assert.deepEqual(steps, []);
  site.text = null;
  assert.deepEqual(await running.view(), view({ file: null }));
});

Deno.test("RunningConfig.reload() applies what it can, and what needs a restart stays different", async () => {
  const { site, running, steps, lines } = await setUp();
  site.text = "hostName: two\nport: 4000\n";
  assert.deepEqual(
    await running.reload(),
    view({ changed: ["hostName"], restart: ["port"] }),
  );
  assert.deepEqual(steps, ["RELOADING=1", "apply two", "READY=1"]);
  assert.deepEqual(lines, [
    "<4>changed, but takes effect only at the next start keys=port\n",
    "<6>configuration read again\n",
  ]);
  assert.deepEqual(await running.view(), view({ restart: ["port"] }));
  assert.deepEqual(await running.reload(), view({ restart: ["port"] }));
  site.text = "hostName: two\n";
  assert.deepEqual(await running.view(), view());
});

Deno.test("RunningConfig tells another key in the same file", async () => {
  const { site, running } = await setUp();
  site.keyId = "2f1d81b2";
  const expected = view({ changed: ["keys.files"] });
  assert.deepEqual(await running.view(), expected);
  assert.deepEqual(await running.reload(), expected);
  assert.deepEqual(await running.view(), view());
});

Deno.test("RunningConfig tells another address in the same file", async () => {
  const { site, running } = await setUp();
  site.url = "https://a.example/two";
  const expected = view({ changed: ["notify"] });
  assert.deepEqual(await running.view(), expected);
  assert.deepEqual(await running.reload(), expected);
  assert.deepEqual(await running.view(), view());
});

Deno.test("RunningConfig says what is wrong with the file, and keeps what runs", async () => {
  const { site, running, steps, lines } = await setUp();
  site.text = "port: 99999\nnoise: 1\n";
  const { problem } = await running.view();
  assert.match(
    problem!,
    /2 problems: .*unknown key "noise".*; .*port is 99999/,
  );
  assert.deepEqual(await running.reload(), view({ problem }));
  assert.deepEqual(steps, ["RELOADING=1", "READY=1"]);
  assert.match(lines.join(""), /^<3>.*; keeping the previous configuration\n$/);
  site.text = "";
  assert.deepEqual(await running.view(), view());
});

Deno.test("RunningConfig reloads one after the other", async () => {
  const { site, running, steps } = await setUp();
  const first = running.reload();
  site.text = "hostName: two\n";
  await Promise.all([first, running.reload()]);
  assert.deepEqual(steps.filter((step) => !step.startsWith("apply")), [
    "RELOADING=1",
    "READY=1",
    "RELOADING=1",
    "READY=1",
  ]);
  assert.deepEqual(await running.view(), view());
});
