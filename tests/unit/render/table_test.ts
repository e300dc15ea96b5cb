import assert from "node:assert/strict";
import { type Column, renderTable } from "../../../src/render/table.ts";
import { PLAIN } from "./rows.ts";

interface Row {
  readonly name: string;
  readonly text: string;
  readonly number: number;
}

const COLUMNS: readonly Column<Row>[] = [
  {
    title: "NAME",
    text: (row) => row.name,
    keep: true,
    yieldsAs: 3,
    minWidth: 4,
  },
  { title: "N", text: (row) => `${row.number}`, align: "right", yieldsAs: 2 },
  { title: "TEXT", text: (row) => row.text, yieldsAs: 1, minWidth: 6 },
];

const ROWS: readonly Row[] = [
  { name: "one", number: 1, text: "a longer text" },
  { name: "写真写真", number: 200, text: "x" },
];

function draw(columns: number): string {
  return renderTable(ROWS, { columns: COLUMNS, view: { ...PLAIN, columns } });
}

Deno.test("renderTable() aligns columns by what they take on a terminal", () => {
  assert.equal(
    draw(Infinity),
    "NAME        N  TEXT\n" +
      "one         1  a longer text\n" +
      "写真写真  200  x\n",
  );
});

Deno.test("renderTable() cuts what yields first", () => {
  assert.equal(draw(28), draw(Infinity));
  assert.equal(
    draw(23),
    "NAME        N  TEXT\none         1  a longe…\n写真写真  200  x\n",
  );
});

Deno.test("renderTable() leaves out columns when cutting is not enough", () => {
  assert.equal(draw(13), "NAME        N\none         1\n写真写真  200\n");
  assert.equal(draw(12), "NAME\none\n写真写真\n");
  assert.equal(draw(8), "NAME\none\n写真写真\n");
  assert.equal(draw(5), "NAME\none\n写真…\n");
  assert.equal(draw(1), "NAME\none\n写…\n");
});

Deno.test("renderTable() draws nothing for no rows", () => {
  assert.equal(renderTable([], { columns: COLUMNS, view: PLAIN }), "");
});

Deno.test("renderTable() paints whole lines and makes the heading bold", () => {
  const view = { ...PLAIN, color: true };
  const paint = (line: string, row: Row) => `<${row.name}${line.length}>`;
  assert.equal(
    renderTable(ROWS.slice(0, 1), { columns: COLUMNS, paint, view }),
    "\x1b[1mNAME  N  TEXT\x1b[0m\n<one22>\n",
  );
});
