import assert from "node:assert/strict";
import { checkOutcome } from "../support/check_outcome.ts";
import { Daemon } from "../support/daemon.ts";
import { type Host, inSteps, lanTest } from "../support/lan.ts";
import { tellOfCrowd } from "../support/made_up_disks.ts";
import { attachNew } from "../support/plug.ts";
import { Terminal, type TerminalOptions } from "../support/terminal.ts";

lanTest({
  name: "diskd draws for terminals, and keeps its streams apart",
  programs: ["script", "socat"],
  hosts: ["alpha", "beta"],
}, async ({ alpha, beta }, t) => {
  await attachNew(alpha, { type: "ext4", label: "\x1b[31mred\x07" });
  await using daemon = await Daemon.start(alpha);
  await inSteps(t, alpha, {
    "colour": colours,
    "width": fits,
    "a full disk": saysWhatIsLost,
    "closed streams": bearsClosedStreams,
  });
  await tellOfCrowd(beta, daemon);
  await t.step("nobody reads on", () => endsQuietly(alpha));
});

async function colours(host: Host): Promise<void> {
  const bold = "\x1b[1mHOST";
  const isColoured = async (words: string, options?: TerminalOptions) => {
    const { raw, text } = await onTerminal(host, words, options);
    assert.match(text, /^HOST .*\nalpha .* \\x1b\[31mred\\x07 /);
    assert.ok(!raw.includes("\x1b[31m"), "a label reached the terminal raw");
    assert.equal(raw.includes(bold), raw.includes("\x1b"));
    return raw.includes(bold);
  };
  assert.equal(await isColoured("list"), true);
  assert.equal(await isColoured("--no-color list"), false);
  assert.equal(await isColoured("list --no-color"), false);
  assert.equal(await isColoured("list", { env: { NO_COLOR: "1" } }), false);
  assert.equal(await isColoured("list", { env: { TERM: "dumb" } }), false);

  const { raw } = await onTerminal(host, "list --json");
  assert.match(raw, /^\[\r\n\{"host":"alpha",.*\\u001b\[31mred\\u0007/);
  assert.ok(!raw.includes("\x1b"));
  const piped = await host.run(["diskd", "list"], { env: { TERM: "xterm" } });
  checkOutcome(piped, { stdout: /^HOST [ -~]*\nalpha [ -~]*\n$/ }, "a pipe");
}

/** Nothing wraps on a terminal, and nothing is cut elsewhere. */
async function fits(host: Host): Promise<void> {
  const whole = await host.run(["diskd", "list"]);
  assert.ok(longestLine(whole.stdout) > 80, whole.stdout);
  for (const columns of [80, 40]) {
    const { text } = await onTerminal(host, "list", { columns });
    assert.match(text, /^HOST .*\nalpha /);
    assert.ok(longestLine(text) <= columns, text);
  }
}

async function saysWhatIsLost(host: Host): Promise<void> {
  for (const command of ["list", "list --json", "--help", "--version"]) {
    const script = `diskd ${command} >/dev/full`;
    checkOutcome(await host.run(["sh", "-c", script]), {
      code: 74,
      stderr: /^diskd: cannot write the output: No space left on device\n$/,
    }, script);
  }
}

async function bearsClosedStreams(host: Host): Promise<void> {
  const table = { stdout: /^HOST .*\nalpha .*\n$/ };
  for (
    const [script, expected] of [
      ["diskd list <&-", table],
      ["diskd list 2>&-", table],
      ["diskd where nothing 2>&-", { code: 1 }],
      ["diskd lst 2>&-", { code: 2 }],
    ] as const
  ) {
    checkOutcome(await host.run(["sh", "-c", script]), expected, script);
  }
}

async function endsQuietly(host: Host): Promise<void> {
  for (
    const [pipe, stdout] of [
      ["diskd list | head -1", /^HOST .*\n0 0\n$/],
      ["diskd list --json | head -1", /^\[\n0 0\n$/],
      ["diskd list | true", /^0 0\n$/],
      ["diskd hosts | true", /^0 0\n$/],
      ["diskd --help | true", /^0 0\n$/],
      ["diskd --version | true", /^0 0\n$/],
    ] as const
  ) {
    const script = `${pipe}; echo \${PIPESTATUS[*]}`;
    checkOutcome(await host.run(["bash", "-c", script]), { stdout }, script);
  }
}

/** What `diskd` shows on a terminal until it ends, which must be with 0. */
async function onTerminal(
  host: Host,
  words: string,
  options?: TerminalOptions,
): Promise<{ readonly raw: string; readonly text: string }> {
  const argv = ["diskd", ...words.split(" ")];
  await using terminal = Terminal.open(host, argv, options);
  const { code } = await terminal.end();
  assert.equal(code, 0, terminal.text);
  return { raw: terminal.raw, text: terminal.text };
}

function longestLine(text: string): number {
  return Math.max(...text.split("\n").map((line) => line.length));
}
