import { printableStart } from "../text/printable.ts";

/** The parser's reasons that do not say what to do, and what does. */
const REMEDIES: readonly (readonly [reason: RegExp, remedy: string])[] = [
  [/tab characters/, "a tab indents this line; use spaces"],
  [/within a flow collection/, "a [ or { is not closed"],
  [
    /deficient indentation/,
    "a bracket or quote above is not closed, or this line lacks spaces at its beginning",
  ],
  [
    /alias/,
    'a value that begins with * or & needs quotes, such as "*"; aliases are not allowed',
  ],
  [/duplicated mapping key/, "this key is there twice; keep one of them"],
  [
    /bad indentation/,
    'this line has too many or too few spaces at its beginning, or its value needs quotes, as one with ": " in it or with @ at its beginning',
  ],
  [
    /document separator is expected|complex keys/,
    'expected "key: value", with a space behind the colon',
  ],
  [/nesting exceeded/, "too many lists or maps within each other"],
  [
    /null byte|non-printable/,
    "a control character; write the file as plain text in UTF-8",
  ],
  [/escape sequence/, "an unknown \\ within double quotes; use single quotes"],
  [/\btag\b/, "a value that begins with ! needs quotes"],
  [/directive/, "a line that begins with % is not allowed"],
];

/** Why a text is not YAML, and what to do; `reason` is the parser's. */
export function explainYaml(reason: string): string {
  const known = REMEDIES.find(([pattern]) => pattern.test(reason));
  return `not YAML: ${known?.[1] ?? printableStart(reason)}`;
}
