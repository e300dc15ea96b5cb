/**
 * What a liar can do from his own address, to hosts that are up: nothing, but be
 * listed himself. See also forgeries_test.ts.
 */
import { MAX_V1_DATAGRAM_BYTES } from "../../src/codec/announcement.ts";
import { inSteps } from "../support/lan.ts";
import {
  inventedHost,
  lieAbout,
  loneParts,
} from "../support/hostile_datagrams.ts";
import { realKey, signedBy } from "../support/host_keys.ts";
import { HostileSite, spoofed, type Victim } from "../support/hostile_site.ts";
import { jsonBombs, YAML_BOMBS } from "../support/hostile_texts.ts";
import { needs } from "../support/needs.ts";
import { MAX_PAYLOAD_BYTES } from "../support/raw_socket.ts";

/** So often each lie is told. */
const LIES = 7;
const LIE_EVERY_MS = 300;

const MANY_HOSTS = 100_000;
const ENCODER = new TextEncoder();

interface Lie {
  /** The n-th time that it is said. */
  readonly says: (victim: Victim, n: number) => Uint8Array;
  /** How the other honest host counts it. */
  readonly reasons: readonly string[];
}

const LIES_ABOUT_OTHERS: Readonly<Record<string, Lie>> = {
  "a bigger boot": {
    says: (victim, n) =>
      lieAbout(victim, { boot: victim.boot + 1_000, seq: n, rev: n }),
    reasons: ["wrong-key"],
  },
  "the next boot each time": {
    says: (victim, n) => lieAbout(victim, { boot: victim.boot + 1_000 + n }),
    reasons: ["wrong-key"],
  },
  "a later seq": {
    says: (victim, n) => lieAbout(victim, { seq: victim.seq + 1_000 + n }),
    reasons: ["wrong-key"],
  },
  "seq at its maximum": {
    says: (victim) => lieAbout(victim, { seq: Number.MAX_SAFE_INTEGER }),
    reasons: ["wrong-key"],
  },
  "a goodbye": {
    says: (victim, n) =>
      lieAbout(victim, { seq: victim.seq + 1_000 + n, bye: true }),
    reasons: ["wrong-key"],
  },
  "a list that never gets whole": {
    says: (victim, n) => {
      const later = { ...victim, boot: victim.boot + 1_000, seq: 1 };
      return loneParts(later, { from: n, count: 1 })[0]!;
    },
    reasons: ["unsigned"],
  },
  "an older boot": {
    says: (victim) => lieAbout(victim, { boot: 1, seq: 1 }),
    reasons: ["old"],
  },
};

Deno.test({
  ...needs("a liar changes nothing but his own place", {
    lan: true,
  }),
  async fn(t) {
    await using site = await HostileSite.start();
    for (const [name, lie] of Object.entries(LIES_ABOUT_OTHERS)) {
      await t.step(`${name}, in another host's name`, () => tell(site, lie));
    }
    await inSteps(t, site, {
      "what was heard before": replays,
      "JSON 10,000 levels deep": explodesInJson,
      "YAML bombs": explodesInYaml,
      "parts that never get whole": sendsLoneParts,
      "100,000 hosts": inventsHosts,
    });
  },
});

/** About both honest hosts, again and again. */
async function tell(site: HostileSite, lie: Lie): Promise<void> {
  const victims = [site.victim("alpha"), site.victim("beta")];
  await site.bears(async () => {
    for (let n = 1; n <= LIES; n++) {
      await site.say(victims.map((victim) => lie.says(victim, n)));
      await new Promise((resolve) => setTimeout(resolve, LIE_EVERY_MS));
    }
  }, { alpha: lie.reasons, beta: lie.reasons });
}

async function replays(site: HostileSite): Promise<void> {
  const past = site.past();
  await site.bears(() => site.say(past.map(({ bytes }) => bytes)), {
    alpha: ["old"],
    beta: ["old"],
  });
}

async function explodesInJson(site: HostileSite): Promise<void> {
  let seq = 0;
  const key = realKey("bomb");
  const who = `"id":"${key.id}","key":"${key.publicKey}"`;
  // A later one each time, or it would not be read.
  const header = () => `"v":2,${who},"boot":1,"seq":${++seq},"every":30`;
  const sign = (text: string) => signedBy(key, ENCODER.encode(text));
  const bombs = () =>
    jsonBombs(MAX_PAYLOAD_BYTES - 300).flatMap(([, json]) => [
      `diskd:#{${header()},"more":${json}}\n[]\n`,
      `diskd:#{${header()}}\n${json}\n`,
      `diskd:#{${header()}}\n[[null,${json},"/dev/sda"]]\n`,
    ]);
  await site.bears(
    () => site.say(bombs().map(sign)),
    { alpha: ["bad-header", "bad-body", "bad-list"] },
  );
  // Those that are 10,000 levels deep are longer than a frame.
  const deep = jsonBombs(20_000).map(([, json]) =>
    `diskd:#{${header()}}\n${json}\n`
  );
  await site.bears(
    () => site.sayInFragments(deep.map(sign)),
    { alpha: ["too-long"], beta: ["too-long"] },
  );
}

/** As a host of 0.01 would, in datagrams as long as there are; mallory's own address speaks version 2. */
async function explodesInYaml(site: HostileSite): Promise<void> {
  const bombs = YAML_BOMBS.map(([, yaml]) =>
    ENCODER.encode(`diskd:${yaml}`).subarray(0, MAX_V1_DATAGRAM_BYTES)
  );
  const short = bombs.map((bytes) => bytes.subarray(0, MAX_PAYLOAD_BYTES));
  const reasons = ["bad-body", "bad-list"];
  await site.bears(
    () => site.mallory.send(spoofed("192.0.2.1", short)),
    { alpha: reasons, beta: reasons },
  );
  // Of an address two that long are parsed at once.
  const costly = ["bad-body", "too-costly"];
  await site.bears(
    () => site.sayInFragments(bombs),
    { alpha: costly, beta: costly },
  );
}

async function sendsLoneParts(site: HostileSite): Promise<void> {
  const parts = Array.from({ length: 10 }, (_, i) => {
    const key = realKey(`half-${i}`);
    return loneParts({ id: key.id, boot: 1, seq: 1 }, { count: 40, key });
  });
  await site.bears(
    () => site.mallory.send(spoofed("192.0.2.2", parts.flat())),
    { alpha: ["unfinished"], beta: ["unfinished"] },
  );
}

async function inventsHosts(site: HostileSite): Promise<void> {
  const hosts = Array.from({ length: MANY_HOSTS }, (_, i) => inventedHost(i));
  const source = "192.0.2.3";
  const reasons = ["crowded-address", "too-fast"];
  await site.bears(
    () => site.mallory.send(spoofed(source, hosts), { burst: 100, pauseMs: 1 }),
    { alpha: reasons, beta: reasons },
  );
  const { problems } = await site.daemon("alpha").call("status", {});
  if (!problems.some((problem) => problem.startsWith(`${source} floods`))) {
    throw new Error(`Nobody is told who floods: ${problems.join("; ")}`);
  }
  const rows = await site.daemon("alpha").call("hosts", {});
  const listed = rows.filter(({ addresses }) => addresses.includes(source));
  if (listed.length <= MAX_OF_ONE_ADDRESS) return;
  throw new Error(`${listed.length} hosts of one address are listed.`);
}

/** `hostsPerAddress` of the inventory. */
const MAX_OF_ONE_ADDRESS = 16;
