import assert from "node:assert/strict";
import { captureHost, scrubSerials } from "../../support/capture_host.ts";
import {
  type Capture,
  capturedSystem,
  readCapture,
} from "../../support/captured_host.ts";
import { exited, scriptedSystem } from "../../support/scripted_system.ts";

function scrub(text: string): string {
  return new TextDecoder().decode(
    scrubSerials(new TextEncoder().encode(text), seeded()),
  );
}

/** Numbers that look random and are the same in each run. */
function seeded(): () => number {
  let state = 1;
  return () => (state = (state * 16807) % 2147483647) / 2147483647;
}

function lsblkOf(capture: Capture): string {
  return new TextDecoder().decode(capture.get("lsblk.json"));
}

Deno.test("scrubSerials() changes serial numbers and WWNs and keeps their form", () => {
  const scrubbed = scrub('{"serial": "WD-WX51A7", "wwn":"0x50014ee2"}');
  assert.match(
    scrubbed,
    /^\{"serial": "[G-Z][A-F]-[G-Z]{2}\d\d[A-F]\d", "wwn":"0x\d{5}[a-f]{2}\d"\}$/,
  );
  assert(!scrubbed.includes("WX51A7"));
});

Deno.test("scrubSerials() disguises the same number the same way", () => {
  const [, first, second] = /"(\d+)".*"(\d+)"/.exec(
    scrub('{"serial":"123456789"} {"serial":"123456789"}'),
  )!;
  assert.notEqual(first, "123456789");
  assert.equal(first, second);
});

Deno.test("scrubSerials() leaves everything else as it is", () => {
  const text = '{"serial":null, "label":"S1", "model":"serial 7"}';
  assert.equal(scrub(text), text);
});

Deno.test("captureHost() captures what it is shown, but for serial numbers", async () => {
  const shown = readCapture("nvme-laptop");
  const captured = await captureHost(capturedSystem(shown));
  assert.deepEqual([...captured.keys()].sort(), [...shown.keys()].sort());
  const path = "blkid/mapper!vg-home.txt";
  assert.deepEqual(captured.get(path), shown.get(path));
  assert.deepEqual(captured.get("findmnt.json"), shown.get("findmnt.json"));
  assert(lsblkOf(shown).includes("S7HCNK0W512843T"));
  assert(!lsblkOf(captured).includes("S7HCNK0W512843T"));
});

Deno.test("captureHost() refuses to capture half of what is there", async () => {
  const system = scriptedSystem(({ program }) =>
    program === "lsblk"
      ? exited({ stdout: '{"blockdevices":[{"name":"sda"}]}' })
      : program === "findmnt"
      ? exited({ stdout: '{"filesystems":[]}' })
      : exited({ code: 2, stderr: "blkid: error: /dev/sda: Permission denied" })
  );
  await assert.rejects(captureHost(system), /blkid on \/dev\/sda.*as root/s);
});
