/**
 * The table of commands: of the command line, of the prompt, and of the text
 * side of the control socket. It runs nothing. src/cli has the implementation
 * of a command, in a file of its own or with related commands; the socket calls
 * the methods of the entry.
 */
import type { JsonObject } from "../text/json_object.ts";
import type { ListParams, MethodName } from "./views.ts";

/** The words that follow a command. */
export interface Words {
  readonly placeholder: string;
  readonly brief: string;
  /** How many, at least. Default: 0. */
  readonly minimum?: number;
  /** How many, at most. Default: any number. */
  readonly maximum?: number;
}

/** A command without its implementation. */
interface CommandEntry {
  /** Its effect: a sentence without a full stop, shown in every list of commands. */
  readonly brief: string;
  readonly aliases?: readonly string[];
  /** Default: it takes none. */
  readonly words?: Words;
  /** Methods of the daemon that it calls. Default: none. */
  readonly methods?: readonly (MethodName | "watch")[];
  /** Present for a command of the control socket. */
  readonly socket?: SocketForm;
  /** Behind the first word, a dash begins a word rather than a flag of one letter. */
  readonly takesDashedWords?: true;
  /** Nobody has to type it: no list of commands shows it. */
  readonly isHidden?: true;
  /** It means nothing to a shell, only at the prompt or the control socket. */
  readonly isForSessions?: true;
  /** It runs programs that may ask at the terminal, as ssh asks for a password. */
  readonly asksAtTerminal?: true;
}

/** The form of a command on the control socket. */
interface SocketForm {
  /** Called one after the other; the last result is the answer. Default: those of the entry. */
  readonly methods?: readonly MethodName[];
  /** Words that may follow, with the parameters each stands for. Default: none. */
  readonly options?: Readonly<Record<string, JsonObject>>;
}

const NAME_BRIEF =
  "Label, UUID, serial number, model, WWN, device, LABEL=..., 'back*'";

/** Any name of a disk. */
const DISK: Words = { placeholder: "name", brief: NAME_BRIEF, minimum: 1 };

/** Methods that find a disk to mount or locate. */
const FIND_DISK = ["find", "localhost", "hosts"] as const;

const LIST_OPTIONS: Readonly<Record<string, ListParams & JsonObject>> = {
  "--all": { all: true },
  "--devices": { devices: true },
  "--mounted": { mounted: true },
  "--unmounted": { mounted: false },
};

const TABLE = {
  list: {
    brief: "List every disk on every host",
    aliases: ["ls"],
    words: { placeholder: "name", brief: `${NAME_BRIEF}, or a glob` },
    methods: ["list"],
    socket: { options: LIST_OPTIONS },
  },
  where: {
    brief: "Show where a disk is, or where it was last seen",
    words: DISK,
    methods: ["find"],
    socket: {},
  },
  mount: {
    brief: "Mount a disk on its host",
    words: DISK,
    methods: FIND_DISK,
    asksAtTerminal: true,
  },
  unmount: {
    brief: "Undo mount and open",
    aliases: ["umount"],
    words: DISK,
    methods: FIND_DISK,
    asksAtTerminal: true,
  },
  open: {
    brief: "Make the files of a disk readable here",
    words: DISK,
    methods: FIND_DISK,
    asksAtTerminal: true,
  },
  locate: {
    brief: "Make the light of a disk's drive blink",
    words: DISK,
    methods: [...FIND_DISK, "list"],
    asksAtTerminal: true,
  },
  history: {
    brief: "Show where a disk has been, newest first",
    words: { placeholder: "name", brief: NAME_BRIEF },
    methods: ["history", "find"],
    socket: { methods: ["history"] },
  },
  note: {
    brief: "Note something on a disk, for all hosts",
    words: {
      placeholder: "name text",
      brief: "Any name of a disk, and the note; without one it is printed",
      minimum: 1,
    },
    methods: ["find", "remark"],
  },
  name: {
    brief: "Give a disk a name of your own, on all hosts",
    words: {
      placeholder: "name newname",
      brief: "Any name of a disk, and the new one; without one it is printed",
      minimum: 1,
    },
    methods: ["find", "remark"],
  },
  tag: {
    brief: "Tag disks, on all hosts",
    words: {
      placeholder: "name +tag -tag",
      brief: "Any name of a disk, and tags; without tags they are printed",
      minimum: 1,
    },
    methods: ["find", "remark"],
    takesDashedWords: true,
  },
  label: {
    brief: "Print what to put on the sticker of a disk",
    words: DISK,
    methods: ["find"],
  },
  overdue: {
    brief: "List disks that were not seen for too long",
    methods: ["overdue"],
  },
  notify: {
    brief: "Show who is told of what",
    methods: ["status", "notify"],
  },
  web: {
    brief: "Serve a page for browsers, live",
  },
  metrics: {
    brief: "Print metrics for Prometheus",
    methods: ["status", "list", "hosts", "duplicates", "overdue"],
  },
  duplicates: {
    brief: "List UUIDs, labels and the like shared by devices",
    methods: ["duplicates"],
    socket: {},
  },
  forget: {
    brief: "Forget an unplugged disk, or a host",
    words: {
      placeholder: "name",
      brief: "Any name of a disk, or the name or id of a host",
      minimum: 1,
    },
    methods: ["forget", "find"],
  },
  hosts: {
    brief: "List all known hosts",
    methods: ["hosts", "status"],
    socket: { methods: ["hosts"] },
  },
  localhost: {
    brief: "Show this host: name, id, addresses, interfaces",
    methods: ["localhost"],
    socket: {},
  },
  status: {
    brief: "Show the state of the daemon",
    methods: ["status"],
    socket: {},
  },
  watch: {
    brief: "Print events as they happen",
    aliases: ["debug"],
    methods: ["watch"],
    socket: {},
  },
  reload: {
    brief: "Read the configuration file and the keys again",
    methods: ["reload"],
    socket: {},
  },
  refresh: {
    brief: "Scan the disks of this host now",
    methods: ["refresh"],
    socket: {},
  },
  announce: {
    brief: "Send this host's disks to the other hosts now",
    methods: ["announce"],
    socket: {},
  },
  ping: {
    brief: "Ask all hosts to announce themselves",
    methods: ["ping"],
    socket: {},
  },
  scan: {
    brief: "Scan this host and the LAN once; needs no daemon",
    socket: { methods: ["refresh", "ping", "list"] },
  },
  doctor: {
    brief: "Explain why hosts do not see each other",
  },
  export: {
    brief: "Print all hosts and the whole history",
    methods: ["export", "localhost", "hosts", "remarks"],
  },
  import: {
    brief: "Add another host's export to the history",
    words: {
      placeholder: "file",
      brief: "File to read, default standard input",
      maximum: 1,
    },
    methods: ["import"],
  },
  "config check": {
    brief: "Check whether the daemon would start",
    words: {
      placeholder: "file",
      brief: "File to check, default the one that the daemon would read",
      maximum: 1,
    },
  },
  "key new": { brief: "Print a new key" },
  "key check": {
    brief: "Show which keys the daemon would use",
  },
  "key show": { brief: "Show the identity of this host" },
  "key reset-identity": { brief: "Remove the identity of this host" },
  completions: {
    brief: "Print a completion script for bash, zsh or fish",
    words: {
      placeholder: "shell",
      brief: "bash, zsh, fish",
      minimum: 1,
      maximum: 1,
    },
  },
  help: {
    brief: "Explain the commands",
    words: { placeholder: "command", brief: "A command of diskd" },
    socket: {},
  },
  quit: {
    brief: "End the session",
    aliases: ["exit"],
    socket: {},
    isForSessions: true,
  },
  daemon: { brief: "Run the daemon in the foreground", isHidden: true },
  prompt: { brief: "Open the prompt", isHidden: true },
  "complete-line": {
    brief: "Print possible next words, for the completion scripts",
    words: {
      placeholder: "word",
      brief: "The words typed so far",
      minimum: 1,
    },
    isHidden: true,
  },
  "ssh-command": {
    brief: "Serve diskd of another host over ssh, and nothing else",
    words: {
      placeholder: "request",
      brief: "What is asked, with sudo; default: SSH_ORIGINAL_COMMAND",
    },
    isHidden: true,
  },
} satisfies Readonly<Record<string, CommandEntry>>;

/** The words typed for a command; several for a command of a group. */
export type CommandName = keyof typeof TABLE;

/** Every command, in the order in which they are listed. */
export const COMMANDS: Readonly<Record<CommandName, CommandEntry>> = TABLE;

export const COMMAND_NAMES = Object.keys(TABLE) as readonly CommandName[];

/** The commands that begin with a word or have it as an alias: several for a group, none for any other word. */
export function commandsCalled(word: string): readonly CommandName[] {
  return COMMAND_NAMES.filter((name) =>
    firstWord(name) === word || COMMANDS[name].aliases?.includes(word)
  );
}

/** `key` of `key new`. */
export function firstWord(name: CommandName): string {
  return name.split(" ")[0]!;
}

/** Whether several words name each command that begins with this one. */
export function isGroup(word: string): boolean {
  return COMMAND_NAMES.some((name) => name.startsWith(`${word} `));
}
