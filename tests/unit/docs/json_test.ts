import assert from "node:assert/strict";
import {
  ANSWER_TIMEOUT_MS,
  SLOW_ANSWER_TIMEOUT_MS,
} from "../../../src/control/client.ts";
import { SOCKET_WORDS } from "../../../src/control/typed_line.ts";
import {
  CONTROL_LIMITS,
  MAX_HISTORY_ROWS,
} from "../../../src/control/limits.ts";
import {
  MAX_NAME_BYTES,
  METHOD_NAMES,
} from "../../../src/control/parameters.ts";
import { EXPORT_PAGE_ROWS } from "../../../src/daemon/history_answers.ts";
import { VERDICTS } from "../../../src/control/verdict.ts";
import { MAX_NAMES, MAX_NAMES_BYTES } from "../../../src/daemon/list_rows.ts";
import { MAX_FOREMOST } from "../../../src/inventory/inventory.ts";
import { EXIT } from "../../../src/system/exit_code.ts";
import { FACT_NAMES, FIELD_NAMES } from "../../../src/inventory/disk.ts";
import { DOCUMENTS } from "../../../src/web/documents.ts";
import { QueryReader } from "../../../src/web/query.ts";
import { assertConstants } from "./constants.ts";
import { document } from "./documents.ts";
import { codeSpans, rowsOf, section, typedCommands } from "./markdown.ts";

const JSON_MD = document("docs/json.md");
const VIEWS = [
  "control/views.ts",
  "control/remarked.ts",
  "control/verdict.ts",
  "control/notify_views.ts",
  "mount/views.ts",
].map((name) =>
  Deno.readTextFileSync(new URL(`../../../src/${name}`, import.meta.url))
).join("\n");

/** Of types that views.ts has from the inventory. */
const INVENTORY_KEYS: Readonly<Record<string, readonly string[]>> = {
  Disk: FIELD_NAMES,
  DiskFacts: FACT_NAMES,
  DriveView: [
    ...["device", "model", "serial", "wwn", "tran", "size", "port", "slot"],
    "health",
  ],
};

/** Where each type of views.ts is documented, and what prints it. */
const PLACES = [
  { type: "DiskRow", heading: "Disks: list, where, scan" },
  { type: "HostRow", heading: "Hosts" },
  { type: "LocalhostView", heading: "This host" },
  { type: "InterfaceRow", heading: "This host" },
  { type: "StatusView", heading: "Status" },
  { type: "PeerRow", heading: "Status" },
  { type: "HubRow", heading: "Status" },
  { type: "SiteRelay", heading: "JSON-RPC" },
  { type: "LeftOutRow", heading: "Status" },
  { type: "EventRow", heading: "Events" },
  { type: "FieldChange", heading: "Events" },
  { type: "ConfigView", heading: "Reload" },
  { type: "RefreshView", heading: "Actions: refresh, announce, ping" },
  { type: "AnnounceView", heading: "Actions: refresh, announce, ping" },
  { type: "OverdueRow", heading: "Overdue" },
  { type: "OverdueParams", heading: "JSON-RPC" },
  { type: "NotifyRow", heading: "Notify" },
  { type: "NotifyAnswer", heading: "Notify" },
  { type: "DuplicateRow", heading: "Duplicates" },
  { type: "FindView", heading: "JSON-RPC" },
  { type: "FindParams", heading: "JSON-RPC" },
  { type: "Verdict", heading: "JSON-RPC" },
  { type: "ForgetView", heading: "Forget" },
  { type: "ForgottenDisk", heading: "Forget" },
  { type: "ForgetParams", heading: "JSON-RPC" },
  { type: "MountView", heading: "Mounted: mount, open, unmount" },
  { type: "UnmountView", heading: "Mounted: mount, open, unmount" },
  { type: "UnmountedPlace", heading: "Mounted: mount, open, unmount" },
  { type: "LocateView", heading: "Located: locate" },
  { type: "LocatedDrive", heading: "Located: locate" },
  { type: "SaidOfDisk", heading: "Remarks: note, name, tag" },
  { type: "RemarkView", heading: "Remarks: note, name, tag" },
  { type: "RemarkedDisk", heading: "Remarks: note, name, tag" },
  { type: "RemarkedView", heading: "JSON-RPC" },
  { type: "RemarkParams", heading: "JSON-RPC" },
  { type: "LabelView", heading: "Label" },
  { type: "SightingRow", heading: "History: history, export, import" },
  { type: "HistoryRow", heading: "History: history, export, import" },
  { type: "ImportedRemarks", heading: "History: history, export, import" },
  { type: "ImportView", heading: "History: history, export, import" },
  { type: "HistoryParams", heading: "JSON-RPC" },
  { type: "ExportParams", heading: "JSON-RPC" },
  { type: "ExportView", heading: "JSON-RPC" },
  { type: "ImportParams", heading: "JSON-RPC" },
  { type: "ListParams", heading: "JSON-RPC" },
  { type: "DoctorView", heading: "Doctor" },
  { type: "DoctorRow", heading: "Doctor" },
  { type: "PingView", heading: "Actions: refresh, announce, ping" },
] as const;

Deno.test("json.md has a place for each type of views.ts", () => {
  const types = [...VIEWS.matchAll(/^export interface (\w+)/gm)]
    .map(([, name]) => name)
    .filter((name) => name !== "Methods");
  assert.deepEqual(types.sort(), PLACES.map(({ type }) => type).sort());
});

for (const { type, heading } of PLACES) {
  Deno.test(`json.md has each key of ${type}`, () => {
    const spans = codeSpans(section(JSON_MD, heading))
      .flatMap((span) => span.split("."));
    const keys = keysOf(type);
    assert.ok(keys.length > 0);
    for (const key of keys) {
      assert.ok(spans.includes(key), `json.md lacks ${key} of ${type}`);
    }
  });
}

Deno.test("json.md says of each check of doctor what it looks at", () => {
  const [, union = ""] = /readonly check:([^;]*);/.exec(VIEWS) ?? [];
  const checks = [...union.matchAll(/"(\w+)"/g)].map(([, name]) => name);
  assert.ok(checks.length > 10);
  assert.deepEqual(
    rowsOf(JSON_MD, "Check").flatMap(([cell = ""]) => codeSpans(cell)),
    checks,
  );
});

Deno.test("json.md has no key that views.ts does not have", () => {
  const known = new Set(PLACES.flatMap(({ type }) => keysOf(type)));
  const config = ["ok", "file", "config", "problems"];
  for (const [cell = ""] of rowsOf(JSON_MD, "Key")) {
    for (const key of codeSpans(cell).join(".").split(".")) {
      assert.ok(known.has(key) || config.includes(key), `${key} is not there`);
    }
  }
});

Deno.test("json.md shows each document with the keys that it has", () => {
  const shown: Record<string, readonly string[]> = {
    "diskd where photos --json": keysOf("DiskRow"),
    "diskd hosts --json": keysOf("HostRow"),
    "diskd localhost --json": [
      ...keysOf("LocalhostView"),
      ...keysOf("InterfaceRow"),
    ],
    "diskd status --json": [
      ...keysOf("StatusView"),
      ...keysOf("InterfaceRow"),
      ...keysOf("ConfigView"),
    ],
    "diskd reload --json": keysOf("ConfigView"),
    "diskd watch --json": keysOf("EventRow"),
    "diskd refresh --json": keysOf("RefreshView"),
    "diskd announce --json": keysOf("AnnounceView"),
    "diskd ping --json": keysOf("PingView"),
    "diskd history backup-2019 --json": [
      ...keysOf("HistoryRow"),
      ...keysOf("RemarkView"),
    ],
    "diskd import beta.json --json": [
      ...keysOf("ImportView"),
      ...keysOf("ImportedRemarks"),
    ],
    "diskd label backup-2019 --json": keysOf("LabelView"),
    "diskd overdue --json": [...keysOf("OverdueRow"), "field", "value", "at"],
    "diskd notify --test --json": keysOf("NotifyAnswer"),
    "diskd duplicates --json": [
      ...keysOf("DuplicateRow"),
      ...keysOf("DiskRow"),
    ],
    "diskd mount backup-2019 --at /mnt/b --json": keysOf("MountView"),
    "diskd unmount backup-2019 --json": [
      ...keysOf("UnmountView"),
      ...keysOf("UnmountedPlace"),
    ],
    "diskd locate backup-2019 --for 30s --json": [
      ...keysOf("LocateView"),
      ...keysOf("LocatedDrive"),
    ],
    "diskd forget backup-2019 --yes --json": [
      ...keysOf("ForgetView"),
      ...keysOf("ForgottenDisk"),
    ],
  };
  const typed = typedCommands(JSON_MD);
  for (const [command, keys] of Object.entries(shown)) {
    const example = typed.find((one) => one.command === command);
    assert.ok(example, `json.md does not show ${command}`);
    assert.deepEqual(
      [...keysIn(parse(example.output))].sort(),
      [...new Set(keys)].sort(),
      command,
    );
  }
});

Deno.test("json.md has each event", () => {
  const [, comment] = /\/\*\* ([^/]*) \*\/\s*readonly event:/.exec(VIEWS)!;
  const events = rowsOf(JSON_MD, "Event").map(([cell = ""]) =>
    codeSpans(cell)[0]
  );
  assert.deepEqual(events.sort(), codeSpans(comment!).sort());
});

Deno.test("json.md has each method and each command of the control socket", () => {
  const methods = rowsOf(JSON_MD, "Method").map(([cell = ""]) =>
    codeSpans(cell)[0]
  );
  assert.deepEqual(methods.sort(), [...METHOD_NAMES, "watch"].sort());
  const words = rowsOf(JSON_MD, "Command").flatMap(([cell = ""]) =>
    codeSpans(cell).map((span) => span.split(" ")[0])
  );
  assert.deepEqual(words.sort(), SOCKET_WORDS.map(({ word }) => word).sort());
});

Deno.test("json.md has each kind of verdict with its exit code", () => {
  const said = rowsOf(JSON_MD, "Kind").map(([cell = "", , code]) =>
    `${codeSpans(cell)[0]} ${code}`
  );
  const meant = Object.entries(VERDICTS).map(([kind, exit]) =>
    `${kind} ${EXIT[exit]}`
  );
  assert.deepEqual(said.sort(), meant.sort());
});

Deno.test("json.md has the limits of the code", () => {
  assertConstants(JSON_MD, {
    ...CONTROL_LIMITS,
    MAX_NAME_BYTES,
    MAX_FOREMOST,
    MAX_NAMES,
    MAX_NAMES_BYTES,
    MAX_HISTORY_ROWS,
    EXPORT_PAGE_ROWS,
    ANSWER_TIMEOUT_MS,
    SLOW_ANSWER_TIMEOUT_MS,
  });
});

/** The keys of an interface of views.ts, those of objects within it among them. */
function keysOf(type: string): string[] {
  const pattern =
    `^export interface ${type} (?:extends ([\\w, ]+) )?\\{(\\}|\n.*?^\\})`;
  const [, bases, body] = new RegExp(pattern, "ms").exec(VIEWS) ?? [];
  assert.ok(body, `views.ts has no interface ${type}`);
  const keys = [...body.matchAll(/^ +readonly (\w+)\??:/gm)]
    .map(([, key]) => key!);
  if (bases === undefined) return keys;
  const inherited = bases.split(", ")
    .flatMap((base) => INVENTORY_KEYS[base] ?? keysOf(base));
  return [...new Set([...inherited, ...keys])];
}

function parse(output: string): unknown {
  try {
    return JSON.parse(output);
  } catch {
    return output.trim().split("\n").map((line) => JSON.parse(line));
  }
}

/** All keys in a document, but for the reasons of what was rejected. */
function keysIn(value: unknown): Set<string> {
  if (typeof value !== "object" || value === null) return new Set();
  const keys = Array.isArray(value) ? [] : Object.keys(value);
  return new Set([
    ...keys,
    ...Object.entries(value)
      .filter(([key]) => key !== "rejected")
      .flatMap(([, inner]) => [...keysIn(inner)]),
  ]);
}

Deno.test("json.md has each address of the page's documents, with its parameters", async () => {
  const rows = rowsOf(section(JSON_MD, "Over HTTP"), "Address");
  const documented = rows.map(([address = ""]) => codeSpans(address)[0]);
  const there = [...Object.keys(DOCUMENTS), "/api/events"];
  assert.deepEqual(documented.toSorted(), there.toSorted());
  for (const [path, { make }] of Object.entries(DOCUMENTS)) {
    const [, , parameters = ""] = rows.find(([address = ""]) =>
      codeSpans(address)[0] === path
    )!;
    const known = await knownParameters(make);
    const named = codeSpans(parameters).filter((span) => /^[a-z]+$/.test(span));
    assert.deepEqual(named.toSorted(), known.toSorted(), path);
  }
});

/** Those that are listed where another one is refused. */
async function knownParameters(
  make: typeof DOCUMENTS[string]["make"],
): Promise<string[]> {
  const query = new QueryReader(new URLSearchParams("name=x&unknown=1"));
  const ask = () => Promise.reject(new Error("nobody is asked"));
  const refusal: unknown = await Promise.try(make, ask, query)
    .catch((error: unknown) => error);
  const [, list = ""] = /; expected: (.*)$/.exec(String(refusal)) ?? [];
  return list === "none" ? [] : list.split(", ");
}
