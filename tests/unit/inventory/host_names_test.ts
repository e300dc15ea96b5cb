import assert from "node:assert/strict";
import { Inventory } from "../../../src/inventory/inventory.ts";
import { HostNames, uniqueName } from "../../../src/inventory/host_names.ts";
import { resolveHosts } from "../../../src/inventory/resolve.ts";

const ONE = { id: "1f0c22aa", name: "raspberrypi" };
const TWO = { id: "77ab31cc", name: "raspberrypi" };
const THREE = { id: "77ab31cd", name: "RaspberryPi" };
const DESK = { id: "1f0c22bb", name: "desk" };
const ALL = [ONE, TWO, THREE, DESK];

Deno.test("a host is shown with its name alone, unless another known host has it in any case", () => {
  assert.deepEqual(shown([ONE, DESK]), ["raspberrypi", "desk"]);
  assert.deepEqual(shown([ONE, TWO, DESK]), [
    "raspberrypi@1f0c22",
    "raspberrypi@77ab31",
    "desk",
  ]);
  assert.deepEqual(shown(ALL), [
    "raspberrypi@1f0c22",
    "raspberrypi@77ab31cc",
    "RaspberryPi@77ab31cd",
    "desk",
  ]);
});

Deno.test("what a host is shown as means this host alone", () => {
  for (const hosts of [ALL, [ONE, TWO], [ONE, DESK]]) {
    for (const [index, name] of shown(hosts).entries()) {
      assert.deepEqual(resolveHosts(name, hosts), [hosts[index]], name);
    }
  }
  assert.deepEqual(resolveHosts("RASPBERRYPI@1f0c22", ALL), [ONE]);
  assert.deepEqual(resolveHosts("raspberrypi", ALL), [ONE, TWO]);
  assert.deepEqual(resolveHosts("raspberrypi@77ab31", ALL), [TWO, THREE]);
  for (const wrong of ["raspberrypi@", "raspberrypi@1f0", "desk@77ab31"]) {
    assert.deepEqual(resolveHosts(wrong, ALL), [], wrong);
  }
});

Deno.test("a host that calls itself what another one is shown as is not taken for it", () => {
  const liar = { id: "beefbeefbeef", name: "raspberrypi@1f0c22" };
  const hosts = [ONE, TWO, liar];
  assert.deepEqual(resolveHosts("raspberrypi@1f0c22", hosts), [ONE]);
  const name = uniqueName(liar, []);
  assert.equal(name, "raspberrypi@1f0c22@beefbe");
  assert.deepEqual(resolveHosts(name, hosts), [liar]);
});

Deno.test("a host whose id goes on from that of another one is not taken for it", () => {
  const longer = { ...ONE, id: `${ONE.id}ff` };
  const hosts = [ONE, longer];
  const names = shown(hosts);
  assert.deepEqual(names, ["raspberrypi@1f0c22aa", "raspberrypi@1f0c22aaf"]);
  for (const [index, name] of names.entries()) {
    assert.deepEqual(resolveHosts(name, hosts), [hosts[index]], name);
  }
});

Deno.test("HostNames follows hosts that come, go, and change their names", () => {
  const names = new HostNames();
  const host = { ...TWO };
  names.add(ONE);
  names.add(host);
  assert.deepEqual([...names.of("RASPBERRYPI")], [ONE, host]);
  names.delete(host);
  host.name = "desk";
  names.add(host);
  assert.deepEqual([...names.of("raspberrypi")], [ONE]);
  assert.deepEqual([...names.of("desk")], [host]);
  names.delete(ONE);
  assert.deepEqual([...names.of("raspberrypi")], []);
});

function shown(hosts: readonly (typeof ONE)[]): string[] {
  const names = new HostNames();
  for (const host of hosts) names.add(host);
  return hosts.map((host) => uniqueName(host, names.of(host.name)));
}

Deno.test("thousands of hosts of one name cost little, and each is told apart by the shortest beginning of its id", () => {
  const self = { id: "self", name: "self", version: null, everyMs: 30_000 };
  const inventory = new Inventory(self);
  const startedAt = performance.now();
  const hosts = Array.from({ length: 9_000 }, (_, i) => ({
    id: (i * 7_919 % 65_536).toString(16).padStart(32, "0"),
    name: i % 2 === 0 ? "alpha" : "Alpha",
  }));
  for (const [i, { id, name }] of hosts.entries()) {
    const address = `10.${i >> 8}.0.${i & 255}`;
    inventory.applyAnnouncement(
      { ...self, id, name },
      null,
      { address, now: i },
    );
  }
  const shown = new Set(hosts.map((host) => inventory.uniqueName(host)));
  assert.equal(shown.size, hosts.length);
  for (const { id, name } of hosts.slice(10)) {
    inventory.uniqueName({ id, name });
    inventory.forgetHost(id);
  }
  assert.ok(performance.now() - startedAt < 5_000);
  const [first] = hosts;
  const left = hosts.slice(0, 10);
  assert.equal(inventory.uniqueName(first!), uniqueName(first!, left));
});
