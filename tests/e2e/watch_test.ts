import assert from "node:assert/strict";
import { checkOutcome } from "../support/check_outcome.ts";
import { Daemon } from "../support/daemon.ts";
import { parseDocument } from "../support/json_contract.ts";
import { type Host, lanTest, type LoopDisk } from "../support/lan.ts";
import { attachNew, hasWatchers, pullAndPlug } from "../support/plug.ts";
import { Terminal } from "../support/terminal.ts";

lanTest({
  name: "diskd watch follows events until it is told to end",
  programs: ["script", "jq"],
  hosts: ["alpha", "beta"],
}, async ({ alpha, beta }, t) => {
  // Hostile to terminals, and it would be two lines.
  const label = "\x1b[31mred\n\x07";
  const disk = await attachNew(alpha, { type: "ext4", label });
  await using daemon = await Daemon.start(alpha);
  await t.step("SIGINT", () => endsAt("SIGINT", daemon, disk));
  await t.step("SIGTERM", () => endsAt("SIGTERM", daemon, disk));
  await t.step("Ctrl-C on a terminal", () => endsAtCtrlC(daemon, disk));
  await t.step("nobody reads", () => endsWithItsReader(daemon, disk));
  await t.step("jq", () => feedsJq(daemon, disk));
  await t.step("every event", () => tellsAll(daemon, beta, disk));
  await t.step("the daemon ends", () => losesDaemon(daemon));
});

async function endsAt(
  signal: "SIGINT" | "SIGTERM",
  daemon: Daemon,
  disk: LoopDisk,
): Promise<void> {
  await using watch = daemon.host.spawn(["diskd", "watch"]);
  await using debug = daemon.host.spawn(["diskd", "debug"]);
  await hasWatchers(daemon, 2);
  await pullAndPlug(daemon, disk);
  const line = (event: string) =>
    `\\d\\d \\w+ [\\d:]+Z?  ${event}  +alpha  ${disk.device}  \\\\x1b\\[31mred\\\\x0a\\\\x07\n`;
  const all = new RegExp(`^${line("unplugged")}${line("attached")}$`);
  for (const process of [watch, debug]) {
    await process.waitForLog(all);
    checkOutcome(await process.stop(signal), { stdout: all }, "watch");
  }
}

async function endsAtCtrlC(daemon: Daemon, disk: LoopDisk): Promise<void> {
  await using terminal = Terminal.open(daemon.host, ["diskd", "watch"]);
  await hasWatchers(daemon, 1);
  await pullAndPlug(daemon, disk);
  await terminal.shows(/ unplugged .*\n.* attached .*\n/);
  await terminal.type("\x03");
  const { code } = await terminal.end();
  checkOutcome(
    { code, signal: null, stdout: terminal.text, stderr: "" },
    { stdout: /^.* unplugged .*\n.* attached .*\n\^C$/ },
    "watch on a terminal",
  );
}

/** As `diskd watch | head -1`. */
async function endsWithItsReader(
  daemon: Daemon,
  disk: LoopDisk,
): Promise<void> {
  const script = "diskd watch | head -1; echo ${PIPESTATUS[0]}";
  await using pipe = daemon.host.spawn(["bash", "-c", script]);
  await hasWatchers(daemon, 1);
  await pullAndPlug(daemon, disk);
  await pullAndPlug(daemon, disk);
  const outcome = await pipe.end(30_000);
  checkOutcome(outcome, { stdout: /^.* unplugged .*\n0\n$/ }, script);
}

/** Each event reaches the next program at once, and when that goes both end. */
async function feedsJq(daemon: Daemon, disk: LoopDisk): Promise<void> {
  const filter = 'jq --unbuffered -r "select(.event == \\"attached\\").device"';
  const script =
    `diskd watch --json | ${filter} | head -1; echo \${PIPESTATUS[0]}`;
  await using pipe = daemon.host.spawn(["bash", "-c", script]);
  await hasWatchers(daemon, 1);
  await pullAndPlug(daemon, disk);
  await pipe.waitForLog(new RegExp(`^${disk.device}\n`));
  await pullAndPlug(daemon, disk);
  await pullAndPlug(daemon, disk);
  const stdout = new RegExp(`^${disk.device}\n0\n$`);
  checkOutcome(await pipe.end(30_000), { stdout }, script);
}

/** Also of another host, and of a disk that goes there. */
async function tellsAll(
  daemon: Daemon,
  other: Host,
  disk: LoopDisk,
): Promise<void> {
  const alpha = daemon.host;
  await using watch = alpha.spawn(["diskd", "watch", "--json"]);
  await using text = alpha.spawn(["diskd", "watch"]);
  await hasWatchers(daemon, 2);
  await using beta = await Daemon.start(other);
  await watch.waitForLog(/"host-up"/);
  await run(alpha, ["mount", disk.device, "/mnt"]);
  await watch.waitForLog(/"mounted"/);
  await run(alpha, ["umount", "/mnt"]);
  await watch.waitForLog(/"unmounted"/);
  await alpha.detach(disk);
  await daemon.call("refresh", {});
  await other.attach(disk);
  await beta.call("refresh", {});
  await watch.waitForLog(/"moved"/);
  await other.detach(disk);
  await beta.call("refresh", {});
  await watch.waitForLog(/"moved"[^]*"detached"/);
  await alpha.attach(disk);
  await daemon.call("refresh", {});
  await watch.waitForLog(/"moved"[^]*"moved"/);
  await beta.stop();
  await text.waitForLog(/shut down/);
  const { stdout } = await watch.stop("SIGINT");
  const events = stdout.trimEnd().split("\n")
    .map((line) => parseDocument("watch", line));
  assert.deepEqual(
    events.map(({ event, host, device, mount, from, fromId }) =>
      [event, host, device, mount, from, fromId !== null].join(" ").trimEnd()
    ),
    [
      "host-up beta    false",
      `mounted alpha ${disk.device} /mnt  false`,
      `unmounted alpha ${disk.device} /mnt  false`,
      `detached alpha ${disk.device}   false`,
      `moved beta ${disk.device}  alpha true`,
      `detached beta ${disk.device}   false`,
      `moved alpha ${disk.device}  beta true`,
      "host-gone beta    false",
    ],
  );
  const lines = (await text.stop("SIGINT")).stdout.trimEnd().split("\n")
    .map((line) =>
      line.replace(/^\d\d \w+ [\d:]+Z? +/, "").replaceAll(/ +/g, " ")
    );
  const name = `${disk.device} \\x1b[31mred\\x0a\\x07`;
  assert.deepEqual(lines, [
    "up beta",
    `mounted alpha ${name} on /mnt`,
    `unmounted alpha ${name} from /mnt`,
    `unplugged alpha ${name}`,
    `moved beta ${name} from alpha`,
    `unplugged beta ${name}`,
    `moved alpha ${name} from beta`,
    "shut down beta",
  ]);
}

async function run(host: Host, argv: readonly string[]): Promise<void> {
  checkOutcome(await host.run(argv), {}, argv.join(" "));
}

async function losesDaemon(daemon: Daemon): Promise<void> {
  await using watch = daemon.host.spawn(["diskd", "watch"]);
  await hasWatchers(daemon, 1);
  await daemon.stop();
  checkOutcome(await watch.end(30_000), {
    code: 3,
    stderr:
      /^diskd: the connection to the diskd on \S+ ended; .*diskd --daemon\n/,
  }, "watch");
}
