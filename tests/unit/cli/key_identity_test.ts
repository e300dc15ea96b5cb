import assert from "node:assert/strict";
import { runCommandLine } from "../../../src/cli/app.ts";
import { DaemonUnreachable } from "../../../src/control/client.ts";
import { freshHostKey } from "../../../src/store/host_key_file.ts";
import { fakeContext } from "./fake_context.ts";

const UID = Deno.uid() ?? 0;
const KEY = freshHostKey();
const NOBODY = new DaemonUnreachable("not-found", "no daemon");

Deno.test("key show prints the identity and its file, whether or not the daemon runs", async () => {
  using at = site();
  at.write("identity.key", KEY.toPem());
  const { code, stdout, stderr } = await at.run("key show");
  assert.deepEqual([code, stderr], [0, ""]);
  assert.match(stdout, /fingerprint +([0-9a-f]{4}-){3}[0-9a-f]{4}\n/);
  for (const text of [KEY.id, KEY.publicKey, "@/identity.key", "alpha"]) {
    assert.ok(stdout.includes(text), text);
  }
  assert.ok(!stdout.includes("PRIVATE"));
  const json = JSON.parse((await at.run("key show --json")).stdout);
  const fingerprint = KEY.id.slice(0, 16).replace(/.{4}(?=.)/g, "$&-");
  assert.deepEqual(json, {
    host: "alpha",
    hostId: KEY.id,
    fingerprint,
    publicKey: KEY.publicKey,
    file: "@/identity.key",
  });
});

Deno.test("key show says that there is none yet, or why it cannot be used, and changes nothing", async () => {
  using at = site();
  const none = await at.run("key show");
  assert.deepEqual([none.code, none.stdout], [1, ""]);
  assert.match(none.stderr, /There is no @\/identity\.key: .*first start/);
  at.write("identity.key", "hello");
  const broken = await at.run("key show");
  assert.equal(broken.code, 6);
  assert.match(broken.stderr, /@\/identity\.key holds no Ed25519 key in PEM/);
  assert.deepEqual(at.files(), ["identity.key"]);
});

Deno.test("key show tells that others may have read the key, and leaves the mode", async () => {
  using at = site();
  at.write("identity.key", KEY.toPem());
  Deno.chmodSync(at.path("identity.key"), 0o644);
  const { code, stderr } = await at.run("key show");
  assert.equal(code, 0);
  assert.match(stderr, /mode 0644.*chmod 600.*reset-identity/);
  assert.equal(Deno.statSync(at.path("identity.key")).mode! & 0o777, 0o644);
});

Deno.test("key reset-identity removes the key, and what stood there before", async () => {
  using at = site();
  for (const name of ["key", "key.broken", "key.broken-2", "json"]) {
    at.write(`identity.${name}`, "x");
  }
  at.write("history.db", "x");
  const { code, stderr } = await at.run("key reset-identity");
  assert.equal(code, 0);
  assert.match(stderr, /^Removed @\/identity\.key\n/);
  assert.deepEqual(at.files(), ["history.db", "identity.json"]);
  const again = await at.run("key reset-identity");
  assert.equal(again.code, 0);
  assert.match(again.stderr, /nothing to remove/);
});

Deno.test("key reset-identity refuses while a daemon runs, or may run", async () => {
  using at = site();
  at.write("identity.key", KEY.toPem());
  const denied = new DaemonUnreachable("denied", "may not connect");
  for (const unreachable of [undefined, denied]) {
    const { code, stderr } = await at.run("key reset-identity", unreachable);
    assert.equal(code, 6);
    assert.match(stderr, /The daemon runs.*systemctl stop diskd/);
    assert.deepEqual(at.files(), ["identity.key"]);
  }
});

/** A state directory and a configuration that names it. */
function site() {
  const folder = Deno.makeTempDirSync({ prefix: "diskd-key-" });
  const path = (name: string) => `${folder}/${name}`;
  return {
    path,
    write: (name: string, text: string) =>
      Deno.writeTextFileSync(path(name), text, { mode: 0o600 }),
    files: () => [...Deno.readDirSync(folder)].map(({ name }) => name).sort(),
    async run(line: string, ...unreachable: [(Error | undefined)?]) {
      const text = `stateDir: ${folder}\nhostName: alpha\n`;
      const files = { "/etc/diskd/config.yaml": text };
      const [error] = unreachable.length === 0 ? [NOBODY] : unreachable;
      const context = fakeContext({
        files,
        uid: UID,
        ...(error && { unreachable: error }),
      });
      const code = await runCommandLine(line.split(" "), context);
      const short = (text: string) => text.replaceAll(folder, "@");
      const { stdout, stderr } = context;
      return { code, stdout: short(stdout.text), stderr: short(stderr.text) };
    },
    [Symbol.dispose]: () => Deno.removeSync(folder, { recursive: true }),
  };
}
