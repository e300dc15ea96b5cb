import fc from "fast-check";
import assert from "node:assert/strict";
import { parseBlkid } from "../../../src/probe/parse_blkid.ts";
import { parseFindmnt } from "../../../src/probe/parse_findmnt.ts";
import { parseLsblk } from "../../../src/probe/parse_lsblk.ts";
import { parseUdevMonitor } from "../../../src/probe/parse_udev_monitor.ts";
import { ProbeError } from "../../../src/probe/printed_json.ts";
import { createScanner, type ScanResult } from "../../../src/probe/scan.ts";
import type { RunOutcome } from "../../../src/system/system.ts";
import { isPrintable } from "../../../src/text/printable.ts";
import { inTime } from "../../support/eventually.ts";
import { jsonBombs } from "../../support/hostile_texts.ts";
import { exited, scriptedSystem } from "../../support/scripted_system.ts";
import { ext4, type Host, lsblk, scannerOf } from "./scripted_host.ts";

const HOSTS = new URL("../../fixtures/hosts/", import.meta.url);
const BOMBS = jsonBombs(200_000);
const EVENT =
  "KERNEL[11679.008566] change   /devices/virtual/block/loop0 (block)";
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** What the programs really printed. */
const REAL = {
  lsblk: captured("lsblk.json"),
  findmnt: captured("findmnt.json"),
  blkid: captured("blkid/sda1.txt"),
};

function captured(file: string): readonly string[] {
  return [...Deno.readDirSync(HOSTS)].flatMap(({ name }) => {
    try {
      return [Deno.readTextFileSync(new URL(`${name}/${file}`, HOSTS))];
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return [];
      throw error;
    }
  });
}

/** Reads what a program printed, in time: a value, or the one error. */
function accept(parse: (stdout: Uint8Array) => unknown, text: string): void {
  const stdout = encoder.encode(text);
  try {
    inTime(() => parse(stdout));
  } catch (error) {
    assert.ok(error instanceof ProbeError, String(error));
    assert.ok(isPrintable(error.message), error.message);
    assert.ok(error.message.length < 500, error.message);
  }
}

/** One of these with some characters written over, put in, doubled or taken out. */
function damaged(real: readonly string[]): fc.Arbitrary<string> {
  const change = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    remove: fc.nat(8),
    insert: fc.oneof(
      fc.string({ unit: "binary", maxLength: 3 }),
      fc.constantFrom("[", "]", "{", "}", '"', ",", "\\x", "\x1b[2J", "\n"),
    ),
  });
  return fc.tuple(
    fc.constantFrom(...real),
    fc.array(change, { minLength: 1, maxLength: 5 }),
  ).map(([text, changes]) => {
    let damage = text;
    for (const { at, remove, insert } of changes) {
      const from = Math.floor(at * damage.length);
      damage = damage.slice(0, from) + insert + damage.slice(from + remove);
    }
    return damage;
  });
}

const PARSERS = {
  lsblk: parseLsblk,
  findmnt: parseFindmnt,
  blkid: parseBlkid,
};

for (const program of ["lsblk", "findmnt", "blkid"] as const) {
  Deno.test(`what ${program} prints is read or refused, however damaged`, () => {
    fc.assert(
      fc.property(damaged(REAL[program]), (text) => {
        accept(PARSERS[program], text);
      }),
      { numRuns: 300 },
    );
  });
}

for (const [name, bomb] of BOMBS) {
  Deno.test(`parseLsblk() and parseFindmnt() bear ${name}`, () => {
    for (const text of [bomb, `{"blockdevices":${bomb},"filesystems":1}`]) {
      accept(parseLsblk, text);
      accept(parseFindmnt, text);
    }
    for (const key of ["name", "path", "size", "mountpoints", "children"]) {
      const row = `{"name":"sda","${key}":${bomb}}`;
      accept(parseLsblk, `{"blockdevices":[${row}]}`);
    }
    for (const key of ["target", "source", "options", "children"]) {
      const row = `{"target":"/","options":"rw","${key}":${bomb}}`;
      accept(parseFindmnt, `{"filesystems":[${row}]}`);
    }
  });
}

Deno.test("parseBlkid() bears long lines, and many", () => {
  accept(parseBlkid, `ID_FS_LABEL_ENC=${"\\x41".repeat(100_000)}\n`);
  accept(parseBlkid, `ID_FS_LABEL_ENC=${"\\".repeat(400_000)}\n`);
  accept(parseBlkid, "A=b\n".repeat(100_000));
  accept(parseBlkid, "A".repeat(400_000));
});

Deno.test("parseUdevMonitor() reads any line", () => {
  const line = fc.oneof(fc.string({ unit: "binary" }), damaged([EVENT]));
  fc.assert(
    fc.property(line, (text) => {
      const event = parseUdevMonitor(text);
      assert.ok((event?.kname.length ?? 0) <= text.length);
    }),
    { numRuns: 2_000 },
  );
  for (const part of ["KERNEL[", "1.", " ", "/", "!", "(block)", EVENT]) {
    inTime(() => parseUdevMonitor(`KERNEL[1.1] add ${part.repeat(50_000)}`));
    inTime(() => parseUdevMonitor(part.repeat(50_000)));
  }
});

/** Scans a host whose programs print this, twice. */
async function scanned(host: Host): Promise<ScanResult> {
  const { scanner } = scannerOf(host, { slowMs: 5_000 });
  await scanner.scan();
  const result = await scanner.scan();
  for (const problem of result.problems) {
    assert.ok(isPrintable(problem), problem);
    assert.ok(problem.length < 1_000, problem);
  }
  return result;
}

function anyOutcome(real: readonly string[]): fc.Arbitrary<RunOutcome> {
  const stdout = fc.oneof(
    fc.constantFrom(...real),
    damaged(real),
    fc.uint8Array({ maxLength: 100 }).map((bytes) => decoder.decode(bytes)),
  );
  const code = fc.constantFrom(0, 0, 0, 1, 2, 8, 255);
  const stderr = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom("lsblk: unknown column: PATH", "error: \x1b[2J"),
  );
  return fc.record({ code, stdout, stderr }).map(exited);
}

Deno.test("a scan ends well whatever its programs print", async () => {
  const host = fc.record({
    lsblk: anyOutcome(REAL.lsblk),
    findmnt: anyOutcome(REAL.findmnt),
    blkid: fc.func(anyOutcome(REAL.blkid)),
  });
  await fc.assert(
    fc.asyncProperty(host, async (host) => {
      await scanned(host);
    }),
    { numRuns: 60 },
  );
});

Deno.test("a scan bears devices that lie on each other 2,000 deep", async () => {
  const depth = 2_000;
  let row: Record<string, unknown> = { name: "bottom" };
  for (let i = 0; i < depth; i++) row = { name: `d${i}`, children: [row] };
  const lsblk = exited({ stdout: JSON.stringify({ blockdevices: [row] }) });
  const blkid = () => ext4("8261f666");
  const startedAt = performance.now();
  const { disks } = await scanned({ lsblk, blkid });
  assert.equal(disks?.length, depth + 1);
  assert.ok(JSON.stringify(disks).length < 1_000 * depth);
  assert.ok(performance.now() - startedAt < 20_000);
});

Deno.test("of what lsblk prints 8 MiB are read, of what blkid prints of a device 64 KiB", async () => {
  const limits = new Map<string, number | undefined>();
  const system = scriptedSystem(({ program, options }) => {
    limits.set(program, options.maxOutputBytes);
    return program === "lsblk"
      ? lsblk({ name: "sda1", path: "/dev/sda1" })
      : ext4("8261f666");
  });
  await createScanner(system).scan();
  assert.equal(limits.get("lsblk"), 8 * 1024 * 1024);
  assert.equal(limits.get("blkid"), 64 * 1024);
});
