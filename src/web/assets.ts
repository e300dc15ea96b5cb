import preact from "preact" with { type: "text" };
import hooks from "preact/hooks" with { type: "text" };
import htm from "htm" with { type: "text" };
import app from "./page/app.js" with { type: "text" };
import page from "./page/index.html" with { type: "text" };
import style from "./page/style.css" with { type: "text" };
import { keptReply, type WebReply } from "./reply.ts";

/** The files of the page: text in the binary, so that no right to read files is needed. */

const JAVASCRIPT = "text/javascript; charset=utf-8";

const FILES: Readonly<Record<string, { type: string; text: string }>> = {
  "/page/app.js": { type: JAVASCRIPT, text: forBrowsers(app) },
  "/page/style.css": { type: "text/css; charset=utf-8", text: style },
  "/page/preact.js": { type: JAVASCRIPT, text: preact },
  "/page/hooks.js": { type: JAVASCRIPT, text: forBrowsers(hooks) },
  "/page/htm.js": { type: JAVASCRIPT, text: htm },
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
