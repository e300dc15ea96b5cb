import assert from "node:assert/strict";
import { formatKey, readKeyFile } from "../../../src/store/key_file.ts";
import { needs } from "../../support/needs.ts";

const SECRET = new Uint8Array(32).fill(5);
const KEY = `${formatKey(SECRET)}\n`;

/** A folder with a key file in it, and what is read of that. */
function folder() {
  const path = Deno.makeTempDirSync({ prefix: "diskd-key-" });
  const file = `${path}/key`;
  return {
    file,
    write(text: string, mode = 0o600) {
      Deno.writeTextFileSync(file, text);
      Deno.chmodSync(file, mode);
    },
    read: (path = file, uid: number | null = Deno.uid()) =>
      readKeyFile(path, { uid }),
    /** Why it is refused. */
    reason(path = file, uid: number | null = Deno.uid()) {
      const found = readKeyFile(path, { uid });
      return found.kind === "key" ? "not at all" : found.reason;
    },
    [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }),
  };
}

Deno.test("readKeyFile() reads a key that is for its owner alone", () => {
  using keys = folder();
  for (const mode of [0o600, 0o400, 0o700]) {
    keys.write(KEY, mode);
    assert.deepEqual(keys.read(), { kind: "key", secret: SECRET });
  }
  keys.write(KEY.trimEnd());
  assert.equal(keys.read().kind, "key");
});

Deno.test("readKeyFile() refuses a key that others can use, whatever they may do with it", () => {
  using keys = folder();
  for (const mode of [0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o644]) {
    keys.write(KEY, mode);
    assert.equal(
      keys.reason(),
      `has mode 0${mode.toString(8)}, so other users can access it; ` +
        "expected 0600; fix it with chmod 600, and make a new key if " +
        "someone may have read this one",
    );
  }
});

Deno.test({
  ...needs("readKeyFile() refuses a key of somebody else", { root: true }),
  fn() {
    using keys = folder();
    keys.write(KEY);
    assert.equal(keys.read(keys.file, 1000).kind, "key", "root's");
    Deno.chownSync(keys.file, 1000, 1000);
    assert.equal(keys.read(keys.file, 1000).kind, "key", "our own");
    const mend = "who could replace it; expected ";
    assert.ok(
      keys.reason(keys.file, 0).startsWith(
        `belongs to user 1000, ${mend}root; fix it with chown`,
      ),
    );
    assert.ok(
      keys.reason(keys.file, 1001).startsWith(
        `belongs to user 1000, ${mend}root or user 1001, who runs this diskd;`,
      ),
    );
  },
});

Deno.test("readKeyFile() refuses a key that others can exchange", () => {
  using keys = folder();
  keys.write(KEY);
  Deno.chmodSync(parentOf(keys.file), 0o770);
  assert.match(
    keys.reason(),
    /^is not safe there: .* has mode 0770, so other users could exchange it; fix it with chown and chmod/,
  );
});

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}

Deno.test("readKeyFile() judges a link by what it leads to", () => {
  using keys = folder();
  const link = `${keys.file}.link`;
  Deno.symlinkSync(keys.file, link);
  assert.match(
    keys.reason(link),
    /^does not exist; make a key with: diskd key/,
  );
  keys.write(KEY);
  assert.equal(keys.read(link).kind, "key");
  keys.write(KEY, 0o644);
  assert.match(keys.reason(link), /^has mode 0644/);
});

Deno.test("readKeyFile() refuses what is no file, and waits for no pipe", async () => {
  using keys = folder();
  Deno.mkdirSync(keys.file, { mode: 0o700 });
  assert.equal(keys.reason(), "is a directory; expected a file with a key");
  const pipe = `${keys.file}.pipe`;
  await new Deno.Command("mkfifo", { args: ["-m", "600", pipe] }).output();
  assert.equal(
    keys.reason(pipe),
    "is no regular file; expected a file with a key",
  );
  assert.match(keys.reason("/dev/null"), /^is no regular file;/);
});

Deno.test("readKeyFile() says what it found instead of a key, and nothing that could be one", () => {
  using keys = folder();
  for (
    const [text, found] of [
      ["", "is empty"],
      ["\n\n", "is empty"],
      [KEY + KEY, "holds 2 lines"],
      [`# ours\n${KEY}`, "holds 2 lines"],
      ["secret word\n", "holds something that is no key"],
      [` ${KEY}`, "holds something that is no key"],
      [KEY.replace("_", "-"), "holds something that is no key"],
      ["\0".repeat(50), "holds something that is no key"],
      [`${KEY}${" ".repeat(1000)}x`, "has 1049 bytes"],
    ] as const
  ) {
    keys.write(text);
    const reason = keys.reason();
    const [what, expected] = reason.split("; ");
    assert.equal(what, found);
    assert.match(expected!, /^expected one line, dk1_ and 43 letters/);
    assert.ok(!reason.includes("secret word"));
  }
});

Deno.test("readKeyFile() refuses a file that is not there", () => {
  using keys = folder();
  assert.match(
    keys.reason(),
    /^does not exist; make a key with: diskd key new/,
  );
  keys.write(KEY);
  assert.match(keys.reason(`${keys.file}/x`), /^cannot be read: Not a dir/);
});
