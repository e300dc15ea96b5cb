import preact from "preact" with { type: "text" };
import hooks from "preact/hooks" with { type: "text" };
import htm from "htm" with { type: "text" };
import qr from "lean-qr" with { type: "text" };
import answer from "./page/answer.js" with { type: "text" };
import app from "./page/app.js" with { type: "text" };
import diskPage from "./page/disk_page.js" with { type: "text" };
import drives from "./page/drives.js" with { type: "text" };
import eventsPage from "./page/events_page.js" with { type: "text" };
import fill from "./page/fill.js" with { type: "text" };
import format from "./page/format.js" with { type: "text" };
import hostPage from "./page/host_page.js" with { type: "text" };
import html from "./page/html.js" with { type: "text" };
import lan from "./page/lan.js" with { type: "text" };
import live from "./page/live.js" with { type: "text" };
import memo from "./page/memo.js" with { type: "text" };
import motion from "./page/motion.js" with { type: "text" };
import parts from "./page/parts.js" with { type: "text" };
import router from "./page/router.js" with { type: "text" };
import search from "./page/search.js" with { type: "text" };
import timeline from "./page/timeline.js" with { type: "text" };
import timelineView from "./page/timeline_view.js" with { type: "text" };
import statusPage from "./page/status_page.js" with { type: "text" };
import words from "./page/words.js" with { type: "text" };
import page from "./page/index.html" with { type: "text" };
import style from "./page/style.css" with { type: "text" };
import { keptReply, type WebReply } from "./reply.ts";

/** The files of the page: text in the binary, so that no right to read files is needed. */

const JAVASCRIPT = "text/javascript; charset=utf-8";

const MODULES: Readonly<Record<string, string>> = {
  answer,
  app,
  disk_page: diskPage,
  drives,
  events_page: eventsPage,
  fill,
  format,
  host_page: hostPage,
  html,
  lan,
  live,
  memo,
  motion,
  parts,
  router,
  search,
  qr,
  status_page: statusPage,
  timeline,
  timeline_view: timelineView,
  words,
  hooks,
  htm,
  preact,
};

const FILES: Readonly<Record<string, { type: string; text: string }>> = {
  ...Object.fromEntries(
    Object.entries(MODULES).map(([name, text]) => [
      `/page/${name}.js`,
      { type: JAVASCRIPT, text: forBrowsers(text) },
    ]),
  ),
  "/page/style.css": { type: "text/css; charset=utf-8", text: style },
};

/** Browsers know modules by their address. */
function forBrowsers(text: string): string {
  return text.replace(
    /\bfrom ?"(preact|htm)(?:\/(hooks))?"/g,
    (_, name, part) => `from"/page/${part ?? name}.js"`,
  );
}

/** Addresses that show the page; what they mean, it finds out itself. */
const VIEWS = /^\/(?:|(?:disk|host)\/[^/]+|events|duplicates|status)$/;

const PAGE = keptReply("text/html; charset=utf-8", page);
const REPLIES = new Map(
  Object.entries(FILES).map(([path, { type, text }]) => [
    path,
    keptReply(type, text),
  ]),
);

export function assetAt(path: string): WebReply | null {
  return VIEWS.test(path) ? PAGE : REPLIES.get(path) ?? null;
}
