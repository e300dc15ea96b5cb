import assert from "node:assert/strict";
import { load } from "js-yaml";
import { runCommandLine } from "../../../src/cli/app.ts";
import { MAX_LINE_BYTES } from "../../../src/control/framing.ts";
import { requestLine } from "../../../src/control/jsonrpc.ts";
import type {
  ExportParams,
  ImportParams,
  SightingRow,
} from "../../../src/control/views.ts";
import { hostRow, importedRow, sightingRow } from "../render/rows.ts";
import { fakeContext, type FakeOptions } from "./fake_context.ts";

async function run(line: string, options: FakeOptions = {}) {
  const context = fakeContext(options);
  const code = await runCommandLine(line.split(" "), context);
  return { code, out: context.stdout.text, err: context.stderr.text };
}

/** A daemon with these rows, two on a page. */
function exporter(rows: readonly SightingRow[]) {
  return {
    hosts: [hostRow()],
    remarks: REMARKS,
    localhost: {
      host: "alpha",
      hostId: "9f0c",
      uniqueHost: "alpha",
      version: "0.1.0",
      addresses: [],
      interfaces: [],
    },
    export({ after = 0 }: ExportParams) {
      const next = after + 2;
      return {
        rows: rows.slice(after, next),
        next: next < rows.length ? next : null,
      };
    },
  };
}

/** A daemon that takes in what it is sent. */
function importer() {
  const calls: ImportParams[] = [];
  return {
    calls,
    answers: {
      import(params: ImportParams) {
        calls.push(params);
        const { rows, remarks = [] } = params;
        return {
          added: rows.length,
          extended: 0,
          known: 0,
          skipped: 0,
          remarks: { added: remarks.length, known: 0, skipped: 0 },
        };
      },
    },
  };
}

const REMARKS = ["drawer 3\u202e", null].map((value, index) => ({
  subject: "uuid 8261f666-2f3c-4b5e-9a0e-1d2c3b4a5f60",
  field: index === 0 ? "note" : "name",
  value,
  at: 1_795_384_020_933,
  by: "4a73eb2aca0b4a07dd66e41daeccb1f5",
  host: "alpha",
  key: "k".repeat(43),
  signature: "s".repeat(86),
}));

const ROWS = ["a", "=b", "c\x1b[2J", "d", "e"].map((label) =>
  sightingRow({ label })
);

Deno.test("export writes all pages as one document in each format", async () => {
  const answers = exporter(ROWS);
  const json = await run("export", { answers });
  assert.equal(json.code, 0);
  const document = JSON.parse(json.out);
  assert.equal(document.exportedAt, "2026-03-01T12:00:00.000Z");
  assert.deepEqual(document.sightings, ROWS);
  assert.deepEqual(document.remarks, REMARKS);
  assert.ok(!json.out.includes("\u202e"));
  assert.deepEqual(
    JSON.parse((await run("export --json", { answers })).out),
    document,
  );
  const yaml = await run("export --format yaml", { answers });
  assert.deepEqual(load(yaml.out), document);
  const csv = await run("export --format csv", { answers });
  assert.equal(csv.out.trimEnd().split("\r\n").length, 1 + ROWS.length);
  assert.ok(csv.out.includes(",c\x1b[2J,"));
});

Deno.test("export shows a terminal nothing that it obeys", async () => {
  for (const format of ["json", "csv", "yaml"]) {
    const { out } = await run(`export --format ${format}`, {
      answers: exporter(ROWS),
      isTerminal: true,
      columns: 80,
    });
    assert.ok(!out.includes("\x1b"));
    assert.match(out, /\\(u001b|x1b)\[2J/);
  }
});

Deno.test("export refuses a format that there is none of, and two", async () => {
  const unknown = await run("export --format xml");
  assert.equal(unknown.code, 2);
  assert.match(unknown.err, /--format is xml, expected one of json, csv, yaml/);
  const both = await run("export --json --format csv");
  assert.equal(both.code, 2);
});

Deno.test("import sends what export wrote, from a file or standard input", async () => {
  const { out: text } = await run("export", { answers: exporter(ROWS) });
  const asFile = importer();
  const file = await run("import /tmp/x.json", {
    ...asFile,
    files: { "/tmp/x.json": text },
  });
  assert.deepEqual(file, {
    code: 0,
    out: "Imported 5 sightings: 5 added, 0 extended, 0 known already\n" +
      "Imported 2 of notes, names and tags: 2 added, 0 known already\n",
    err: "",
  });
  const sent = { rows: ROWS.map(importedRow), remarks: REMARKS };
  assert.deepEqual(asFile.calls, [sent]);
  const asInput = importer();
  const input = await run("import --json", { ...asInput, stdin: text });
  assert.deepEqual(JSON.parse(input.out), {
    added: 5,
    extended: 0,
    known: 0,
    skipped: 0,
    remarks: { added: 2, known: 0, skipped: 0 },
  });
  assert.deepEqual(asInput.calls, asFile.calls);
});

Deno.test("import takes a file from before notes, and one with notes alone", async () => {
  const old = importer();
  const { out } = await run("import", { ...old, stdin: file(ROWS) });
  assert.match(out, /^Imported 5 sightings: .*already\n$/);
  assert.deepEqual(old.calls, [{ rows: ROWS.map(importedRow) }]);
  const noted = importer();
  const stdin = file([]).replace(
    '"sightings"',
    `"remarks":${JSON.stringify(REMARKS)},\n"sightings"`,
  );
  await run("import", { ...noted, stdin });
  assert.deepEqual(noted.calls, [{ rows: [], remarks: REMARKS }]);
});

Deno.test("import counts notes that are left out, and those too long to be sent", async () => {
  const counts = { added: 1, known: 2, skipped: 3 };
  const answers = {
    import: () => ({
      added: 0,
      extended: 0,
      known: 0,
      skipped: 0,
      remarks: counts,
    }),
  };
  const remarks = [...REMARKS, { value: "\u20ac".repeat(21_800) }];
  const stdin = file([]).replace(
    '"sightings"',
    `"remarks":${JSON.stringify(remarks)},\n"sightings"`,
  );
  const { code, out, err } = await run("import", { answers, stdin });
  assert.equal(code, 0);
  assert.match(out, /^Imported 3 of .*: 1 added, 2 known already; 3 skipped$/m);
  assert.match(err, /a note, name or tag has 65\d{3} bytes, at most 64512/);
});

Deno.test("import sends as much at once as fits into a line of the socket", async () => {
  const label = "\u20ac".repeat(1_300);
  const rows = Array.from(
    { length: 150 },
    (_, index) =>
      sightingRow(index < 120 ? {} : { label, mounts: Array(8).fill(label) }),
  );
  const daemon = importer();
  const { code } = await run("import", { ...daemon, stdin: file(rows) });
  assert.equal(code, 0);
  assert.deepEqual(
    daemon.calls.flatMap((call) => call.rows),
    rows.map(importedRow),
  );
  assert.ok(daemon.calls.length > 10);
  for (const params of daemon.calls) {
    const line = requestLine({ id: 12345, method: "import", params });
    assert.ok(new TextEncoder().encode(line).length <= MAX_LINE_BYTES);
    assert.ok(params.rows.length <= 50);
  }
});

Deno.test("import says what is wrong with a file, and where", async () => {
  const good = file([sightingRow()]);
  const huge = sightingRow({ mounts: Array(20).fill("x".repeat(4_000)) });
  const wrong: [string, RegExp][] = [
    ["", /line 1: the document ends in the middle/],
    ["hello", /line 1: expected one object/],
    ["{}", /line 1: "format" is missing, expected "diskd-export"/],
    ['{"format":"x","sightings":[{}]}', /"format" is "x", expected/],
    [
      '{"format":"diskd-export","version":2,\n"sightings":[{}]}',
      /line 2: "version" is 2, expected 1/,
    ],
    [good.slice(0, -5), /line \d: the document ends in the middle/],
    [file([huge]), /line 3: a value is longer than/],
  ];
  for (const [stdin, expected] of wrong) {
    const { code, out, err } = await run("import", { ...importer(), stdin });
    assert.deepEqual([code, out], [2, ""], stdin.slice(0, 60));
    assert.match(err, /^diskd: Standard input /);
    assert.match(err, expected);
    assert.ok(!err.includes("\x1b"));
  }
});

Deno.test("import skips and counts a row that does not fit into a line of the socket", async () => {
  const wide = sightingRow({ mounts: Array(6).fill("\u20ac".repeat(4_000)) });
  const stdin = file([wide, sightingRow()]);
  const { code, out, err } = await run("import", { ...importer(), stdin });
  assert.equal(code, 0);
  assert.match(out, /^Imported 1 sighting: .*; 1 skipped\n$/);
  assert.match(err, /a sighting has 72\d{3} bytes, at most 64512 .*; skipped/);
});

Deno.test("import skips and counts a wrong row, and says of the first what is wrong", async () => {
  const wrong = sightingRow({ hostId: "\x1b" });
  const odd = sightingRow({ hostId: "odd_Host-1" });
  const rows = [odd, wrong, wrong, sightingRow(), wrong, wrong];
  const daemon = importer();
  const ran = await run("import", { ...daemon, stdin: file(rows) });
  assert.equal(ran.code, 0);
  assert.match(ran.out, /^Imported 2 sightings: .*; 4 skipped\n$/);
  assert.deepEqual(
    daemon.calls.flatMap((call) => call.rows),
    [odd, rows[3]!].map(importedRow),
  );
  const lines = ran.err.split("\n");
  assert.equal(
    lines[0],
    'diskd: Standard input line 4: sighting 2: hostId is "\\u001b", expected the id of a host; skipped',
  );
  assert.equal(lines.length, 4);
});

Deno.test("import takes the rows of an export before drives were kept", async () => {
  const { inUse: _, drives: __, kind: ___, vg: ____, ...old } = importedRow(
    sightingRow(),
  );
  const daemon = importer();
  const stdin = file([old as SightingRow]);
  assert.equal((await run("import", { ...daemon, stdin })).code, 0);
  const unknown = { inUse: null, drives: [], kind: null, vg: null };
  assert.deepEqual(daemon.calls[0]?.rows, [{ ...old, ...unknown }]);
});

Deno.test("import says that a file cannot be read, and how else", async () => {
  const { code, err } = await run("import /no/such", importer());
  assert.equal(code, 2);
  assert.match(err, /^diskd: cannot read \/no\/such: .*diskd import < FILE\n$/);
});

Deno.test("import does not wait for somebody to type an export", async () => {
  const { code, err } = await run("import", { isInteractive: true });
  assert.deepEqual([code, err], [
    2,
    "import reads a file: diskd import FILE\n",
  ]);
});

/** An export with a line for each row, from the third line on. */
function file(rows: readonly SightingRow[]): string {
  const lines = rows.map((row) => JSON.stringify(row)).join(",\n");
  return `{"format":"diskd-export","version":1,\n"sightings":[\n${lines}]}`;
}
