import { buildRouteMap } from "@stricli/core";
import { command, commandOf, commandWith } from "./build_command.ts";
import { parseShell, SHELLS } from "./completions.ts";
import {
  CONFIG_FLAGS,
  EXPORT_FLAGS,
  FORGET_FLAGS,
  HISTORY_FLAGS,
  KEY_CHECK_FLAGS,
  LIST_FLAGS,
  proposeFiles,
  SCAN_FLAGS,
} from "./flags.ts";
import { DISK_NAME, proposeKnown } from "./known_names.ts";
import { withSystem } from "./mount_tools.ts";
import { mount, open, unmount } from "./mount_commands.ts";

const LIST_HELP = `Every disk on every host.

Without flags: all that are attached, and those of hosts that are silent for
now, with how long. Swap in use counts as mounted. A member of RAID, LVM or LUKS
counts as mounted when a filesystem or swap on it is; MOUNTED shows as -> what
it belongs to.`;

const list = commandWith(LIST_FLAGS, {
  brief: "Every disk on every host",
  help: LIST_HELP,
  load: async () => (await import("./list.ts")).list,
});

const HISTORY_HELP = `Where a disk has been, newest first.

NAME is a label, a UUID or at least 4 characters of its beginning, a PARTUUID,
PARTLABEL, serial or WWN; without it: all disks. Times are in UTC. On a terminal
a line a host follows for each disk: # where it had it, ? where nobody knows.`;

const history = commandWith(HISTORY_FLAGS, {
  brief: "Where a disk has been, newest first",
  help: HISTORY_HELP,
  load: async () => (await import("./history.ts")).history,
  words: {
    placeholder: "name",
    brief: "Label, UUID, PARTUUID, PARTLABEL, serial or WWN",
    propose: proposeKnown,
  },
});

const EXPORT_HELP = `All hosts and the whole history, to standard output.

As JSON, which import reads on another host; as CSV, the sightings alone, for a
spreadsheet; or as YAML.`;

const exportRoute = commandWith(EXPORT_FLAGS, {
  brief: "Print all that is known of hosts and disks, now and before",
  help: EXPORT_HELP,
  load: async () => (await import("./export.ts")).exportAll,
});

const FORGET_HELP = `Drop a disk or a host from memory.

For a disk that is attached nowhere now, by any of its names, and for a host
that is not up, by its name or id. What the history has of it goes as well. What
comes back is known anew. It asks before it forgets; --yes does not.`;

const forget = commandWith(FORGET_FLAGS, {
  brief: "Drop a disk or a host from memory",
  help: FORGET_HELP,
  load: async () => (await import("./forget.ts")).forget,
  words: {
    placeholder: "name",
    brief: "Any name of a disk, or the name or id of a host",
    minimum: 1,
    async propose() {
      return (await import("./known_names.ts")).forgettableNames(this);
    },
  },
});

const scan = commandWith(SCAN_FLAGS, {
  brief: "Look and ask the LAN once, without a daemon",
  load: async () => (await import("./scan.ts")).scan,
});

const daemon = commandOf(CONFIG_FLAGS, {
  brief: "Run the daemon: the same as diskd --daemon",
  load: async () => (await import("./daemon.ts")).daemon,
});

const config = buildRouteMap({
  docs: { brief: "Check the configuration" },
  routes: {
    check: command(
      "Say whether the daemon would start with it, and with which settings",
      async () => (await import("./config_check.ts")).configCheck,
      {
        placeholder: "file",
        brief: "File to check; default the one that the daemon would read",
        maximum: 1,
        propose: proposeFiles,
      },
    ),
  },
});

const KEY_CHECK_HELP = `Say which keys the daemon would use, and whether it may.

Each key file of the configuration with the id of its key, which is no secret;
the first one signs what is sent, and each is tried on what is heard. As root it
tells what a daemon of root finds, or of whom the state directory belongs to.`;

const key = buildRouteMap({
  docs: { brief: "Make keys, and check those of the configuration" },
  routes: {
    new: command(
      "Print a new key, for a file that nobody else may read",
      async () => (await import("./key.ts")).keyNew,
    ),
    check: commandWith(KEY_CHECK_FLAGS, {
      brief: "Say which keys the daemon would use, and whether it may",
      help: KEY_CHECK_HELP,
      load: async () => (await import("./key.ts")).keyCheck,
    }),
  },
});

/** Every command, by what is typed for it. */
const ROUTES = {
  list,
  where: command(
    "Where a disk is, or was last seen",
    async () => (await import("./where.ts")).where,
    DISK_NAME,
  ),
  mount,
  unmount,
  open,
  history,
  duplicates: command(
    "UUIDs, labels and the like that are on two devices at once",
    async () => (await import("./queries.ts")).duplicates,
  ),
  forget,
  hosts: command(
    "Every host known",
    async () => (await import("./queries.ts")).hosts,
  ),
  localhost: command(
    "This host, and the interfaces that it speaks on",
    async () => (await import("./queries.ts")).localhost,
  ),
  status: command(
    "How the daemon is, and what it sent and heard",
    async () => (await import("./queries.ts")).status,
  ),
  watch: command(
    "Show events as they happen, until interrupted",
    async () => (await import("./watch.ts")).watch,
  ),
  refresh: command(
    "Scan the disks of this host now",
    async () => (await import("./queries.ts")).refresh,
  ),
  announce: command(
    "Tell the other hosts now",
    async () => (await import("./queries.ts")).announce,
  ),
  ping: command(
    "Ask all hosts to announce, and wait for their answers",
    async () => (await import("./queries.ts")).ping,
  ),
  scan,
  export: exportRoute,
  import: command(
    "Take in what another host exported as JSON",
    async () => (await import("./import.ts")).importFile,
    {
      placeholder: "file",
      brief: "File to read, default standard input",
      maximum: 1,
      propose: proposeFiles,
    },
  ),
  config,
  key,
  completions: command(
    "Print a completion script for a shell",
    async () => (await import("./completions.ts")).completions,
    {
      placeholder: "shell",
      brief: SHELLS.join(", "),
      minimum: 1,
      maximum: 1,
      parse: parseShell,
      propose: () => SHELLS,
    },
  ),
  help: command(
    "Say more about a command",
    async () => (await import("./help.ts")).help,
    {
      placeholder: "command",
      brief: "A command of diskd",
      propose: () => commandNames(),
    },
  ),
  quit: command(
    "End the prompt",
    async () => (await import("./queries.ts")).quit,
  ),
  daemon,
  prompt: command(
    "Start the prompt: the same as diskd alone",
    async () => (await import("./prompt.ts")).prompt,
  ),
  completeLine: command(
    "Say what could follow, for the completion scripts",
    async () => (await import("./complete_line.ts")).completeLine,
    { placeholder: "word", brief: "What was typed so far", minimum: 1 },
  ),
  sshCommand: command(
    "Do what diskd on another host asks for over ssh, and nothing else",
    withSystem(async () => (await import("./ssh_command.ts")).sshCommand),
  ),
};

/** Commands that nobody has to type. */
const HIDDEN: Readonly<Record<string, boolean>> = {
  daemon: true,
  prompt: true,
  completeLine: true,
  sshCommand: true,
};

/** The commands that people type, without their aliases. */
function commandNames(): string[] {
  return Object.keys(ROUTES).filter((name) => !HIDDEN[name]);
}

const DESCRIPTION = `Says where the disks of this LAN are.

  diskd --daemon    runs the daemon on this host; more: diskd --daemon --help
  diskd             alone, on a terminal, is a prompt for the commands below

Every command takes --json, --no-color and --socket PATH.`;

export const COMMANDS = buildRouteMap({
  docs: {
    brief: "Says where the disks of this LAN are",
    fullDescription: DESCRIPTION,
    hideRoute: HIDDEN,
  },
  routes: ROUTES,
  aliases: { debug: "watch", exit: "quit" },
});
