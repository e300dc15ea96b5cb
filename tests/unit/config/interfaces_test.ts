import assert from "node:assert/strict";
import { speaksOn } from "../../../src/config/interfaces.ts";

Deno.test("speaksOn() leaves out loopback, containers and tunnels", () => {
  const names = ["lo", "eth0", "enp3s0", "wlan0", "br0", "br-12ab", "docker0"];
  const spoken = names.filter((name) => speaksOn(name, []));
  assert.deepEqual(spoken, ["eth0", "enp3s0", "wlan0", "br0"]);
});

Deno.test("speaksOn() takes globs instead of its own choice", () => {
  const names = ["lo", "eth0", "docker0"];
  const spoken = names.filter((name) => speaksOn(name, ["docker*", "lo"]));
  assert.deepEqual(spoken, ["lo", "docker0"]);
});
