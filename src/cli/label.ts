/** `label`: what to put on the sticker of a disk. */
import type { RemarkedDisk } from "../control/remarked.ts";
import type { DiskRow, FindView, LabelView } from "../control/views.ts";
import { compareDrives } from "../inventory/evidence.ts";
import { topmost } from "../inventory/place.ts";
import {
  driveSubjectOf,
  splitSubject,
  subjectOf,
} from "../inventory/remark.ts";
import { Refusal } from "../mount/refusal.ts";
import { makeCode, renderCode, renderSticker } from "../render/sticker.ts";
import { renderStickerSvg } from "../render/sticker_svg.ts";
import { EXIT } from "../system/exit_code.ts";
import { printable } from "../text/printable.ts";
import { type Choosing, newestFirst, refuseSeveral } from "./choose_disk.ts";
import { command, type Options, text, toggle } from "./command.ts";
import type { Context } from "./context.ts";
import { knownHosts, knownNames } from "./known_names.ts";
import { note, show, viewOptions } from "./show.ts";
import { withDaemon } from "./with_daemon.ts";

const FLAGS = {
  svg: toggle("Print an SVG picture of 62 by 29 mm"),
  host: text("Host of the disk, if several have it", "HOST", knownHosts),
};

const HELP =
  `The code has the UUID; of a blank drive its WWN or serial number. All commands
find the disk by it. A disk that is in a drawer can have a sticker too.

Examples:
  diskd label backup-2019
  diskd label backup-2019 --svg > backup-2019.svg`;

/** `diskd label NAME`. Several words form a single name with spaces. */
export const label = command("label", {
  flags: FLAGS,
  help: HELP,
  propose: knownNames,
  run,
});

async function run(
  options: Options<typeof FLAGS>,
  context: Context,
): Promise<number> {
  const { words, host, svg, json } = options;
  const name = words.join(" ");
  if (name.trim() === "") {
    note("label needs a name; see: diskd list --all", context);
    return EXIT.usage;
  }
  if (svg && json) {
    note("diskd: --svg and --json exclude each other", context);
    return EXIT.usage;
  }
  const choosing = { name, host, now: context.now() };
  const asked = { name, ...(host !== undefined && { host }) };
  const found = await withDaemon(
    { options, context },
    (client) => client.call("find", asked),
  );
  const disk = onSticker(found, choosing);
  const code = makeCode(disk.code);
  if (svg) {
    context.stdout.write(renderStickerSvg(disk, code));
    return EXIT.ok;
  }
  show(disk, { options, context, render: renderSticker });
  if (json) return EXIT.ok;
  const drawn = renderCode(code, viewOptions(options, context));
  if (drawn === null) note(TOO_NARROW, context);
  else context.stdout.write(`\n${drawn}`);
  return EXIT.ok;
}

const TOO_NARROW =
  "The terminal is too narrow for the code. As a picture: diskd label --svg";

/**
 * What to put on the sticker of the only disk with a name.
 * @throws {Refusal}
 */
function onSticker(
  { rows, verdict }: FindView,
  choosing: Choosing,
): LabelView {
  const [noted, ...others] = verdict.noted ?? [];
  if (noted !== undefined) {
    if (others.length > 0) throw several([noted, ...others], choosing);
    return ofNoted(noted);
  }
  refuseSeveral(verdict, choosing);
  const known = bestKnown(rows);
  const [row, ...copies] = known as [DiskRow, ...DiskRow[]];
  const drives = copies.map((copy) => compareDrives(copy, row));
  const isOne = copies.every((copy) => codeOf(copy) === codeOf(row)) &&
    !drives.includes("different");
  if (isOne) return ofRow(row);
  if (drives.every((drive) => drive === "same")) return ofRow(driveOf(known));
  throw several(known, choosing);
}

/** The rows that tell most, the newest first: where it is attached, else was. */
function bestKnown(rows: readonly DiskRow[]): DiskRow[] {
  const byState = Map.groupBy(newestFirst(rows), ({ state }) => state);
  const best = byState.get("attached") ?? byState.get("stale") ??
    byState.get("detached") ?? [];
  return topmost(best, (row) => ({ hostId: row.hostId, disk: row }));
}

/** The drive below several volumes. A name that all of them have is its own. */
function driveOf(rows: readonly DiskRow[]): DiskRow {
  const [row] = rows as [DiskRow];
  const alias = rows.every((one) => one.alias === row.alias) ? row.alias : null;
  return { ...row, uuid: null, partuuid: null, label: null, alias };
}

function ofRow(row: DiskRow): LabelView {
  const { alias, label, uuid, serial, wwn, model, drives } = row;
  const [drive, ...others] = drives;
  const size = drive !== undefined && others.length === 0
    ? drive.size ?? row.size
    : row.size;
  const code = codeOf(row);
  if (code === null) {
    throw new Refusal("refused", {
      message: `${printable(row.device)} on ${printable(row.uniqueHost)} has ` +
        "neither a UUID nor a serial number of its own, so no code would find it",
    });
  }
  const name = alias ?? label;
  return { name, label, uuid, serial, wwn, model, size, code };
}

/** Of a disk that no known host has, or had. */
function ofNoted(disk: RemarkedDisk): LabelView {
  const { alias, label, uuid, serial, wwn } = disk;
  const code = codeOf({ kind: null, ...disk }) ?? "";
  const name = alias ?? label;
  return { name, label, uuid, serial, wwn, model: null, size: null, code };
}

/** What commands find it by, as its host has it; `null` if it has nothing of its own. */
function codeOf(disk: Parameters<typeof subjectOf>[0]): string | null {
  const subject = subjectOf(disk) ?? driveSubjectOf(disk);
  if (subject === null) return null;
  const [field] = splitSubject(subject);
  return disk[field as keyof typeof disk];
}

function several(
  disks: readonly (RemarkedDisk & Partial<DiskRow>)[],
  { name }: Choosing,
): Refusal {
  const [codes, serials] = [
    disks.map((disk) => codeOf({ kind: null, ...disk })),
    disks.map(({ serial }) => serial),
  ].map((ids) => new Set(ids.filter((id) => id !== null)));
  const ids = [...codes!.size === disks.length ? codes! : serials!];
  return new Refusal("severalHosts", {
    message: `${disks.length} disks are called ${printable(name)}`,
    hints: ids.length === 0
      ? []
      : [`Use one of: ${ids.map(printable).join(", ")}`],
  });
}
