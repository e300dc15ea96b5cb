import assert from "node:assert/strict";
import { readDatagram, readDisks } from "../../../src/codec/read_datagram.ts";
import { readRows } from "../../../src/codec/read_disks.ts";

type Row = [string | null, string | null, string | null];
interface Capture {
  bytes: number;
  rows?: Row[];
  refused?: true;
}

const FOLDER = new URL("../../fixtures/v1/", import.meta.url);
const INDEX: Record<string, Capture> = JSON.parse(
  Deno.readTextFileSync(new URL("index.json", FOLDER)),
);

for (const [file, capture] of Object.entries(INDEX)) {
  Deno.test(`readRows() reads ${file} as 0.01 does`, () => {
    const bytes = Deno.readFileSync(new URL(file, FOLDER));
    assert.equal(bytes.length, capture.bytes);
    const datagram = readDatagram(bytes);
    assert.equal(datagram.format, 1);
    const read = readRows(datagram);
    if (capture.refused) {
      assert.deepEqual(read, { format: "rejected", reason: "bad-list" });
      return;
    }
    assert.ok(read.format === "rows", JSON.stringify(read));
    const rows = read.rows.map((row) => row.slice(0, 3));
    assert.deepEqual(rows, capture.rows);
  });

  if (capture.refused) continue;
  Deno.test(`readDisks() lists the devices of ${file}`, () => {
    const bytes = Deno.readFileSync(new URL(file, FOLDER));
    const read = readDisks(readDatagram(bytes));
    assert.ok(read.format === "disks");
    const expected = capture.rows!.filter(([, , device]) => device !== null);
    assert.deepEqual(
      read.disks.map((disk) => [disk.uuid, disk.label, disk.device]),
      expected.map(([uuid, label, device]) => [
        uuid || null,
        label || null,
        device,
      ]),
    );
  });
}

Deno.test("every captured datagram is in the index", () => {
  const files = [...Deno.readDirSync(FOLDER)].map((entry) => entry.name)
    .filter((name) => name.endsWith(".bin"));
  assert.deepEqual(files.sort(), Object.keys(INDEX).sort());
});
