import assert from "node:assert/strict";
import { loadConfig } from "../../../src/config/load_config.ts";
import {
  MAX_CHOICES,
  MAX_EXPECT_ENTRIES,
} from "../../../src/config/expect_setting.ts";
import {
  MAX_NOTIFY_ENTRIES,
  NOTICE_KINDS,
} from "../../../src/config/notify_setting.ts";
import { MAX_EXPECTED } from "../../../src/daemon/expected_disks.ts";
import * as outgoing from "../../../src/daemon/outgoing.ts";
import * as overdue from "../../../src/daemon/overdue.ts";
import * as post from "../../../src/daemon/post_json.ts";
import { messageOf, overdueNotice } from "../../../src/render/notice.ts";
import { assertConstants, numbersOf } from "./constants.ts";
import { document } from "./documents.ts";
import { codeSpans, rowsOf } from "./markdown.ts";

const NOTIFY = document("docs/notify.md");
const TROUBLES = document("docs/troubleshooting.md");

Deno.test("notify.md has the limits and times of the code", () => {
  assertConstants(NOTIFY, {
    MAX_CHOICES,
    MAX_EXPECT_ENTRIES,
    MAX_NOTIFY_ENTRIES,
    MAX_EXPECTED,
    ...numbersOf(outgoing),
    ...numbersOf(overdue),
    ...numbersOf(post),
  });
});

Deno.test("notify.md has each event, and none besides", () => {
  const events = rowsOf(NOTIFY, "Event").map(([cell = ""]) =>
    codeSpans(cell)[0]
  );
  assert.deepEqual(events, NOTICE_KINDS);
});

Deno.test("notify.md begins with a configuration that is taken", () => {
  const [, text = ""] = /```yaml\n([^]*?)```/.exec(NOTIFY)!;
  const { expect, notify } = loadConfig({
    flags: {},
    env: {},
    readText: () => text,
    uid: 0,
  });
  assert.equal(expect.length, 1);
  assert.equal(notify.length, 1);
});

Deno.test("notify.md shows a message as it is posted", () => {
  const [, text = ""] = /```json\n([^]*?)```/.exec(NOTIFY)!;
  const shown = JSON.parse(text);
  const [{ event: _, at, from: __, ...row }] = shown.events;
  const rest = { name: row.label, overdue: true, remarks: [] };
  const notice = overdueNotice({ ...row, ...rest }, Date.parse(at));
  const { id, sender } = shown;
  assert.deepEqual(shown, messageOf([notice], { id, sender }));
  const keys = rowsOf(NOTIFY, "Key").map(([cell = ""]) => codeSpans(cell)[0]);
  for (const key of Object.keys(shown)) assert.ok(keys.includes(key), key);
});

Deno.test("troubleshooting.md quotes why a message is not taken as diskd words it", () => {
  const source = Deno.readTextFileSync(
    new URL("../../../src/daemon/post_json.ts", import.meta.url),
  );
  const rows = rowsOf(TROUBLES, "`diskd notify --test` says")
    .flatMap(([cell = ""]) => codeSpans(cell));
  assert.equal(rows.length, 6);
  const pieces = rows.flatMap((row) => row.split("..."))
    .map((piece) => piece.replace(/^, /, "").trim())
    .filter((piece) => piece.length > 2);
  for (const piece of pieces) assert.ok(source.includes(piece), piece);
});
