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
import { NOW, overdueRow, STATUS } from "../render/rows.ts";
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

Deno.test("keys: of each file, what is wrong with it, or whose it is", () => {
  const file = { path: "/k", key: "2f1d", problem: null, isDenied: false };
  const bad = { path: "/b", key: null, problem: "is empty", isDenied: false };
  const denied = { ...bad, problem: "cannot be read", isDenied: true };
  const keyFiles = [file, bad, denied];
  assert.deepEqual(linesOf(judgeKeyFiles(given({ keyFiles }))), [
    "ok: /k has the key 2f1d",
    "fault: /b is empty",
    "warning: /b cannot be read",
  ]);
});

Deno.test("configuration: what the daemon does otherwise than the file, or than this command", () => {
  const running = {
    ...STATUS.config,
    changed: ["keys.files", "logLevel"],
    restart: ["ttl"],
  };
  const daemon = answering({ config: running, port: 4711 });
  const one = given({ daemon });
  const found = checkConfiguration({ ...one, readText: () => "" });
  assert.deepEqual(linesOf(found), [
    "ok: /etc/diskd/config.yaml is valid",
    "warning: the file has changed since the daemon read it: keys.files, logLevel",
    "warning: the daemon must be restarted for what has changed: ttl",
    "warning: the daemon uses 230.1.2.3:4711, and this command asks 230.1.2.3:32003",
  ]);
  assert.deepEqual(found.at(-1)!.remedies, [
    "diskd doctor --group 230.1.2.3 --port 4711",
  ]);
  const problem = "/etc/diskd/key is empty";
  const wrong = answering({ config: { ...STATUS.config, problem } });
  assert.deepEqual(
    linesOf(checkConfiguration(given({ daemon: wrong })))[1],
    `fault: ${problem}`,
  );
});

Deno.test("daemon: running, of another version, with problems, not running, or not to be asked", () => {
  const check = (daemon: ReturnType<typeof answering>) =>
    linesOf(checkDaemon(given({ daemon })));
  assert.match(check(answering({ version: VERSION })).join(), /^ok: diskd /);
  const problems = ["The disk is full"];
  assert.equal(check(answering({ problems }))[1], "fault: The disk is full");
  const old = { kind: "other-version", version: "0.0.9" } as const;
  // A disk that is overdue is no fault of a host.
  const overdue = [overdueRow(NOW)];
  assert.equal(check(answering({ overdue })).length, 1);
  assert.match(
    linesOf(checkDaemon(given({ daemon: old }))).join(),
    /^warning: the daemon is diskd 0\.0\.9, and this command /,
  );
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
