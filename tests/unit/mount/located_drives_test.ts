import assert from "node:assert/strict";
import {
  drivesBelow,
  namesToLocate,
  warningsOf,
} from "../../../src/mount/located_drives.ts";
import type { LocatedDrive } from "../../../src/mount/views.ts";
import { parseLsblk } from "../../../src/probe/parse_lsblk.ts";
import type { System } from "../../../src/system/system.ts";
import { exited, scriptedSystem } from "../../support/scripted_system.ts";
import { diskRow } from "../render/rows.ts";
import { refusalOf } from "./local_support.ts";

interface Row {
  readonly name: string;
  readonly children?: readonly Row[];
  readonly [key: string]: unknown;
}

function device(name: string, known: Partial<Row> = {}): Row {
  return {
    name,
    kname: name,
    path: `/dev/${name}`,
    mode: "brw-rw----",
    ...known,
  };
}

function drive(letter: string, known: Partial<Row> = {}): Row {
  return device(`sd${letter}`, {
    type: "disk",
    "maj:min": `8:${letter.charCodeAt(0)}`,
    size: 1_000_000,
    model: "WD40EFRX",
    serial: `WD-000${letter}-77`,
    wwn: `0x50014ee2b9e7c1d${letter}`,
    tran: "sata",
    ...known,
  });
}

const UUID = "8261f666-2f3c-4b5e-9a0e-1d2c3b4a5f60";

/** A volume on LUKS on a mirror of the partitions of two drives. */
function volume(): Row {
  const name = "vg-home";
  const lv = device("dm-1", { name, path: "/dev/mapper/vg-home", type: "lvm" });
  const luks = device("dm-0", { type: "crypt", children: [lv] });
  return device("md0", { type: "raid1", children: [luks] });
}

const TOP: readonly Row[] = [
  drive("a", {
    children: [device("sda1", { type: "part", children: [volume()] })],
  }),
  drive("b", {
    children: [device("sdb1", { type: "part", children: [volume()] })],
  }),
  drive("c", {
    children: [device("sdc1", { type: "part", uuid: UUID, label: "photos" })],
  }),
  device("loop7", { type: "loop", "maj:min": "7:7", size: 4096 }),
];

/** Devices as lsblk lists them; `asleep` by kernel name. */
function system(
  { top = TOP, asleep = [], programs = [] }: {
    readonly top?: readonly Row[];
    readonly asleep?: readonly string[];
    readonly programs?: string[];
  } = {},
): System {
  return {
    ...scriptedSystem(({ program, args }) => {
      programs.push(program);
      if (program === "lsblk") {
        return exited({ stdout: JSON.stringify({ blockdevices: top }) });
      }
      const [, kname = ""] =
        /^if=\/sys\/block\/(.+)\/device\/power\/runtime_status$/
          .exec(args[0]!) ?? [];
      assert.equal(program, "dd");
      return asleep.includes(kname)
        ? exited({ stdout: "suspended\n" })
        : exited({ code: 1 });
    }),
    readText: (path) =>
      path === "/run/udev/data/b8:97" ? "E:ID_PATH=pci-0-ata-3\n" : null,
  };
}

function devicesOf(drives: readonly LocatedDrive[]): string[] {
  return drives.map(({ device }) => device).sort();
}

Deno.test("drivesBelow() finds the whole drive of a partition", async () => {
  const row = diskRow({ device: "/dev/sdc1", uuid: UUID, label: "photos" });
  const [found, ...others] = await drivesBelow([row], system());
  assert.deepEqual(others, []);
  assert.equal(found!.device, "/dev/sdc");
  assert.equal(found!.serial, "WD-000c-77");
  assert.equal(found!.majMin, "8:99");
});

Deno.test("drivesBelow() finds each drive below RAID, LUKS and LVM, and reads none", async () => {
  const programs: string[] = [];
  const row = diskRow({ device: "/dev/mapper/vg-home" });
  const found = await drivesBelow([row], system({ programs }));
  assert.deepEqual(devicesOf(found), ["/dev/sda", "/dev/sdb"]);
  assert.deepEqual([...new Set(programs)].sort(), ["dd", "lsblk"]);
});

Deno.test("drivesBelow() finds the drives of all members, each once", async () => {
  const rows = ["/dev/sda1", "/dev/sdb1", "/dev/sdb"].map((device) =>
    diskRow({ device })
  );
  const found = await drivesBelow(rows, system());
  assert.deepEqual(devicesOf(found), ["/dev/sda", "/dev/sdb"]);
});

Deno.test("drivesBelow() says in which port and slot, and whether it fails or sleeps", async () => {
  const said = {
    device: "/dev/sda",
    model: null,
    serial: "WD-000a-77",
    wwn: null,
    tran: null,
    size: null,
    port: null,
    slot: "bay 3",
    health: "unreadable",
  };
  const row = diskRow({ device: "/dev/sda1", drives: [said] });
  const [found] = await drivesBelow([row], system({ asleep: ["sda"] }));
  const { port, slot, health, asleep } = found!;
  assert.deepEqual([port, slot, health, asleep], [
    "pci-0-ata-3",
    "bay 3",
    "unreadable",
    true,
  ]);
});

Deno.test("drivesBelow() says that a drive fails of which a part does, if it is the only one", async () => {
  const health = "unreadable";
  const part = diskRow({ device: "/dev/sda1", health });
  const [one] = await drivesBelow([part], system());
  assert.equal(one!.health, health);
  const array = diskRow({ device: "/dev/md0", health });
  const both = await drivesBelow([array], system());
  assert.deepEqual(both.map(({ health }) => health), [null, null]);
});

const FIXTURES = new URL("../../fixtures/", import.meta.url);

/** What lsblk printed on real hosts. */
function* captured(): Generator<{ name: string; stdout: Uint8Array }> {
  for (const folder of ["hosts", "cases"]) {
    for (
      const { name, isDirectory } of Deno.readDirSync(new URL(folder, FIXTURES))
    ) {
      if (!isDirectory) continue;
      try {
        const file = new URL(`${folder}/${name}/lsblk.json`, FIXTURES);
        yield { name, stdout: Deno.readFileSync(file) };
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      }
    }
  }
}

Deno.test("drivesBelow() finds whole drives below every device of real hosts", async () => {
  let devices = 0;
  for (const { name, stdout } of captured()) {
    // One is too old for JSON.
    if (stdout.length === 0) continue;
    const known = parseLsblk(stdout);
    const system = scriptedSystem(({ program }) =>
      program === "lsblk" ? exited({ stdout }) : exited({ code: 1 })
    );
    for (const { path, uuid, label, hasNode } of known) {
      if (hasNode === false) continue;
      const row = diskRow({ device: path, uuid, label });
      const found = await drivesBelow([row], system);
      assert.ok(found.length > 0, `${name} ${path}`);
      for (const { device } of found) {
        const { kind, parents } = known.find((one) => one.path === device)!;
        const isWhole = parents.length === 0 || kind === "mpath";
        assert.ok(isWhole, `${name} ${path} ${device}`);
      }
      devices++;
    }
  }
  assert.ok(devices > 200, String(devices));
});

Deno.test("drivesBelow() takes a multipath map for the drive", async () => {
  const map = device("dm-5", { path: "/dev/mapper/mpatha", type: "mpath" });
  const paths = ["d", "e"].map((letter) =>
    drive(letter, { serial: "WD-same-1", children: [map] })
  );
  const row = diskRow({ device: "/dev/mapper/mpatha" });
  const [found, ...others] = await drivesBelow([row], system({ top: paths }));
  assert.deepEqual(others, []);
  assert.deepEqual(
    [found!.device, found!.serial],
    ["/dev/mapper/mpatha", "WD-same-1"],
  );
});

Deno.test("drivesBelow() refuses a device that is gone, or another disk now", async () => {
  const drives = [{
    ...diskRow({ device: "/dev/sdc", serial: "WD-OTHER-9" }),
    slot: null,
  }];
  const cases = [
    [diskRow({ device: "/dev/sdx" }), /no longer there/],
    [diskRow({ device: "/dev/sdc1", label: "x", uuid: UUID }), /another disk/],
    [
      diskRow({ device: "/dev/sdc1", label: "photos", uuid: "a" }),
      /another disk now/,
    ],
    [
      diskRow({ device: "/dev/sdc1", label: null, uuid: null, drives }),
      /\/dev\/sdc is another disk now/,
    ],
  ] as const;
  for (const [row, message] of cases) {
    const refusal = await refusalOf(drivesBelow([row], system()));
    assert.equal(refusal.kind, "notAttached");
    assert.match(refusal.message, message);
  }
  const top = [drive("a", { mode: null })];
  const row = diskRow({ device: "/dev/sda" });
  await refusalOf(drivesBelow([row], system({ top })));
});

Deno.test("drivesBelow() says why lsblk lists nothing", async () => {
  const broken = scriptedSystem(() => exited({ code: 1, stderr: "no sysfs" }));
  const refusal = await refusalOf(drivesBelow([diskRow()], broken));
  assert.equal(refusal.kind, "failed");
  assert.match(refusal.message, /no sysfs/);
});

Deno.test("namesToLocate() has the hardware from lsblk, and of several drives what they share", async () => {
  const row = diskRow({ device: "/dev/sda1", serial: "invented", uuid: null });
  const one = namesToLocate(row, await drivesBelow([row], system()));
  assert.deepEqual(
    [one.label, one.serial, one.wwn, one.port],
    [row.label, "WD-000a-77", "0x50014ee2b9e7c1da", "pci-0-ata-3"],
  );
  const both = diskRow({ device: "/dev/md0", serial: "invented" });
  const two = namesToLocate(both, await drivesBelow([both], system()));
  assert.deepEqual([two.uuid, two.serial, two.wwn], [both.uuid, null, null]);
});

const REAL: LocatedDrive = {
  device: "/dev/sda",
  kind: "disk",
  model: "WD40EFRX",
  serial: null,
  wwn: null,
  tran: "sata",
  size: null,
  port: null,
  slot: null,
  health: null,
  asleep: false,
};

Deno.test("warningsOf() says what fails, sleeps, or has no light", () => {
  const cases: readonly (readonly [Partial<LocatedDrive>, RegExp | null])[] = [
    [{}, null],
    [{ model: null }, null],
    [{ kind: "mpath", model: null, tran: null }, null],
    [{ health: "unreadable" }, /^\/dev\/sda is failing: reads of it fail/],
    [{ asleep: true }, /^\/dev\/sda is asleep; reading it .* wakes it up/],
    [{ kind: "loop", model: null, tran: null }, /image in a file/],
    [{ model: "QEMU HARDDISK" }, /^\/dev\/sda \(QEMU HARDDISK\) .* virtual/],
    [
      { model: "Virtual disk\x1b" },
      /Virtual disk\\x1b\) seems to be virtual/,
    ],
    [{ model: null, tran: "virtio" }, /seems to be virtual/],
    [{ model: null, tran: null }, /seems to be virtual/],
  ];
  for (const [known, warning] of cases) {
    const said = warningsOf({ ...REAL, ...known });
    assert.equal(said.length, warning === null ? 0 : 1, said.join());
    if (warning !== null) assert.match(said[0]!, warning);
  }
});
