import assert from "node:assert/strict";
import fc from "fast-check";
import { parseUdevMonitor } from "../../../src/probe/parse_udev_monitor.ts";

Deno.test("parseUdevMonitor() reads events of the kernel and of udev", () => {
  const path = "/devices/pci0000:00/0000:00:1f.2/ata1/host0/target0:0:0";
  assert.deepEqual(
    parseUdevMonitor(`KERNEL[11679.008566] add      ${path}/sdb (block)`),
    { source: "kernel", kname: "sdb" },
  );
  assert.deepEqual(
    parseUdevMonitor(`UDEV  [1.2] change   ${path}/sdb/sdb1 (block)`),
    { source: "udev", kname: "sdb1" },
  );
});

Deno.test("parseUdevMonitor() writes a slash where sysfs writes an exclamation mark", () => {
  const line = "KERNEL[1.2] remove   /devices/virtual/block/cciss!c0d0 (block)";
  assert.equal(parseUdevMonitor(line)?.kname, "cciss/c0d0");
});

for (
  const line of [
    "",
    "monitor will print the received events for:",
    "UDEV - the event which udev sends out after rule processing",
    "KERNEL - the kernel uevent",
    "KERNEL[1.2] add      /devices/virtual/net/lo (net)",
    "KERNEL[1.2] add      /devices/virtual/block/loop0 (bloc",
    "KERNEL[1.2] add      /devices/virtual/block/ (block)",
    "KERNEL[1.2] add      / (block)",
    "KERNEL[1.2] /devices/virtual/block/loop0 (block)",
    "KERNELS[1.2] add      /devices/virtual/block/loop0 (block)",
    "DEVPATH=/devices/virtual/block/loop0",
  ]
) {
  Deno.test(`parseUdevMonitor() passes over ${JSON.stringify(line)}`, () => {
    assert.equal(parseUdevMonitor(line), null);
  });
}

Deno.test("parseUdevMonitor() reads each event that can be printed, and nothing throws it off", () => {
  const word = fc.stringMatching(/^[a-z]+$/);
  const name = fc.stringMatching(/^[^\s/]+$/);
  fc.assert(fc.property(
    fc.constantFrom("KERNEL", "UDEV  "),
    fc.nat(),
    word,
    fc.array(name, { minLength: 1, maxLength: 9 }),
    (source, at, action, path) => {
      const line = `${source}[${at}.000001] ${action.padEnd(8)} /${
        path.join("/")
      } (block)`;
      assert.deepEqual(parseUdevMonitor(line), {
        source: source.trim().toLowerCase(),
        kname: path.at(-1)!.replaceAll("!", "/"),
      });
    },
  ));
  fc.assert(fc.property(fc.string({ unit: "binary" }), (garbage) => {
    assert.equal(parseUdevMonitor(garbage), null);
  }));
});
