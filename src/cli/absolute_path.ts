import { Refusal } from "../mount/refusal.ts";
import { printable } from "../text/printable.ts";
import type { Context } from "./context.ts";

/**
 * A path from the root, without `.`, `..` and slashes that mean nothing.
 * @throws {Refusal} `usage` for a relative one where nobody says what it is relative to
 */
export function absolutePath(
  path: string,
  { cwd }: Pick<Context, "cwd">,
): string {
  const base = path.startsWith("/") ? "" : cwd();
  if (base === null) {
    throw new Refusal("usage", {
      message: `--at is ${printable(path)}, expected an absolute path: ` +
        "diskd may not look at the working directory",
    });
  }
  const parts: string[] = [];
  for (const part of `${base}/${path}`.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}
