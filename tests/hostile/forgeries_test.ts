/**
 * The attacks that once worked: to mute a host that is up or off, to lie from
 * the host itself, to chase a host from one id to the next; and what a stronger
 * liar tries, who hears everything and lacks the private keys alone.
 */
import assert from "node:assert/strict";
import { readDatagram } from "../../src/codec/read_datagram.ts";
import { eventually } from "../support/eventually.ts";
import { forgeries, type Forgery } from "../support/forgeries.ts";
import {
  type HonestName,
  HostileSite,
  type HostileSiteOptions,
  spoofed,
} from "../support/hostile_site.ts";
import { honestKeyring, requireKey } from "../support/keys.ts";
import { needs } from "../support/needs.ts";
import { numberedKey, withSignature } from "../support/signed_text.ts";

/** Nobody on the LAN has this one. */
const UNUSED = "192.0.2.66";
const NOBODY = 65_534;
const LIAR = numberedKey(666);

interface Attack {
  readonly site: HostileSite;
  /** As the liar sends it. */
  readonly wrap: (bytes: Uint8Array) => Uint8Array;
  /** What is signed in what was heard. */
  readonly open: (bytes: Uint8Array) => Uint8Array;
}

const same = (bytes: Uint8Array) => bytes;

const SITES: Readonly<
  Record<string, { options: HostileSiteOptions } & Omit<Attack, "site">>
> = {
  "without a shared key": { options: {}, wrap: same, open: same },
  "by who has the shared key": {
    options: { prepare: requireKey },
    wrap: (bytes) => honestKeyring().protect(bytes),
    open: (bytes) => {
      const opened = honestKeyring().verify(bytes);
      return opened.format === "opened" ? opened.bytes : bytes;
    },
  },
};

for (const [how, { options, wrap, open }] of Object.entries(SITES)) {
  Deno.test({
    ...needs(`nobody speaks for another host, ${how}`, { lan: true }),
    async fn(t) {
      await using site = await HostileSite.start(options);
      const attack = { site, wrap, open };
      const steps = {
        "for hosts that are up": forgesFromEverywhere,
        "to each of them alone": forgesToOne,
        "with the probes and answers of ids": chases,
        "for a host that is off": mutesWhileOff,
        "as a user of the host itself": liesFromTheHost,
        "by unicast": reachesNobody,
        "with a program on the same port": sharesThePort,
      };
      for (const [name, step] of Object.entries(steps)) {
        await t.step(name, () => step(attack));
      }
    },
  });
}

async function forgesFromEverywhere(attack: Attack): Promise<void> {
  const { site } = attack;
  for (const victim of ["alpha", "beta"] as const) {
    const lies = await forgeriesOf(attack, victim);
    const sources = [site.host("mallory"), site.host(victim)]
      .map(({ address }) => address);
    for (const source of [...sources, UNUSED]) {
      const other = victim === "alpha" ? "beta" : "alpha";
      await site.bears(
        () => site.mallory.send(spoofed(source, lies.map((one) => one.bytes))),
        { [other]: ["unsigned", "bad-signature", "wrong-key"] },
      );
    }
  }
}

/** So that the one who is lied about hears nothing of it. */
async function forgesToOne(attack: Attack): Promise<void> {
  const { site } = attack;
  const lies = await forgeriesOf(attack, "beta");
  const onlyTo = await hardwareAddress(attack, "alpha");
  await site.bears(
    () =>
      site.mallory.send(
        spoofed(site.host("beta").address, lies.map(({ bytes }) => bytes))
          .map((datagram) => ({ ...datagram, onlyTo })),
      ),
    { alpha: ["unsigned", "bad-signature", "wrong-key"] },
  );
}

/** What once made a host take another id. */
async function chases(attack: Attack): Promise<void> {
  const { site, wrap } = attack;
  const { id } = site.victim("beta");
  const members = [
    `"probe":["${id}",1]`,
    `"answer":["${id}",1]`,
    `"ask":true,"probe":["${id}",4294967295]`,
  ];
  const texts = members.flatMap((member) =>
    [0, 1, Number.MAX_SAFE_INTEGER].flatMap((boot) => {
      const said = `"v":2,"boot":${boot},"seq":0,"every":1,${member}`;
      const bytes = new TextEncoder().encode(`diskd:#{${said}}\n[]\n`);
      const keyed = new TextEncoder().encode(
        `diskd:#{${said},"key":"${LIAR.publicKey}"}\n[]\n`,
      );
      return [bytes, signedByLiar(keyed)];
    })
  );
  for (const source of ["mallory", "alpha", "beta"] as const) {
    const { address } = site.host(source);
    await site.bears(
      () => site.mallory.send(spoofed(address, texts.map(wrap))),
      { beta: [], alpha: [] },
    );
  }
}

/** It comes back and is heard at once. */
async function mutesWhileOff(attack: Attack): Promise<void> {
  const { site } = attack;
  const lies = await forgeriesOf(attack, "beta");
  await site.stopDaemon("beta", "SIGTERM");
  await eventually(async () => {
    const rows = await site.daemon("alpha").call("hosts", {});
    const beta = rows.find(({ host }) => host === "beta");
    assert.equal(beta?.state, "gone");
  });
  for (const source of ["mallory", "beta"] as const) {
    const { address } = site.host(source);
    await site.bears(
      () => site.mallory.send(spoofed(address, lies.map(({ bytes }) => bytes))),
      { alpha: ["unsigned", "bad-signature", "wrong-key", "old"] },
    );
  }
  await site.startDaemon("beta");
  await site.agree();
}

/** He cannot read the key, and nothing else speaks for the host. */
async function liesFromTheHost(attack: Attack): Promise<void> {
  const { site } = attack;
  const beta = site.host("beta");
  const asNobody = [
    "setpriv",
    `--reuid=${NOBODY}`,
    `--regid=${NOBODY}`,
    "--clear-groups",
    "--",
  ];
  const read = await beta.run([
    ...asNobody,
    ...["sh", "-c", "cat /var/lib/diskd/* /run/diskd/*"],
  ]);
  assert.equal(read.stdout, "", "a user reads what only the daemon may");
  const to = "UDP4-DATAGRAM:230.1.2.3:32003,ip-multicast-if=" + beta.address;
  await site.bears(async () => {
    for (const { bytes } of await forgeriesOf(attack, "beta")) {
      const socat = ["socat", "-u", "-b", "65536", "STDIN", to];
      const { code, stderr } = await beta.run([...asNobody, ...socat], {
        input: bytes,
      });
      assert.equal(code, 0, stderr);
    }
  }, { alpha: ["unsigned", "bad-signature", "wrong-key"] });
}

/** The daemon listens to the group alone. */
async function reachesNobody({ site, wrap }: Attack): Promise<void> {
  const alpha = site.daemon("alpha");
  const { address } = site.host("alpha");
  const lie = wrap(new TextEncoder().encode("diskd:--- []\n"));
  const before = await alpha.call("status", {});
  for (let i = 0; i < 20; i++) {
    await site.host("mallory").run(
      ["socat", "-u", "STDIN", `UDP4-DATAGRAM:${address}:32003`],
      { input: lie },
    );
  }
  const after = await alpha.call("status", {});
  // What the hosts say themselves goes on meanwhile.
  const more = after.datagrams.received - before.datagrams.received;
  assert.ok(more < 20, `${more} arrived`);
  assert.deepEqual(after.datagrams.rejected, before.datagrams.rejected);
}

/** Another user's program hears what everybody hears, and takes nothing away. */
async function sharesThePort({ site }: Attack): Promise<void> {
  const alpha = site.host("alpha");
  await using _program = alpha.spawn([
    ...["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups"],
    ...["socat", "-u", "UDP4-RECV:32003,reuseaddr", "OPEN:/dev/null"],
  ]);
  for (let i = 0; i < 5; i++) {
    const since = new Date().toISOString();
    await eventually(async () => {
      await site.daemon("beta").call("announce", {});
      const rows = await site.daemon("alpha").call("hosts", {});
      const heardAt = rows.find(({ host }) => host === "beta")?.heardAt ?? "";
      assert.ok(heardAt > since);
    });
  }
}

function signedByLiar(bytes: Uint8Array): Uint8Array {
  return withSignature(bytes, LIAR.sign(bytes));
}

/** As the liar sends them. */
function forgeriesOf(
  { site, open, wrap }: Attack,
  victim: HonestName,
): Promise<Forgery[]> {
  const { address } = site.host(victim);
  return eventually(() => {
    const heard = site.past().filter(({ source }) => source === address)
      .map(({ bytes }) => open(bytes)).filter(isAnnouncement);
    assert.ok(heard.length > 1, `${victim} said little`);
    return Object.values(forgeries(heard, LIAR))
      .map((forgery) => ({ ...forgery, bytes: wrap(forgery.bytes) }));
  });
}

function isAnnouncement(bytes: Uint8Array): boolean {
  const read = readDatagram(bytes);
  return read.format === 2 && read.header.id !== null && !read.header.bye;
}

async function hardwareAddress(
  { site }: Attack,
  name: HonestName,
): Promise<string> {
  const host = site.host(name);
  const { stdout } = await host.run(["ip", "-json", "link", "show", "eth0"]);
  return JSON.parse(stdout)[0].address;
}
