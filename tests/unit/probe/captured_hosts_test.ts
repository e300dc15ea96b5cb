import assert from "node:assert/strict";
import { createScanner } from "../../../src/probe/scan.ts";
import {
  capturedSystem,
  HOSTS,
  readCapture,
} from "../../support/captured_host.ts";

const hosts = [...Deno.readDirSync(HOSTS)]
  .filter((entry) => entry.isDirectory)
  .map((entry) => entry.name)
  .sort();

Deno.test("the captured hosts are all there", () => {
  assert.deepEqual(hosts, [
    "debian-10",
    "loop-devices",
    "nvme-laptop",
    "raid-server",
    "ubuntu-18.04",
    "ubuntu-snaps",
  ]);
});

for (const host of hosts) {
  Deno.test(`scan() finds the disks of the captured host ${host}`, async () => {
    const result = await createScanner(capturedSystem(readCapture(host)))
      .scan();
    assert.deepEqual(result.problems, []);
    assert.equal(result.ok, true);
    const expected = new URL(`${host}/expected.json`, HOSTS);
    assert.deepEqual(
      result.disks,
      JSON.parse(Deno.readTextFileSync(expected)),
    );
  });
}
