import { choosePlace } from "../mount/places.ts";
import type { MountView } from "../mount/views.ts";
import { placeThere, renderMounted } from "../render/mounted.ts";
import { absolutePath } from "./absolute_path.ts";
import { EXIT } from "./exit_code.ts";
import { findDisk } from "./find_disk.ts";
import { mountHere } from "./here.ts";
import { mountLocal } from "./mount_local.ts";
import { mountRemotely } from "./mount_remotely.ts";
import type { Options } from "./options.ts";
import type { ReachContext } from "./reach_context.ts";
import type { MountFlags } from "./reach_flags.ts";
import { note, show } from "./show.ts";

/** `diskd mount NAME`: mounts it on the host that it hangs on, and with `--at` shows it here. Several words are one name with spaces. */
export async function mount(
  options: Options<MountFlags>,
  context: ReachContext,
): Promise<number> {
  const name = options.words.join(" ");
  if (options.here) {
    return await mountHere({ uuid: name, ...options }, { options, context });
  }
  if (name.trim() === "") {
    note("mount needs a name; see: diskd list", context);
    return EXIT.usage;
  }
  const view = await mountWhereItIs(name, { options, context });
  if (view !== null) showMounted(view, { options, context });
  return EXIT.ok;
}

interface Asking {
  readonly options: Options<MountFlags>;
  readonly context: ReachContext;
}

async function mountWhereItIs(
  name: string,
  { options, context }: Asking,
): Promise<MountView | null> {
  const { host, readOnly, dryRun } = options;
  const at = options.at === undefined
    ? null
    : absolutePath(options.at, context);
  const disk = await findDisk(name, { host, options, context });
  if (!disk.isHere) {
    const choose = at === null ? null : choosePlace.bind(null, at);
    return await mountRemotely(disk, { choose, options, context });
  }
  const { mayAsk } = context;
  const request = { ...disk, readOnly, at, mayAsk };
  return await mountLocal(request, { dryRun, options, context });
}

function showMounted(view: MountView, { options, context }: Asking): void {
  show(view, { options, context, render: renderMounted });
  if (view.at === null || options.json) return;
  note(`Mounted on ${placeThere(view)}`, context);
}
