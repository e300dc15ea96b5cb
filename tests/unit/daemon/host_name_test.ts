import assert from "node:assert/strict";
import { HostName } from "../../../src/daemon/host_name.ts";
import { MockedTime } from "../../support/mocked_time.ts";

const SECONDS = 4_000;

Deno.test("HostName tells a new name of the machine within seconds, once, and never an empty one", async () => {
  using time = new MockedTime();
  const { names, machine, hostName } = named(null);
  hostName.start();
  await time.pass(SECONDS);
  assert.deepEqual(names, []);
  machine.name = "beta";
  await time.pass(3 * SECONDS);
  machine.name = "";
  await time.pass(SECONDS);
  assert.deepEqual(names, ["beta"]);
  machine.name = "alpha";
  await time.pass(SECONDS);
  assert.deepEqual(names, ["beta", "alpha"]);
  hostName.stop();
  machine.name = "gamma";
  await time.pass(SECONDS);
  assert.deepEqual(names, ["beta", "alpha"]);
});

Deno.test("HostName keeps to the configured name, and takes the machine's once there is none", async () => {
  using time = new MockedTime();
  const { names, machine, hostName } = named("backup server");
  hostName.start();
  machine.name = "beta";
  await time.pass(SECONDS);
  assert.deepEqual(names, []);
  hostName.configure("files");
  hostName.configure(null);
  assert.deepEqual(names, ["files", "beta"]);
  machine.name = "gamma";
  await time.pass(SECONDS);
  assert.deepEqual(names, ["files", "beta", "gamma"]);
  hostName.stop();
});

function named(configured: string | null) {
  const names: string[] = [];
  const machine = { name: "alpha" };
  const hostName = new HostName({
    configured,
    machineName: () => machine.name,
    onChange: (name) => names.push(name),
  });
  return { names, machine, hostName };
}
