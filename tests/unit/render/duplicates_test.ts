import assert from "node:assert/strict";
import type { DuplicateRow } from "../../../src/control/views.ts";
import { renderDuplicates } from "../../../src/render/duplicates.ts";
import { diskRow, PLAIN } from "./rows.ts";

const ROWS = [{
  kind: "uuid" as const,
  value: "8261f666\x1b",
  reason: "clone-or-shared" as const,
  disks: [
    diskRow({ size: null, type: null }),
    diskRow({ host: "be\nta", device: "/dev/sdz", label: null }),
  ],
}, {
  kind: "label" as const,
  value: "backup-2019",
  reason: "namesakes" as const,
  disks: [diskRow(), diskRow({ host: "gamma" })],
}];

Deno.test("renderDuplicates() has a sentence for each identifier, and a line for each device", () => {
  assert.equal(
    renderDuplicates(ROWS, PLAIN),
    `\
2 copies, or one drive seen 2 times: UUID 8261f666\\x1b
HOST      DEVICE     LABEL        TYPE  SIZE  SERIAL
alpha     /dev/sdb1  backup-2019  -        -  -
be\\x0ata  /dev/sdz   -            ext4  3.6T  -

2 different disks of one name: label backup-2019
HOST   DEVICE     LABEL        TYPE  SIZE  SERIAL
alpha  /dev/sdb1  backup-2019  ext4  3.6T  -
gamma  /dev/sdb1  backup-2019  ext4  3.6T  -
`,
  );
  assert.equal(renderDuplicates([], PLAIN), "");
});

Deno.test("renderDuplicates() fits into 40 columns", () => {
  const text = renderDuplicates(ROWS, { ...PLAIN, columns: 40 });
  for (const line of text.split("\n")) assert.ok(line.length <= 40, line);
  assert.match(text, /^2 copies, or .*…\nHOST +DEVICE/);
});

Deno.test("renderDuplicates() says why devices share an identifier", () => {
  const drive = (host: string) => ({ ...diskRow().drives[0]!, device: host });
  const disks = ["alpha", "beta"].map((host) =>
    diskRow({ host, hostId: host, drives: [drive(host)] })
  );
  const say = (reason: DuplicateRow["reason"]) =>
    renderDuplicates(
      [{ kind: "uuid", value: "u", reason, disks: [...disks, disks[1]!] }],
      PLAIN,
    ).split("\n")[0];
  assert.equal(say("clone"), "A clone on 2 drives: UUID u");
  assert.equal(say("image"), "One image on 2 drives: UUID u, and others");
  assert.equal(say("copy"), "3 copies on one drive: UUID u");
  assert.equal(say("shared"), "One drive that 2 hosts see: UUID u");
});
