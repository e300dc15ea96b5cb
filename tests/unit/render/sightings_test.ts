import assert from "node:assert/strict";
import { renderSightings } from "../../../src/render/history.ts";
import { PLAIN, sightingRow } from "./rows.ts";

const ROWS = [
  sightingRow({ host: "beta", until: null, state: "attached" }),
  sightingRow({ host: "gamma\x1b", state: "stale", mounts: ["/a", "/b"] }),
  sightingRow({ label: null, uuid: null, mounts: [] }),
];

Deno.test("renderSightings() shows from when until when a disk was where", () => {
  assert.equal(
    renderSightings(ROWS, PLAIN),
    `\
FROM               UNTIL                    HOST       DEVICE     LABEL        UUID                                  MOUNTED
2026-01-01 12:00Z  now                      beta       /dev/sdb1  backup-2019  8261f666-2f3c-4b5e-9a0e-1d2c3b4a5f60  /mnt/b
2026-01-01 12:00Z  2026-02-01 12:00Z stale  gamma\\x1b  /dev/sdb1  backup-2019  8261f666-2f3c-4b5e-9a0e-1d2c3b4a5f60  /a,/b
2026-01-01 12:00Z  2026-02-01 12:00Z        alpha      /dev/sdb1  -            -                                     -
`,
  );
});

Deno.test("renderSightings() fits into 80 columns, and keeps when, where and which", () => {
  const text = renderSightings(ROWS, { ...PLAIN, columns: 80 });
  assert.match(text, /^FROM +UNTIL +HOST +DEVICE +LABEL\n/);
  for (const line of text.split("\n")) assert.ok(line.length <= 80, line);
});
