import assert from "node:assert/strict";
import deno from "../../../deno.json" with { type: "json" };
import { document } from "./documents.ts";
import { codeSpans, rowsOf } from "./markdown.ts";

const SECURITY = document("docs/security.md");

Deno.test("security.md lists the permissions of the binary, all of them and no more", () => {
  const { diskd } = deno.permissions;
  const said = new Map(
    rowsOf(SECURITY, "May").map(([may = "", what = ""]) => [
      may,
      codeSpans(what).sort(),
    ]),
  );
  const both = said.get("read and write")!;
  const write = [...said.get("write")!, ...both];
  const read = [...said.get("read")!, ...write];
  const run = said.get("run")!;
  const places = run.filter((span) => span.startsWith("/"));
  const programs = run.filter((span) => !span.startsWith("/"));
  const commands = places.flatMap((place) =>
    programs.map((program) => `${place}/${program}`)
  );
  assert.deepEqual(
    {
      net: said.has("use the network"),
      read: read.sort(),
      write: write.sort(),
      run: commands.sort(),
      env: said.get("read variables"),
      sys: said.get("ask the system"),
    },
    {
      net: diskd.net,
      read: diskd.read.toSorted(),
      write: diskd.write.toSorted(),
      run: diskd.run.toSorted(),
      env: diskd.env.toSorted(),
      sys: diskd.sys.toSorted(),
    },
  );
});
