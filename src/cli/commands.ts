import { type CommandName } from "../control/commands.ts";
import type { Command } from "./command.ts";

/** Loads each command on demand, so that no other pays for it. */
const LOADERS: Readonly<Record<CommandName, () => Promise<Command>>> = {
  list: async () => (await import("./list.ts")).list,
  where: async () => (await import("./where.ts")).where,
  mount: async () => (await import("./mount.ts")).mount,
  unmount: async () => (await import("./unmount.ts")).unmount,
  open: async () => (await import("./mount.ts")).open,
  locate: async () => (await import("./locate.ts")).locate,
  history: async () => (await import("./history.ts")).history,
  note: async () => (await import("./remarks.ts")).noteOn,
  name: async () => (await import("./remarks.ts")).nameFor,
  tag: async () => (await import("./remarks.ts")).tag,
  label: async () => (await import("./label.ts")).label,
  overdue: async () => (await import("./overdue.ts")).overdue,
  notify: async () => (await import("./overdue.ts")).notify,
  web: async () => (await import("./web.ts")).web,
  metrics: async () => (await import("./metrics.ts")).metrics,
  duplicates: async () => (await import("./queries.ts")).duplicates,
  forget: async () => (await import("./forget.ts")).forget,
  hosts: async () => (await import("./hosts.ts")).hosts,
  localhost: async () => (await import("./queries.ts")).localhost,
  status: async () => (await import("./queries.ts")).status,
  watch: async () => (await import("./watch.ts")).watch,
  reload: async () => (await import("./reload.ts")).reload,
  refresh: async () => (await import("./queries.ts")).refresh,
  announce: async () => (await import("./queries.ts")).announce,
  ping: async () => (await import("./queries.ts")).ping,
  scan: async () => (await import("./scan.ts")).scan,
  doctor: async () => (await import("./doctor.ts")).doctor,
  export: async () => (await import("./export.ts")).exportAll,
  import: async () => (await import("./import.ts")).importFile,
  "config check": async () => (await import("./config_check.ts")).configCheck,
  "key new": async () => (await import("./key.ts")).keyNew,
  "key check": async () => (await import("./key.ts")).keyCheck,
  "key show": async () => (await import("./key_identity.ts")).keyShow,
  "key reset-identity": async () =>
    (await import("./key_identity.ts")).keyReset,
  completions: async () => (await import("./completions.ts")).completions,
  help: async () => (await import("./help.ts")).help,
  quit: async () => (await import("./prompt.ts")).quit,
  daemon: async () => (await import("./daemon.ts")).daemon,
  prompt: async () => (await import("./prompt.ts")).prompt,
  "complete-line": async () =>
    (await import("./complete_line.ts")).completeLine,
  "ssh-command": async () => (await import("./ssh_command.ts")).sshCommand,
};

/** Loads these commands. */
export async function loadCommands(
  names: readonly CommandName[],
): Promise<ReadonlyMap<CommandName, Command>> {
  const loaded = await Promise.all(
    names.map(async (name) => [name, await LOADERS[name]()] as const),
  );
  return new Map(loaded);
}
