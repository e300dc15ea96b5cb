import assert from "node:assert/strict";
import { checkOutcome } from "../support/check_outcome.ts";
import { Daemon } from "../support/daemon.ts";
import { eventually } from "../support/eventually.ts";
import { CONFIG_FILE, configure, shareKey } from "../support/keys.ts";
import type { Process } from "../support/lan.ts";
import { needs } from "../support/needs.ts";
import { hasWatchers } from "../support/plug.ts";
import { Site } from "../support/site.ts";
import { User } from "../support/user.ts";
import { Version1Peer } from "../support/version1_peer.ts";
import { Wiretap } from "../support/wiretap.ts";

const ONE = "/etc/diskd/one";
const TWO = "/etc/diskd/two";

/** Longer than a host of `Site` may be silent before it is stale. */
const STALE_MS = 3_500;

function keys(mode: string, files: readonly string[]): string {
  return `keys: {mode: ${mode}, files: [${files.join(", ")}]}\n`;
}

Deno.test({
  ...needs("a key is rolled without any host ever being stale or gone", {
    lan: true,
  }),
  async fn() {
    await using site = await Site.start({
      hosts: ["alpha", "beta", "gamma"],
      async prepare({ lan: { hosts } }) {
        await shareKey(ONE, hosts);
        for (const host of hosts) {
          await configure(host, keys("require", [ONE]));
        }
      },
    });
    await site.agree();
    await shareKey(TWO, site.lan.hosts);
    const [one, two] = [await idOf(site, ONE), await idOf(site, TWO)];
    assert.notEqual(one, two);
    await using watches = await watchAll(site);
    await everybodySigns(site, one);
    await reconfigureAll(site, keys("require", [ONE, TWO]));
    await reconfigure(site, "alpha", keys("require", [TWO, ONE]));
    // Nobody has to hurry.
    await pause(STALE_MS);
    await reconfigureAll(site, keys("require", [TWO, ONE]));
    await everybodySigns(site, two);
    await reconfigureAll(site, keys("require", [TWO]));
    await pause(STALE_MS);
    await everybodySigns(site, two);
    for (const { log } of watches.processes) assert.equal(log, "");
    for (const name of site.names) {
      const { rejected } = await site.datagrams(name);
      assert.deepEqual(rejected, {}, name);
    }
  },
});

Deno.test({
  ...needs(
    "accept hears everybody, require only who signs, and 0.01 not at all",
    {
      lan: true,
      python: ["yaml"],
    },
  ),
  async fn(t) {
    await using site = await Site.start({
      hosts: ["accepts", "open", "requires", "old"],
      async prepare({ lan }) {
        const hosts = [lan.host("accepts"), lan.host("requires")];
        await shareKey(ONE, hosts);
        await configure(hosts[0]!, keys("accept", [ONE]));
        await configure(hosts[1]!, keys("require", [ONE]));
        // Whoever speaks version 2 is not heard as a host of 0.01 again.
        await configure(lan.host("old"), "interfaces: [none]\n");
      },
    });
    await t.step("accept hears both", async () => {
      await site.seesUp("accepts", ["accepts", "open", "requires"]);
      const key = await idOf(site, ONE, "accepts");
      await eventually(async () => {
        assert.deepEqual(await keysSeenBy(site, "accepts"), {
          accepts: key,
          open: null,
          requires: key,
        });
      });
      const table = await site.daemon("accepts").run(["hosts"]);
      checkOutcome(table, {
        stdout: new RegExp(
          `^HOST .* KEY +ADDRESSES\n[^]*^open .* - +192[^]*^requires .* ${key} `,
          "m",
        ),
      }, "hosts");
    });
    await t.step("without keys who signs is heard like anybody", async () => {
      await site.seesUp("open", ["accepts", "open", "requires"]);
      assert.deepEqual(await keysSeenBy(site, "open"), {
        accepts: null,
        open: null,
        requires: null,
      });
    });
    await t.step("require drops who does not sign, and says so", async () => {
      await site.seesUp("requires", ["accepts", "requires"]);
      await eventually(async () => {
        const { rejected } = await site.datagrams("requires");
        assert.ok(rejected["unsigned"]! > 0);
      });
      const status = await site.daemon("requires").run(["status"]);
      assert.match(status.stdout, /unsigned/);
      const { log } = site.daemon("requires").process;
      const told = log.match(
        /do not sign are ignored, including App::Diskd 0\.01/g,
      );
      assert.equal(told?.length, 1);
    });
    await t.step("a datagram of 0.01 is dropped under require", async () => {
      await hearsVersion1(site);
    });
  },
});

Deno.test({
  ...needs(
    "encrypt hides what is said from who has no key, and from nobody else",
    {
      lan: true,
    },
  ),
  async fn(t) {
    await using site = await Site.start({
      hosts: ["alpha", "beta", "ear"],
      async prepare({ lan }) {
        const hosts = [lan.host("alpha"), lan.host("beta")];
        await shareKey(ONE, hosts);
        for (const host of hosts) {
          await configure(host, keys("require", [ONE]));
        }
      },
    });
    await site.daemon("ear").stop();
    await site.seesUp("alpha", ["alpha", "beta"]);
    await using tap = await Wiretap.start(site.host("ear"));
    await t.step("what is only signed can be read by all", async () => {
      await eventually(() => assert.match(heard(tap), /^diskd:.*"beta"/m));
    });
    await t.step("what is sealed cannot", async () => {
      await using watches = await watchAll(site, ["alpha", "beta"]);
      for (const name of ["alpha", "beta"]) {
        await reconfigure(
          site,
          name,
          `${keys("require", [ONE])}encrypt: true\n`,
        );
      }
      await using later = await Wiretap.start(site.host("ear"));
      await site.hears("alpha", "beta");
      await site.hears("beta", "alpha");
      await site.daemon("beta").call("ping", {});
      await pause(STALE_MS);
      const text = heard(later);
      assert.ok(later.heard().length > 4);
      assert.ok(later.heard().every(({ bytes }) => isSealed(bytes)));
      for (const word of ["diskd:", "alpha", "beta", "swap", "/dev"]) {
        assert.ok(!text.includes(word), word);
      }
      for (const { log } of watches.processes) assert.equal(log, "");
      await site.hasOneRowEach("alpha", ["alpha", "beta"]);
    });
    await t.step("who has no key learns that one is missing", async () => {
      await using ear = await Daemon.start(site.host("ear"));
      const line =
        /Encrypted datagrams came from ([\d., ]+), and this host has no key/;
      await ear.process.waitForLog(line);
      const { stdout, code } = await ear.run(["status"]);
      assert.match(stdout, line);
      assert.equal(code, 8);
      const { stderr } = await ear.run(["hosts"]);
      assert.match(stderr, line);
      assert.equal((await ear.call("status", {})).unread.length, 1);
    });
    await t.step("scan asks with the key", async () => {
      const { stdout } = await site.host("alpha").run(["diskd", "scan"]);
      assert.match(stdout, /^alpha .*\nbeta /m);
    });
    await t.step("scan without the right to read the key says so", async () => {
      const user = await User.create(site.host("alpha"), { uid: 1000 });
      const { code, stderr } = await user.run(["diskd", "scan"]);
      assert.equal(code, 0, stderr);
      assert.match(
        stderr,
        /^This user may not read the key in \/etc\/diskd\/one: /m,
      );
    });
  },
});

Deno.test({
  ...needs(
    "a key file that is wrong stops the start, and not a daemon that runs",
    {
      lan: true,
    },
  ),
  async fn(t) {
    await using site = await Site.start({
      hosts: ["alpha"],
      async prepare({ lan: { hosts } }) {
        await shareKey(ONE, hosts);
        await shareKey(TWO, hosts);
        await configure(hosts[0]!, keys("require", [ONE]));
      },
    });
    const host = site.host("alpha");
    const { process } = site.daemon("alpha");
    const id = await idOf(site, ONE);
    const refusal = "/etc/diskd/two: has mode 0644, so other users " +
      "can access it; expected 0600; fix it with chmod 600, ";
    await Deno.chmod(host.path(TWO), 0o644);
    await configure(host, keys("require", [TWO]));
    await t.step("SIGHUP keeps the old keys", async () => {
      await process.kill("SIGHUP");
      await process.waitForLog(/ error .*keeping the previous configuration/);
      assert.ok(process.log.includes(`configuration: ${refusal}`));
      assert.deepEqual(await keysSeenBy(site, "alpha"), { alpha: id });
    });
    await t.step(
      "a key in a folder that was given back is refused",
      async () => {
        await Deno.copyFile(host.path(ONE), host.path("/run/lan/home/key"));
        await configure(host, keys("require", ["/run/lan/home/key"]));
        await process.kill("SIGHUP");
        await process.waitForLog(
          /\/run\/lan\/home\/key: is where diskd cannot/,
        );
      },
    );
    await t.step("the start is refused with 2", async () => {
      await configure(host, keys("require", [TWO]));
      await site.daemon("alpha").stop();
      const outcome = await host.run(["diskd", "--daemon"]);
      assert.deepEqual([outcome.code, outcome.stdout], [2, ""]);
      assert.ok(
        outcome.stderr.startsWith(`Cannot use the configuration: ${refusal}`),
        outcome.stderr,
      );
    });
    await t.step("key check and config check say the same", async () => {
      const checked = await host.run(["diskd", "key", "check"]);
      assert.equal(checked.code, 2);
      assert.match(checked.stderr, /^\/etc\/diskd\/two has mode 0644, /);
      const config = await host.run(["diskd", "config", "check"]);
      assert.equal(config.code, 2);
      assert.ok(config.stderr.includes(refusal), config.stderr);
    });
  },
});

/** The id of a key, as `key check` says it. */
async function idOf(site: Site, path: string, name = "alpha"): Promise<string> {
  const other = "/etc/diskd/other.yaml";
  const host = site.host(name);
  await Deno.writeTextFile(host.path(other), keys("accept", [path]));
  const argv = ["diskd", "key", "check", "--json", "--config", other];
  const { stdout } = await host.run(argv);
  return JSON.parse(stdout).files[0].key;
}

/** The keys that hosts sign with, as far as `name` knows. */
async function keysSeenBy(
  site: Site,
  name: string,
): Promise<Record<string, string | null>> {
  const rows = await site.daemon(name).call("hosts", {});
  return Object.fromEntries(
    rows.filter(({ state }) => state === "up")
      .map(({ host, key }) => [host, key]),
  );
}

/** Waits until each host sees that all sign with this key. */
async function everybodySigns(site: Site, key: string): Promise<void> {
  const all = Object.fromEntries(site.names.map((name) => [name, key]));
  for (const name of site.names) {
    await eventually(async () => {
      assert.deepEqual(await keysSeenBy(site, name), all, name);
    });
  }
}

async function reconfigureAll(site: Site, text: string): Promise<void> {
  for (const name of site.names) await reconfigure(site, name, text);
}

/** Writes the configuration of a host, and waits until its daemon has read it. */
async function reconfigure(
  site: Site,
  name: string,
  text: string,
): Promise<void> {
  const { process } = site.daemon(name);
  const before = process.log.length;
  await Deno.writeTextFile(site.host(name).path(CONFIG_FILE), text);
  await process.kill("SIGHUP");
  await eventually(() => {
    assert.match(process.log.slice(before), /configuration read again/);
  });
}

interface Watches extends AsyncDisposable {
  readonly processes: readonly Process[];
}

/** Follows the events of hosts; a line each is in the log of the process. */
async function watchAll(site: Site, names = site.names): Promise<Watches> {
  const processes = await Promise.all(names.map(async (name) => {
    const daemon: Daemon = site.daemon(name);
    const process = daemon.host.spawn(["diskd", "watch", "--json"]);
    await hasWatchers(daemon, 1);
    return process;
  }));
  return {
    processes,
    async [Symbol.asyncDispose]() {
      for (const process of processes) await process[Symbol.asyncDispose]();
    },
  };
}

async function hearsVersion1(site: Site): Promise<void> {
  const captured = new URL("../fixtures/v1/01-one-disk.bin", import.meta.url);
  const old = site.host("old");
  await using peer = await Version1Peer.start(old);
  const before = await site.datagrams("requires");
  await peer.send(await Deno.readFile(captured));
  await eventually(async () => {
    const hosts = await site.daemon("accepts").call("hosts", {});
    assert.ok(hosts.some(({ version }) => version === "0.01"));
  });
  await eventually(async () => {
    const { rejected } = await site.datagrams("requires");
    assert.ok(rejected["unsigned"]! > before.rejected["unsigned"]!);
  });
  const hosts = await site.daemon("requires").call("hosts", {});
  assert.ok(hosts.every(({ version }) => version !== "0.01"));
}

function heard(tap: Wiretap): string {
  const decoder = new TextDecoder("latin1");
  return tap.heard().map(({ bytes }) => decoder.decode(bytes)).join("\n");
}

function isSealed(bytes: Uint8Array): boolean {
  return new TextDecoder().decode(bytes.subarray(0, 4)) === "dskd";
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
