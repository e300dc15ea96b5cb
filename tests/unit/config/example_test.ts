import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
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

Deno.test("config.example.yaml says Example where uncommenting changes something, and only there", () => {
  const blocks = Deno.readTextFileSync(EXAMPLE).split("\n\n").slice(1);
  assert.ok(blocks.length >= 18);
  for (const block of blocks) {
    const isExample = block.includes(" Example:\n");
    assert.equal(changes(switchedOn(block)), isExample, block);
    if (isExample) continue;
    for (const line of keyLines(block)) assert.ok(!changes(line), line);
  }
});

/** Whether this much of the file has any effect. */
function changes(text: string): boolean {
  // Only a site can have a server.
  const site = /^nats:/m.test(text) ? "site: home\n" : "";
  return !isDeepStrictEqual(load(site + text), load(site));
}

/** Each key of a block alone, with that of its map. */
function keyLines(block: string): string[] {
  const lines = switchedOn(block).split("\n")
    .filter((line) => /^ *[a-z]\w*:/i.test(line));
  const map = lines.find((line) => /^\w+:$/.test(line));
  return lines.filter((line) => line !== map)
    .map((line) => line.startsWith(" ") ? `${map}\n${line}` : line);
}

/** A comment is `# text`; what may be switched on has no space behind the `#`, or two where it is within a map. */
function switchedOn(text = Deno.readTextFileSync(EXAMPLE)): string {
  return text.replace(
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
