import assert from "node:assert/strict";
import { codeSpans, rowsOf, section, typedCommands } from "./markdown.ts";

const TEXT = `# Title

| Key | Is  |
| --- | --- |
| \`a\` | one |

## One

text

### Inner

more

## Two

\`\`\`console
root@alpha:~# diskd list
HOST
| Key | no table |

root@beta:~# diskd where x
\`\`\`
`;

Deno.test("rowsOf() reads the rows of a table, and none in a code block", () => {
  assert.deepEqual(rowsOf(TEXT, "Key"), [["`a`", "one"]]);
  assert.deepEqual(codeSpans("a `b` c `d e`"), ["b", "d e"]);
});

Deno.test("section() ends at the next heading of its level", () => {
  assert.equal(section(TEXT, "One"), "\ntext\n\n### Inner\n\nmore\n");
  assert.throws(() => section(TEXT, "Three"), /There is no heading "Three"/);
});

Deno.test("typedCommands() finds commands with what they print", () => {
  assert.deepEqual(typedCommands(TEXT), [
    { command: "diskd list", output: "HOST\n| Key | no table |\n\n" },
    { command: "diskd where x", output: "" },
  ]);
});
