import assert from "node:assert/strict";
import { renderSightings } from "../../../src/render/history.ts";
import { ago, PLAIN, sightingRow } from "./rows.ts";

const ROWS = [
  sightingRow({ host: "beta", until: null, state: "attached", inUse: true }),
  sightingRow({ host: "gamma\x1b", state: "stale", mounts: ["/a", "/b"] }),
  sightingRow({ label: null, uuid: null, mounts: [] }),
  sightingRow({ inUse: true }),
  sightingRow({ inUse: false, from: ago(205), until: ago(200) }),
  sightingRow({ from: "2025-03-04T05:06:07Z" }),
  sightingRow({ uuid: "b", state: "detached", unplugged: false, inUse: true }),
];

Deno.test("renderSightings() shows when a disk was where, for how long, why that ended, and whether it was unmounted", () => {
  const text = renderSightings(ROWS, PLAIN);
  assert.equal(
    text.replaceAll("8261f666-2f3c-4b5e-9a0e-1d2c3b4a5f60", "8261"),
    `\
WHEN (UTC)                                    FOR  HOST       DEVICE     LABEL        UUID                                  LAST MOUNTED ON
01 Jan 12:00 - now                        59 days  beta       /dev/sdb1  backup-2019  8261  /mnt/b (now)
01 Jan 12:00 - 01 Feb 12:00 (silent)      31 days  gamma\\x1b  /dev/sdb1  backup-2019  8261  /a,/b
01 Jan 12:00 - 01 Feb 12:00 (unplugged)   31 days  alpha      /dev/sdb1  -            -                                     -
01 Jan 12:00 - 01 Feb 12:00               31 days  alpha      /dev/sdb1  backup-2019  8261  /mnt/b (not unmounted)
01 Mar 11:56:35 - 01 Mar 11:56:40             5 s  alpha      /dev/sdb1  backup-2019  8261  /mnt/b
04 Mar  2025 - 01 Feb 12:00              334 days  alpha      /dev/sdb1  backup-2019  8261  /mnt/b
01 Jan 12:00 - 01 Feb 12:00 (shut down)   31 days  alpha      /dev/sdb1  backup-2019  b                                     /mnt/b
`,
  );
});

Deno.test("renderSightings() has local times, and names their zones", () => {
  const summer = Date.parse("2025-10-26T01:00:00Z");
  const zone = { offsetAt: (ms: number) => ms < summer ? 120 : 60 };
  const row = sightingRow({ from: "2025-10-01T12:00:00Z" });
  const [heading, line] = renderSightings([row], { ...PLAIN, zone })
    .split("\n");
  assert.match(heading!, /^WHEN \(UTC\+2, UTC\+1\) {2}/);
  assert.match(line!, /^01 Oct 14:00 - 01 Feb 13:00 \(unplugged\) {2}/);
});

Deno.test("renderSightings() fits into 80 columns, and leaves out what is the same in all rows", () => {
  const view = { ...PLAIN, columns: 80 };
  const one = renderSightings([ROWS[0]!, ROWS[3]!], view);
  assert.match(one, /^WHEN \(UTC\) +FOR +HOST +DEVICE +LAST MOUNTED ON\n/);
  const piped = renderSightings([ROWS[0]!, ROWS[3]!], PLAIN);
  assert.match(piped, / DEVICE +LABEL +UUID +LAST MOUNTED ON\n/);
  const text = renderSightings(ROWS, view);
  assert.match(text, /^WHEN \(UTC\) +HOST +DEVICE +LABEL\n/);
  for (const line of text.split("\n")) assert.ok(line.length <= 80, line);
});
