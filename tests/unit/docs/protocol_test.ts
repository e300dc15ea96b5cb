import assert from "node:assert/strict";
import * as announcement from "../../../src/codec/announcement.ts";
import { REJECTED } from "../../../src/codec/announcement.ts";
import { MAX_ENVELOPE_BYTES } from "../../../src/codec/envelope.ts";
import { Ed25519, newHostKey } from "../../../src/codec/host_key.ts";
import { Keyring } from "../../../src/codec/keyring.ts";
import { readDatagram, readDisks } from "../../../src/codec/read_datagram.ts";
import { isInRow } from "../../../src/codec/read_disks.ts";
import {
  readRemarkHeader,
  readRemarks,
} from "../../../src/codec/remark_datagram.ts";
import { isSigned } from "../../../src/codec/remark_signature.ts";
import { MAC_LINE_BYTES, SEAL_BYTES } from "../../../src/codec/sealed.ts";
import {
  decodeSignature,
  SIGNATURE_LINE_BYTES,
  splitSignature,
} from "../../../src/codec/signature_line.ts";
import { writeAnnouncement } from "../../../src/codec/write_datagram.ts";
import { FIELD_NAMES } from "../../../src/inventory/disk.ts";
import { STALE_AFTER_INTERVALS } from "../../../src/inventory/host.ts";
import { MAX_LAYER_BYTES } from "../../../src/inventory/layers.ts";
import { DEFAULT_INVENTORY_LIMITS } from "../../../src/inventory/limits.ts";
import * as remark from "../../../src/inventory/remark.ts";
import * as remarkSet from "../../../src/inventory/remark_set.ts";
import * as remarks from "../../../src/inventory/remarks.ts";
import { REREAD_MS } from "../../../src/inventory/room.ts";
import { SHORTAGE_OVER_MS } from "../../../src/inventory/shortage.ts";
import {
  CALM_HOSTS,
  FORGET_KNOWN_MS,
  FORGET_NEWCOMER_MS,
  LONG_SILENT_MS,
  LONG_UP_MS,
  MAX_CROWDED_EVERY_MS,
  QUOTA_OF_ADDRESS,
  QUOTA_OF_NETWORK,
} from "../../../src/inventory/standing.ts";
import { signedQuestion } from "../../../src/peer/announcement_writer.ts";
import { DEFAULT_ASSEMBLY_LIMITS } from "../../../src/peer/assembly.ts";
import * as ownIdentity from "../../../src/peer/own_identity.ts";
import { MAX_PASSING } from "../../../src/peer/passing.ts";
import * as peerStates from "../../../src/peer/peer_states.ts";
import * as probing from "../../../src/peer/probing.ts";
import {
  DEFAULT_RATE_LIMITS,
  FLOOD_OVER_MS,
} from "../../../src/peer/rate_limiter.ts";
import {
  JOIN_MS,
  MAX_RELAYED_HOSTS,
  RELAY_ANSWER_GAP_MS,
} from "../../../src/peer/relay.ts";
import * as remarkTalk from "../../../src/peer/remark_talk.ts";
import * as remotes from "../../../src/peer/remotes.ts";
import * as strangerAnswers from "../../../src/peer/stranger_answers.ts";
import { MAX_TOLD_BYTES } from "../../../src/peer/told_lists.ts";
import * as timing from "../../../src/peer/timing.ts";
import * as v1Hosts from "../../../src/peer/v1_hosts.ts";
import { assertConstants, numbersOf } from "./constants.ts";
import { document } from "./documents.ts";
import { codeBlocks, codeSpans, rowsOf, section } from "./markdown.ts";

const PROTOCOL = document("docs/protocol.md");
const BLOCKS = codeBlocks(PROTOCOL, "text");
const EXAMPLES = BLOCKS
  .filter((block) => /^diskd:#/.test(block) && !block.includes("#mac"));

Deno.test("protocol.md has each reason for which something is rejected", () => {
  const counters = Deno.readTextFileSync(
    new URL("../../../src/peer/effect.ts", import.meta.url),
  );
  const refused = [...counters.matchAll(/^ *\| "([a-z-]+)"/gm)]
    .map(([, reason]) => reason!);
  assert.ok(refused.includes("unfinished"));
  const documented = rowsOf(PROTOCOL, "Reason").map(([cell = ""]) =>
    codeSpans(cell)[0]
  );
  assert.deepEqual(
    documented.sort(),
    [...Object.keys(REJECTED), ...refused].sort(),
  );
});

Deno.test("protocol.md has the budgets of the code", () => {
  const { known, strangers } = DEFAULT_RATE_LIMITS;
  const costs = ["datagrams", "yamlBytes", "verifications", "time"] as const;
  const actual = costs.flatMap((cost) => {
    const rates = [known, strangers]
      .flatMap((limits) => [limits[cost].each, limits[cost].all]);
    return [
      rates.map(({ perSecond }) => perSecond),
      rates.map(({ burst }) => burst),
    ];
  });
  const documented = rowsOf(PROTOCOL, "Cost").map(([, ...cells]) =>
    cells.map((cell) => Number(cell.replaceAll(",", "")))
  );
  assert.deepEqual(documented, actual);
});

Deno.test("protocol.md has the limits and times of the code", () => {
  const { reserve, refusals, sources } = DEFAULT_RATE_LIMITS;
  assertConstants(PROTOCOL, {
    ...numbersOf(announcement),
    ...numbersOf(timing),
    ...numbersOf(remotes),
    ...numbersOf(v1Hosts),
    ...numbersOf(ownIdentity),
    ...numbersOf(probing),
    ...numbersOf(strangerAnswers),
    ...numbersOf(remark),
    ...numbersOf(remarks),
    ...numbersOf(remarkSet),
    ...numbersOf(remarkTalk),
    ...numbersOf(peerStates),
    MAX_ENVELOPE_BYTES,
    MAX_RELAYED_HOSTS,
    JOIN_MS,
    RELAY_ANSWER_GAP_MS,
    MAX_PASSING,
    MAX_TOLD_BYTES,
    STALE_AFTER_INTERVALS,
    SIGNATURE_LINE_BYTES,
    MAC_LINE_BYTES,
    SEAL_BYTES,
    FLOOD_OVER_MS,
    reserve,
    refusals,
    sources,
    ...DEFAULT_INVENTORY_LIMITS,
    MAX_LAYER_BYTES,
    QUOTA_OF_ADDRESS,
    QUOTA_OF_NETWORK,
    LONG_UP_MS,
    LONG_SILENT_MS,
    CALM_HOSTS,
    FORGET_NEWCOMER_MS,
    FORGET_KNOWN_MS,
    MAX_CROWDED_EVERY_MS,
    REREAD_MS,
    SHORTAGE_OVER_MS,
    ...DEFAULT_ASSEMBLY_LIMITS,
  });
});

Deno.test("protocol.md has each key of the header, as its examples have them", () => {
  const documented = rowsOf(PROTOCOL, "Key").map(([cell = ""]) =>
    codeSpans(cell)[0]!
  );
  const used = EXAMPLES.flatMap((example) =>
    Object.keys(JSON.parse(example.split("\n")[0]!.slice("diskd:#".length)))
  );
  assert.deepEqual(documented.sort(), [...new Set(used)].sort());
});

Deno.test("protocol.md shows remarks as they are read", () => {
  const example = codeBlocks(PROTOCOL, "txt")
    .find((block) => block.startsWith("diskr:"))!;
  const datagram = readRemarkHeader(new TextEncoder().encode(example));
  assert.ok(datagram.format === "remarks");
  const [{ remark } = { remark: null }] = readRemarks(datagram)!;
  const by = datagram.header.id;
  assert.ok(isSigned({ ...remark!, by }, new Ed25519()));
  assert.deepEqual([remark?.subject, remark?.field, remark?.value], [
    "uuid 30c3d01e-48ff-4605-87da-0911c52383f1",
    "note",
    "drawer 3",
  ]);
});

Deno.test("protocol.md has each key of the details", () => {
  const spans = codeSpans(section(PROTOCOL, "Disks"));
  for (const key of FIELD_NAMES.filter((name) => !isInRow(name))) {
    assert.ok(spans.includes(key), key);
  }
});

Deno.test("protocol.md shows datagrams that are written and read like this", () => {
  assert.equal(EXAMPLES.length, 8);
  for (const example of EXAMPLES) {
    const datagram = readDatagram(new TextEncoder().encode(example));
    assert.equal(datagram.format, 2);
    const read = readDisks(datagram);
    assert.ok(datagram.format === 2 && read.format === "disks");
    const { part, parts, ...header } = datagram.header;
    assert.deepEqual([part, parts], [1, 1]);
    const [written] = writeAnnouncement({ ...header, disks: read.disks });
    const signed = splitSignature(new TextEncoder().encode(example));
    const message = signed?.message ?? new TextEncoder().encode(example);
    assert.deepEqual(written, message);
    assert.equal(signed !== null, header.key !== null);
    if (signed === null) continue;
    assert.equal(new Ed25519().idOf(header.key!), idIn(header));
    const signature = decodeSignature(signed)!;
    assert.ok(new Ed25519().verify(header.key!, message, signature));
  }
});

/** The id that a header names; of a question that of its key. */
function idIn(
  { id, key, probe, answer }: Omit<announcement.Header, "part" | "parts">,
): string | null {
  return id ?? (probe ?? answer)?.id ?? new Ed25519().idOf(key!);
}

Deno.test("protocol.md shows a datagram that proves a shared key like this", () => {
  const secret = Uint8Array.from({ length: 32 }, (_, i) => i);
  const keyring = new Keyring({
    secrets: [secret],
    require: true,
    encrypt: false,
    freshNonce: () => new Uint8Array(),
  });
  const [example = ""] = BLOCKS.filter((block) => block.includes("#mac"));
  const asked = readDatagram(new TextEncoder().encode(example));
  assert.ok(asked.format === 2);
  const { boot } = asked.header;
  const [question] = signedQuestion(newHostKey(secret), boot);
  const text = new TextDecoder().decode(keyring.protect(question!));
  assert.equal(example, text);
  assert.ok(text.includes(`#mac ${keyring.keyId} `));
});

Deno.test("protocol.md shows a datagram of 0.01 that is read", () => {
  const datagram = readDatagram(new TextEncoder().encode(
    BLOCKS.find((block) => /^diskd:[^#]/.test(block))!,
  ));
  assert.equal(datagram.format, 1);
  const read = readDisks(datagram);
  assert.ok(read.format === "disks");
  assert.equal(read.disks[0]?.label, "backup01");
});
