/** Which disks the setting `expect` means, and where they are or were last. */
import type { DiskChoice, ExpectEntry } from "../config/expect_setting.ts";
import { RpcError } from "../control/jsonrpc.ts";
import type { DiskRow } from "../control/views.ts";
import { nameAt } from "../inventory/disk.ts";
import type { Inventory } from "../inventory/inventory.ts";
import { splitSubject, tagIn } from "../inventory/remark.ts";
import {
  type DiskIdentifiers,
  type Resolved,
  resolveDisks,
} from "../inventory/resolve.ts";
import type { ExpectedDisk, KeptNames } from "../store/expected_file.ts";
import { saidOf } from "./said_of.ts";

/** More are not watched. */
export const MAX_EXPECTED = 1_000;

/** A disk that is expected. */
export interface ExpectedPlace {
  /** As of `ExpectedDisk`. */
  readonly key: string;
  readonly choice: DiskChoice;
  readonly everyMs: number;
  /** Where it is, or was last; `null`: no host in memory or in the history had it. */
  readonly row: DiskRow | null;
  /** What is known of a disk without a row. */
  readonly names: KeptNames;
}

/** What a choice means. */
interface ExpectedPlaces {
  readonly disks: readonly ExpectedPlace[];
  /** Number of places for which there is no room. */
  readonly more: number;
}

export interface ExpectedParts {
  readonly inventory: Pick<Inventory, "remarks">;
  /** In memory. */
  readonly rows: { readonly find: (name: string) => Resolved<DiskRow> };
  /** In the history. */
  readonly past: { readonly find: (name: string) => Resolved<DiskRow> };
}

/** The disks that a choice means, of which something is known; a name that nothing has is one too. */
export function expectedBy(
  choice: DiskChoice,
  { everyMs, kept, parts }: ExpectOptions & { readonly everyMs: number },
): ExpectedPlaces {
  const { rows, keptOnes, more } = typeof choice === "string"
    ? named(choice, { kept, parts })
    : tagged(choice.tag, { kept, parts });
  const found = new Map<string, ExpectedPlace>();
  for (const row of rows) {
    const key = nameAt(row, row.hostId);
    const known = found.get(key)?.row ?? null;
    if (known !== null && !isLaterSeen(row, known)) continue;
    found.set(key, { key, choice, everyMs, row, names: row });
  }
  for (const { key, names } of keptOnes) {
    if (found.has(key)) continue;
    found.set(key, { key, choice, everyMs, row: null, names });
  }
  return { disks: [...found.values()], more };
}

function isLaterSeen(row: DiskRow, than: DiskRow): boolean {
  if (than.state === "attached") return false;
  return row.state === "attached" || Date.parse(row.seenAt) >
      Date.parse(than.seenAt);
}

interface ExpectOptions {
  readonly kept: ReadonlyMap<string, ExpectedDisk>;
  readonly parts: ExpectedParts;
}

interface ChosenDisks extends Pick<ExpectedPlaces, "more"> {
  readonly rows: readonly DiskRow[];
  /** Those that may be in no row. */
  readonly keptOnes: readonly Pick<ExpectedDisk, "key" | "names">[];
}

/** A name means one disk, of several the one that was seen last; a pattern all. */
function named(
  name: string,
  { kept, parts: { inventory: { remarks }, rows, past } }: ExpectOptions,
): ChosenDisks {
  const { found: inMemory, more = 0 } = rows.find(name);
  const found = inMemory.length > 0 ? inMemory : inHistory(name, past);
  const isGlob = IS_GLOB.test(name);
  if (found.length > 0 && !isGlob) {
    const best = found.reduce((a, b) => isLaterSeen(b, a) ? b : a);
    return { rows: [best], keptOnes: [], more: 0 };
  }
  const seenOnes = [...kept.values()].filter(({ seen }) => seen !== null);
  const keptOnes = resolveDisks(name, seenOnes, {
    diskOf: ({ names }): DiskIdentifiers => ({
      ...names,
      alias: saidOf(names, remarks).alias,
    }),
  }).found;
  if (isGlob || keptOnes.length > 0) {
    const chosen = isGlob ? keptOnes : keptOnes.slice(0, 1);
    return { rows: found, keptOnes: chosen, more };
  }
  const key = `name ${name}`;
  const names = { ...NO_NAMES, label: name };
  return { rows: [], keptOnes: [{ key, names }], more: 0 };
}

const IS_GLOB = /[*?]/;

/** Nothing if it fails: `status` tells that. */
function inHistory(
  name: string,
  past: ExpectedParts["past"],
): readonly DiskRow[] {
  try {
    return past.find(name).found;
  } catch (error) {
    if (error instanceof RpcError) return [];
    throw error;
  }
}

/** Also those that no known host has, or had. */
function tagged(
  tag: string,
  { kept, parts: { inventory: { remarks }, rows, past } }: ExpectOptions,
): ChosenDisks {
  const hasTag = (names: KeptNames) =>
    saidOf(names, remarks).tags.includes(tag);
  const found: DiskRow[] = [];
  const keptOnes: Pick<ExpectedDisk, "key" | "names">[] = [...kept.values()]
    .filter(({ seen, names }) => seen !== null && hasTag(names));
  for (const subject of remarks.spoken()) {
    if (!remarks.on(subject).tags.some(({ field }) => tagIn(field) === tag)) {
      continue;
    }
    const [field, value] = splitSubject(subject);
    const places = rows.find(value).found;
    const its = (places.length > 0 ? places : inHistory(value, past))
      .filter(hasTag);
    found.push(...its);
    const isKept = keptOnes.some(({ names }) =>
      names[field as keyof KeptNames] === value
    );
    if (its.length > 0 || isKept) continue;
    const label = remarks.on(subject).label?.value ?? null;
    const names = { ...NO_NAMES, kind: "disk", label, [field]: value };
    keptOnes.push({ key: `said ${subject}`, names });
  }
  return { rows: found, keptOnes, more: 0 };
}

const NO_NAMES: KeptNames = {
  label: null,
  uuid: null,
  uuid_sub: null,
  partuuid: null,
  partlabel: null,
  kind: null,
  model: null,
  serial: null,
  wwn: null,
};

/** All choices of the setting. */
export function choicesIn(
  entries: readonly ExpectEntry[],
): { readonly choice: DiskChoice; readonly everyMs: number }[] {
  return entries.flatMap(({ disks, seenEveryMs }) =>
    disks.map((choice) => ({ choice, everyMs: seenEveryMs }))
  );
}
