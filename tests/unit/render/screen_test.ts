import assert from "node:assert/strict";
import { drawScreen, renderVisibleDisks } from "../../../src/render/screen.ts";
import { diskRow, PLAIN } from "./rows.ts";

Deno.test("drawScreen() draws over what is there, and clears only behind it", () => {
  assert.equal(
    drawScreen(["a", "bc"]),
    "\x1b[Ha\x1b[K\r\nbc\x1b[K\x1b[J",
  );
});

Deno.test("renderVisibleDisks() shows all disks where they fit", () => {
  const [heading, ...rows] = visible(3, 4);
  assert.match(heading!, /^HOST +DEVICE/);
  const hosts = rows.map((row) => row.split(" ")[0]);
  assert.deepEqual(hosts, ["host0", "host1", "host2"]);
});

Deno.test("renderVisibleDisks() says how many more there are", () => {
  const lines = visible(10, 5);
  assert.equal(lines.length, 5);
  assert.match(lines[3]!, /^host2 /);
  assert.equal(lines[4], "... and 7 more");
});

Deno.test("renderVisibleDisks() bears a terminal of next to no height", () => {
  assert.deepEqual(visible(3, 2), ["... and 3 more"]);
  assert.deepEqual(visible(3, 1), ["... and 3 more"]);
  assert.equal(visible(1, 2).length, 2);
});

Deno.test("renderVisibleDisks() makes columns as wide as what is seen needs", () => {
  const rows = [diskRow(), diskRow({ host: "a-very-long-name-of-a-host" })];
  const [heading] = renderVisibleDisks([...rows, diskRow()], {
    view: PLAIN,
    lines: 3,
  });
  assert.match(heading!, /^HOST {3}DEVICE/);
});

function visible(count: number, lines: number): string[] {
  const rows = Array.from(
    { length: count },
    (_, index) => diskRow({ host: `host${index}` }),
  );
  return renderVisibleDisks(rows, { view: PLAIN, lines });
}
