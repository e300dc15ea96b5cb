import { useEffect, useRef, useState } from "preact/hooks";

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
