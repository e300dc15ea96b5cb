import assert from "node:assert/strict";
import { ConfigError } from "../../../src/config/config_error.ts";
import type { StatusView } from "../../../src/control/views.ts";
import {
  checkConfiguration,
  checkDaemon,
  checkHistory,
  judgeKeyFiles,
} from "../../../src/doctor/daemon.ts";
import { diagnose } from "../../../src/doctor/mod.ts";
import { VERSION } from "../../../src/version.ts";
import { STATUS } from "../render/rows.ts";
import { given, linesOf } from "./given.ts";

Deno.test("configuration: valid, missing, unreadable, or wrong with each reason", () => {
  const one = given();
  assert.match(linesOf(checkConfiguration(one)).join(), /^ok: there is no/);
  const valid = { ...one, readText: () => "" };
  assert.match(linesOf(checkConfiguration(valid)).join(), /^ok: .* is valid$/);
  const system = { ...one.system, exists: () => true };
  assert.match(
    linesOf(checkConfiguration({ ...one, system })).join(),
    /^warning: .*cannot be read by this user/,
  );
  const configError = new ConfigError([
    { place: "file line 1", key: null, message: "wrong" },
    { place: "file line 2", key: null, message: "wrong too" },
  ]);
  assert.deepEqual(linesOf(checkConfiguration({ ...one, configError })), [
    "fault: file line 1: wrong",
    "fault: file line 2: wrong too",
  ]);
});

Deno.test("keys: of each file, and whether the daemon has the same", () => {
  const file = { path: "/k", key: "2f1d", problem: null, isDenied: false };
  const bad = { path: "/b", key: null, problem: "is empty", isDenied: false };
  const denied = { ...bad, problem: "cannot be read", isDenied: true };
  const one = given();
  const config = { ...one.config, keysMode: "require" as const };
  const keyFiles = [file, bad, denied];
  assert.deepEqual(linesOf(judgeKeyFiles({ ...one, config, keyFiles })), [
    "ok: /k has the key 2f1d",
    "fault: /b is empty",
    "warning: /b cannot be read",
  ]);
  const keys = { mode: "require", encrypt: false, key: "other" } as const;
  const daemon = answering({ keys });
  const found = judgeKeyFiles({ ...one, config, keyFiles: [file], daemon });
  assert.match(linesOf(found)[1]!, /^warning: the daemon runs with .* other/);
  const open = judgeKeyFiles({ ...one, daemon });
  assert.match(linesOf(open)[1]!, /^warning: the daemon runs with keys\.mode/);
});

Deno.test("daemon: running, of another version, with problems, not running, or not to be asked", () => {
  const check = (daemon: ReturnType<typeof answering>) =>
    linesOf(checkDaemon(given({ daemon })));
  assert.match(check(answering({ version: VERSION })).join(), /^ok: diskd /);
  const problems = ["The disk is full"];
  const [old, problem] = check(answering({ version: "0.0.9", problems }));
  assert.match(old!, /^warning: diskd 0\.0\.9 .* this command is /);
  assert.equal(problem, "fault: The disk is full");
  assert.match(
    linesOf(checkDaemon(given())).join(),
    /^warning: no daemon runs/,
  );
  for (const [kind, result] of [["denied", "warning"], ["failed", "fault"]]) {
    const daemon = { kind: kind as "denied", message: "because" };
    assert.deepEqual(linesOf(checkDaemon(given({ daemon }))), [
      `${result}: because`,
    ]);
  }
});

Deno.test("history: kept, switched off, or with its problem", () => {
  const check = (history: Partial<StatusView["history"]>) =>
    linesOf(checkHistory(given({
      daemon: answering({
        history: { ...STATUS.history, ...history },
      }),
    })));
  assert.deepEqual(check({ on: true, bytes: 2048, problem: null }), [
    "ok: kept, 2K",
  ]);
  assert.deepEqual(check({ on: false, problem: null }), ["ok: switched off"]);
  assert.deepEqual(check({ on: false, problem: "no" }), ["fault: no"]);
  assert.match(linesOf(checkHistory(given())).join(), /^ok: there is none yet/);
});

Deno.test("the daemon's words are left out where a check says them too, and any fault is one of the whole", async () => {
  const deaf = ["Nothing comes back"];
  const daemon = answering({ problems: [deaf[0]!, "The disk is full"] });
  const { ok, findings } = await diagnose(given({ daemon }, { lan: { deaf } }));
  assert.equal(ok, false);
  const rows = findings.filter(({ text }) => text === deaf[0]);
  assert.deepEqual(rows.map(({ check }) => check), ["echo"]);
  assert.ok(findings.some(({ text }) => text === "The disk is full"));
  const printed = {
    "lsblk": "lsblk from util-linux 2.38.1",
    "blkid": "blkid from util-linux 2.38.1",
  };
  const one = given({}, { printed });
  const system = { ...one.system, exists: () => true };
  const well = await diagnose({ ...one, system });
  assert.equal(well.ok, true, JSON.stringify(well));
});

function answering(changed: Partial<StatusView>) {
  const status = { ...STATUS, version: VERSION, ...changed };
  return { kind: "answers", status, hosts: [] } as const;
}
