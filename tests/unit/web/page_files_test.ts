import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { assetAt } from "../../../src/web/assets.ts";

/** Compressed, all that is loaded before the first document. */
const MAX_PAGE_BYTES = 60_000;

const FOLDER = new URL("../../../src/web/page/", import.meta.url);

function textAt(path: string): string {
  const reply = assetAt(path);
  assert.ok(reply !== null, `${path} is not served`);
  return new TextDecoder().decode(reply.body);
}

/** All modules that app.js leads to, however indirectly. */
function modulesFrom(path: string, known = new Set<string>()): Set<string> {
  if (known.has(path)) return known;
  known.add(path);
  const imports = textAt(path).replace(/\/\*[^]*?\*\//g, "").matchAll(
    /\b(?:from|import\() ?"((?:\.|\/|[a-z])[^"]*)"/g,
  );
  for (const [, specifier] of imports) {
    const { pathname } = new URL(specifier!, `http://diskd${path}`);
    modulesFrom(pathname, known);
  }
  return known;
}

Deno.test("each import of the page leads to a file that is served", () => {
  const modules = modulesFrom("/page/app.js");
  const files = [...Deno.readDirSync(FOLDER)]
    .map(({ name }) => name).filter((name) => name.endsWith(".js"));
  for (const file of files) {
    assert.ok(modules.has(`/page/${file}`), `${file} is loaded by nothing`);
  }
  assert.ok(modules.has("/page/preact.js"));
});

Deno.test("the page is small", () => {
  const texts = ["/", "/page/style.css", ...modulesFrom("/page/app.js")]
    .map(textAt);
  const bytes = texts.reduce((sum, text) => sum + gzipSync(text).length, 0);
  assert.ok(bytes < MAX_PAGE_BYTES, `${bytes} bytes`);
});

Deno.test("the page loads its first modules at once, and no others", () => {
  const preloaded = [...textAt("/").matchAll(/"modulepreload" href="([^"]+)"/g)]
    .map(([, path]) => path!);
  const modules = modulesFrom("/page/app.js");
  modules.delete("/page/app.js");
  modules.delete("/page/qr.js");
  assert.deepEqual(preloaded.toSorted(), [...modules].toSorted());
});

Deno.test("the page has no styles or handlers in attributes, and makes no markup of text", () => {
  for (const { name } of Deno.readDirSync(FOLDER)) {
    if (!/\.(?:js|html)$/.test(name)) continue;
    const text = Deno.readTextFileSync(new URL(name, FOLDER));
    assert.doesNotMatch(text, /innerHTML|outerHTML|\sstyle=|\son[a-z]+="/);
  }
});
