import assert from "node:assert/strict";
import { needs } from "../../support/needs.ts";

Deno.test("needs() lets a test run that lacks nothing", () => {
  assert.deepEqual(needs("it works", { programs: ["sh"] }), {
    name: "it works",
    ignore: false,
    reason: "",
  });
});

Deno.test("needs() skips a test loudly and names all that is missing", () => {
  const wanted = { programs: ["sh", "no-such-1", "no-such-2"] };
  const { result, printed } = withSkipRule(
    null,
    () => needs("it works", wanted),
  );
  const reason = "the program no-such-1 is not installed, " +
    "the program no-such-2 is not installed";
  assert.deepEqual(result, { name: "it works", ignore: true, reason });
  assert.deepEqual(printed, [`SKIPPED: it works: ${reason}`]);
});

Deno.test("needs() throws instead where nothing may be skipped", () => {
  const call = () => needs("it works", { programs: ["no-such-program"] });
  assert.throws(
    () => withSkipRule("1", call),
    /"it works" would be skipped.*no-such-program is not installed/,
  );
});

/** Calls `call` with `DISKD_NO_SKIP` set to `value`, and catches what it prints. */
function withSkipRule<T>(
  value: string | null,
  call: () => T,
): { result: T; printed: string[] } {
  const before = Deno.env.get("DISKD_NO_SKIP") ?? null;
  const { error } = console;
  const printed: string[] = [];
  console.error = (line: string) => printed.push(line);
  setVariable("DISKD_NO_SKIP", value);
  try {
    return { result: call(), printed };
  } finally {
    console.error = error;
    setVariable("DISKD_NO_SKIP", before);
  }
}

function setVariable(name: string, value: string | null): void {
  if (value === null) Deno.env.delete(name);
  else Deno.env.set(name, value);
}
