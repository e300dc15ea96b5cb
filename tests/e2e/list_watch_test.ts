import assert from "node:assert/strict";
import { Daemon } from "../support/daemon.ts";
import { eventually } from "../support/eventually.ts";
import { type Host, inSteps, lanTest } from "../support/lan.ts";
import { tellOfCrowd } from "../support/made_up_disks.ts";
import { attachNew, type DiskSite, hasWatchers } from "../support/plug.ts";
import { Terminal } from "../support/terminal.ts";

const ENTERED = "\x1b[?1049h";
const HOME = "\x1b[H";
/** The screen of before, its cursor and its wrapping are back, and nothing is drawn after that. */
// deno-lint-ignore no-control-regex
const LEFT = /\x1b\[\?7h\x1b\[\?25h\x1b\[\?1049l(?!.*\x1b\[H)/s;
const CTRL_C = "\x03";

lanTest({
  name: "diskd list --watch draws in place and leaves the terminal as it was",
  programs: ["script", "socat"],
  hosts: ["alpha", "beta"],
}, async ({ alpha, beta }, t) => {
  const disk = await attachNew(alpha, { type: "ext4", label: "photos" });
  await using daemon = await Daemon.start(alpha);
  const site = { alpha, daemon, disk };
  await inSteps(t, site, {
    "events, then Ctrl-C": followsEvents,
    "q": quits,
    "SIGTERM": endsAtSigterm,
    "the prompt": worksAtThePrompt,
  });
  await tellOfCrowd(beta, daemon);
  await t.step("height and width", () => fits(alpha));
  await t.step("the daemon ends", () => losesDaemon(site));
  await t.step("no daemon", () => saysThatThereIsNone(alpha));
});

async function followsEvents({ alpha, disk }: DiskSite): Promise<void> {
  await using terminal = Terminal.open(alpha, ["diskd", "list", "--watch"]);
  await sees(
    terminal,
    /^1 disk on 1 host \(q quits\)\nHOST .*\nalpha .* photos .* -$/,
  );
  const mount = ["mount", "-o", "ro", disk.device, "/mnt"];
  assert.equal((await alpha.run(mount)).code, 0);
  await sees(terminal, /\nalpha .* photos .* \/mnt \(ro\)$/);
  assert.equal((await alpha.run(["umount", "/mnt"])).code, 0);
  await sees(terminal, / photos .* -$/);
  await alpha.detach(disk);
  await sees(terminal, /^diskd list \(q quits\)\nNo disk is known: /);
  await alpha.attach(disk);
  await sees(terminal, / photos /);
  assert.ok(terminal.raw.startsWith(ENTERED));
  assert.ok(!terminal.raw.includes("\x1b[2J"), "the screen was cleared");
  await terminal.type(CTRL_C);
  const { code } = await terminal.end();
  assert.equal(code, 0);
  assert.match(terminal.raw, LEFT);
}

async function quits({ alpha }: DiskSite): Promise<void> {
  const script = "diskd list --watch; code=$?; stty -a >/run/modes; exit $code";
  await using terminal = Terminal.open(alpha, ["sh", "-c", script]);
  await sees(terminal, / photos /);
  const before = terminal.raw.length;
  await terminal.type("more");
  await eventually(() => assert.ok(terminal.raw.lastIndexOf(HOME) > before));
  await terminal.type("q");
  assert.equal((await terminal.end()).code, 0);
  assert.match(terminal.raw, LEFT);
  assert.doesNotMatch(terminal.raw.slice(before), /more/);
  const { stdout } = await alpha.run(["cat", "/run/modes"]);
  assert.match(stdout, /[^-]icanon/);
  assert.match(stdout, /[^-]echo /);
}

async function endsAtSigterm({ alpha, daemon }: DiskSite): Promise<void> {
  await using terminal = await withTerminalName(alpha);
  await sees(terminal, / photos /);
  await hasWatchers(daemon, 1);
  await alpha.run(["sh", "-c", "kill -TERM $(cat /run/pid)"]);
  assert.equal((await terminal.end()).code, 0);
  assert.match(terminal.raw, LEFT);
}

async function worksAtThePrompt({ alpha }: DiskSite): Promise<void> {
  await using terminal = Terminal.open(alpha, ["diskd"]);
  await terminal.shows(/=> $/);
  await terminal.type("list --watch\r");
  await sees(terminal, /\(Ctrl-C quits\)\n(.*\n)*.* photos /);
  await terminal.type(CTRL_C);
  await eventually(() => assert.match(terminal.raw, LEFT));
  await terminal.enter("list --mounted", /No known disk is in use/);
  await terminal.enter("quit", /$/);
  assert.equal((await terminal.end()).code, 0);
}

/** 901 disks, a heading and a count: what does not fit is counted, and another size is followed at once. */
async function fits(host: Host): Promise<void> {
  await using terminal = await withTerminalName(host, {
    rows: 10,
    columns: 80,
  });
  await sees(terminal, /\n\.\.\. and 894 more$/);
  await eventually(() => {
    const lines = frame(terminal).split("\n");
    assert.equal(lines.length, 10);
    assert.ok(lines.every(({ length }) => length < 80), lines.join("\n"));
  });
  await host.run(["sh", "-c", "stty -F $(cat /run/tty) rows 5 cols 40"]);
  await sees(terminal, /\n\.\.\. and 899 more$/);
  const lines = frame(terminal).split("\n");
  assert.equal(lines.length, 5);
  assert.ok(lines.every(({ length }) => length < 40), lines.join("\n"));
  await terminal.type(CTRL_C);
  assert.equal((await terminal.end()).code, 0);
}

async function losesDaemon({ alpha, daemon }: DiskSite): Promise<void> {
  await using terminal = Terminal.open(alpha, ["diskd", "list", "--watch"]);
  await sees(terminal, / more$/);
  await daemon.stop();
  assert.equal((await terminal.end()).code, 3);
  assert.match(terminal.raw, LEFT);
  const [, after] = terminal.raw.split("\x1b[?1049l");
  assert.match(after!, /^diskd: the connection to the diskd on .* ended; /);
}

async function saysThatThereIsNone(host: Host): Promise<void> {
  await using terminal = Terminal.open(host, ["diskd", "list", "--watch"]);
  assert.equal((await terminal.end()).code, 3);
  assert.match(terminal.raw, /^diskd: no diskd answers on /);
}

/** With its terminal's name in `/run/tty` and its process id in `/run/pid`. */
async function withTerminalName(
  host: Host,
  size: { readonly rows?: number; readonly columns?: number } = {},
): Promise<Terminal> {
  const script = "tty >/run/tty; echo $$ >/run/pid; exec diskd list --watch";
  const terminal = Terminal.open(host, ["sh", "-c", script], size);
  await terminal.shows(/HOST/);
  return terminal;
}

/** Waits for what is on the screen now. */
async function sees(terminal: Terminal, pattern: RegExp): Promise<void> {
  await eventually(() => assert.match(frame(terminal), pattern), {
    pauseMs: 20,
  });
}

/** What was drawn last. */
function frame({ raw }: Terminal): string {
  const drawn = raw.slice(raw.lastIndexOf(HOME) + HOME.length);
  // deno-lint-ignore no-control-regex
  return drawn.replace(/\x1b\[[\d?]*[A-Za-z]/g, "").replaceAll("\r", "");
}
