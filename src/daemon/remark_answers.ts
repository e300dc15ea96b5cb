import { INVALID_PARAMS, RpcError } from "../control/jsonrpc.ts";
import type { RemarkedDisk } from "../control/remarked.ts";
import type { DiskRow, RemarkedView, RemarkParams } from "../control/views.ts";
import type { Host } from "../inventory/host.ts";
import type { Inventory } from "../inventory/inventory.ts";
import {
  ALIAS,
  driveSubjectOf,
  LABEL,
  MAX_TAGS,
  NOTE,
  type Remark,
  remarkProblem,
  subjectOf,
  tagField,
  tagIn,
} from "../inventory/remark.ts";
import { MAX_SUBJECTS } from "../inventory/remarks.ts";
import { RANK, type Resolved, resolveDisks } from "../inventory/resolve.ts";
import type { Finder } from "./find.ts";
import { remarkedDisk, saidOf } from "./said_of.ts";

/** Disks that a pattern may mean at once. */
const MAX_AT_ONCE = 1_000;

/** Largest number of disks named in a sentence. */
const MAX_SHOWN = 3;

type SaidNow = Pick<Remark, "field" | "value">;

interface RemarkParts {
  readonly finder: Pick<Finder, "resolve">;
  readonly inventory: Pick<Inventory, "remarks"> & {
    /** This host. */
    readonly self: Pick<Host, "id">;
  };
  /** Says it, here and to other hosts. */
  readonly say: (remark: SaidNow & Pick<Remark, "subject">) => void;
  /** Writes it. */
  readonly keep: () => void;
}

/**
 * Says something of the disks with a name.
 * @throws {RpcError} INVALID_PARAMS, with a sentence, if that cannot be said, or
 * not of these disks.
 */
export function remarkOn(
  params: RemarkParams,
  parts: RemarkParts,
): RemarkedView {
  const said = saidIn(params);
  if (said.length === 0) throw refusal("nothing is to be said of it");
  for (const { field, value } of said) {
    const problem = remarkProblem(field, value);
    if (problem !== null) throw refusal(problem);
  }
  const { disks, nameless } = meant(params, parts);
  const subjects = [...disks.keys()];
  refuseTooMany(subjects, { said, parts });
  for (const [subject, row] of disks) {
    for (const one of [...said, ...labelOf(row)]) {
      const remark = { subject, ...one };
      if (isChange(remark, { row, parts })) parts.say(remark);
    }
  }
  parts.keep();
  return {
    disks: subjects.map((subject) => viewOf(subject, disks, parts)),
    warnings: [
      ...nameless.slice(0, MAX_SHOWN).map(sayNameless),
      ...warningsOnAlias(params, { disks, parts }),
    ],
  };
}

/** By subject, with the row of each that a host has or had. */
type MeantDisks = ReadonlyMap<string, DiskRow | null>;

function saidIn(
  { note, alias, tags = [], untag = [] }: RemarkParams,
): SaidNow[] {
  return [
    ...(note === undefined ? [] : [{ field: NOTE, value: note }]),
    ...(alias === undefined ? [] : [{ field: ALIAS, value: alias }]),
    ...tags.map((tag) => ({ field: tagField(tag), value: "" })),
    ...untag.map((tag) => ({ field: tagField(tag), value: null })),
  ];
}

interface Meaning {
  readonly disks: MeantDisks;
  /** Those that nobody would know again. */
  readonly nameless: readonly DiskRow[];
}

/** The disks that a name means; empty if none is known by it. */
function meant(
  { name, alias }: RemarkParams,
  { finder, inventory: { remarks } }: RemarkParts,
): Meaning {
  const { found, ...how }: Resolved<DiskRow> = finder.resolve(name);
  const rows = new Map<string, DiskRow>();
  for (const row of found) {
    const subject = subjectOf(row);
    if (subject !== null) rows.set(subject, row);
  }
  const nameless = found.filter((row) => subjectOf(row) === null);
  const drive = rows.size > 1 ? driveCalled(name, { found, remarks }) : null;
  if (drive !== null) return { disks: new Map([[drive, null]]), nameless };
  if (rows.size > 0) {
    return { disks: oneOrAll(rows, { name, alias, ...how }), nameless };
  }
  const [first] = nameless;
  if (first !== undefined) throw refusal(sayNameless(first));
  const { found: noted, ...howNoted } = remarks.called(name);
  const subjects = new Map(noted.map((subject) => [subject, null]));
  return {
    disks: oneOrAll(subjects, { name, alias, ...howNoted }),
    nameless: [],
  };
}

/** The drive below several disks, if the name is its own, such as its serial number. */
function driveCalled(
  name: string,
  { found, remarks }: {
    readonly found: readonly DiskRow[];
    readonly remarks: Inventory["remarks"];
  },
): string | null {
  const [drive, ...others] = new Set(found.map(driveSubjectOf));
  if (drive === undefined || drive === null || others.length > 0) return null;
  const alias = remarks.on(drive).name?.value ?? null;
  const { found: drives, rank } = resolveDisks(name, found, {
    diskOf: ({ serial, wwn }) => ({ serial, wwn, alias }),
  });
  return drives.length > 0 && rank < RANK.pattern ? drive : null;
}

/** A pattern means all that fit; but one name names one disk. */
function oneOrAll(
  disks: MeantDisks,
  { name, alias, rank, isSeveral }:
    & Pick<RemarkParams, "name" | "alias">
    & Pick<Resolved<unknown>, "rank" | "isSeveral">,
): MeantDisks {
  if (disks.size <= 1) return disks;
  if (isSeveral && rank === RANK.pattern && alias === undefined) {
    if (disks.size <= MAX_AT_ONCE) return disks;
    throw refusal(
      `${name} means ${disks.size} disks, more than ${MAX_AT_ONCE}`,
    );
  }
  const shown = [...disks.keys()].slice(0, MAX_SHOWN).join(", ");
  const more = disks.size - MAX_SHOWN;
  throw refusal(
    `${name} means ${disks.size} disks: ${shown}` +
      `${more > 0 ? ` and ${more} more` : ""}; ` +
      "use the UUID or serial number of one",
  );
}

/** So that a host knows the disk by it that never saw the disk. */
function labelOf(row: DiskRow | null): SaidNow[] {
  const label = row?.label ?? null;
  return label === null || remarkProblem(LABEL, label) !== null
    ? []
    : [{ field: LABEL, value: label }];
}

function sayNameless({ device, uniqueHost }: DiskRow): string {
  return `${device} on ${uniqueHost} has neither a UUID nor a serial number ` +
    "of its own, so nobody would know the disk again";
}

function refuseTooMany(
  subjects: readonly string[],
  { said, parts: { inventory } }: {
    readonly said: readonly SaidNow[];
    readonly parts: RemarkParts;
  },
): void {
  const { remarks } = inventory;
  const added = subjects.filter((subject) => !remarks.has(subject));
  if (added.length > 0) refuseBeyondShare(added.length, inventory);
  for (const subject of subjects) {
    const tags = new Set(remarks.on(subject).tags.map(({ field }) => field));
    for (const { field, value } of said) {
      if (tagIn(field) === null) continue;
      if (value === null) tags.delete(field);
      else tags.add(field);
    }
    if (tags.size > MAX_TAGS) {
      throw refusal(`a disk has at most ${MAX_TAGS} tags`);
    }
  }
}

/** A host that made few remarks may go on though others made too many. */
function refuseBeyondShare(
  added: number,
  { remarks, self }: RemarkParts["inventory"],
): void {
  const spoken = [...remarks.spoken()].length;
  if (spoken + added <= MAX_SUBJECTS) return;
  const subjects = remarks.counting.of(self.id).map(({ subject }) => subject);
  const own = new Set(subjects.filter((subject) => remarks.has(subject)));
  const share = MAX_SUBJECTS / (remarks.counting.authors().length || 1);
  if (own.size + added <= share) return;
  throw refusal(
    `${spoken} disks have notes, names or tags, and at most ` +
      `${MAX_SUBJECTS} can; clear some`,
  );
}

/** Whether it is not so already, of the disk itself or of its drive. */
function isChange(
  { subject, field, value }: SaidNow & Pick<Remark, "subject">,
  { row, parts: { inventory: { remarks } } }: {
    readonly row: DiskRow | null;
    readonly parts: RemarkParts;
  },
): boolean {
  const drive = row === null ? null : driveSubjectOf(row);
  const said = remarks.find(subject, field) ??
    (drive === null ? undefined : remarks.find(drive, field));
  return (said?.value ?? null) !== value;
}

function viewOf(
  subject: string,
  disks: MeantDisks,
  { inventory: { remarks } }: RemarkParts,
): RemarkedDisk {
  const row = disks.get(subject) ?? null;
  if (row === null) return remarkedDisk(subject, remarks);
  const { label, uuid, partuuid, serial, wwn } = row;
  return { label, uuid, partuuid, serial, wwn, ...saidOf(row, remarks) };
}

/** A label and the like wins over a name that somebody gave. */
function warningsOnAlias(
  { alias }: RemarkParams,
  { disks, parts: { finder } }: {
    readonly disks: MeantDisks;
    readonly parts: RemarkParts;
  },
): string[] {
  if (alias === undefined || alias === null) return [];
  const { found, rank } = finder.resolve(alias);
  const others = found.filter((row) =>
    ![subjectOf(row), driveSubjectOf(row)].some((one) => disks.has(one ?? ""))
  );
  const [other] = others;
  if (other === undefined || rank > RANK.alias) return [];
  const place = `${other.device} on ${other.uniqueHost}`;
  return [
    rank === RANK.exact
      ? `${alias} is also a label, a serial number or the like of ${place}: commands find that one by it`
      : `${alias} is also the name of ${place}: commands find both by it`,
  ];
}

function refusal(message: string): RpcError {
  return new RpcError(INVALID_PARAMS, message);
}
