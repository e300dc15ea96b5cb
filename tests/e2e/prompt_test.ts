import assert from "node:assert/strict";
import { Daemon } from "../support/daemon.ts";
import { eventually } from "../support/eventually.ts";
import { type Host, inSteps, lanTest } from "../support/lan.ts";
import {
  attachNew,
  type DiskSite,
  hasClients,
  pullAndPlug,
} from "../support/plug.ts";
import { Terminal } from "../support/terminal.ts";

const HISTORY = "/run/lan/home/.local/state/diskd/history";

const LEFT = "\x1b[D";
const UP = "\x1b[A";
const BACKSPACE = "\x7f";
const CTRL_A = "\x01";
const CTRL_C = "\x03";
const CTRL_D = "\x04";
const TAB = "\t";

const HOSTS_TABLE = /HOST +STATE .*\nalpha +up /;

lanTest({
  name: "diskd alone on a terminal is a prompt",
  programs: ["script"],
  hosts: ["alpha", "beta"],
}, async ({ alpha, beta }, t) => {
  const disk = await attachNew(alpha, { type: "ext4", label: "two words" });
  await attachNew(alpha, { type: "ext4", label: "$(touch /run/x)" });
  await attachNew(alpha, { type: "ext4", label: "z`\"'\\slash" });
  await attachNew(alpha, { type: "ext4", label: "\x1b[31mred" });
  await using daemon = await Daemon.start(alpha);
  const site: DiskSite = { alpha, daemon, disk };
  await inSteps(t, alpha, {
    "commands": runsCommands,
    "line editing": editsLines,
    "history": keepsHistory,
  });
  await t.step("completion", () => completes(site));
  await t.step("Ctrl-C", () => interrupts(site));
  await t.step("the end", () => ends(alpha));
  await t.step("no daemon", () => goesOnWithoutDaemon(beta));
});

async function runsCommands(host: Host): Promise<void> {
  await using prompt = await open(host);
  await run(prompt, "hosts", HOSTS_TABLE);
  await run(prompt, "  list --json ", /^\[\n\{"host":"alpha".*\n/m);
  await run(prompt, "where two words", /two words is on alpha, /);
  await run(prompt, 'where "two words"', /two words is on alpha, /);
  await run(prompt, "where two\\ words", /two words is on alpha, /);
  await run(prompt, "note 'two words' drawer 3", /\n {2}note {2}drawer 3\n/);
  await run(prompt, "tag 'two words' +old offsite", /tags {2}offsite old\n/);
  await run(prompt, "tag 'two words' -old", /tags {2}offsite\n/);
  await run(prompt, "where 'two", /diskd: a quote is not closed\n/);
  await run(prompt, "where nothing", /No disk is named nothing\./);
  await prompt.type("\r");
  await prompt.shows(/\nalpha=> $/);
  await run(
    prompt,
    "lsit",
    /Unknown command lsit; did you mean list\?\nSee: help\n/,
  );
  await run(prompt, "list --jsno", /did you mean --json\?\nSee: help list\n/);
  await run(prompt, "help where", /^Usage: diskd where NAME/m);
  await run(prompt, "help", /^Commands:\n {2}list, ls /m);
  await run(
    prompt,
    "--daemon",
    /Start the daemon from a shell: diskd --daemon/,
  );
  // Lines that are pasted together are run one by one.
  await prompt.type("hosts\rlocalhost\rwhere two words\r");
  await prompt.shows(HOSTS_TABLE);
  await prompt.shows(/\nhost +alpha\n/);
  await prompt.shows(/two words is on alpha, /);
}

async function editsLines(host: Host): Promise<void> {
  await using prompt = await open(host);
  await run(prompt, `ostss${BACKSPACE}${CTRL_A}h`, HOSTS_TABLE);
  await run(prompt, `hots${LEFT}${LEFT}s`, HOSTS_TABLE);
}

/** From line to line, and from run to run; nobody else may read it. */
async function keepsHistory(host: Host): Promise<void> {
  await Deno.remove(host.path(HISTORY)).catch(() => {});
  {
    await using prompt = await open(host);
    await run(prompt, "where two words", /two words is on alpha, /);
    await run(prompt, "hosts", HOSTS_TABLE);
    await run(prompt, `${UP}${UP}`, /two words is on alpha, /);
    await run(prompt, `${UP}${UP}`, HOSTS_TABLE);
    await prompt.type(CTRL_D);
    await prompt.end();
  }
  const { mode } = Deno.lstatSync(host.path(HISTORY));
  assert.equal(mode! & 0o777, 0o600);
  const lines = Deno.readTextFileSync(host.path(HISTORY)).trim().split("\n");
  assert.deepEqual(lines.slice(0, 2), ["where two words", "hosts"]);

  await using prompt = await open(host);
  await run(prompt, UP, HOSTS_TABLE);
  await run(prompt, `${UP}${UP}`, /two words is on alpha, /);
}

async function completes({ alpha, disk }: DiskSite): Promise<void> {
  await using prompt = await open(alpha);
  await complete(prompt, "hos", "hosts ");
  await run(prompt, "", HOSTS_TABLE);
  await complete(prompt, "list --j", "list --json ");
  await run(prompt, "", /^\[\n\{"host":"alpha".*\n/m);
  await complete(prompt, "where tw", 'where "two words" ');
  await run(prompt, "", /two words is on alpha, /);
  await complete(prompt, 'where "tw', 'where "two words" ');
  await run(prompt, "", /two words is on alpha, /);
  await complete(prompt, "where $", 'where "\\$(touch /run/x)" ');
  await run(prompt, "", /^\$\(touch \/run\/x\) is on alpha, /m);
  await complete(prompt, "where z", 'where "z\\`\\"\'\\\\slash" ');
  await run(prompt, "", /^z`"'\\slash is on alpha, /m);
  const uuid = disk.uuid!;
  await complete(prompt, `where ${uuid.slice(0, 8)}`, `where ${uuid} `);
  await run(prompt, "", /two words is on alpha, /);
  // All that there is, but for what a terminal would obey.
  await prompt.type("where ");
  await eventually(async () => {
    await prompt.type(TAB);
    const proposed = prompt.text.split("=> ").at(-2)!;
    assert.match(proposed, /^where \n[^]*"two words"/);
    assert.doesNotMatch(proposed, /red/);
  });
  assert.throws(() => Deno.lstatSync(alpha.path("/run/x")));
}

async function interrupts({ alpha, daemon, disk }: DiskSite): Promise<void> {
  await using prompt = await open(alpha);
  await prompt.type("watch\r");
  await hasClients(daemon, 1);
  await pullAndPlug(daemon, disk);
  await prompt.shows(/ unplugged .*two words\n.* attached .*two words\n/);
  await prompt.type(CTRL_C);
  await prompt.shows(/=> $/);
  await hasClients(daemon, 0);
  // What was typed is dropped, and nothing else ends.
  await prompt.type(`where nothing${CTRL_C}`);
  await prompt.shows(/=> $/);
  await run(prompt, "hosts", HOSTS_TABLE);
  await prompt.type(CTRL_D);
  assert.equal((await prompt.end()).code, 0);
  assert.doesNotMatch(prompt.text, /No disk goes by/);
}

async function ends(host: Host): Promise<void> {
  for (const keys of ["quit\r", "exit\r", CTRL_D]) {
    await using prompt = await open(host);
    await prompt.type(keys);
    assert.equal((await prompt.end()).code, 0);
    assert.match(prompt.text, /\n$/);
  }
}

async function goesOnWithoutDaemon(host: Host): Promise<void> {
  await using prompt = await open(host, "--socket", "/run/none.sock");
  await run(prompt, "list", /no diskd answers on \/run\/none\.sock; /);
  await run(prompt, "scan --json", /^\[\n\{"host":"alpha".*\n/m);
  await run(prompt, `where ${TAB}${BACKSPACE}s x`, /no diskd answers/);
  await prompt.type("quit\r");
  assert.equal((await prompt.end()).code, 0);
}

async function open(host: Host, ...args: string[]): Promise<Terminal> {
  const terminal = Terminal.open(host, ["diskd", ...args]);
  await terminal.shows(
    /^diskd \d+\.\d+\.\d+\. Type help, or quit\.\n(?:alpha|beta)=> $/,
  );
  return terminal;
}

/** Types a line, and waits for what it brings and for the next prompt. */
async function run(
  prompt: Terminal,
  line: string,
  answer: RegExp,
): Promise<void> {
  await prompt.type(`${line}\r`);
  await prompt.shows(answer);
  await prompt.shows(/(^|\n)(?:alpha|beta)=> $/);
}

/** Types a part of a line and a Tab, and waits for what becomes of it. */
async function complete(
  prompt: Terminal,
  typed: string,
  completed: string,
): Promise<void> {
  const literally = completed.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
  await prompt.completes(typed, new RegExp(`${literally}$`));
}
