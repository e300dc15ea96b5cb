import assert from "node:assert/strict";
import type { EventRow } from "../../../src/control/views.ts";
import { renderEvent } from "../../../src/render/event.ts";
import { UTC } from "../../../src/render/format.ts";
import { eventRow } from "../control/support.ts";

function line(known: Partial<EventRow>, zone = UTC): string {
  const at = "2026-03-01T12:00:05.678Z";
  const row = { ...eventRow("/dev/sdb1"), at, label: "backup", ...known };
  return renderEvent(row, { zone });
}

Deno.test("renderEvent() puts an event on a line, with local time to the second", () => {
  assert.equal(
    line({ label: "a\nb" }),
    "01 Mar 12:00:05Z  attached        alpha  /dev/sdb1  a\\x0ab\n",
  );
  assert.equal(
    line({ label: null, uuid: "8261" }, { offsetAt: () => 60 }),
    "01 Mar 13:00:05  attached        alpha  /dev/sdb1  8261\n",
  );
  assert.equal(
    line({ label: null, uuid: null, serial: "WD-1" }),
    "01 Mar 12:00:05Z  attached        alpha  /dev/sdb1  WD-1\n",
  );
});

Deno.test("renderEvent() has the words of the other commands", () => {
  const nothing = { device: null, label: null };
  const said = (event: string, known: Partial<EventRow> = {}) =>
    line({ event, ...known }).slice("01 Mar 12:00:05Z  ".length);
  assert.equal(said("host-up", nothing), "up              alpha\n");
  assert.equal(said("host-stale", nothing), "silent          alpha\n");
  assert.equal(said("host-gone", nothing), "shut down       alpha\n");
  assert.equal(said("detached"), "unplugged       alpha  /dev/sdb1  backup\n");
  assert.equal(said("failing"), "cannot be read  alpha  /dev/sdb1  backup\n");
  assert.equal(said("recovered"), "is read again   alpha  /dev/sdb1  backup\n");
  assert.equal(said("soon\x1b"), "soon\\x1b        alpha  /dev/sdb1  backup\n");
});

Deno.test("renderEvent() says where a disk moved from, and where it was mounted", () => {
  const end = (known: Partial<EventRow>) => line(known).split("backup")[1];
  assert.equal(
    end({ event: "moved", uniqueFrom: "al\npha" }),
    "  from al\\x0apha\n",
  );
  assert.equal(end({ event: "mounted", mount: "/\x1bb" }), "  on /\\x1bb\n");
  assert.equal(end({ event: "unmounted", mount: "/mnt" }), "  from /mnt\n");
  assert.equal(
    end({ event: "renamed", fromDevice: "/dev/sdc1" }),
    "  was /dev/sdc1\n",
  );
});

Deno.test("renderEvent() says what changed, from what to what", () => {
  const changes: EventRow["changes"] = [
    { field: "label", from: "a\x1b", to: null },
    { field: "size", from: 1024, to: 4000787030016 },
    { field: "ro", from: false, to: true },
    { field: "holders", from: [], to: ["/dev/md0", "/dev/md1"] },
    { field: "vg", from: "", to: "vg0" },
  ];
  const end = (count: number, from = 0) =>
    line({ event: "changed", changes: changes.slice(from, count) })
      .split("backup  ")[1];
  assert.equal(
    end(3),
    "label: a\\x1b -> none, size: 1K -> 3.6T, ro: no -> yes\n",
  );
  assert.equal(
    end(5, 3),
    "holders: none -> /dev/md0+/dev/md1, vg: none -> vg0\n",
  );
  assert.match(end(5)!, /, ro: no -> yes, 2 more\n$/);
});
