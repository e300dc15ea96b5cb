import assert from "node:assert/strict";
import type { DiskRow, ListParams } from "../../../src/control/views.ts";
import { runCommandLine } from "../../../src/cli/app.ts";
import { diskRow } from "../render/rows.ts";
import { fakeContext, type FakeOptions } from "./fake_context.ts";

const GIB = 1024 ** 3;

const ROWS: readonly DiskRow[] = [
  diskRow({ device: "/dev/sda10", label: "root", size: 9 * GIB, serial: "S1" }),
  diskRow({ device: "/dev/sda2", label: "EFI", type: "vfat", size: GIB }),
  diskRow({ device: "/dev/sda", label: null, uuid: null, hidden: "parts" }),
  diskRow({ host: "nas1", hostId: "b", label: "backup-2018", size: 7 * GIB }),
  diskRow({
    host: "nas2",
    hostId: "c",
    device: "/dev/sdz",
    label: "backup-2019",
  }),
];

async function list(flags: string, options: FakeOptions = {}) {
  const answers = {
    list: ({ devices }: ListParams) =>
      ROWS.filter(({ hidden }) => devices || hidden === null),
  };
  const context = fakeContext({ answers, ...options });
  const words = ["list", ...flags.split(" ").filter((word) => word !== "")];
  const code = await runCommandLine(words, context);
  return { code, out: context.stdout.text, err: context.stderr.text };
}

/** The first words of the rows. */
async function devices(flags: string): Promise<string[]> {
  const { out } = await list(`-n -o DEVICE ${flags}`);
  return out.split("\n").slice(0, -1);
}

Deno.test("list shows each host's disks by device, and no hidden ones", async () => {
  assert.deepEqual(await devices(""), [
    "/dev/sda2",
    "/dev/sda10",
    "/dev/sdb1",
    "/dev/sdz",
  ]);
  assert.deepEqual((await devices("--devices")).length, 5);
});

Deno.test("list selects by host, type and name", async () => {
  assert.deepEqual(await devices("--host alpha"), ["/dev/sda2", "/dev/sda10"]);
  assert.deepEqual(await devices("--host nas*"), ["/dev/sdb1", "/dev/sdz"]);
  const two = await devices("--host nas2 --host alpha --type vfat");
  assert.deepEqual(two, ["/dev/sda2"]);
  assert.deepEqual(await devices("--type v*"), ["/dev/sda2"]);
  assert.deepEqual(await devices("backup-2019"), ["/dev/sdz"]);
  assert.deepEqual(await devices("EFI root"), ["/dev/sda2", "/dev/sda10"]);
  assert.deepEqual(await devices("backup-*"), ["/dev/sdb1", "/dev/sdz"]);
});

Deno.test("list sorts by a column, with what is unknown last", async () => {
  assert.deepEqual(await devices("--sort size --host alpha"), [
    "/dev/sda2",
    "/dev/sda10",
  ]);
  assert.deepEqual(await devices("--sort SERIAL"), [
    "/dev/sda10",
    "/dev/sda2",
    "/dev/sdb1",
    "/dev/sdz",
  ]);
});

Deno.test("list has the columns that are asked for, by lsblk's names too", async () => {
  const { out } = await list("--host nas2 -o name,fstype,SERIAL");
  assert.equal(out, "DEVICE    TYPE  SERIAL\n/dev/sdz  ext4  -\n");
  const more = await list("--host nas2 --output +serial");
  assert.match(more.out, /^HOST .* STATE +SERIAL\n/);
  const bytes = await list("--host nas1 -b -n -o SIZE");
  assert.equal(bytes.out, `${7 * GIB}\n`);
  const help = await list("-o help");
  assert.match(help.out, /^HOST +Name of the host\n/);
  assert.match(help.out, /^TYPE .*\(also FSTYPE\)$/m);
});

Deno.test("list says what it does not know", async () => {
  const cases = [
    [
      "--host nas3",
      /^diskd: --host is nas3, expected a host.*did you mean nas/,
    ],
    [
      "-o serail",
      /^diskd: -o names the column serail.*did you mean SERIAL.*help/,
    ],
    ["--sort x", /^diskd: --sort names the column x/],
    ["--drives --tree", /exclude each other/],
    ["--tree -o HOST", /not for --drives and --tree/],
  ] as const;
  for (const [flags, expected] of cases) {
    const { code, out, err } = await list(flags);
    assert.deepEqual([code, out], [2, ""], flags);
    assert.match(err, expected);
  }
  const none = await list("no-such-disk");
  assert.deepEqual([none.code, none.out], [1, ""]);
  assert.equal(
    none.err,
    "No listed disk is named no-such-disk. See: diskd where no-such-disk\n",
  );
  const some = await list("sdz no-such-* -o DEVICE -n");
  assert.deepEqual([some.code, some.out], [1, "/dev/sdz\n"]);
  assert.equal(
    some.err,
    "No listed disk is like no-such-*. See: diskd list\n",
  );
});

Deno.test("list counts on a terminal, and in a pipe names the host in each row", async () => {
  const { out } = await list("--no-color", { isTerminal: true, columns: 100 });
  const lines = out.split("\n");
  assert.match(lines[1]!, /^alpha +(\/dev\/)?sda2 /);
  assert.match(lines[2]!, /^ +(\/dev\/)?sda10 /);
  assert.equal(lines.at(-2), "4 disks on 3 hosts");
  const piped = (await list("")).out.split("\n");
  assert.match(piped[2]!, /^alpha +\/dev\/sda10 .* -$/);
  assert.equal(piped.length, 6);
});

Deno.test("list --drives --json has the volumes of each drive", async () => {
  const drive = diskRow({ device: "/dev/sda", kind: "disk", hidden: "parts" });
  const part = diskRow({
    device: "/dev/sda1",
    kind: "part",
    parents: ["/dev/sda"],
    drives: [{ ...drive }],
  });
  const other = diskRow({ device: "/dev/sdb", kind: "disk", size: 1 });
  const all = [drive, other].map((row) => ({ ...row, drives: [row] }));
  const { out } = await list("--drives --json --sort SIZE", {
    answers: { list: [...all, part] },
  });
  const [small, ...rows] = JSON.parse(out);
  assert.equal(small.device, "/dev/sdb");
  assert.deepEqual(rows.map(({ device }: DiskRow) => device), ["/dev/sda"]);
  assert.deepEqual(
    rows[0].volumes.map(({ device }: DiskRow) => device),
    ["/dev/sda1"],
  );
});

Deno.test("words of other programs are answered with what may be meant", async () => {
  const cases = [
    ["find", "Unknown command find; did you mean where?"],
    ["-v", "Unknown flag -v; did you mean -V?"],
    ["-x", "Unknown flag -x"],
  ] as const;
  for (const [word, expected] of cases) {
    const context = fakeContext();
    assert.equal(await runCommandLine([word], context), 2);
    assert.equal(context.stderr.text.split("\n")[0], `diskd: ${expected}`);
  }
});

Deno.test("list --tree draws a tree, and counts nothing", async () => {
  const { out } = await list("--tree --no-color", {
    isTerminal: true,
    columns: 80,
  });
  assert.match(out, /^NAME .*\nalpha\n[^]*\u2514\u2500sda/);
  assert.doesNotMatch(out, /disks on/);
});
