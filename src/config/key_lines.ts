import { type Event, EVENT_ID, getScalarValue } from "js-yaml";

/** An open map, list or document. */
interface Frame {
  readonly isMap: boolean;
  /** Prefix of the keys of a map in their paths; `null`: they have no path. */
  readonly prefix: string | null;
  /** The same for the next map opened within. */
  innerPrefix: string | null;
  /** Whether a key of the map comes next: keys and values alternate. */
  isKeyNext: boolean;
}

/**
 * The line, counted from 1, of each key of a YAML map and its inner maps, by
 * path: `port`, `history.keepDays`.
 */
export function keyLines(
  events: readonly Event[],
  text: string,
): Map<string, number> {
  const lines = new Map<string, number>();
  const frames: Frame[] = [];
  for (const event of events) {
    if (event.type === EVENT_ID.POP) {
      frames.pop();
      continue;
    }
    const around = frames.at(-1);
    const opened = openedBy(event, around);
    if (around?.isMap) {
      if (around.isKeyNext) noteKey(event, { frame: around, text, lines });
      around.isKeyNext = !around.isKeyNext;
    }
    if (opened !== null) frames.push(opened);
  }
  return lines;
}

function openedBy(event: Event, around: Frame | undefined): Frame | null {
  switch (event.type) {
    case EVENT_ID.DOCUMENT:
      return { isMap: false, prefix: null, innerPrefix: "", isKeyNext: false };
    case EVENT_ID.SEQUENCE:
      return {
        isMap: false,
        prefix: null,
        innerPrefix: null,
        isKeyNext: false,
      };
    case EVENT_ID.MAPPING: {
      const prefix = around?.isKeyNext ? null : around?.innerPrefix ?? null;
      return { isMap: true, prefix, innerPrefix: null, isKeyNext: true };
    }
    default:
      return null;
  }
}

interface KeyPlace {
  readonly frame: Frame;
  readonly text: string;
  readonly lines: Map<string, number>;
}

function noteKey(event: Event, { frame, text, lines }: KeyPlace): void {
  frame.innerPrefix = null;
  if (event.type !== EVENT_ID.SCALAR || frame.prefix === null) return;
  const path = frame.prefix + getScalarValue(text, event);
  lines.set(path, lineAt(text, event.valueStart));
  frame.innerPrefix = `${path}.`;
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}
