import assert from "node:assert/strict";
import type { LocatedDrive, LocateView } from "../../../src/mount/views.ts";
import { renderLocate } from "../../../src/render/locate.ts";
import { PLAIN } from "./rows.ts";

const DRIVE: LocatedDrive = {
  device: "/dev/sdb",
  kind: "disk",
  model: "WD40EFRX",
  serial: "WD-WCC7",
  wwn: null,
  tran: "sata",
  size: 4_000_787_030_016,
  port: "pci-0-ata-3",
  slot: "bay 3",
  health: null,
  asleep: false,
};

const VIEW: LocateView = {
  host: "alpha",
  hostId: "9f0c",
  device: "/dev/sdb1",
  uuid: "AB12-CD34",
  label: "backup",
  drives: [DRIVE],
};

Deno.test("renderLocate() says which drive it is, and in which slot", () => {
  assert.equal(
    renderLocate(VIEW, PLAIN),
    "backup is on alpha\n" +
      "  drive  /dev/sdb, WD40EFRX, sata, serial WD-WCC7, 3.6T\n" +
      "  port   bay 3 (pci-0-ata-3)\n",
  );
});

Deno.test("renderLocate() names every drive, and what fails", () => {
  const failing = {
    ...DRIVE,
    device: "/dev/sdc",
    health: "unreadable",
    port: null,
    slot: null,
  };
  const drives = [DRIVE, failing];
  const text = renderLocate({ ...VIEW, label: null, drives }, PLAIN);
  assert.match(text, /^AB12-CD34 is on alpha, on 2 drives\n/);
  assert.match(text, /^ {2}drive {2}\/dev\/sdc, .* cannot be read\n$/m);
});

Deno.test("renderLocate() prints nothing that controls a terminal", () => {
  const drives = [{ ...DRIVE, model: "a\x1b[2J", slot: "b\n" }];
  const text = renderLocate({ ...VIEW, label: "c\x07", drives }, PLAIN);
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(text, /[\x00-\x09\x0b-\x1f]/);
});
