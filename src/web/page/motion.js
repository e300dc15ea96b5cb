import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

/** What has just come or gone is seen for a while. */

const NEW_MS = 8_000;
const GONE_MS = 3_000;

/**
 * Rows with those that have just gone, and which are new.
 * @template Row
 * @param {readonly Row[]} rows in order
 * @param {(row: Row) => string} keyOf
 */
export function useArrivals(rows, keyOf) {
  const known = useRef(/** @type {Map<string, Row> | null} */ (null));
  const news = useRef(/** @type {Map<string, number>} */ (new Map()));
  const gone = useRef(
    /** @type {Map<string, { row: Row, until: number }>} */ (new Map()),
  );
  const seen = useRef(/** @type {readonly Row[] | null} */ (null));
  const [, redraw] = useState(0);
  if (seen.current !== rows) {
    seen.current = rows;
    const now = performance.now();
    const current = new Map(rows.map((row) => [keyOf(row), row]));
    for (const key of current.keys()) {
      gone.current.delete(key);
      if (known.current !== null && !known.current.has(key)) {
        news.current.set(key, now + NEW_MS);
      }
    }
    for (const [key, row] of known.current ?? []) {
      if (!current.has(key)) {
        gone.current.set(key, { row, until: now + GONE_MS });
      }
    }
    known.current = current;
  }
  const hasAny = news.current.size + gone.current.size > 0;
  useEffect(() => {
    if (!hasAny) return;
    const timer = setInterval(() => {
      const now = performance.now();
      for (const [key, until] of news.current) {
        if (until < now) news.current.delete(key);
      }
      for (const [key, { until }] of gone.current) {
        if (until < now) gone.current.delete(key);
      }
      redraw((n) => n + 1);
    }, 500);
    return () => clearInterval(timer);
  }, [hasAny, rows]);
  return {
    shown: [...rows, ...[...gone.current.values()].map(({ row }) => row)],
    newKeys: news.current,
    goneKeys: gone.current,
  };
}

const FLIGHT_MS = 700;
/** A place that was left so long ago has nothing to do with this one. */
const MAX_FLIGHT_AGE_MS = 3_000;

/** @type {Map<string, { place: string, box: DOMRect, at: number }>} */
const lastBoxes = new Map();

/**
 * Lets a disk that comes to another host fly there from where it was seen.
 * @param {string} disk
 * @param {string} place
 * @param {boolean} isNew
 */
export function useFlight(disk, place, isNew) {
  const element = useRef(/** @type {HTMLElement | null} */ (null));
  useLayoutEffect(() => {
    const { current } = element;
    if (current === null || !isNew || isStill()) return;
    const from = boxElsewhere(disk, current) ?? lastBox(disk, place);
    if (from === undefined) return;
    const to = current.getBoundingClientRect();
    const [x, y] = [from.left - to.left, from.top - to.top];
    current.animate(
      [{ transform: `translate(${x}px, ${y}px)` }, { transform: "none" }],
      { duration: FLIGHT_MS, easing: "cubic-bezier(.2, .7, .2, 1)" },
    );
  }, [disk, place, isNew]);
  useLayoutEffect(() => () => {
    if (element.current === null) return;
    const box = element.current.getBoundingClientRect();
    lastBoxes.delete(disk);
    lastBoxes.set(disk, { place, box, at: performance.now() });
    const [oldest] = lastBoxes.keys();
    if (lastBoxes.size > MAX_BOXES) lastBoxes.delete(oldest);
  }, [disk, place]);
  return element;
}

const MAX_BOXES = 100;

function isStill() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

/** @param {string} disk @param {Element} self */
function boxElsewhere(disk, self) {
  const others = document.querySelectorAll(
    `[data-disk="${CSS.escape(disk)}"]`,
  );
  return [...others].find((one) => one !== self)?.getBoundingClientRect();
}

/** @param {string} disk @param {string} place */
function lastBox(disk, place) {
  const last = lastBoxes.get(disk);
  if (last === undefined || last.place === place) return undefined;
  const age = performance.now() - last.at;
  return age < MAX_FLIGHT_AGE_MS ? last.box : undefined;
}
