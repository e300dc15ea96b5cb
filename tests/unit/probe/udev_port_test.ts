import assert from "node:assert/strict";
import { bareDevice, type Device } from "../../../src/probe/device.ts";
import { withPorts } from "../../../src/probe/udev_port.ts";

const PORTS: readonly (readonly [
  what: string,
  data: string | null,
  port: string | null,
])[] = [
  ["between others", "E:A=1\nE:ID_PATH=pci-0-ata-3\nE:B=2\n", "pci-0-ata-3"],
  ["with a blank", "E:ID_PATH=a b\n", "a b"],
  ["of another property", "E:ID_PATH_TAG=pci\nE:X_E:ID_PATH=a\n", null],
  ["that is empty", "E:ID_PATH=\nE:B=2\n", null],
  ["without data", null, null],
];

for (const [what, data, port] of PORTS) {
  Deno.test(`withPorts() reads the port ${what}`, () => {
    const drive = { ...bareDevice("/dev/sda"), majMin: "8:0" };
    const asked: string[] = [];
    const [found] = withPorts([drive], (path) => {
      asked.push(path);
      return data;
    });
    assert.deepEqual(asked, ["/run/udev/data/b8:0"]);
    assert.deepEqual(found, { ...drive, port });
  });
}

Deno.test("withPorts() asks for drives alone, and only by their numbers", () => {
  const others: Device[] = [
    { ...bareDevice("/dev/sda1"), majMin: "8:1", parents: ["sda"] },
    bareDevice("/dev/sdb"),
  ];
  assert.deepEqual(withPorts(others, () => "E:ID_PATH=pci"), others);
});
