import assert from "node:assert/strict";
import { renderDuplicates } from "../../../src/render/duplicates.ts";
import { diskRow, PLAIN } from "./rows.ts";

const ROWS = [{
  kind: "uuid" as const,
  value: "8261f666\x1b",
  disks: [
    diskRow({ size: null, type: null }),
    diskRow({ host: "be\nta", device: "/dev/sdz", label: null }),
  ],
}, {
  kind: "label" as const,
  value: "backup-2019",
  disks: [diskRow(), diskRow({ host: "gamma" })],
}];

Deno.test("renderDuplicates() has a line for each device, those of one identifier together", () => {
  assert.equal(
    renderDuplicates(ROWS, PLAIN),
    `\
WHAT   VALUE         HOST      DEVICE     LABEL        TYPE  SIZE
UUID   8261f666\\x1b  alpha     /dev/sdb1  backup-2019  -        -
UUID   8261f666\\x1b  be\\x0ata  /dev/sdz   -            ext4  3.6T
LABEL  backup-2019   alpha     /dev/sdb1  backup-2019  ext4  3.6T
LABEL  backup-2019   gamma     /dev/sdb1  backup-2019  ext4  3.6T
`,
  );
  assert.equal(renderDuplicates([], PLAIN), "");
});

Deno.test("renderDuplicates() fits into 40 columns", () => {
  const text = renderDuplicates(ROWS, { ...PLAIN, columns: 40 });
  for (const line of text.split("\n")) assert.ok(line.length <= 40, line);
  assert.match(text, /^WHAT +VALUE +HOST +DEVICE/);
});
