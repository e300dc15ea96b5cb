import type { MountView } from "../mount/views.ts";
import { renderOpened } from "../render/mounted.ts";
import { EXIT } from "./exit_code.ts";
import { findDisk, type FoundDisk } from "./find_disk.ts";
import { mountLocal } from "./mount_local.ts";
import { mountRemotely } from "./mount_remotely.ts";
import { chooseOpenPlace } from "./open_place.ts";
import type { Options } from "./options.ts";
import type { ReachContext } from "./reach_context.ts";
import type { OpenFlags } from "./reach_flags.ts";
import { note, show } from "./show.ts";

/** `diskd open NAME`: makes its files readable on this host, and prints where. */
export async function open(
  options: Options<OpenFlags>,
  context: ReachContext,
): Promise<number> {
  const name = options.words.join(" ");
  if (name.trim() === "") {
    note("open needs a name; see: diskd list", context);
    return EXIT.usage;
  }
  const { host } = options;
  const disk = await findDisk(name, { host, options, context });
  const view = disk.isHere
    ? await openHere(disk, { options, context })
    : await mountRemotely(disk, {
      choose: chooseOpenPlace({ ...disk.row, uuid: disk.uuid }, context),
      options,
      context,
    });
  if (view !== null) show(view, { options, context, render: renderOpened });
  return EXIT.ok;
}

/** Where it is mounted is on this host anyway. */
async function openHere(
  disk: FoundDisk,
  { options, context }: {
    readonly options: Options<OpenFlags>;
    readonly context: ReachContext;
  },
): Promise<MountView | null> {
  const { readOnly, dryRun } = options;
  const request = { ...disk, readOnly, at: null, mayAsk: context.mayAsk };
  const view = await mountLocal(request, { dryRun, options, context });
  return view === null ? null : { ...view, at: view.path };
}
