import type { RemarkedDisk } from "../control/remarked.ts";
import type { DiskRow, FindParams, FindView } from "../control/views.ts";
import type { Inventory } from "../inventory/inventory.ts";
import { noteMatcher } from "../inventory/name_forms.ts";
import {
  driveSubjectOf,
  identifierIn,
  subjectOf,
} from "../inventory/remark.ts";
import {
  betterOf,
  type HostIdentifiers,
  RANK,
  type Resolved,
  resolveHosts,
} from "../inventory/resolve.ts";
import { Suggestions } from "../text/nearest.ts";
import type { Clock } from "./clocks.ts";
import type { HistoryAnswers } from "./history_answers.ts";
import type { ListRows } from "./list_rows.ts";
import { remarkedDisk } from "./said_of.ts";
import { inTurns } from "./tasks.ts";
import { bareVerdict, hostsOf, judge } from "./verdict.ts";

/** Disks that no host is known to have, found by their notes. */
const MAX_NOTED = 100;

/** Of names that may have been meant. */
const MAX_SUGGESTIONS = 3;

interface FinderParts {
  readonly inventory: Pick<Inventory, "hosts" | "remarks">;
  readonly rows: Pick<
    ListRows,
    | "find"
    | "noted"
    | "eachName"
    | "contentsOf"
    | "cutHosts"
    | "site"
    | "relaysOf"
  >;
  readonly past: Pick<HistoryAnswers, "find">;
  readonly clock: Pick<Clock, "now">;
}

/** Finds disks by a name, in memory and in the history, and judges what it found. */
export class Finder {
  readonly #parts: FinderParts;

  constructor(parts: FinderParts) {
    this.#parts = parts;
  }

  /** Places of the disks with this name, or their last places; empty for an unknown name. */
  where(name: string): readonly DiskRow[] {
    return this.resolve(name).found;
  }

  async find(params: FindParams): Promise<FindView> {
    const { rows } = this.#parts;
    const found = await this.#find(params);
    const relays = rows.relaysOf(found.rows);
    return { ...found, site: rows.site, relays };
  }

  async #find({ name, host }: FindParams): Promise<FindView> {
    const resolved = this.resolve(name);
    if (resolved.found.length > 0) {
      const { inventory } = this.#parts;
      const { rows, verdict } = judgeFound(resolved, {
        host,
        hosts: inventory.hosts(),
      });
      const isLost = rows.every(({ state }) => state === "detached");
      const cut = isLost ? this.#parts.rows.cutHosts() : [];
      const contents = this.#contentsOf(rows);
      const namedSo = this.#namedSo(name, resolved);
      return { rows, verdict: { ...verdict, cut, namedSo }, contents };
    }
    const noted = this.#noted(name);
    if (noted.length > 0) {
      const verdict = { ...bareVerdict("noted"), noted };
      return { rows: [], verdict, contents: [] };
    }
    const byNote = this.#byNote(name);
    if (byNote !== null) return byNote;
    const verdict = {
      ...bareVerdict("not-known"),
      suggestions: await this.#suggest(name),
      cut: this.#parts.rows.cutHosts(),
    };
    return { rows: [], verdict, contents: [] };
  }

  /** The disks that somebody gave a name which is also a label, or the like, of these. */
  #namedSo(name: string, { found, rank }: Resolved<DiskRow>): string[] {
    if (rank >= RANK.alias) return [];
    const subjects = new Set(
      found.flatMap((row) => [subjectOf(row), driveSubjectOf(row)]),
    );
    return [...this.#parts.inventory.remarks.names()]
      .filter(({ value, subject }) => value === name && !subjects.has(subject))
      .map(({ subject }) => identifierIn(subject));
  }

  /** What was said of disks that no known host has, or had. */
  #noted(name: string): RemarkedDisk[] {
    const { remarks } = this.#parts.inventory;
    const { found } = remarks.called(name);
    return found.map((subject) => remarkedDisk(subject, remarks));
  }

  /** The disks whose notes have these words: shown, but nothing is done to them by such a name. */
  #byNote(name: string): FindView | null {
    const { rows: list, inventory: { remarks } } = this.#parts;
    const fits = noteMatcher(name);
    const rows = list.noted(fits);
    const known = new Set(
      rows.flatMap((row) => [subjectOf(row), driveSubjectOf(row)]),
    );
    const noted = remarks.noted(fits)
      .filter((subject) => !known.has(subject)).slice(0, MAX_NOTED)
      .map((subject) => remarkedDisk(subject, remarks));
    if (rows.length + noted.length === 0) return null;
    const verdict = {
      ...bareVerdict("by-note"),
      hosts: hostsOf(rows),
      noted,
    };
    return { rows, verdict, contents: [] };
  }

  #contentsOf([row, ...others]: readonly DiskRow[]): readonly DiskRow[] {
    return row?.state === "attached" && others.length === 0
      ? this.#parts.rows.contentsOf(row)
      : [];
  }

  /** What a name means, in memory and in the history. */
  resolve(name: string): Resolved<DiskRow> {
    const { rows, past } = this.#parts;
    const best = betterOf(rows.find(name), () => past.find(name));
    if (best.rank !== RANK.former) return best;
    // Only the history knows the label, but memory knows the disk better.
    const found = best.found.flatMap((row) => {
      const known = rows.find(row.uuid ?? "").found;
      return known.length > 0 ? known : [row];
    });
    const byPlace = new Map(
      found.map((row) => [`${row.hostId} ${row.device}`, row]),
    );
    return { ...best, found: [...byPlace.values()] };
  }

  async #suggest(name: string): Promise<string[]> {
    const { rows, clock } = this.#parts;
    const suggestions = new Suggestions(name);
    await inTurns(rows.eachName(), {
      each: suggestions.offer,
      now: () => clock.now(),
    });
    return suggestions.best(MAX_SUGGESTIONS);
  }
}

/** The rows of a known name, and the verdict on them; with `host`, on those of this host. */
export function judgeFound(
  { found, rank, isSeveral, more = 0 }: Resolved<DiskRow>,
  { host, hosts }: {
    readonly host: string | undefined;
    /** In memory. */
    readonly hosts: Iterable<HostIdentifiers>;
  },
): Pick<FindView, "rows" | "verdict"> {
  const judged = (rows: readonly DiskRow[]) => ({
    ...judge(rows, {
      isPart: isSeveral && rank === RANK.part,
      isPattern: rank === RANK.pattern,
    }),
    calledNow: rank === RANK.former ? presentNames(rows) : [],
    more,
  });
  const all = judged(found);
  if (host === undefined || all.kind === "ambiguous") {
    return { rows: found, verdict: all };
  }
  const known = found.map(({ hostId, host }) => ({ id: hostId, name: host }));
  const wanted = new Set(
    resolveHosts<HostIdentifiers>(host, [...hosts, ...known])
      .map(({ id }) => id),
  );
  const rows = found.filter(({ hostId }) => wanted.has(hostId));
  const verdict = rows.length > 0
    ? judged(rows)
    : { ...bareVerdict("elsewhere"), hosts: hostsOf(found) };
  return { rows, verdict };
}

function presentNames(rows: readonly DiskRow[]): string[] {
  const names = rows.map(({ label, uuid, device }) => label ?? uuid ?? device);
  return [...new Set(names)];
}
