import assert from "node:assert/strict";
import { flagName } from "../../../src/cli/command.ts";
import { CONFIG_FLAGS } from "../../../src/cli/daemon.ts";
import { NOT_ON_A_LAN } from "../../../src/config/interfaces.ts";
import { loadConfig } from "../../../src/config/load_config.ts";
import { SETTINGS } from "../../../src/config/settings.ts";
import {
  MAX_ALLOWED,
  MAX_KEY_FILES,
  MAX_PORT_NAME_LENGTH,
  MAX_PORTS,
  MAX_SSH_NAMES,
} from "../../../src/config/settings.ts";
import * as eventBudget from "../../../src/daemon/event_budget.ts";
import {
  WRITTEN_AT_ONCE_BYTES,
  WRITTEN_BYTES_A_SECOND,
  WRITTEN_PER_RECEIVED_BYTE,
} from "../../../src/daemon/history_keeper.ts";
import * as leftOut from "../../../src/daemon/left_out.ts";
import {
  SAVE_NEWS_MS,
  SAVE_REPEATS_MS,
  SAVE_SOON_MS,
} from "../../../src/daemon/replay_guard_keeper.ts";
import { MAX_DIRECTORY_NAME_BYTES } from "../../../src/mount/folders.ts";
import {
  LOOK_TIMEOUT_MS,
  MOUNT_TIMEOUT_MS,
} from "../../../src/mount/run_attended.ts";
import { DEVICE_RETRY_MS } from "../../../src/probe/device_table.ts";
import { MAX_LSBLK_BYTES } from "../../../src/probe/list_devices.ts";
import { MAX_FINDMNT_BYTES } from "../../../src/probe/mounts.ts";
import { MAX_BLKID_BYTES } from "../../../src/probe/read_signature.ts";
import { MAX_PROBES_AT_ONCE } from "../../../src/probe/reads.ts";
import {
  MAX_DEVICES,
  PARTIAL_PAUSE_MS,
  PATIENCE_MS,
  PROBE_TIMEOUT_MS,
  SLOW_READ_MS,
} from "../../../src/probe/scan.ts";
import * as quotas from "../../../src/store/history/quotas.ts";
import { MAX_KEY_FILE_BYTES } from "../../../src/store/key_file.ts";
import { MAX_JOURNAL_BYTES } from "../../../src/store/mark_journal.ts";
import { KILL_AFTER_MS } from "../../../src/system/run_program.ts";
import { assertConstants, numbersOf } from "./constants.ts";
import { document } from "./documents.ts";
import { codeSpans, rowsOf } from "./markdown.ts";

const CONFIGURATION = document("docs/configuration.md");
const ROWS = rowsOf(CONFIGURATION, "Key");

Deno.test("configuration.md has each setting, as it is spelled in each place", () => {
  const documented = ROWS.map(([key = "", flag = "", variable = ""]) => ({
    key: codeSpans(key)[0],
    flag: codeSpans(flag)[0]?.slice("--".length).split(" ")[0] ?? null,
    variable: codeSpans(variable)[0] ?? null,
  }));
  assert.deepEqual(
    documented,
    Object.values(SETTINGS)
      .map(({ key, flag, variable }) => ({ key, flag, variable })),
  );
});

Deno.test("configuration.md says of each setting when a change is applied", () => {
  assert.deepEqual(
    ROWS.map(([key = "", , , , , applied]) => [codeSpans(key)[0], applied]),
    Object.values(SETTINGS).map(({ key, applied }) => [key, applied]),
  );
});

Deno.test("configuration.md has the words and limits of each setting", () => {
  const allowed = ROWS.map(([key = "", , , , allowed = ""]) => ({
    key: codeSpans(key)[0],
    words: codeSpans(allowed),
    numbers: numbersIn(allowed),
  }));
  for (const { key, type } of Object.values(SETTINGS)) {
    const said = allowed.find((row) => row.key === key)!;
    if (Array.isArray(type.proposals)) {
      assert.deepEqual(said.words, type.proposals, key);
    }
    const known = numbersIn(type.expected);
    for (const number of said.numbers) assert.ok(known.has(number), key);
    if (type.expected.startsWith("a whole number")) {
      assert.deepEqual(said.numbers, known, key);
    }
  }
});

/** The numbers in a text, without those that are code. */
function numbersIn(text: string): Set<string> {
  const prose = text.replace(/`[^`]*`/g, "").replaceAll(",", "");
  return new Set(prose.match(/\d+/g));
}

Deno.test("configuration.md has each flag of the daemon", () => {
  const flags = Object.keys(CONFIG_FLAGS).map(flagName);
  assert.ok(flags.includes("--scan-interval"));
  for (const flag of flags) {
    assert.ok(
      codeSpans(CONFIGURATION).some((span) => span.split(" ")[0] === flag),
      `configuration.md lacks ${flag}`,
    );
  }
});

Deno.test("configuration.md has the default of each setting", () => {
  const file = ROWS
    .map((
      [key = "", , , value = ""],
    ) => [codeSpans(key)[0], codeSpans(value)[0]])
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}: ${value}\n`);
  assert.ok(file.length >= 9);
  const load = (text: string | null) =>
    loadConfig({ flags: {}, env: {}, readText: () => text, uid: 0 });
  assert.deepEqual(load(file.join("")), load(null));
});

Deno.test("configuration.md names all interfaces that are left out", () => {
  const spans = codeSpans(CONFIGURATION);
  for (const glob of NOT_ON_A_LAN) assert.ok(spans.includes(glob), glob);
});

Deno.test("configuration.md has the limits of the code", () => {
  assertConstants(CONFIGURATION, {
    PROBE_TIMEOUT_MS,
    KILL_AFTER_MS,
    SLOW_READ_MS,
    PATIENCE_MS,
    PARTIAL_PAUSE_MS,
    DEVICE_RETRY_MS,
    MAX_PROBES_AT_ONCE,
    MAX_DEVICES,
    MAX_BLKID_BYTES,
    MAX_LSBLK_BYTES,
    MAX_FINDMNT_BYTES,
    MAX_JOURNAL_BYTES,
    SAVE_SOON_MS,
    SAVE_NEWS_MS,
    SAVE_REPEATS_MS,
    ...numbersOf(eventBudget),
    ...numbersOf(leftOut),
    WRITTEN_AT_ONCE_BYTES,
    WRITTEN_BYTES_A_SECOND,
    WRITTEN_PER_RECEIVED_BYTE,
    ...numbersOf(quotas),
    MAX_KEY_FILES,
    MAX_KEY_FILE_BYTES,
    MAX_ALLOWED,
    MAX_SSH_NAMES,
    MAX_PORTS,
    MAX_PORT_NAME_LENGTH,
    LOOK_TIMEOUT_MS,
    MOUNT_TIMEOUT_MS,
    MAX_DIRECTORY_NAME_BYTES,
  });
});

Deno.test("configuration.md shows what the example in it really says", () => {
  const problems = () =>
    loadConfig({
      flags: { config: "/tmp/config.yaml" },
      env: {},
      uid: 0,
      readText: () => "port: 99999\nscanIntervall: 3\n",
    });
  const said = /^Cannot use the configuration.*\n(?: {2}.*\n)+/m
    .exec(CONFIGURATION)![0];
  assert.throws(problems, { message: said.trimEnd() });
});
