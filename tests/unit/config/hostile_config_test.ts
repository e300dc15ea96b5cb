import fc from "fast-check";
import assert from "node:assert/strict";
import {
  configuredSockets,
  mountSettings,
} from "../../../src/config/client_settings.ts";
import { ConfigError } from "../../../src/config/config_error.ts";
import { parseConfigFile } from "../../../src/config/config_file.ts";
import { loadConfig } from "../../../src/config/load_config.ts";
import { SETTING_VARIABLES, SETTINGS } from "../../../src/config/settings.ts";
import { isPrintable } from "../../../src/text/printable.ts";
import { inTime } from "../../support/eventually.ts";
import { jsonBombs, YAML_BOMBS } from "../../support/hostile_texts.ts";

const FILE = "/etc/diskd/config.yaml";
const EXAMPLE = Deno.readTextFileSync(
  new URL("../../../packaging/config.example.yaml", import.meta.url),
);
const KEYS = Object.values(SETTINGS).map(({ key }) => key);

/** Lines that are told of all that is wrong, and what each may have. */
const MAX_PROBLEM_CHARS = 1_000;

/** Loads a configuration in time: it is used, or refused with the one error, in words that a terminal bears. */
function accept(text: string, env: Record<string, string> = {}): void {
  const sources = {
    flags: {},
    env,
    readText: (path: string) => path === FILE ? text : null,
    uid: 0,
  };
  try {
    inTime(() => loadConfig(sources));
    inTime(() => configuredSockets(text));
    inTime(() => mountSettings(text, FILE));
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    for (const { place, message } of error.problems) {
      assert.ok(isPrintable(place + message), message);
      assert.ok(message.length < MAX_PROBLEM_CHARS, message);
    }
  }
}

/** The example with its settings switched on, and some characters written over, put in or taken out. */
function damagedExample(): fc.Arbitrary<string> {
  const real = EXAMPLE.replaceAll(/^#(?=\S)/gm, "");
  const change = fc.record({
    at: fc.nat(real.length),
    remove: fc.nat(8),
    insert: fc.oneof(
      fc.string({ unit: "binary", maxLength: 3 }),
      fc.constantFrom("&a ", "*a", "!!str ", "- ", "[", "{", ": ", "\n", "'"),
    ),
  });
  return fc.array(change, { minLength: 1, maxLength: 5 }).map((changes) => {
    let text = real;
    for (const { at, remove, insert } of changes) {
      text = text.slice(0, at) + insert + text.slice(at + remove);
    }
    return text;
  });
}

Deno.test("loadConfig() takes any text for a file or raises ConfigError", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.json(),
    fc.dictionary(
      fc.constantFrom(...KEYS, "keys", "history", "mount"),
      fc.jsonValue(),
    )
      .map((value) => JSON.stringify(value)),
  );
  fc.assert(fc.property(text, (text) => accept(text)), { numRuns: 1_000 });
});

Deno.test("loadConfig() takes a damaged file or raises ConfigError", () => {
  const damaged = damagedExample();
  fc.assert(fc.property(damaged, (text) => accept(text)), { numRuns: 300 });
});

Deno.test("loadConfig() takes any variables or raises ConfigError", () => {
  const env = fc.dictionary(
    fc.oneof(
      fc.constantFrom(...SETTING_VARIABLES),
      fc.string({ unit: "binary" }).map((name) => `DISKD_${name}`),
    ),
    fc.string({ unit: "binary" }),
  );
  fc.assert(fc.property(env, (env) => accept("", env)), { numRuns: 1_000 });
});

for (const [name, bomb] of [...YAML_BOMBS, ...jsonBombs(60_000)]) {
  Deno.test(`loadConfig() bears ${name}`, () => {
    accept(bomb);
    accept(`port: ${bomb}`);
    accept(`${bomb}: 1`);
    accept(`keys: ${bomb}`);
    accept(`keys:\n  files: ${bomb}`);
    accept(`ssh: ${bomb}`);
    accept(`ssh:\n  beta: ${bomb}`);
    accept(`mount:\n  allow: ${bomb}`);
    accept(`${bomb}\nport: *a8\nkeys: *a8\ninterfaces: *a8`);
    accept("", { DISKD_PORT: bomb, DISKD_INTERFACE: bomb });
  });
}

Deno.test("loadConfig() bears a file that is much too long", () => {
  accept("port: 1\n".repeat(500_000));
  accept(Array.from({ length: 200_000 }, (_, i) => `key${i}: 1`).join("\n"));
});

const REFUSED: readonly (readonly [string, string, RegExp])[] = [
  ["65,537 characters", "#".repeat(65_537), /65537 .*at most 65536$/],
  ["an alias", "hostName: &a b\nlogLevel: *a\n", /^not YAML: .*alias/],
  [
    "lists 9 deep",
    `interfaces: ${"[".repeat(9)}${"]".repeat(9)}`,
    /too many lists or maps within each other$/,
  ],
];

for (const [what, text, message] of REFUSED) {
  Deno.test(`parseConfigFile() refuses ${what}`, () => {
    const { entries, problems } = parseConfigFile(text, FILE);
    assert.deepEqual(entries, []);
    assert.match(problems[0]!.message, message);
  });
}

Deno.test("parseConfigFile() reads 65,536 characters", () => {
  const { problems } = parseConfigFile("#".repeat(65_536), FILE);
  assert.deepEqual(problems, []);
});
