import assert from "node:assert/strict";
import fc from "fast-check";
import { Keyring } from "../../../src/codec/keyring.ts";
import { writeAnnouncement } from "../../../src/codec/write_datagram.ts";
import { type Disk, makeDisk } from "../../../src/inventory/disk.ts";
import { needs, PYTHON } from "../../support/needs.ts";
import { anyText, HOSTILE_TEXTS } from "./hostile.ts";
import { announcement, signedDatagrams } from "../../support/announcements.ts";
import { decode, disksOf, wholeDisk } from "./support.ts";

/** Reads datagrams in base64, a line each, as 0.01 does: what follows the prefix is YAML for libyaml. */
const READER = `
import base64, json, sys, yaml
for line in sys.stdin:
    data = base64.b64decode(line)
    assert data[:6] == b"diskd:"
    try:
        rows = yaml.load(data[6:], Loader=yaml.CSafeLoader)
        print(json.dumps({"rows": [row[:3] for row in rows]}))
    except Exception as error:
        print(json.dumps({"error": str(error)}))
`;

type Answer = { rows: (string | null)[][] } | { error: string };

async function readWithLibyaml(datagrams: Uint8Array[]): Promise<Answer[]> {
  const reader = new Deno.Command(PYTHON, {
    args: ["-c", READER],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const lines = datagrams.map((bytes) => bytes.toBase64() + "\n").join("");
  const answers = reader.output();
  const writer = reader.stdin.getWriter();
  await writer.write(new TextEncoder().encode(lines));
  await writer.close();
  const { success, stdout } = await answers;
  assert.ok(success);
  return decode(stdout).trimEnd().split("\n").map((line) => JSON.parse(line));
}

/** What 0.01 must see of disks: those with a name, in the first three places. */
function namesOf(disks: readonly Disk[]) {
  return disks
    .filter(({ uuid, label }) => uuid !== null || label !== null)
    .map((disk) => [disk.uuid, disk.label, disk.device]);
}

async function assertLibyamlAgrees(datagrams: Uint8Array[]): Promise<void> {
  const answers = await readWithLibyaml(datagrams);
  assert.equal(answers.length, datagrams.length);
  for (const [i, answer] of answers.entries()) {
    const bytes = datagrams[i]!;
    assert.deepEqual(
      answer,
      { rows: namesOf(disksOf([bytes])) },
      decode(bytes),
    );
  }
}

Deno.test({
  ...needs(
    "writeAnnouncement() is read alike by libyaml, whatever a text holds",
    {
      python: ["yaml"],
    },
  ),
  async fn() {
    const datagrams = HOSTILE_TEXTS.flatMap((text) =>
      writeAnnouncement(announcement({
        host: text,
        version: text,
        disks: [
          makeDisk({ device: `/dev/${text}`, uuid: text, label: text }),
          wholeDisk({ label: text, model: text, mounts: [text, "/"] }),
          makeDisk({ device: `/dev/${text}`, model: text, parents: [text] }),
        ],
      }))
    );
    await assertLibyamlAgrees(datagrams);
  },
});

Deno.test({
  ...needs("writeAnnouncement() is read alike by libyaml, for random texts", {
    python: ["yaml"],
  }),
  async fn() {
    const disk = fc.record({
      device: anyText().map((text) => "/" + text),
      uuid: fc.option(anyText()),
      label: fc.option(anyText()),
      serial: fc.option(anyText()),
      mounts: fc.array(anyText(), { maxLength: 2 }),
    });
    const lists = fc.sample(fc.array(disk, { maxLength: 5 }), 1000);
    const datagrams = lists.flatMap((list) =>
      writeAnnouncement(announcement({
        host: list[0]?.label ?? null,
        disks: list.map((known) => makeDisk(known)),
      }))
    );
    await assertLibyamlAgrees(datagrams);
  },
});

Deno.test({
  ...needs(
    "writeAnnouncement() is read alike by libyaml when texts are cut, and without disks",
    {
      python: ["yaml"],
    },
  ),
  async fn() {
    const long = HOSTILE_TEXTS.map((text) =>
      wholeDisk({
        device: `/dev/${text.repeat(300)}`,
        label: text.repeat(300),
        mounts: [text.repeat(300)],
      })
    );
    await assertLibyamlAgrees([
      ...writeAnnouncement(announcement({ disks: long })),
      ...writeAnnouncement(announcement()),
      ...writeAnnouncement(announcement({ bye: true })),
      ...writeAnnouncement(announcement({ id: null, ask: true })),
    ]);
  },
});

Deno.test({
  ...needs(
    "a signed datagram is read alike by libyaml, whatever a text holds",
    {
      python: ["yaml"],
    },
  ),
  async fn() {
    const ring = new Keyring({
      secrets: [crypto.getRandomValues(new Uint8Array(32))],
      require: true,
      encrypt: false,
      freshNonce: () => new Uint8Array(12),
    });
    const disks = HOSTILE_TEXTS.flatMap((text) => [
      wholeDisk({ label: text }),
      makeDisk({ device: `/dev/${text}` }),
    ]);
    const signed = [
      ...signedDatagrams(announcement({ disks })),
      ...signedDatagrams(announcement({ bye: true })),
      ...signedDatagrams(announcement({ id: null, ask: true })),
    ].map((datagram) => ring.protect(datagram));
    assert.ok(decode(signed[0]!).includes("\n#sig "));
    assert.ok(signed.every((bytes) => decode(bytes).includes("\n#mac ")));
    await assertLibyamlAgrees(signed);
  },
});
