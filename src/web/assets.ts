import preact from "preact" with { type: "text" };
import hooks from "preact/hooks" with { type: "text" };
import htm from "htm" with { type: "text" };
import app from "./page/app.js" with { type: "text" };
import page from "./page/index.html" with { type: "text" };
import style from "./page/style.css" with { type: "text" };
import { createHash } from "node:crypto";
import type { WebReply } from "./reply.ts";

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

export function assetAt(path: string): WebReply | null {
  if (VIEWS.test(path)) {
    return fileReply({ type: "text/html; charset=utf-8", text: page });
  }
  return Object.hasOwn(FILES, path) ? fileReply(FILES[path]!) : null;
}

function fileReply({ type, text }: { type: string; text: string }): WebReply {
  const etag = createHash("sha256").update(text).digest("base64url");
  return {
    status: 200,
    type,
    body: new TextEncoder().encode(text),
    etag: `"${etag.slice(0, 27)}"`,
  };
}
