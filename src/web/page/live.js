import { useEffect, useState } from "preact/hooks";

/**
 * The API, kept up to date: each document that is on the page is fetched once,
 * and again when an event says that it may be another one.
 */

/** @typedef {import("../../control/views.ts").EventRow} EventRow */

/**
 * @typedef {object} Doc
 * @property {any} value the document; `undefined` before it has come
 * @property {string | null} problem why it could not be had
 */

/**
 * @typedef {object} Entry
 * @property {Doc} doc
 * @property {string} text as it came, to see whether it is another one
 * @property {Set<() => void>} watchers
 * @property {number} askedAt
 * @property {boolean} isAsking
 * @property {boolean} isRetrying
 * @property {ReturnType<typeof setTimeout> | undefined} timer
 */

/** Between two questions for one document. A list of one host is small. */
const GAP_MS = { list: 60, other: 400 };
/** Until documents that an event may have changed a little are asked for. */
const AFTER_LISTS_MS = 100;
/** Without any event: times of what has not changed. */
const REFETCH_MS = 60_000;
/** Between looks at the clock: a computer that slept must not wait for so long. */
const LOOK_MS = 5_000;
const PROBLEM_RETRY_MS = 3_000;
/** Answers at once; browsers allow 6 connections, and one has the events. */
const MAX_ASKING = 4;
const MAX_SHOWN_EVENTS = 200;

/** @type {Map<string, Entry>} */
const entries = new Map();
/** @type {{ problem: string | null, since: number, isKnown: boolean }} */
let daemon = { problem: null, since: Date.now(), isKnown: false };
/** @typedef {EventRow & { number: number }} SeenEvent numbered as they came */
/** @type {readonly SeenEvent[]} newest first */
let events = [];
/** @type {Set<() => void>} */
const watchers = new Set();
/** @type {string[]} */
const waiting = [];
let asking = 0;

/** Whether the daemon is there; otherwise why not, and since when. */
export function useDaemon() {
  useWatch(watchers);
  return daemon;
}

/** The events since the page was opened, newest first. */
export function useEvents() {
  useWatch(watchers);
  return events;
}

/** @param {Set<() => void>} set */
function useWatch(set) {
  const [, redraw] = useState(0);
  useEffect(() => {
    const watch = () => redraw((n) => n + 1);
    set.add(watch);
    return () => void set.delete(watch);
  }, [set]);
}

/**
 * A document of the API.
 * @param {string | null} path `null`: none
 * @returns {Doc}
 */
export function useDocument(path) {
  const [, redraw] = useState(0);
  useEffect(() => {
    if (path === null) return;
    const watch = () => redraw((n) => n + 1);
    const entry = entryOf(path);
    entry.watchers.add(watch);
    if (entry.doc.value === undefined || Date.now() - entry.askedAt > 1000) {
      want(path);
    }
    watch();
    return () => {
      entry.watchers.delete(watch);
      if (entry.watchers.size === 0) keepFew();
    };
  }, [path]);
  return entries.get(path ?? "")?.doc ?? NOTHING;
}

/** @type {Doc} */
const NOTHING = { value: undefined, problem: null };

/** Documents that nobody looks at, so that going back is quick. */
const MAX_UNSEEN = 300;

function keepFew() {
  for (const [path, { watchers }] of entries) {
    if (entries.size <= MAX_UNSEEN) return;
    if (watchers.size === 0) entries.delete(path);
  }
}

/** @param {string} path @returns {Entry} */
function entryOf(path) {
  let entry = entries.get(path);
  if (entry === undefined) {
    entry = {
      doc: NOTHING,
      text: "",
      watchers: new Set(),
      askedAt: -Infinity,
      isAsking: false,
      isRetrying: false,
      timer: undefined,
    };
    entries.set(path, entry);
  }
  return entry;
}

/**
 * Fetches it soon, at once if that is not long ago.
 * @param {string} path
 */
function want(path) {
  const entry = entryOf(path);
  if (entry.timer !== undefined) return;
  const gap = isList(path) ? GAP_MS.list : GAP_MS.other;
  const wait = entry.isAsking ? gap : entry.askedAt + gap - Date.now();
  if (wait > 0) {
    entry.timer = setTimeout(() => {
      entry.timer = undefined;
      want(path);
    }, wait);
    return;
  }
  if (waiting.includes(path)) return;
  waiting.push(path);
  next();
}

function next() {
  while (asking < MAX_ASKING && isWorthAsking()) {
    const path = waiting.shift();
    if (path === undefined) return;
    const entry = entries.get(path);
    if (entry === undefined) continue;
    if (entry.watchers.size === 0) {
      entry.askedAt = -Infinity;
      continue;
    }
    asking++;
    void ask(path, entry).finally(() => {
      asking--;
      next();
    });
  }
}

/** Without the daemon there is no answer; without the events there may be one. */
function isWorthAsking() {
  const { isKnown, problem } = daemon;
  return isKnown && (problem === null || problem === GONE);
}

/** @param {string} path @param {Entry} entry */
async function ask(path, entry) {
  entry.isAsking = true;
  entry.askedAt = Date.now();
  try {
    const answer = await fetch(path);
    const text = await answer.text();
    if (!answer.ok) {
      setDoc(entry, { ...entry.doc, problem: errorOf(text) });
      if (answer.status >= 500) retry(path, entry);
    } else if (text !== entry.text || entry.doc.problem !== null) {
      entry.text = text;
      setDoc(entry, { value: JSON.parse(text), problem: null });
    }
  } catch {
    setDoc(entry, { ...entry.doc, problem: GONE });
    retry(path, entry);
  } finally {
    entry.isAsking = false;
  }
}

/** Once more for what is not there for a while. @param {string} path @param {Entry} entry */
function retry(path, entry) {
  if (entry.isRetrying) return;
  entry.isRetrying = true;
  setTimeout(() => {
    entry.isRetrying = false;
    refetch((one) => one === path);
  }, PROBLEM_RETRY_MS);
}

const GONE = "diskd web does not answer";

/** @param {string} text */
function errorOf(text) {
  try {
    return `${JSON.parse(text).error}`;
  } catch {
    return text.trim();
  }
}

/** @param {Entry} entry @param {Doc} doc */
function setDoc(entry, doc) {
  entry.doc = doc;
  for (const watch of entry.watchers) watch();
}

/**
 * Whether a document may be another one after an event.
 * @param {string} path
 * @param {EventRow} event
 */
export function concerns(path, { event, hostId, fromId }) {
  const [, host] = /^\/api\/list\.json\?host=([^&]*)/.exec(path) ?? [];
  if (host === undefined) return true;
  return event === "remarked" || host === hostId || host === fromId;
}

/** @param {string} path */
function isList(path) {
  return path.startsWith("/api/list");
}

/** @param {(path: string) => boolean} isWanted */
function refetch(isWanted) {
  for (const [path, entry] of entries) {
    if (!isWanted(path)) continue;
    if (entry.watchers.size > 0) want(path);
    // Whoever looks at it next asks.
    else entry.askedAt = -Infinity;
  }
}

/** @param {string | null} problem */
function setDaemon(problem) {
  const hasChanged = problem !== daemon.problem || !daemon.isKnown;
  if (!hasChanged) return;
  daemon = { problem, since: Date.now(), isKnown: true };
  for (const watch of watchers) watch();
  if (problem === null) refetch(() => true);
  next();
}

/** Follows the events, for as long as the page is open. */
export function follow() {
  const source = new EventSource("/api/events");
  source.addEventListener("daemon", ({ data }) => {
    setDaemon(JSON.parse(data).problem);
  });
  source.addEventListener("event", ({ data }) => {
    /** @type {EventRow} */
    const event = JSON.parse(data);
    const number = (events[0]?.number ?? 0) + 1;
    events = [{ ...event, number }, ...events].slice(0, MAX_SHOWN_EVENTS);
    refetch((path) => isList(path) && concerns(path, event));
    // What has changed is a list; the rest may be long, and comes after it.
    setTimeout(() => refetch((path) => !isList(path)), AFTER_LISTS_MS);
    for (const watch of watchers) watch();
  });
  source.addEventListener("error", () => {
    setDaemon(GONE);
    // After an answer other than 200 a browser gives up.
    if (source.readyState !== EventSource.CLOSED) return;
    source.close();
    setTimeout(follow, 2_000);
  });
}

/** Asks for all again when it has become old, and somebody looks. */
export function keepFresh() {
  let refreshedAt = Date.now();
  const look = () => {
    if (document.visibilityState !== "visible") return;
    if (Math.abs(Date.now() - refreshedAt) < REFETCH_MS) return;
    refreshedAt = Date.now();
    refetch(() => true);
  };
  setInterval(look, LOOK_MS);
  document.addEventListener("visibilitychange", look);
}

const clockWatchers = new Set();
/** @type {ReturnType<typeof setInterval> | undefined} */
let ticking;

/**
 * Ms since 1970, again each second: one timer for all relative times.
 * @param {number} [everyMs] for what changes rarely
 */
export function useNow(everyMs = 1_000) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const watch = () => {
      const at = Date.now();
      setNow((before) => Math.abs(at - before) >= everyMs - 50 ? at : before);
    };
    clockWatchers.add(watch);
    ticking ??= setInterval(() => {
      for (const watch of clockWatchers) watch();
    }, 1_000);
    return () => {
      clockWatchers.delete(watch);
      if (clockWatchers.size > 0) return;
      clearInterval(ticking);
      ticking = undefined;
    };
  }, [everyMs]);
  return now;
}
