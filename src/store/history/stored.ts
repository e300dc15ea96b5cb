/** How values are kept: what the tables can hold, and in one spelling only. */
import { OPEN_UNTIL } from "./schema.ts";

/** A time that the tables can hold: whole ms from 1970 to the year 9999. */
export function storedTime(time: number): number {
  return Math.min(Math.max(Math.trunc(time) || 0, 0), OPEN_UNTIL - 1);
}

/** The end of a sighting, `null` while there is none; never before it began. */
export function storedUntil(until: number | null, from: number): number {
  return until === null ? OPEN_UNTIL : Math.max(storedTime(until), from);
}

/** A count or a number of ms or bytes. */
export function storedInteger(value: number): number {
  return Math.min(Math.trunc(value) || 0, Number.MAX_SAFE_INTEGER);
}

/**
 * What comes back when a text was written and read: Deno reads up to the first
 * NUL, so that is shown as its symbol, and SQLite has no lone surrogates.
 */
export function storedText(text: string): string;
export function storedText(text: string | null): string | null;
export function storedText(text: string | null): string | null {
  return text === null ? null : text.toWellFormed().replaceAll("\0", "\u2400");
}

/** A list of texts, such as mount points; NUL is escaped in JSON. */
export function storedList(texts: readonly string[]): string {
  return JSON.stringify(texts.map((text) => text.toWellFormed()));
}

/** Labels of one folded form are the same but for case. */
export function foldedLabel(label: string | null): string | null {
  return storedText(label)?.toLowerCase() ?? null;
}
