import { checkOutcome } from "../support/check_outcome.ts";
import { Daemon } from "../support/daemon.ts";
import { Lan, type LoopDisk } from "../support/lan.ts";
import { needs } from "../support/needs.ts";
import { attachNew, hasClients, pullAndPlug } from "../support/plug.ts";
import { Terminal } from "../support/terminal.ts";

Deno.test({
  ...needs("diskd watch follows events until it is told to end", {
    lan: true,
    programs: ["script"],
  }),
  async fn(t) {
    await using lan = await Lan.create({ hosts: ["alpha"] });
    const alpha = lan.host("alpha");
    // Hostile to terminals, and it would be two lines.
    const label = "\x1b[31mred\n\x07";
    const disk = await attachNew(alpha, { type: "ext4", label });
    await using daemon = await Daemon.start(alpha);
    await t.step("SIGINT", () => endsAt("SIGINT", daemon, disk));
    await t.step("SIGTERM", () => endsAt("SIGTERM", daemon, disk));
    await t.step("Ctrl-C on a terminal", () => endsAtCtrlC(daemon, disk));
    await t.step("nobody reads", () => endsWithItsReader(daemon, disk));
    await t.step("the daemon ends", () => losesDaemon(daemon));
  },
});

async function endsAt(
  signal: "SIGINT" | "SIGTERM",
  daemon: Daemon,
  disk: LoopDisk,
): Promise<void> {
  await using watch = daemon.host.spawn(["diskd", "watch"]);
  await using debug = daemon.host.spawn(["diskd", "debug"]);
  await hasClients(daemon, 2);
  await pullAndPlug(daemon, disk);
  const line = (event: string) =>
    `\\S+Z  ${event}  +alpha  ${disk.device}  \\\\x1b\\[31mred\\\\x0a\\\\x07\n`;
  const all = new RegExp(`^${line("detached")}${line("attached")}$`);
  for (const process of [watch, debug]) {
    await process.waitForLog(all);
    checkOutcome(await process.stop(signal), { stdout: all }, "watch");
  }
}

async function endsAtCtrlC(daemon: Daemon, disk: LoopDisk): Promise<void> {
  await using terminal = Terminal.open(daemon.host, ["diskd", "watch"]);
  await hasClients(daemon, 1);
  await pullAndPlug(daemon, disk);
  await terminal.shows(/ detached .*\n.* attached .*\n/);
  await terminal.type("\x03");
  const { code } = await terminal.end();
  checkOutcome(
    { code, signal: null, stdout: terminal.text, stderr: "" },
    { stdout: /^.* detached .*\n.* attached .*\n\^C$/ },
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
  await hasClients(daemon, 1);
  await pullAndPlug(daemon, disk);
  await pullAndPlug(daemon, disk);
  const outcome = await pipe.end(30_000);
  checkOutcome(outcome, { stdout: /^.* detached .*\n0\n$/ }, script);
}

async function losesDaemon(daemon: Daemon): Promise<void> {
  await using watch = daemon.host.spawn(["diskd", "watch"]);
  await hasClients(daemon, 1);
  await daemon.stop();
  checkOutcome(await watch.end(30_000), {
    code: 3,
    stderr:
      /^diskd: the connection to the diskd on \S+ ended; .*diskd --daemon\n/,
  }, "watch");
}
