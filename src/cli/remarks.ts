/** `note`, `name` and `tag`: what somebody says of a disk. */
import type { RemarkedView, RemarkParams } from "../control/views.ts";
import { renderRemarked } from "../render/remarks.ts";
import { sayVerdict } from "../render/verdict.ts";
import { EXIT } from "../system/exit_code.ts";
import { printable } from "../text/printable.ts";
import { command, type Options, toggle } from "./command.ts";
import type { Context, DaemonClient } from "./context.ts";
import { knownNamesFirst, tagsToChange } from "./known_names.ts";
import { note, show } from "./show.ts";
import { withDaemon } from "./with_daemon.ts";

const CLEAR = { clear: toggle("Remove it") };

const FOR_ALL = `All hosts of the LAN know it, also when this one is off. It
belongs to the volume, by its UUID; of a blank drive to the drive, by its WWN or
serial number.`;

/** `diskd note NAME TEXT`. */
export const noteOn = command("note", {
  flags: CLEAR,
  help: `NAME is one word: quote a name with spaces.

${FOR_ALL}

  diskd note backup-2019 drawer 3, top shelf
  diskd note backup-2019
  diskd note backup-2019 --clear`,
  propose: knownNamesFirst,
  run: (options, context) => sayText("note", { options, context }),
});

/** `diskd name NAME NEWNAME`. */
export const nameFor = command("name", {
  flags: CLEAR,
  help: `NAME is one word: quote a name with spaces. All commands find the disk
by its new name as by a label. A label of another disk wins.

${FOR_ALL}

  diskd name VGH0X627 the red one
  diskd name VGH0X627 --clear`,
  propose: knownNamesFirst,
  run: (options, context) => sayText("alias", { options, context }),
});

/** `diskd tag NAME +TAG -TAG`. */
export const tag = command("tag", {
  help: `NAME is one word: quote a name with spaces. A glob means all that fit.
A tag with + or without a sign is added, one with - is removed.

${FOR_ALL}

  diskd tag backup-2019 +offsite -old
  diskd tag 'backup-*' offsite
  diskd list --tag offsite`,
  propose: tagsToChange,
  run: (options, context) => {
    const [name = "", ...rest] = options.words;
    const untag = rest.filter((word) => word.startsWith("-"));
    const tags = rest.filter((word) => !word.startsWith("-"));
    const named = (words: readonly string[]) =>
      words.map((word) => word.replace(/^[+-]/, ""));
    return say({
      name,
      ...(tags.length > 0 && { tags: named(tags) }),
      ...(untag.length > 0 && { untag: named(untag) }),
    }, { options, context });
  },
});

type GivenWords = Options & { readonly clear?: boolean | undefined };

interface Typed {
  readonly options: GivenWords;
  readonly context: Context;
}

/** What is typed behind the name of the disk is the text. */
function sayText(
  key: "note" | "alias",
  typed: Typed,
): Promise<number> | number {
  const { options: { words, clear = false }, context } = typed;
  const [name = "", ...rest] = words;
  if (rest.length === 0) {
    return say({ name, ...(clear && { [key]: null }) }, typed);
  }
  if (clear) {
    note("diskd: with --clear there is no text; give one of the two", context);
    return EXIT.usage;
  }
  return say({ name, [key]: rest.join(" ") }, typed);
}

/** Says it, or prints what was said. */
function say(params: RemarkParams, typed: Typed): Promise<number> {
  const { options, context } = typed;
  return withDaemon({ options, context }, async (client) => {
    if (Object.keys(params).length === 1) {
      return await printSaid(client, params.name, typed);
    }
    const view = await client.call("remark", params);
    if (view.disks.length === 0) {
      return await printSaid(client, params.name, typed);
    }
    return shown(view, typed);
  });
}

async function printSaid(
  client: DaemonClient,
  name: string,
  { options, context }: Typed,
): Promise<number> {
  const { rows, verdict } = await client.call("find", { name });
  const bySubject = new Map(
    rows.map((row) => [row.uuid ?? row.partuuid ?? row.serial, row]),
  );
  const disks = [...bySubject.values()].map((row) => {
    const { label, uuid, partuuid, serial, wwn } = row;
    const { alias, note, tags, remarks } = row;
    return { label, uuid, partuuid, serial, wwn, alias, note, tags, remarks };
  });
  disks.push(...verdict.noted ?? []);
  if (disks.length > 0) {
    return shown({ disks, warnings: [] }, { options, context });
  }
  for (const line of sayVerdict(verdict, { name, now: context.now() })) {
    note(line, context);
  }
  return EXIT.notKnown;
}

function shown(
  { disks, warnings }: RemarkedView,
  { options, context }: Typed,
): number {
  show(disks, { options, context, render: renderRemarked });
  for (const warning of warnings) note(printable(warning), context);
  return EXIT.ok;
}
