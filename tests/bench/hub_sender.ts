/**
 * Speaks for made-up hosts on a NATS server of this host:
 *
 *     hub_sender.ts fill HOSTS DISKS     puts their lists
 *     hub_sender.ts beat HOSTS SECONDS   says that they are there, each 100 s
 *     hub_sender.ts change TIMES DISKS   puts a longer list of one after the other, and prints when
 */
import { NatsLink } from "../../src/transport/nats_link.ts";
import {
  beatSubject,
  hubKey,
  writeValues,
} from "../../src/daemon/hub_value.ts";
import { MAX_V2_DATAGRAM_BYTES } from "../../src/codec/announcement.ts";
import { SIGNATURE_LINE_BYTES } from "../../src/codec/signature_line.ts";
import { writeAnnouncement } from "../../src/codec/write_datagram.ts";
import { announcement } from "../support/announcements.ts";
import { realKey, signedBy } from "../support/host_keys.ts";
import { pause } from "./daemon_on_lan.ts";
import { madeUpDisks } from "./made_up_hosts.ts";

const SITE = "away";
/** Of 10,000 hosts. */
const EVERY_MS = 100_000;
const CHANGE_GAP_MS = 300;
/** Puts that wait for the server at once. */
const AT_ONCE = 200;
const BOOT = 1_790_000_000_000;

const [what = "", first = "0", second = "0"] = Deno.args;
const link = await NatsLink.open({
  servers: ["127.0.0.1:4222"],
  nkeySeed: null,
  ca: null,
  bucket: "diskd",
  domain: null,
  name: "sender",
});
await link.openBucket();
if (what === "fill") await fill(Number(first), Number(second));
if (what === "beat") await beat(Number(first), Number(second));
if (what === "change") await change(Number(first), Number(second));
await link.close();

/** Each has an address of its own. */
function placeOf(number: number) {
  return { site: SITE, from: `10.1.${number >> 8}.${number & 255}` };
}

function valuesOf(number: number, disks: number, rev: number) {
  const key = realKey(`bench-${number}`);
  const datagrams = writeAnnouncement(
    announcement({
      id: key.id,
      key: key.publicKey,
      host: `bench-${number}`,
      boot: BOOT,
      seq: Date.now(),
      rev,
      every: EVERY_MS / 1_000,
      disks: madeUpDisks(disks, number),
    }),
    { maxBytes: MAX_V2_DATAGRAM_BYTES - SIGNATURE_LINE_BYTES },
  ).map((bytes) => signedBy(key, bytes));
  return { id: key.id, datagrams };
}

async function put(
  number: number,
  { disks, rev }: { readonly disks: number; readonly rev: number },
): Promise<void> {
  const { id, datagrams } = valuesOf(number, disks, rev);
  const [value] = writeValues(datagrams, placeOf(number));
  await link.put(hubKey({ site: SITE, id, chunk: 1 }), value!);
}

async function fill(hosts: number, disks: number): Promise<void> {
  for (let i = 0; i < hosts; i += AT_ONCE) {
    const some = Array.from(
      { length: Math.min(AT_ONCE, hosts - i) },
      (_, j) => put(i + j, { disks, rev: 1 }),
    );
    await Promise.all(some);
  }
}

async function beat(hosts: number, seconds: number): Promise<void> {
  console.error("beating");
  const startedAt = performance.now();
  let count = 0;
  while (performance.now() - startedAt < seconds * 1_000) {
    const due = (performance.now() - startedAt) * hosts / EVERY_MS;
    for (; count < due; count++) {
      const number = count % hosts;
      const { id, datagrams } = valuesOf(number, 10, 1);
      const [value] = writeValues(datagrams.slice(0, 1), placeOf(number));
      link.say(`beat.${beatSubject({ site: SITE, id })}`, value!);
    }
    await pause(5);
  }
}

async function change(times: number, disks: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    await pause(CHANGE_GAP_MS);
    const { id, datagrams } = valuesOf(i, disks, 2);
    const [value] = writeValues(datagrams, placeOf(i));
    const at = performance.timeOrigin + performance.now();
    await link.put(hubKey({ site: SITE, id, chunk: 1 }), value!);
    console.log(JSON.stringify({ host: `bench-${i}`, at }));
  }
}
