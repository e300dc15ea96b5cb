import assert from "node:assert/strict";
import { mountSettings } from "../../../src/config/client_settings.ts";
import { checkAllowed, isAllowed } from "../../../src/mount/mountable.ts";
import { Refusal } from "../../../src/mount/refusal.ts";
import { isPrintable } from "../../../src/text/printable.ts";
import { diskRow } from "../render/rows.ts";

const UUID = "8261f666-2f3c-4b5e-9a0e-1d2c3b4a5f60";

const CASES: readonly (readonly [string[], boolean])[] = [
  [[], false],
  [["backup-2019"], true],
  [["backup-*"], true],
  [["BACKUP-2019"], false],
  [["backup"], false],
  [["other", UUID], true],
  [["8261F666-*"], true],
  [["8261f666"], false],
  [["*"], true],
];

for (const [allow, expected] of CASES) {
  Deno.test(`isAllowed() says ${expected} to ${JSON.stringify(allow)}`, () => {
    assert.equal(
      isAllowed({ uuid: UUID, label: "backup-2019" }, allow),
      expected,
    );
  });
}

/** What somebody may write on a stick so that it is taken for another. */
const FORGED = {
  "a word in the form of a UUID is no label": [
    { uuid: "a1b2-c3d4", label: UUID },
    [UUID, UUID.toUpperCase(), "8261f666-*", "8261f666*", "????????-2f3c-*"],
  ],
  "nor in the form of one of FAT": [
    { uuid: UUID, label: "A1B2-C3D4" },
    ["A1B2-C3D4", "a1b2-c3d4", "A1B2-*", "?1B2-C3D4"],
  ],
  "nor of one of NTFS, or of a CD": [
    { uuid: UUID, label: "01D3B5C6A7E8F901" },
    ["01D3B5C6A7E8F901", "01D3B5C6*", "2019-01-02-03-04-05-06"],
  ],
  "uuid: is no label": [
    { uuid: "a1b2-c3d4", label: "uuid:8261f666" },
    [`uuid:${UUID}`, "uuid:8261f666", "UUID=8261f666*", "uuid:uuid*"],
  ],
  "no prefix is a label, however it is written": [
    { uuid: null, label: `UUID=${UUID}` },
    [`UUID=${UUID}`, `Uuid:${UUID}`],
  ],
  "label: is no UUID": [{ uuid: UUID, label: null }, [`label:${UUID}`]],
  "partuuid: is no uuid:, and partlabel: no label:": [
    { uuid: UUID, label: "x", partuuid: "p-1", partlabel: "y" },
    [`partuuid:${UUID}`, "uuid:p-1", "partlabel:x", "label:y", "p-1", "y"],
  ],
  "nothing but serial: and wwn: is a drive's": [
    { uuid: UUID, label: "WD-42AB", partlabel: "0x5000c5001234abcd" },
    ["serial:WD-42AB", "wwn:0x5000c5001234abcd", "serial:*", "wwn:*", "port:*"],
  ],
  "a drive is no word without a prefix": [
    { uuid: null, label: null, serial: "WD-42AB", wwn: "0x5000c5001234abcd" },
    ["WD-42AB", "0x5000c5001234abcd", "*"],
  ],
  "a drive that says what thousands say is no drive": [
    {
      uuid: UUID,
      label: null,
      serial: "0123456789AB",
      wwn: "0x0000000000000000",
    },
    ["serial:0123456789AB", "serial:*", "wwn:0x0000000000000000"],
  ],
} as const;

for (const [name, [disk, words]] of Object.entries(FORGED)) {
  Deno.test(`isAllowed(): ${name}`, () => {
    for (const word of words) {
      assert.equal(isAllowed(disk, [word]), false, word);
    }
  });
}

Deno.test("isAllowed() compares what a word says", () => {
  const disk = {
    uuid: UUID,
    label: "backup: 1",
    partuuid: "ab12cd34-01",
    partlabel: "Data",
    serial: "WD-42AB",
    wwn: "0x5000c5001234abcd",
    port: "pci-0000:00:17.0-ata-3",
  };
  const words = [
    ...["label:backup: 1", "LABEL=backup*", "backup: 1", "backup:*", "b*"],
    ...[`uuid:${UUID.toUpperCase()}`, "UUID=8261*", "82*", "*"],
    ...["partuuid:AB12CD34-01", "partlabel:Data", "serial:WD-42AB"],
    ...["wwn:0x5000C5001234ABCD", "wwn:5000c5001234abcd", "serial:WD*"],
    ...["port:pci-0000:00:17.0-ata-*"],
  ];
  for (const word of words) assert.equal(isAllowed(disk, [word]), true, word);
  const others = [
    "label:Backup*",
    "partlabel:data",
    "serial:wd-42ab",
    "label:",
  ];
  for (const word of others) assert.equal(isAllowed(disk, [word]), false, word);
});

Deno.test("isAllowed() leaves labels that only look a little like a UUID", () => {
  for (
    const label of ["cafe", "2019", "d1", "2019-photos", "backup-a1b2-c3d4"]
  ) {
    assert.equal(isAllowed({ uuid: UUID, label }, [label]), true, label);
  }
});

Deno.test("checkAllowed() proposes the drive if it says which it is, and it is allowed then", () => {
  const drives = [
    [
      { serial: "WD*42AB", wwn: "0x5000c5001234abcd" },
      "wwn:0x5000c5001234abcd",
    ],
    [{ serial: "WD*42AB", wwn: null }, "serial:WD?42AB"],
    [{ serial: "00000000", wwn: null }, UUID],
    [{ serial: null, wwn: null, uuid: "12345" }, "uuid:12345"],
  ] as const;
  for (const [drive, word] of drives) {
    const row = diskRow({ uuid: UUID, ...drive });
    const line = refusalOf(() => checkAllowed(row, [])).hints.at(-1)!;
    const { allow } = mountSettings(line, "");
    assert.deepEqual(allow, [word]);
    checkAllowed(row, allow);
  }
});

Deno.test("isAllowed() knows a disk without a label by its UUID alone", () => {
  assert.equal(isAllowed({ uuid: UUID, label: null }, ["null", ""]), false);
  assert.equal(isAllowed({ uuid: UUID, label: null }, [UUID]), true);
  assert.equal(isAllowed({ uuid: null, label: null }, ["*"]), false);
});

Deno.test("checkAllowed() says which line allows it, whatever the labels are", () => {
  const row = diskRow({ label: 'a"]}\n\u202e', host: "al\x1bpha" });
  const refusal = refusalOf(() => checkAllowed(row, ["x: [y"]));
  assert.equal(refusal.kind, "refused");
  const line = refusal.hints.at(-1)!;
  assert.deepEqual(mountSettings(line, "").allow, ["x: [y", UUID]);
  assert.ok(isPrintable([refusal.message, ...refusal.hints].join("")));
});

Deno.test("checkAllowed() says which setting lets a light blink", () => {
  const deed = { deed: "locate" } as const;
  const { message, hints } = refusalOf(() =>
    checkAllowed(diskRow(), ["a"], deed)
  );
  assert.match(
    message,
    /does not let other hosts locate backup.*locate\.allow/,
  );
  const { allow, locateAllow } = mountSettings(hints.at(-1)!, "");
  assert.deepEqual(allow, []);
  checkAllowed(diskRow(), locateAllow, deed);
});

Deno.test("checkAllowed() lets a disk that is named pass", () => {
  checkAllowed(diskRow(), ["backup-*"]);
});

function refusalOf(run: () => void): Refusal {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof Refusal, String(error));
    return error;
  }
  throw new Error("It was not refused.");
}
