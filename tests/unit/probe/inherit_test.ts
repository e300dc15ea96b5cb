import assert from "node:assert/strict";
import { inheritHardware } from "../../../src/probe/inherit_hardware.ts";
import { bareDevice, type Device } from "../../../src/probe/device.ts";

function device(kname: string, known: Partial<Device> = {}): Device {
  return { ...bareDevice(`/dev/${kname}`), ...known };
}

function inherited(...devices: readonly Device[]): Map<string, Device> {
  return new Map(
    inheritHardware(devices).map((device) => [device.kname, device]),
  );
}

Deno.test("inheritHardware() gives a partition the serial number of its disk", () => {
  const found = inherited(
    device("sda", {
      serial: "S1",
      model: "M",
      wwn: "W",
      tran: "usb",
      port: "P",
      rm: true,
    }),
    device("sda1", { parents: ["sda"] }),
  ).get("sda1")!;
  assert.deepEqual(
    [found.serial, found.model, found.wwn, found.tran, found.port, found.rm],
    ["S1", "M", "W", "usb", "P", true],
  );
});

Deno.test("inheritHardware() keeps what a device has of its own", () => {
  const found = inherited(
    device("sda", { wwn: "disk", rm: true }),
    device("sda1", { parents: ["sda"], wwn: "partition", rm: false }),
  ).get("sda1")!;
  assert.equal(found.wwn, "partition");
  assert.equal(found.rm, false);
});

Deno.test("inheritHardware() goes through all layers, in whatever order they come", () => {
  const found = inherited(
    device("dm-1", { parents: ["dm-0"] }),
    device("dm-0", { parents: ["sda1"] }),
    device("sda1", { parents: ["sda"] }),
    device("sda", { serial: "S1" }),
  );
  assert.equal(found.get("dm-1")?.serial, "S1");
});

Deno.test("inheritHardware() goes through eight layers, the top one first", () => {
  const found = inherited(
    ...[8, 7, 6, 5, 4, 3, 2, 1].map((layer) =>
      device(`dm-${layer}`, { parents: [`dm-${layer - 1}`] })
    ),
    device("dm-0", { serial: "S1" }),
  );
  assert.equal(found.get("dm-8")?.serial, "S1");
});

Deno.test("inheritHardware() gives a RAID only what all its disks agree on", () => {
  const found = inherited(
    device("sda", { serial: "S1", tran: "sata" }),
    device("sdb", { serial: "S2", tran: "sata" }),
    device("md0", { parents: ["sda", "sdb"] }),
  ).get("md0")!;
  assert.equal(found.serial, null);
  assert.equal(found.tran, "sata");
});

Deno.test("inheritHardware() ends when devices lie on each other in a ring", () => {
  const found = inherited(
    device("a", { parents: ["b"], serial: "S1" }),
    device("b", { parents: ["a"] }),
    device("c", { parents: ["c"] }),
  );
  assert.equal(found.get("b")?.serial, "S1");
});

Deno.test("inheritHardware() passes over a parent that is not listed", () => {
  assert.equal(
    inherited(device("sda1", { parents: ["sda"] })).get("sda1")?.serial,
    null,
  );
});
