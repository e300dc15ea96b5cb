import assert from "node:assert/strict";
import { loadConfig } from "../../../src/config/load_config.ts";
import { SETTINGS } from "../../../src/config/settings.ts";

const EXAMPLE = new URL(
  "../../../packaging/config.example.yaml",
  import.meta.url,
);

function load(text: string | null) {
  return loadConfig({ flags: {}, env: {}, readText: () => text, uid: 0 });
}

Deno.test("config.example.yaml changes nothing as it is shipped", () => {
  assert.deepEqual(load(Deno.readTextFileSync(EXAMPLE)), load(null));
});

Deno.test("config.example.yaml is good with every line switched on, and has every key", () => {
  const text = switchedOn();
  load(text);
  assert.deepEqual(
    keysOf(text),
    Object.values(SETTINGS).map(({ key }) => key),
  );
});

Deno.test("config.example.yaml shows the defaults", () => {
  const unset = {
    socketGroup: null,
    readSocket: null,
    readSocketGroup: null,
    interfaces: [],
    site: null,
    peers: [],
    hostName: null,
    natsServers: [],
    natsNkeyFile: null,
    natsCaFile: null,
    natsDomain: null,
    keysMode: "open",
    keysFiles: [],
    mountAllow: [],
    locateAllow: [],
    ssh: {},
    ports: {},
    expect: [],
    notify: [],
  };
  const shown = load(switchedOn());
  for (const name of Object.keys(unset) as (keyof typeof unset)[]) {
    assert.notDeepEqual(shown[name], unset[name], name);
  }
  assert.deepEqual(load(null), { ...shown, ...unset });
});

/** A comment is `# text`; what may be switched on has no space behind the `#`, or two where it is within a map. */
function switchedOn(): string {
  return Deno.readTextFileSync(EXAMPLE).replace(
    /^#(?=(?: {2})?[a-z][a-z0-9]*:)/gmi,
    "",
  );
}

function keysOf(text: string): string[] {
  const keys: string[] = [];
  let group = "";
  for (const [, indent, key, value] of text.matchAll(KEY_LINE)) {
    if (indent !== undefined) keys.push(`${group}.${key}`);
    else if (value === "") group = key!;
    else keys.push(key!);
  }
  return keys;
}

const KEY_LINE = /^( {2})?([a-z][a-z0-9]*): ?(.*)$/gmi;
