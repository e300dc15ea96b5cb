import assert from "node:assert/strict";
import { join } from "node:path";
import type { DiskRow } from "../../../src/control/views.ts";
import { renderDisks } from "../../../src/render/disks.ts";
import { needs } from "../../support/needs.ts";
import { run } from "../../support/process.ts";
import { PROJECT } from "../../support/program.ts";
import { diskRow, PLAIN } from "../render/rows.ts";

const FILE = join(PROJECT, "docs/images/list-watch.svg");
const SVG = Deno.readTextFileSync(FILE);
const MAX_BYTES = 60_000;
/** Of the terminal, without the last one, which stays free. */
const COLUMNS = 77;

/** What each frame shows, line by line; the last one says what happens. */
const FRAMES = [...SVG.matchAll(/<g class="f[^>]*>\n([^]*?)<\/g>/g)]
  .map(([, frame = ""]) =>
    frame.trimEnd().split("\n").map((line) => line.replace(/<[^>]*>/g, ""))
  );

Deno.test("the recording is small, and runs and fetches nothing", () => {
  assert.ok(SVG.length < MAX_BYTES, `${SVG.length} bytes`);
  const withoutNamespace = SVG.replace('"http://www.w3.org/2000/svg"', "");
  assert.doesNotMatch(
    withoutNamespace,
    /<script|<foreignObject|<!|<\?|\son\w+=|href|url\(|@import|:\/\//i,
  );
});

Deno.test("the recording has a light and a dark form, and one without motion", () => {
  assert.match(SVG, /@media\(prefers-color-scheme:dark\)/);
  assert.match(SVG, /@media\(prefers-reduced-motion:reduce\)/);
  assert.equal(SVG.match(/class="f s"/g)?.length, 1);
  assert.match(SVG, /<title /);
  assert.match(SVG, /<desc /);
});

Deno.test("the recording opens with what list draws today", () => {
  const [, ...table] = FRAMES[0]!.slice(0, -1);
  const view = { ...PLAIN, columns: COLUMNS };
  const drawn = renderDisks(rowsOf(table), view, { isGrouped: true });
  assert.deepEqual(
    table,
    drawn.trimEnd().split("\n").map((line) => line.trimEnd()),
  );
});

Deno.test("the recording shows a disk that is pulled out of a host and plugged into another", () => {
  const places = FRAMES.map((frame) => {
    const rows = rowsOf(frame.slice(1, -1));
    const row = rows.find(({ label }) => label === "backup-2019")!;
    return row.unplugged ? `out of ${row.host}` : row.host;
  });
  const been = places.filter((place, i) => place !== places[i - 1]);
  assert.deepEqual(been, ["desk", "out of desk", "attic"]);
});

Deno.test({
  ...needs("the recording is well-formed", { programs: ["rsvg-convert"] }),
  async fn() {
    const argv = ["rsvg-convert", "--format", "svg", FILE];
    const { code, stderr } = await run(argv, { env: { PATH: "/usr/bin" } });
    assert.deepEqual([code, stderr], [0, ""]);
  },
});

/** The rows of a table on a terminal, where a host is named once. */
function rowsOf([, ...lines]: readonly string[]): DiskRow[] {
  let host = "";
  return lines.map((line) => {
    const cells = line.split(/ {2,}/);
    host = cells[0] || host;
    const [, device, label, type, size, mount, state] = cells;
    return diskRow({
      host,
      hostId: host,
      device: device!,
      label: label!,
      type: type!,
      types: [type!],
      size: bytesOf(size!),
      mounts: mount === "-" ? [] : [mount!],
      unplugged: state?.startsWith("unplugged") ?? false,
    });
  });
}

function bytesOf(size: string): number {
  return parseFloat(size) * 1024 ** "BKMGT".indexOf(size.at(-1)!);
}
