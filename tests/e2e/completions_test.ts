import assert from "node:assert/strict";
import { checkOutcome } from "../support/check_outcome.ts";
import { eventually } from "../support/eventually.ts";
import { Daemon, DEFAULT_SOCKET } from "../support/daemon.ts";
import { type Host, lanTest } from "../support/lan.ts";
import { attachNew } from "../support/plug.ts";
import { Terminal } from "../support/terminal.ts";

/** Each begins in its own way, and with nothing that a UUID begins with. */
const LABELS = [
  "two words",
  "$(touch /run/a)",
  "`touch /run/b`",
  "s;touch /run/c",
  `it's "q" \\z`,
  "!!bang!",
  "*glob? [x]",
  "~tilde",
  "<r>|&#^%",
  "{p,q}",
  "=cmd",
  "#hash",
  "%job",
  "(paren)",
  "x=y:z w",
  "ünï 日本",
] as const;

/** They cannot be typed, or would be taken for a flag. */
const NEVER_PROPOSED = ["\x1b[31mred", "new\nline", "-rf"] as const;

/** What the labels would have a shell make. */
const MADE = ["/run/a", "/run/b", "/run/c"] as const;

const READY = "READY> ";

interface Shell {
  readonly name: string;
  readonly argv: readonly string[];
  /** Typed first; the last line sets the prompt. */
  readonly setUp: readonly string[];
  /** What is typed of a label instead of its first character. */
  readonly starts?: Readonly<Record<string, string>>;
}

const SHELLS: readonly Shell[] = [
  {
    name: "bash",
    argv: ["bash", "--norc", "--noprofile", "-i"],
    setUp: ["source <(diskd completions bash)", `PS1='READY''> '`],
  },
  {
    name: "zsh",
    argv: ["zsh", "-f", "-i"],
    setUp: [
      "autoload -U compinit; compinit -u -D",
      "source <(diskd completions zsh)",
      `PS1='READY''> '`,
    ],
  },
  {
    name: "fish",
    argv: ["fish", "--no-config", "-i"],
    setUp: [
      "diskd completions fish | source",
      `function fish_prompt; printf 'READY''> '; end`,
    ],
    // It takes an asterisk for a wildcard when it completes, quoted or not.
    starts: { "*glob? [x]": "glob" },
  },
];

lanTest({
  name: "diskd's completions put whole labels into bash, zsh and fish",
  programs: ["script", "bash", "zsh", "fish"],
  hosts: ["alpha", "beta"],
}, async ({ alpha, beta }, t) => {
  for (const label of [...LABELS, ...NEVER_PROPOSED]) {
    await attachNew(alpha, { type: "ext4", label });
  }
  await using _daemon = await Daemon.start(alpha);
  await alpha.run(["mkdir", "/run/only"]);
  await alpha.run(["ln", "-s", DEFAULT_SOCKET, "/run/only/the one.sock"]);
  for (const shell of SHELLS) {
    await t.step(shell.name, () => completesIn(shell, alpha));
  }
  await t.step(
    "zsh, whose compinit comes later",
    () => waitsForCompinit(alpha),
  );
  await t.step("all that there is", () => proposesAll(alpha));
  await t.step("without a daemon", () => proposesNothing(beta));
});

async function completesIn(shell: Shell, host: Host): Promise<void> {
  await using terminal = Terminal.open(host, shell.argv);
  for (const line of shell.setUp) await terminal.type(`${line}\r`);
  await terminal.shows(new RegExp(`${READY}$`));
  for (const label of LABELS) {
    const start = shell.starts?.[label] ?? firstTyped(label);
    await finds(label, terminal, `diskd where --json ${start}\t`);
  }
  await finds("two words", terminal, "diskd where --json 'tw\t");
  await finds("two words", terminal, 'diskd where --json "tw\t');
  await finds("$(touch /run/a)", terminal, "diskd where --json '$\t");
  await finds("two words", terminal, "diskd wh\t--js\ttw\t");
  await finds(
    "two words",
    terminal,
    "diskd --socket /run/only/t\twhere --json tw\t",
  );
  await untags(terminal, host);
  for (const path of MADE) {
    assert.throws(() => Deno.lstatSync(host.path(path)), Deno.errors.NotFound);
  }
}

/** A word with a dash that is no flag. */
async function untags(terminal: Terminal, host: Host): Promise<void> {
  const tag = ["diskd", "tag", "--json", "two words"];
  checkOutcome(await host.run([...tag, "old"]), { stdout: /"old"/ }, "tag");
  await eventually(async () => {
    await finds("two words", terminal, "diskd tag --json 'two words' -o\t");
    const { stdout } = await host.run(tag);
    assert.deepEqual(JSON.parse(stdout)[0].tags, []);
  });
}

async function waitsForCompinit(host: Host): Promise<void> {
  await using terminal = Terminal.open(host, ["zsh", "-f", "-i"]);
  const setUp = [
    "source <(diskd completions zsh)",
    "true",
    "autoload -U compinit; compinit -u -D",
    `PS1='READY''> '`,
  ];
  for (const line of setUp) await terminal.type(`${line}\r`);
  const [screen] = await terminal.shows(new RegExp(`^[^]*${READY}$`));
  assert.doesNotMatch(screen, /not found/);
  await finds("two words", terminal, "diskd where --json tw\t");
  await terminal.type("print hooks: $precmd_functions\r");
  await terminal.shows(new RegExp(`\nhooks:\\s*\n[^]*${READY}$`));
}

/** The first character of a label, so that no shell acts on it. */
function firstTyped([first]: string): string {
  return /[a-zü]/.test(first!) ? first! : `\\${first}`;
}

/** Types keys that must become a command that prints the row of a disk. */
async function finds(
  label: string,
  terminal: Terminal,
  keys: string,
): Promise<void> {
  // A daemon that takes 2 s to answer completes nothing.
  await eventually(async () => {
    await terminal.type(`${keys}\r`);
    const [, printed] = await terminal.shows(
      new RegExp(`\\n((?:\\[|diskd: )[^]*?\\n)[^\\n]*${READY}$`),
    );
    assert.equal(JSON.parse(printed!)[0].label, label);
  });
}

async function proposesAll(host: Host): Promise<void> {
  const { stdout } = await host.run(["diskd", "list", "--json"]);
  const rows: { uuid: string; label: string }[] = JSON.parse(stdout);
  const expected = [...LABELS, ...rows.map(({ uuid }) => uuid)].sort();

  const fish = await host.run([
    "fish",
    "--no-config",
    "-c",
    'diskd completions fish | source; complete -C "diskd where "',
  ]);
  checkOutcome(fish, { stdout: /./ }, "fish");
  assert.deepEqual(fish.stdout.trimEnd().split("\n").sort(), expected);

  const bash = await host.run([
    "bash",
    "-c",
    "source <(diskd completions bash)\n" +
    'COMP_LINE="diskd where " COMP_POINT=12\n_diskd\n' +
    // Every proposal is a word as it would be typed.
    'for word in "${COMPREPLY[@]}"; do eval "printf \'%s\\n\' $word"; done',
  ]);
  checkOutcome(bash, { stdout: /./ }, "bash");
  assert.deepEqual(bash.stdout.trimEnd().split("\n").sort(), expected);
}

async function proposesNothing(host: Host): Promise<void> {
  for (const words of [["bash", "diskd where t"], ["fish", "where", "t"]]) {
    const argv = ["diskd", "complete-line", "--", ...words];
    checkOutcome(await host.run(argv), { stdout: /^words\n$/ }, argv.join(" "));
  }
  const argv = ["diskd", "complete-line", "--", "bash", "diskd ho"];
  checkOutcome(await host.run(argv), { stdout: /^words\nhosts\n$/ }, "hosts");
}
