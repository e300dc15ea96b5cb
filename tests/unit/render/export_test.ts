import assert from "node:assert/strict";
import fc from "fast-check";
import { load } from "js-yaml";
import {
  CsvExport,
  type ExportFormat,
  JsonExport,
} from "../../../src/render/export.ts";
import { YamlExport } from "../../../src/render/export_yaml.ts";
import { hostRow, sightingRow } from "./rows.ts";

const HEADING = {
  exportedAt: "2026-03-01T12:00:00.000Z",
  host: "alpha",
  hostId: "9f0c",
  hosts: [hostRow(), hostRow({ host: "be\x1bta" })],
  remarks: [],
};
const DOCUMENT = { format: "diskd-export", version: 1, ...HEADING };

const ROWS = [
  sightingRow(),
  sightingRow({ label: "no", until: null, mounts: ["/a b", "x: y"] }),
  sightingRow({ label: '"\n\u202e', rm: true, size: null }),
];

for (const [name, parse] of [["json", JSON.parse], ["yaml", load]] as const) {
  const make = () => name === "json" ? new JsonExport() : new YamlExport();

  Deno.test(`export as ${name} is one document, however it is cut into pages`, () => {
    for (
      const pages of [[], [[]], [ROWS], [ROWS.slice(0, 1), [], ROWS.slice(1)]]
    ) {
      assert.deepEqual(
        parse(written(make(), pages)),
        { ...DOCUMENT, sightings: pages.flat() },
      );
    }
  });

  Deno.test(`export as ${name} is read back as it was, whatever a label holds`, () => {
    const label = fc.oneof(
      fc.string({ unit: "grapheme" }),
      fc.constantFrom(
        "yes",
        "~",
        "0x1f",
        "1_000",
        "12:30",
        "=",
        "- a",
        "#",
        "",
      ),
    );
    fc.assert(fc.property(label, (label) => {
      const row = sightingRow({ label, mounts: [label] });
      const { sightings } = parse(written(make(), [[row]])) as {
        sightings: unknown;
      };
      assert.deepEqual(sightings, [row]);
    }));
  });
}

Deno.test("export as json has a line for each host and each sighting, and nothing that a terminal obeys", () => {
  const text = written(new JsonExport(), [ROWS]);
  const rows = [...text.matchAll(/^(\{"host":.*\}),?$/gm)]
    .map(([, row]) => JSON.parse(row!));
  assert.deepEqual(rows, [...HEADING.hosts, ...ROWS]);
  assert.match(text, /^[\x20-\x7e\n]*$/);
});

Deno.test("export as csv quotes what RFC 4180 says, and ends each record with CR LF", () => {
  const [heading, ...records] = csv([
    sightingRow(),
    sightingRow({ label: 'a"b', mounts: ["/a", "/b"], until: null }),
    sightingRow({ label: "a\nb", rm: false, size: 0 }),
  ]).split("\r\n");
  assert.match(
    heading!,
    /^host,hostId,device,uuid,label,type,size,mounts,state/,
  );
  assert.deepEqual(
    records,
    [
      "alpha,9f0c2b7d4e6a1c3f5b8d0e2a4c6f8b1d,/dev/sdb1,8261f666-2f3c-4b5e-9a0e-1d2c3b4a5f60," +
      "backup-2019,ext4,4000787030016,/mnt/b,detached," +
      "2026-01-01T12:00:00.000Z,2026-02-01T12:00:00.000Z,2026-02-01T12:00:00.000Z,,,,,,,,,,,,,true",
      "alpha,9f0c2b7d4e6a1c3f5b8d0e2a4c6f8b1d,/dev/sdb1,8261f666-2f3c-4b5e-9a0e-1d2c3b4a5f60," +
      '"a""b",ext4,4000787030016,"/a,/b",detached,' +
      "2026-01-01T12:00:00.000Z,,2026-02-01T12:00:00.000Z,,,,,,,,,,,,,true",
      "alpha,9f0c2b7d4e6a1c3f5b8d0e2a4c6f8b1d,/dev/sdb1,8261f666-2f3c-4b5e-9a0e-1d2c3b4a5f60," +
      '"a\nb",ext4,0,/mnt/b,detached,' +
      "2026-01-01T12:00:00.000Z,2026-02-01T12:00:00.000Z,2026-02-01T12:00:00.000Z,,,,,,,,,,false,,,true",
      "",
    ],
  );
});

Deno.test("export as csv has no cell that a spreadsheet takes for a formula", () => {
  for (const start of ["=", "+", "-", "@", "\t", "\r", "\n"]) {
    const label = `${start}cmd|' /C calc'!A0`;
    const cells = csv([sightingRow({ label })]);
    assert.ok(cells.includes(`'${label}`), JSON.stringify(cells));
    assert.doesNotMatch(cells, /(^|,)"?[=+\-@\t]/);
  }
});

function csv(rows: typeof ROWS): string {
  return written(new CsvExport(), [rows]);
}

function written(
  format: ExportFormat,
  pages: readonly (readonly typeof ROWS[number][])[],
): string {
  const begun = format.begin(HEADING);
  return begun + pages.map((rows) => format.rows(rows)).join("") + format.end();
}
