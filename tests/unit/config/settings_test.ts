import assert from "node:assert/strict";
import { COMMAND_LINE } from "../../../src/cli/app.ts";
import { loadConfig } from "../../../src/config/load_config.ts";
import {
  type Config,
  CONFIG_VARIABLES,
  type ConfigFlags,
  type Setting,
  SETTING_LIST,
  SETTINGS,
  showSetting,
} from "../../../src/config/settings.ts";
import { fakeContext } from "../cli/fake_context.ts";

/** Values as YAML gives them, of which each setting takes one. */
const SAMPLES: readonly unknown[] = [
  "/srv/sample",
  "239.1.2.3",
  "json",
  "debug",
  "require",
  7,
  5_000,
  true,
  false,
  "7s",
  ["nats://sample:4222"],
  ["/srv/sample"],
  ["sample"],
  "sample",
  { sample: "host" },
  [{ disks: ["sample", { tag: "sample" }], seenEvery: "8d" }],
  [{ url: "https://sample.example/", on: ["gone"] }],
];

/** Lines of the file without which a setting is refused. */
const NEEDED: Partial<Record<keyof Config, string>> = {
  natsServers: "site: sample\n",
  readSocketGroup: "readSocket: /srv/read.sock\n",
  keysMode: "keys.files: /k\n",
  keysFiles: "keys.mode: accept\n",
  keysEncrypt: "keys.mode: accept\nkeys.files: /k\n",
};

const DEFAULTS = loadConfig({
  flags: {},
  env: {},
  readText: () => null,
  uid: 0,
});

interface Given {
  readonly flags?: ConfigFlags;
  readonly env?: Record<string, string>;
  readonly file?: string;
}

/** The value that a setting gets from these sources. */
function valueOf(
  name: keyof Config,
  { flags = {}, env = {}, file = "" }: Given,
): unknown {
  const readText = () => file + (NEEDED[name] ?? "");
  return loadConfig({ flags, env, readText, uid: 0 })[name];
}

/** A value other than the default, as YAML gives it, and as it comes out. */
function sampleOf(name: keyof Config, { type }: Setting) {
  const unset = JSON.stringify(DEFAULTS[name]);
  const sample = SAMPLES.find((sample) => {
    const value = type.read(sample);
    return value !== undefined && JSON.stringify(value) !== unset;
  });
  assert.notEqual(sample, undefined, `no sample for ${name}`);
  return { sample, value: type.read(sample) };
}

for (const [name, setting] of SETTING_LIST) {
  const { key, aliases, flag, variable } = setting;

  Deno.test(`${key} is read from the file, under each of its keys`, () => {
    const { sample, value } = sampleOf(name, setting);
    for (const written of [key, ...aliases]) {
      const file = `${written}: ${JSON.stringify(sample)}\n`;
      assert.deepEqual(valueOf(name, { file }), value, written);
    }
  });

  const { option } = setting;
  if (option === null) continue;

  Deno.test(`${key} is read from --${flag} and ${variable}`, () => {
    const { sample, value } = sampleOf(name, setting);
    const text = String(sample);
    const isText = typeof sample === "string" || typeof sample === "number";
    const flags = { [option]: isText ? text : sample };
    assert.deepEqual(valueOf(name, { flags }), value);
    assert.deepEqual(valueOf(name, { env: { [variable!]: text } }), value);
    assert.ok(CONFIG_VARIABLES.includes(variable!));
  });
}

Deno.test("SETTINGS spells no two settings alike", () => {
  const spellings = SETTING_LIST.flatMap(([, { key, aliases }]) => [
    ...new Set([key, ...aliases]),
  ]);
  assert.deepEqual(spellings, [...new Set(spellings)]);
});

Deno.test("the daemon has the flag of each setting, and --config besides", async () => {
  const context = fakeContext({ uid: 0 });
  assert.equal(await COMMAND_LINE.run(["--daemon", "--help"], context), 0);
  const shown = [...context.stdout.text.matchAll(/^ {6}(--\S+)( \S+)? /gm)];
  const expected = SETTING_LIST.filter(([, { flag }]) => flag !== null)
    .map(([, { flag, type }]) => [
      `--${flag}`,
      type.placeholder === "" ? undefined : ` ${type.placeholder}`,
    ]);
  assert.deepEqual(
    shown.map(([, flag, value]) => [flag, value]),
    [["--config", " FILE"], ...expected],
  );
});

Deno.test("the flags of settings may stand before the command, with their values", async () => {
  const expected = SETTING_LIST
    .filter(([name, { flag }]) =>
      flag !== null && typeof DEFAULTS[name] !== "boolean"
    )
    .map(([, { flag }]) => `--${flag}`);
  assert.ok(expected.length > 10);
  const known = await COMMAND_LINE.valueFlags(["daemon"]);
  assert.deepEqual(known.toSorted(), ["--config", ...expected].toSorted());
});

Deno.test("config check prints each setting, and nothing besides", async () => {
  const context = fakeContext({ uid: 0 });
  assert.equal(await COMMAND_LINE.run(["config", "check"], context), 0);
  const [, ...lines] = context.stdout.text.trimEnd().split("\n");
  assert.deepEqual(
    lines.map((line) => /^ {2}(\S+) +(.*)$/.exec(line)!.slice(1)),
    SETTING_LIST.map(([name, setting]) => [
      setting.key,
      showSetting(setting, DEFAULTS[name]),
    ]),
  );
});

Deno.test("showSetting() shows durations with a unit, lists, maps, and what is not set", () => {
  assert.equal(showSetting(SETTINGS.scanIntervalMs, 2_500), "2.5s");
  assert.equal(showSetting(SETTINGS.interfaces, ["a", "b"]), "a, b");
  assert.equal(showSetting(SETTINGS.ssh, { a: "b", c: "d" }), "a: b, c: d");
  assert.equal(showSetting(SETTINGS.noHistory, false), "false");
  assert.equal(showSetting(SETTINGS.readSocket, null), "none");
  assert.equal(showSetting(SETTINGS.hostName, null), "the machine's");
});
