import assert from "node:assert/strict";
import { dirname } from "node:path";
import { checkOutcome } from "../support/check_outcome.ts";
import { eventually } from "../support/eventually.ts";
import { Daemon, DEFAULT_SOCKET } from "../support/daemon.ts";
import { type Host, lanTest } from "../support/lan.ts";
import { BASH_COMPLETION } from "../support/needs.ts";
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
  /** Where a package puts the script: there the shell finds it by itself. */
  readonly file: string;
  readonly argv: readonly string[];
  /** Starts it without what the system has for it. */
  readonly bareArgv: readonly string[];
  /** Typed first. */
  readonly setUp: readonly string[];
  /** Typed for a script that is not installed. */
  readonly source: string;
  /** Typed last. */
  readonly prompt: string;
  /** Whether it shows what a flag does. */
  readonly describes: boolean;
  /** What is typed of a label instead of its first character. */
  readonly starts?: Readonly<Record<string, string>>;
}

const SHELLS: readonly Shell[] = [
  {
    name: "bash",
    file: "/usr/share/bash-completion/completions/diskd",
    argv: ["bash", "--norc", "--noprofile", "-i"],
    bareArgv: ["bash", "--norc", "--noprofile", "-i"],
    // As /etc/bash.bashrc and /etc/profile.d do.
    setUp: [`source ${BASH_COMPLETION}`],
    source: "source <(diskd completions bash)",
    prompt: `PS1='READY''> '`,
    describes: false,
  },
  {
    name: "zsh",
    file: "/usr/share/zsh/vendor-completions/_diskd",
    argv: ["zsh", "-f", "-i"],
    bareArgv: ["zsh", "-f", "-i"],
    setUp: ["autoload -U compinit; compinit -u -D"],
    source: "source <(diskd completions zsh)",
    prompt: `PS1='READY''> '`,
    describes: true,
  },
  {
    name: "fish",
    file: "/usr/share/fish/vendor_completions.d/diskd.fish",
    argv: ["fish", "-i"],
    bareArgv: ["fish", "--no-config", "-i"],
    setUp: [],
    source: "diskd completions fish | source",
    prompt: `function fish_prompt; printf 'READY''> '; end`,
    describes: true,
    // It takes an asterisk for a wildcard when it completes, quoted or not.
    starts: { "*glob? [x]": "glob" },
  },
];

/** A flag of `list`, and what zsh and fish show of it. */
const DESCRIBED = /--unmounted +\(?List only disks that are not in use/;

lanTest({
  name: "diskd's completions put whole labels into bash, zsh and fish",
  programs: ["script", "bash", "zsh", "fish", BASH_COMPLETION],
  hosts: ["alpha", "beta"],
}, async ({ alpha, beta }, t) => {
  for (const label of [...LABELS, ...NEVER_PROPOSED]) {
    await attachNew(alpha, { type: "ext4", label });
  }
  await using _daemon = await Daemon.start(alpha);
  await alpha.run(["mkdir", "/run/only"]);
  await alpha.run(["ln", "-s", DEFAULT_SOCKET, "/run/only/the one.sock"]);
  for (const shell of SHELLS) {
    await t.step(
      `${shell.name}, not installed`,
      () => completesSourced(shell, alpha),
    );
  }
  await install(alpha);
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

/**
 * Puts the scripts where packages do. A host has the /usr/share of the machine:
 * they lie above it, and nothing in it changes.
 */
async function install(host: Host): Promise<void> {
  const layer = "/run/installed";
  for (const { name, file } of SHELLS) {
    const path = file.replace("/usr/share", layer);
    const script = `mkdir -p ${
      dirname(path)
    } && diskd completions ${name} >${path}`;
    checkOutcome(await host.run(["sh", "-c", script]), {}, script);
  }
  const layers = `lowerdir=${layer}:/usr/share`;
  const mount = ["mount", "-t", "overlay", "-o", layers, "overlay"];
  checkOutcome(await host.run([...mount, "/usr/share"]), {}, "mount");
}

async function completesSourced(shell: Shell, host: Host): Promise<void> {
  await using terminal = Terminal.open(host, shell.bareArgv);
  await prepare(terminal, [...shell.setUp, shell.source, shell.prompt]);
  await finds("two words", terminal, "diskd wh\t--js\ttw\t");
}

async function prepare(
  terminal: Terminal,
  lines: readonly string[],
): Promise<void> {
  for (const line of lines) await terminal.type(`${line}\r`);
  await terminal.shows(new RegExp(`${READY}$`));
}

async function completesIn(shell: Shell, host: Host): Promise<void> {
  await using terminal = Terminal.open(host, shell.argv);
  await prepare(terminal, [...shell.setUp, shell.prompt]);
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
  if (shell.describes) await describes(shell, host);
  await untags(terminal, host);
  for (const path of MADE) {
    assert.throws(() => Deno.lstatSync(host.path(path)), Deno.errors.NotFound);
  }
}

/** Shows the flags of a command, and what each does. */
async function describes(shell: Shell, host: Host): Promise<void> {
  await using terminal = Terminal.open(host, shell.argv);
  await prepare(terminal, [...shell.setUp, shell.prompt]);
  await eventually(async () => {
    await terminal.type("diskd list --\t\t");
    await terminal.shows(DESCRIBED, { timeoutMs: 5_000 });
  });
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
