import assert from "node:assert/strict";
import { TRUST_EVERYBODY } from "../../../src/codec/trust.ts";
import { ConfigError } from "../../../src/config/config_error.ts";
import {
  checkKeyFiles,
  daemonUser,
  type KeysConfig,
  loadTrust,
  tellTrust,
} from "../../../src/daemon/keys.ts";
import { formatKey } from "../../../src/store/key_file.ts";
import { needs } from "../../support/needs.ts";

const READER = { uid: Deno.uid() };
const DATAGRAM = new TextEncoder().encode("diskd:#{}\n[]\n");

/** A folder with a file for each key, the first two of them good. */
function keyFiles() {
  const folder = Deno.makeTempDirSync({ prefix: "diskd-keys-" });
  const write = (name: string, byte: number, mode = 0o600) => {
    const key = formatKey(new Uint8Array(32).fill(byte));
    Deno.writeTextFileSync(`${folder}/${name}`, `${key}\n`);
    Deno.chmodSync(`${folder}/${name}`, mode);
    return `${folder}/${name}`;
  };
  return {
    folder,
    one: write("one", 1),
    two: write("two", 2),
    open: write("open", 3, 0o644),
    twin: write("twin", 1),
    [Symbol.dispose]: () => Deno.removeSync(folder, { recursive: true }),
  };
}

function config(known: Partial<KeysConfig>): KeysConfig {
  return { keysMode: "require", keysFiles: [], keysEncrypt: false, ...known };
}

Deno.test("loadTrust() believes everybody where no keys are configured", async () => {
  const trust = await loadTrust(config({ keysMode: "open" }), READER);
  assert.equal(trust, TRUST_EVERYBODY);
});

Deno.test("loadTrust() signs with the first key, and checks with each", async () => {
  using keys = keyFiles();
  const [one, two, both] = await Promise.all(
    [[keys.one], [keys.two], [keys.one, keys.two]]
      .map((keysFiles) => loadTrust(config({ keysFiles }), READER)),
  );
  assert.equal(both!.keyId, one!.keyId);
  const opened = both!.verify(two!.protect(DATAGRAM));
  assert.ok(opened.format === "opened");
  assert.equal(opened.key, two!.keyId);
  assert.equal(two!.verify(both!.protect(DATAGRAM)).format, "rejected");
});

Deno.test("loadTrust() takes mode and encrypt from the configuration", async () => {
  using keys = keyFiles();
  const keysFiles = [keys.one];
  const verdicts = await Promise.all(
    (["accept", "require"] as const).map(async (keysMode) => {
      const trust = await loadTrust(config({ keysMode, keysFiles }), READER);
      return trust.verify(DATAGRAM).format;
    }),
  );
  assert.deepEqual(verdicts, ["opened", "rejected"]);
  const sealing = config({ keysFiles, keysEncrypt: true });
  const trust = await loadTrust(sealing, READER);
  const [one, other] = [trust.protect(DATAGRAM), trust.protect(DATAGRAM)];
  assert.equal(new TextDecoder().decode(one.subarray(0, 4)), "dskd");
  assert.notDeepEqual(one, other, "a nonce came twice");
});

Deno.test("loadTrust() says what is wrong with each file", async () => {
  using keys = keyFiles();
  const keysFiles = [keys.one, keys.open, `${keys.folder}/none`, keys.twin];
  const loading = loadTrust(config({ keysFiles }), READER);
  await assert.rejects(loading, (error) => {
    assert.ok(error instanceof ConfigError);
    const told = error.problems.map(({ place, message }) => [
      place,
      message.split(",")[0]!.split(";")[0],
    ]);
    assert.deepEqual(told, [
      [keys.open, "has mode 0644"],
      [`${keys.folder}/none`, "does not exist"],
      [keys.twin, `holds the same key as ${keys.one}`],
    ]);
    return true;
  });
});

Deno.test("checkKeyFiles() gives the id of each good key, and what is wrong with the others", async () => {
  using keys = keyFiles();
  const keysFiles = [keys.one, keys.open];
  const [good, bad] = await checkKeyFiles(config({ keysFiles }), READER);
  const { keyId } = await loadTrust(config({ keysFiles: [keys.one] }), READER);
  assert.deepEqual(good, {
    path: keys.one,
    key: keyId,
    problem: null,
    isDenied: false,
  });
  assert.deepEqual([bad!.key, bad!.isDenied], [null, false]);
  assert.match(bad!.problem!, /^has mode 0644/);
});

Deno.test({
  ...needs("daemonUser() is whom the state directory belongs to, for root", {
    root: true,
  }),
  fn() {
    using keys = keyFiles();
    const stateDir = keys.folder;
    assert.equal(daemonUser({ stateDir }, 0), 0);
    Deno.chownSync(stateDir, 1000, 1000);
    assert.equal(daemonUser({ stateDir }, 0), 1000);
    assert.equal(daemonUser({ stateDir }, 1001), 1001);
    assert.equal(daemonUser({ stateDir: `${stateDir}/none` }, 0), 0);
  },
});

Deno.test("tellTrust() names the key in use, and whom require does not hear", async () => {
  using keys = keyFiles();
  const told = async (known: Partial<KeysConfig>) => {
    const lines: string[] = [];
    const all = config({ keysFiles: [keys.one], ...known });
    const trust = await loadTrust(all, READER);
    const info = (message: string, fields = {}) => {
      lines.push([message, ...Object.values(fields)].join(" "));
    };
    tellTrust({ info }, { config: all, trust });
    return lines.map((line) => line.replace(trust.keyId ?? "none", "KEY"));
  };
  assert.deepEqual(await told({ keysMode: "open" }), []);
  assert.deepEqual(await told({ keysMode: "accept" }), [
    "signing datagrams KEY accept",
  ]);
  assert.deepEqual(await told({ keysEncrypt: true }), [
    "encrypting datagrams KEY require",
    "hosts that do not sign are ignored, including App::Diskd 0.01",
  ]);
});
