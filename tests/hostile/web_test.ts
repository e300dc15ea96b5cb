import assert from "node:assert/strict";
import { memoryOf } from "../bench/process_figures.ts";
import { Daemon } from "../support/daemon.ts";
import { eventually } from "../support/eventually.ts";
import { type Host, lanTest } from "../support/lan.ts";
import { attachNew } from "../support/plug.ts";
import type { Process } from "../support/process.ts";
import {
  ask,
  closeQuietly,
  openRaw,
  readAll,
  requestText,
} from "../support/web_client.ts";

const SOCKET = "/run/page.sock";
/** Of a process that a user starts on a small system. */
const MAX_FILES = 256;
/** Far more than it takes, 100 to 150 MB. */
const MAX_MEGABYTES = 600;

interface Attacked {
  readonly alpha: Host;
  readonly web: Process;
  /** From outside. */
  readonly path: string;
}

lanTest({
  name: "diskd web survives browsers that mean no good",
  hosts: ["alpha"],
}, async ({ alpha }, t) => {
  await attachNew(alpha, { type: "ext4", label: "backup" });
  const web = alpha.spawn([
    "sh",
    "-c",
    `ulimit -n ${MAX_FILES}; exec diskd web --listen unix:${SOCKET}`,
  ]);
  await web.waitForLog(/The page is at unix:/);
  const site = { alpha, web, path: alpha.path(SOCKET) };
  await t.step("no daemon", () => saysThatNobodyAnswers(site));
  const daemon = await Daemon.start(alpha);
  await answers(site);
  const before = memoryOf(await daemon.process.pid()).resident;
  await t.step("another name", () => refusesOtherNames(site));
  await t.step("idle connections", () => bearsIdleConnections(site));
  await t.step("half requests", () => endsHalfRequests(site));
  await t.step("slow readers", () => bearsSlowReaders(site));
  await t.step("event streams", () => bearsStreams(site, daemon));
  const after = memoryOf(await daemon.process.pid()).resident;
  assert.ok(after - before < 60, `the daemon grew from ${before} to ${after}`);
  await t.step("restarted daemon", () => outlivesDaemon(site, daemon));
  const { code, stderr } = await web.stop();
  assert.equal(code, 0, stderr);
  assert.match(stderr, /The page ends\n$/);
  // Where it is, and how the daemon came and went: nothing of requests.
  assert.ok(stderr.split("\n").length < 12, stderr);
});

/** Whether it serves the disks again. */
async function answers({ path }: Attacked): Promise<void> {
  await eventually(async () => {
    const { status, body } = await ask(path, "/api/list.json");
    assert.equal(status, 200, body);
    assert.equal(JSON.parse(body)[0].label, "backup");
  });
}

async function saysThatNobodyAnswers({ web, path }: Attacked): Promise<void> {
  await web.waitForLog(/The daemon does not answer: no diskd answers on /);
  const page = await ask(path, "/");
  assert.equal(page.status, 200);
  assert.match(page.head, /content-security-policy: default-src 'none'/);
  const { status, body } = await ask(path, "/api/list.json");
  assert.equal(status, 503);
  assert.match(JSON.parse(body).error, /^no diskd answers on /);
}

async function refusesOtherNames({ path }: Attacked): Promise<void> {
  const { status, body } = await ask(path, "/api/list.json", {
    host: "evil.example",
  });
  assert.equal(status, 421);
  assert.match(JSON.parse(body).error, /not called evil\.example/);
}

async function bearsIdleConnections(site: Attacked): Promise<void> {
  const idle = await openMany(site, MAX_FILES + 17, "");
  await answers(site);
  idle.forEach(closeQuietly);
}

async function endsHalfRequests(site: Attacked): Promise<void> {
  const half = await openMany(site, 100, "GET / HTTP/1.1\r\nHost: local");
  const [first = ""] = await Promise.all(half.map(readAll));
  assert.match(first, /^HTTP\/1\.1 408 /);
  assert.match(first, /\r\nx-content-type-options: nosniff\r\n/);
  const long = requestText("/", { "x-long": "x".repeat(20_000) });
  assert.match(await readAll(await openRaw(site.path, long)), /^\S+ 431 /);
  await answers(site);
}

async function bearsSlowReaders(site: Attacked): Promise<void> {
  const many = requestText("/page/preact.js").repeat(200);
  const slow = await openMany(site, 150, many);
  await answers(site);
  const megabytes = memoryOf(await site.web.pid()).resident;
  assert.ok(megabytes < MAX_MEGABYTES, `it takes ${megabytes} MB`);
  slow.forEach(closeQuietly);
}

async function bearsStreams(site: Attacked, daemon: Daemon): Promise<void> {
  const streams = await openMany(site, 1_000, requestText("/api/events"));
  const watching = (await daemon.call("status", {})).clients.watching;
  assert.equal(watching, 1);
  const { code, stderr } = await daemon.run(["list"]);
  assert.equal(code, 0, stderr);
  streams.forEach(closeQuietly);
  await answers(site);
}

async function outlivesDaemon(site: Attacked, daemon: Daemon): Promise<void> {
  const stream = await openRaw(site.path, requestText("/api/events"));
  const told = readAll(stream);
  await daemon.stop();
  await eventually(async () => {
    const { status } = await ask(site.path, "/api/status.json");
    assert.equal(status, 503);
  });
  await using again = await Daemon.start(site.alpha);
  await answers(site);
  await again.stop();
  await site.web.waitForLog(
    /(?:The daemon does not answer[^]*The daemon answers[^]*){2}does not answer/,
  );
  closeQuietly(stream);
  const problems = [...(await told).matchAll(/^data: (\{"problem".*)$/gm)]
    .map(([, data = ""]) => JSON.parse(data).problem);
  assert.equal(problems[0], null);
  assert.ok(problems.some((problem) => problem !== null));
}

function openMany(
  { path }: Attacked,
  count: number,
  text: string,
): Promise<Deno.Conn[]> {
  const one = async () => {
    // While too many wait, the kernel refuses more.
    return await eventually(() => openRaw(path, text), { pauseMs: 20 });
  };
  return Promise.all(Array.from({ length: count }, one));
}
