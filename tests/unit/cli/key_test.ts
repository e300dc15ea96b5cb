import assert from "node:assert/strict";
import { runCommandLine } from "../../../src/cli/app.ts";
import { formatKey, parseKey } from "../../../src/store/key_file.ts";
import { needs } from "../../support/needs.ts";
import { fakeContext } from "./fake_context.ts";

const UID = Deno.uid() ?? 0;

/** A folder for the key files and the state of a daemon, and a configuration that names them. */
function site() {
  const folder = Deno.makeTempDirSync({ prefix: "diskd-key-" });
  const path = (name: string) => `${folder}/${name}`;
  return {
    path,
    write(name: string, byte: number, mode = 0o600) {
      const key = formatKey(new Uint8Array(32).fill(byte));
      Deno.writeTextFileSync(path(name), `${key}\n`);
      Deno.chmodSync(path(name), mode);
    },
    /** Runs a command line with that in the configuration. */
    async run(line: string, keys: string, uid = UID) {
      const text = `stateDir: ${folder}\n${keys.replaceAll("@", folder)}`;
      const files = { "/etc/diskd/config.yaml": text, "/other.yaml": text };
      const context = fakeContext({ files, uid });
      const code = await runCommandLine(line.split(" "), context);
      const { stdout, stderr } = context;
      const short = (text: string) => text.replaceAll(folder, "@");
      return { code, stdout: short(stdout.text), stderr: short(stderr.text) };
    },
    [Symbol.dispose]: () => Deno.removeSync(folder, { recursive: true }),
  };
}

const TWO = "keys: {mode: require, files: [@/one, @/two]}\n";

Deno.test("key new prints a fresh key on one line, and nothing else", async () => {
  using at = site();
  const [one, other] = [
    await at.run("key new", ""),
    await at.run("key new", ""),
  ];
  assert.deepEqual([one.code, one.stderr], [0, ""]);
  assert.equal(parseKey(one.stdout.trimEnd())?.length, 32);
  assert.match(one.stdout, /^[^\n]+\n$/);
  assert.notEqual(one.stdout, other.stdout);
  const json = await at.run("key new --json", "");
  assert.ok(parseKey(JSON.parse(json.stdout).key));
});

Deno.test("key check shows each key, which one signs, and exits with 0", async () => {
  using at = site();
  at.write("one", 1);
  at.write("two", 2);
  const { code, stdout, stderr } = await at.run("key check", TWO);
  assert.equal(code, 0);
  assert.match(
    stdout,
    /^FILE +KEY +USE\n@\/one +[0-9a-f]{8} +signs and checks\n@\/two +[0-9a-f]{8} +checks\n$/,
  );
  assert.equal(stderr, "keys.mode is require\n");
});

Deno.test("key check says what is wrong, and exits with 2", async () => {
  using at = site();
  at.write("one", 1, 0o640);
  const { code, stdout, stderr } = await at.run("key check", TWO);
  assert.equal(code, 2);
  assert.match(stdout, /^FILE .*\n@\/one +- +none\n@\/two +- +none\n$/);
  assert.match(stderr, /^@\/one has mode 0640, .*\n@\/two does not exist; /);
});

Deno.test("key check --json has the same", async () => {
  using at = site();
  at.write("one", 1);
  const keys = `${TWO}encrypt: true\n`;
  const { code, stdout } = await at.run("key check --json", keys);
  assert.equal(code, 2);
  const { files, ...verdict } = JSON.parse(stdout);
  assert.deepEqual(verdict, { ok: false, mode: "require", encrypt: true });
  const [one, two] = files;
  assert.deepEqual([one.file, one.signs, one.problem], ["@/one", true, null]);
  assert.match(one.key, /^[0-9a-f]{8}$/);
  assert.deepEqual([two.file, two.signs, two.key], ["@/two", false, null]);
  assert.match(two.problem, /^does not exist; /);
});

Deno.test("key check says that there are no keys", async () => {
  using at = site();
  const { code, stdout, stderr } = await at.run("key check", "");
  assert.deepEqual([code, stdout], [0, ""]);
  assert.equal(
    stderr,
    "There are no shared keys: keys.mode is open, so any host may take part.\n",
  );
});

Deno.test("key check takes another configuration, and refuses a wrong one", async () => {
  using at = site();
  const other = await at.run("key check --config /other.yaml", TWO);
  assert.match(other.stdout, /@\/one/);
  const wrong = await at.run("key check", "keys: {mode: require}\n");
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /keys\.mode is require, but keys\.files names no/);
});

Deno.test({
  ...needs("key check asks on behalf of whom the state directory belongs to", {
    root: true,
  }),
  async fn() {
    using at = site();
    at.write("one", 1);
    Deno.chownSync(at.path("one"), 1000, 1000);
    const keys = "keys: {mode: require, files: @/one}\n";
    assert.equal((await at.run("key check", keys)).code, 2);
    Deno.chownSync(at.path(""), 1000, 1000);
    assert.equal((await at.run("key check", keys)).code, 0);
  },
});

Deno.test("config check shows the keys, and refuses what the daemon would refuse", async () => {
  using at = site();
  at.write("one", 1);
  at.write("two", 2);
  const good = await at.run("config check", TWO);
  assert.equal(good.code, 0);
  assert.match(good.stdout, /\n {2}keys\.mode +require\n/);
  assert.match(good.stdout, /\n {2}keys\.files +@\/one, @\/two\n/);
  assert.match(good.stdout, /\n {2}keys\.encrypt +false\n/);
  assert.match(
    good.stdout,
    /\n {2}readSocketGroup +none, every user of this host\n/,
  );
  at.write("two", 1);
  const { code, stdout, stderr } = await at.run("config check", TWO);
  assert.deepEqual([code, stdout, stderr], [
    2,
    "",
    "Cannot use the configuration: @/two: holds the same key as @/one; expected only one of them\n",
  ]);
});
