import { parseBlinkTime } from "../mount/blink.ts";
import { locateOnDiskHost } from "../mount/remote_locate.ts";
import { sshArgv } from "../mount/ssh.ts";
import type { LocateView } from "../mount/views.ts";
import { renderLocate } from "../render/locate.ts";
import { printable } from "../text/printable.ts";
import { EXIT } from "../system/exit_code.ts";
import { findDevice, type FoundDevice } from "./choose_disk.ts";
import { command, type Options, text, withSystem } from "./command.ts";
import type { MountCall, MountContext } from "./context.ts";
import { knownNames } from "./known_names.ts";
import {
  blinkHere,
  drivesOf,
  locateForCaller,
  nameForCaller,
  showBlinking,
} from "./locate_here.ts";
import {
  diskHostOf,
  HERE,
  REMOTE_FLAGS,
  remoteTools,
  showCommands,
  withProgress,
} from "./mount_tools.ts";
import { note, show } from "./show.ts";

const FLAGS = {
  for: {
    ...text("Stop after this time, as 30s or 5m; default: at Ctrl-C", "TIME"),
    parse: blinkTime,
  },
  ...REMOTE_FLAGS,
  here: HERE,
};

type LocateOptions = Options<typeof FLAGS>;

const HELP =
  `It says which drive it is and in which slot, then ledctl switches its locate
light on, if the enclosure has one. Otherwise diskd reads the drive in pulses, one
second on, one second off, so that its activity light blinks. Nothing is written.
Of a volume on several drives, each blinks. On another host diskd does so over
ssh, if locate.allow in the configuration of that host names the disk.`;

/** `diskd locate NAME`: lets the light of its drive blink. Several words form a single name with spaces. */
export const locate = command("locate", {
  flags: FLAGS,
  help: HELP,
  propose: knownNames,
  run: withSystem(run),
});

/** @throws {RangeError} for an invalid time */
function blinkTime(value: string): number {
  const ms = parseBlinkTime(value);
  if (ms !== null) return ms;
  throw new RangeError("expected a time from 1s to 24h, as 30s or 5m");
}

async function run(
  options: LocateOptions,
  context: MountContext,
): Promise<number> {
  const name = options.words.join(" ");
  const { host, here, dryRun, for: forMs = null } = options;
  if (here) return await locateForCaller({ name, forMs }, { options, context });
  if (name.trim() === "") {
    note("locate needs a name; see: diskd list --drives", context);
    return EXIT.usage;
  }
  const disk = await findDevice(name, { host, options, context });
  using caught = context.catchSignals();
  const signal = AbortSignal.any([context.interrupted(), caught.signal]);
  if (!disk.isHere) {
    await locateThere(disk, { options, context, signal });
    return EXIT.ok;
  }
  const drives = await drivesOf(disk, context);
  if (dryRun) showBlinking(drives, { options, context });
  else {
    const task = { disk, drives, forMs, signal };
    await blinkHere(task, { options, context });
  }
  return EXIT.ok;
}

/** Lets it blink on another host, until the time is over or the user ends it. */
async function locateThere(
  { row, heardAt }: FoundDevice,
  { options, context, signal }: MountCall<LocateOptions> & {
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { dryRun, for: forMs = null } = options;
  const name = nameForCaller(row);
  const flags = options;
  const diskHost = await diskHostOf({ row, heardAt }, { flags, context });
  const tools = { ...remoteTools(options, context), signal };
  if (dryRun) {
    const task = { verb: "locate", uuid: name, readOnly: false } as const;
    const argv = sshArgv({ ...task, forMs }, diskHost.target, tools.ways);
    showCommands([argv], { options, context });
    return;
  }
  const started = Promise.withResolvers<void>();
  const onStart = (view: LocateView) => {
    show(view, { options, context, render: renderLocate });
    started.resolve();
  };
  const task = { name, label: row.label, diskHost, forMs };
  const located = locateOnDiskHost(task, { ...tools, onStart });
  located.then(started.resolve, started.reject);
  const text = `Asking ${printable(row.uniqueHost)} over ssh ...`;
  await withProgress(text, {
    context,
    work: () => started.promise,
  });
  await located;
}
