import assert from "node:assert/strict";
import { loadConfig } from "../../../src/config/load_config.ts";
import { SETTING_NAMES } from "../../../src/config/setting_names.ts";

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
  const text = Deno.readTextFileSync(EXAMPLE).replace(/^#(?=[a-z])/gmi, "");
  load(text);
  const keys = [...text.matchAll(/^([a-z]+):/gmi)].map(([, key]) => key);
  assert.deepEqual(keys, Object.values(SETTING_NAMES).map(({ key }) => key));
});

Deno.test("config.example.yaml shows the defaults", () => {
  const text = Deno.readTextFileSync(EXAMPLE).replace(/^#(?=[a-z])/gmi, "");
  const { socketGroup, interfaces, hostName, ...shown } = load(text);
  assert.deepEqual(
    [socketGroup, interfaces, hostName],
    ["disk", ["eth*", "wlan0"], "alpha"],
  );
  assert.deepEqual(load(null), {
    ...shown,
    socketGroup: null,
    interfaces: [],
    hostName: null,
  });
});
