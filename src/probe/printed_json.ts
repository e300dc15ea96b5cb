import { describeJson, isJsonObject } from "../text/json_object.ts";
import { printableStart } from "../text/printable.ts";

/**
 * The list under `key` in the `-J` output of a util-linux program.
 *
 * Before 2.34 these programs write non-ASCII bytes as `\xc3\xa9`, which is not
 * JSON, and a backslash as `\x5c`. Both are decoded.
 *
 * @throws {ProbeError} if it is not JSON of this form
 */
export function printedList(
  stdout: Uint8Array,
  { program, key }: { readonly program: string; readonly key: string },
): unknown[] {
  const expected = `{"${key}": [...]}`;
  const json = readJson(stdout, { program, expected });
  const list = isJsonObject(json) ? json[key] : undefined;
  if (Array.isArray(list)) return list;
  throw new ProbeError({
    what: program,
    where: "at the top",
    found: describeJson(json),
    expected,
  });
}

interface Reader {
  readonly program: string;
  readonly expected: string;
}

function readJson(stdout: Uint8Array, reader: Reader): unknown {
  const text = new TextDecoder().decode(stdout);
  try {
    return JSON.parse(text);
  } catch {
    return readBentJson(text, reader);
  }
}

function readBentJson(text: string, { program, expected }: Reader): unknown {
  const mended = text.replace(/(?:\\x[0-9a-fA-F]{2})+/g, (run) => {
    const bytes = run.split("\\x").slice(1).map((hex) => parseInt(hex, 16));
    return JSON.stringify(new TextDecoder().decode(Uint8Array.from(bytes)))
      .slice(1, -1);
  });
  try {
    return JSON.parse(mended);
  } catch (error) {
    throw new ProbeError({
      what: program,
      where: error instanceof Error ? error.message : "somewhere",
      found: `"${text.slice(0, 60)}"`,
      expected: `JSON, ${expected}`,
    });
  }
}

/** Invalid output of a program. */
interface Misread {
  /** The program, such as `lsblk`. */
  readonly what: string;
  /** Line, field or device, such as `line 3`. */
  readonly where: string;
  /** The value found, made printable and cut. */
  readonly found: string;
  readonly expected: string;
}

/** Invalid output of a program. The only error thrown by the parsers. */
export class ProbeError extends Error {
  override readonly name = "ProbeError";

  constructor({ what, where, found, expected }: Misread) {
    super(
      `Cannot read the output of ${what}, ${printableStart(where)}: found ${
        printableStart(found)
      }, expected ${expected}.`,
    );
  }
}
