import assert from "node:assert/strict";
import { checkOutcome } from "../support/check_outcome.ts";
import { Daemon, DEFAULT_SOCKET } from "../support/daemon.ts";
import { eventually } from "../support/eventually.ts";
import {
  type Host,
  type Lan,
  lanTest,
  type LoopDisk,
  type Process,
} from "../support/lan.ts";
import { attachNew, pullAndPlug } from "../support/plug.ts";

/** Where systemd listens, systemd.exec(5). */
const NOTIFY_SOCKET = "/run/systemd/notify";

/** How long systemd waits for a sign of life; three come in that time. */
const WATCHDOG_MS = 300;

/** It would be two lines, and end a quote. */
const LABEL = '\x1b[31m"red\n=7"\x9b';

// deno-lint-ignore no-control-regex
const CONTROLS = /[\x00-\x1f\x7f-\x9f]/;

/** In the life of a daemon, sorted: a slow first scan ends after it is ready. */
const EVENTS = [
  "attached",
  "attached",
  "detached",
  "host-gone",
  "host-up",
  "ready",
  "stopping",
] as const;

lanTest({
  name: "diskd tells systemd how it is",
  programs: ["socat"],
  hosts: ["alpha"],
}, async ({ alpha }, t) => {
  await t.step("ready, reloading, stopping", () => tellsStates(alpha));
  await t.step("that it lives, while it does", () => tellsItLives(alpha));
  for (
    const [socket, problem] of [
      ["@abstract", /NOTIFY_SOCKET is @abstract, expected a path; /],
      ["/run/systemd/gone", /READY=1 at \/run\/systemd\/gone: No such file/],
    ] as const
  ) {
    await t.step(
      `nobody hears at ${socket}`,
      () => goesOn(alpha, { socket, problem }),
    );
  }
});

lanTest({
  name: "diskd logs a line an event, to standard error",
  programs: ["journalctl", "systemd-cat"],
  hosts: ["alpha", "beta"],
}, async ({ alpha, lan }, t) => {
  const disk = await attachNew(alpha, {
    type: "ext4",
    label: LABEL,
  });
  await t.step("as text", async () => {
    logsText(await lifeOf(lan, { disk, format: "text" }));
  });
  await t.step("as JSON", async () => {
    logsJson(await lifeOf(lan, { disk, format: "json" }));
  });
  await t.step("to a stream that is named", () => logsToStream(alpha));
  await t.step("to the journal", () => logsToJournal(alpha));
});

async function tellsStates(host: Host): Promise<void> {
  await using systemd = await listen(host);
  const env = { NOTIFY_SOCKET };
  await using daemon = host.spawn(["diskd", "--daemon"], { env });
  await systemd.waitForLog(/^READY=1$/, 30_000);
  // Ready means that it answers.
  const { code, stderr } = await host.run(["diskd", "status"]);
  assert.equal(code, 0, stderr);
  await daemon.kill("SIGHUP");
  await systemd.waitForLog(/^READY=1RELOADING=1READY=1$/);
  const outcome = await daemon.stop();
  assert.equal(outcome.code, 0);
  assert.doesNotMatch(outcome.stderr, /^\S+ (warn|error) /m);
  await systemd.waitForLog(/^READY=1RELOADING=1READY=1STOPPING=1$/);
  const left = [...Deno.readDirSync(host.path("/run/diskd"))];
  assert.deepEqual(left.map(({ name }) => name).sort(), [
    "control.sock.accepted",
    "control.sock.lock",
  ]);
}

async function tellsItLives(host: Host): Promise<void> {
  await using systemd = await listen(host);
  const env = { NOTIFY_SOCKET, WATCHDOG_USEC: `${WATCHDOG_MS}000` };
  await using daemon = host.spawn(["diskd", "--daemon"], { env });
  await systemd.waitForLog(/^READY=1(WATCHDOG=1){3}/, 30_000);
  await daemon.kill("SIGSTOP");
  await pause(WATCHDOG_MS);
  const said = systemd.log;
  await pause(WATCHDOG_MS);
  assert.equal(systemd.log, said, "it does not run, and says that it lives");
  await daemon.kill("SIGCONT");
  await systemd.waitForLog(new RegExp(`^${said}(WATCHDOG=1){3}`));
  assert.equal((await daemon.stop()).code, 0);
  await systemd.waitForLog(/WATCHDOG=1STOPPING=1$/);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** As systemd: datagrams to a socket, here one behind the other. */
async function listen(host: Host): Promise<Process> {
  await host.run(["mkdir", "-p", "/run/systemd"]);
  await host.run(["rm", "-f", NOTIFY_SOCKET]);
  const argv = ["socat", "-u", `UNIX-RECV:${NOTIFY_SOCKET}`, "STDOUT"];
  const process = host.spawn(argv);
  await eventually(() => Deno.lstatSync(host.path(NOTIFY_SOCKET)));
  return process;
}

async function goesOn(
  host: Host,
  { socket, problem }: { readonly socket: string; readonly problem: RegExp },
): Promise<void> {
  const env = { NOTIFY_SOCKET: socket };
  await using daemon = host.spawn(["diskd", "--daemon"], { env });
  const [line] = await daemon.waitForLog(/^\S+ warn .+\n/m, 30_000);
  assert.match(line, problem);
  const { code, stderr } = await host.run(["diskd", "status"]);
  assert.equal(code, 0, stderr);
  assert.equal((await daemon.stop()).code, 0);
}

/** A file whose device and inode are in the variable stands for the stream of the journal. */
async function logsToStream(host: Host): Promise<void> {
  const journal = "export JOURNAL_STREAM=$(stat -L -c %d:%i /dev/stderr); exec";
  const run = (line: string) =>
    host.run(["sh", "-c", `{ ${line}; } 2>/run/journal`]);
  const lines = () => Deno.readTextFileSync(host.path("/run/journal"));
  await run(`${journal} diskd --daemon --port 0`);
  assert.match(lines(), /^<3>Cannot use the configuration: .*\n$/);
  await run(`${journal} diskd --daemon --socket /proc/control.sock`);
  assert.match(lines(), /^<3>cannot listen on \/proc\/control.sock: .*\n$/);
  const elsewhere = "JOURNAL_STREAM=1:2 diskd --daemon --socket /proc/s";
  await run(elsewhere);
  assert.match(lines(), /^\d{4}-\S+Z error cannot listen on .*\n$/);
}

async function logsToJournal(host: Host): Promise<void> {
  await host.run(["mkdir", "-p", "/run/log/journal"]);
  await using _journald = host.spawn(["/lib/systemd/systemd-journald"]);
  await eventually(() =>
    Deno.lstatSync(host.path("/run/systemd/journal/stdout"))
  );
  // systemd sets the variable, systemd-cat does not.
  const stream = "JOURNAL_STREAM=$(stat -L -c %d:%i /dev/stderr)";
  await using _daemon = host.spawn([
    "systemd-cat",
    "--identifier=diskd",
    "sh",
    "-c",
    `${stream} exec diskd --daemon`,
  ]);
  const messages = async (...priority: string[]) => {
    const only = ["--identifier=diskd", "--output=cat", "--no-pager"];
    const { stdout } = await host.run(["journalctl", ...only, ...priority]);
    return stdout;
  };
  await eventually(async () =>
    assert.match(await messages(), /^ready version=/m)
  );
  await Deno.remove(host.path(DEFAULT_SOCKET));
  const warning =
    `a file of diskd was removed; made anew path=${DEFAULT_SOCKET}\n`;
  await eventually(async () => {
    assert.equal(await messages("--priority=warning"), warning);
  });
}

function logsText(log: string): void {
  const lines = log.trimEnd().split("\n").map((line) => {
    const parts =
      /^(\d{4}-\d\d-\d\dT[\d:.]+Z) (error|warn|info|debug) +([\w-]+)( .*|)$/
        .exec(line);
    assert.ok(parts, line);
    assert.doesNotMatch(line, CONTROLS);
    return parts;
  });
  assert.deepEqual(lines.map(([, , , event]) => event).sort(), EVENTS);
  const fields = new Map(lines.map(([, , , event, rest]) => [event, rest]));
  assert.match(
    fields.get("attached")!,
    /^ host=alpha device=\/dev\/loop\d+ label="\\x1b\[31m\\"red\\x0a=7\\"\\x9b" uuid=[0-9a-f-]{36}$/,
  );
  assert.match(
    fields.get("ready")!,
    /^ version=\S+ socket=\/run\/diskd\/control\.sock pid=\d+$/,
  );
  assert.equal(fields.get("host-up"), " host=beta");
}

function logsJson(log: string): void {
  const entries = log.trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(entries.map(({ message }) => message).sort(), EVENTS);
  assert.doesNotMatch(log.replaceAll("\n", ""), CONTROLS);
  for (const { time, level } of entries) {
    assert.equal(level, "info");
    assert.equal(new Date(time).toISOString(), time);
  }
  const about = new Map(entries.map((entry) => [entry.message, entry]));
  assert.equal(about.get("attached").label, LABEL);
  assert.equal(about.get("ready").socket, DEFAULT_SOCKET);
  const { host, device } = about.get("host-up");
  assert.deepEqual([host, device], ["beta", null]);
}

/** What a daemon writes from its start to its end. */
async function lifeOf(
  lan: Lan,
  { disk, format }: {
    readonly disk: LoopDisk;
    readonly format: "text" | "json";
  },
): Promise<string> {
  const host = lan.host("alpha");
  // With what the life before remembered it would find its disk attached already.
  const args = ["--state-dir", `/run/${format}`, "--log-format", format];
  await using daemon = await Daemon.start(host, { args });
  const { process } = daemon;
  await using other = await Daemon.start(lan.host("beta"));
  await process.waitForLog(/\bhost-up\b.*\n/);
  await pullAndPlug(daemon, disk);
  await other.stop();
  await process.waitForLog(/\bhost-gone\b.*\n/);
  const outcome = await daemon.stop();
  checkOutcome(outcome, { stderr: /./ }, "a daemon");
  return outcome.stderr;
}
