import type { Argv } from "../mount/argv.ts";
import { planUnmount } from "../mount/plan_unmount.ts";
import { fullDestination, sshArgv } from "../mount/ssh.ts";
import {
  readSshfsMounts,
  type SshfsMount,
  unmountArgvs,
} from "../mount/sshfs.ts";
import { EXIT } from "./exit_code.ts";
import { findMounted, type MountedDisk } from "./find_mounted.ts";
import { unmountHere } from "./here.ts";
import type { Options } from "./options.ts";
import type { ReachContext } from "./reach_context.ts";
import type { UnmountFlags } from "./reach_flags.ts";
import { diskHostOf, remoteTools } from "./reach_tools.ts";
import { note } from "./show.ts";
import { showCommands } from "./show_commands.ts";
import { unmountEverywhere } from "./unmount_everywhere.ts";

interface Asking {
  readonly options: Options<UnmountFlags>;
  readonly context: ReachContext;
}

/** `diskd unmount NAME`: ends what shows the disk here, then unmounts it on the host that it hangs on. */
export async function unmount(
  options: Options<UnmountFlags>,
  context: ReachContext,
): Promise<number> {
  const name = options.words.join(" ");
  const { host, dryRun } = options;
  if (options.here) {
    return await unmountHere({ uuid: name, dryRun }, { options, context });
  }
  if (name.trim() === "") {
    note("unmount needs a name; see: diskd list --mounted", context);
    return EXIT.usage;
  }
  const disk = await findMounted(name, { host, options, context });
  const shown = await shownHere(disk, { options, context });
  const { diskHost } = disk;
  if (shown.length === 0 && diskHost.kind === "unknown") throw diskHost.why;
  if (dryRun) {
    const commands = await commandsFor(disk, shown, { options, context });
    showCommands(commands, { options, context });
    return EXIT.ok;
  }
  await unmountEverywhere(disk, shown, { options, context });
  return EXIT.ok;
}

/** Directories of this host that show the disk: with `--host`, as that host has it. */
async function shownHere(
  { uuid, diskHost }: MountedDisk,
  { options, context }: Asking,
): Promise<SshfsMount[]> {
  const mounts = (await readSshfsMounts(context)).filter((mount) =>
    mount.uuid.toLowerCase() === uuid.toLowerCase()
  );
  if (options.host === undefined || diskHost.kind === "unknown") return mounts;
  if (diskHost.kind === "here") return [];
  const { target } = await diskHostOf(diskHost.row, {
    flags: options,
    context,
  });
  const wanted = hostPart(fullDestination(target));
  return mounts.filter(({ destination }) => hostPart(destination) === wanted);
}

function hostPart(destination: string): string {
  return destination.slice(destination.lastIndexOf("@") + 1);
}

async function commandsFor(
  { uuid, diskHost }: MountedDisk,
  shown: readonly SshfsMount[],
  { options, context }: Asking,
): Promise<Argv[]> {
  const first = shown.map(({ directory }) => unmountArgvs(directory)[0]!);
  if (diskHost.kind === "unknown") return first;
  if (diskHost.kind === "here") {
    const request = { ...diskHost, mayAsk: context.mayAsk };
    const { commands } = await planUnmount(request, context);
    return [...first, ...commands];
  }
  const { target } = await diskHostOf(diskHost.row, {
    flags: options,
    context,
  });
  const { ways } = remoteTools(options, context);
  const task = { verb: "unmount", uuid, readOnly: false } as const;
  return [...first, sshArgv(task, target, ways)];
}
