import assert from "node:assert/strict";
import type { DiskRow } from "../../../src/control/views.ts";
import { byDevice, renderDisks, sayCounts } from "../../../src/render/disks.ts";
import { inTime } from "../../support/eventually.ts";
import { ago, diskRow, PLAIN } from "./rows.ts";

const ROWS = [
  diskRow(),
  diskRow({
    host: "beta",
    device: "/dev/nvme0n1p2",
    label: "写真 archive",
    uuid: null,
    type: "linux_raid_member",
    size: 512 * 1024 ** 2,
    mounts: [],
    state: "stale",
    seenAt: ago(200),
  }),
  diskRow({
    label: "\x1b[31mred\u202e",
    uuid: "ABCD-1234",
    type: null,
    size: null,
    mounts: ["/a", "/b c"],
    state: "detached",
    seenAt: ago(4 * 86_400),
  }),
];

Deno.test("renderDisks() cuts nothing where there is no terminal", () => {
  assert.equal(
    renderDisks(ROWS, PLAIN),
    `\
HOST   DEVICE          LABEL              UUID                                  TYPE               SIZE  MOUNTED  STATE
alpha  /dev/sdb1       backup-2019        8261f666-2f3c-4b5e-9a0e-1d2c3b4a5f60  ext4               3.6T  /mnt/b   -
beta   /dev/nvme0n1p2  写真 archive       -                                     linux_raid_member  512M  -        silent 3m
alpha  /dev/sdb1       \\x1b[31mred\\u202e  ABCD-1234                             -                     -  /a,/b c  shut down 4d
`,
  );
});

Deno.test("renderDisks() fits into 80 columns", () => {
  assert.equal(
    renderDisks(ROWS, { ...PLAIN, columns: 80 }),
    `\
HOST   DEVICE     LABEL              TYPE  SIZE  MOUNTED  STATE
alpha  sdb1       backup-2019        ext4  3.6T  /mnt/b
beta   nvme0n1p2  写真 archive       raid  512M  -        silent 3m
alpha  sdb1       \\x1b[31mred\\u202e  -        -  /a,/b c  shut down 4d
`,
  );
});

Deno.test("renderDisks() keeps host, device and label on the narrowest terminal", () => {
  assert.equal(
    renderDisks(ROWS, { ...PLAIN, columns: 24 }),
    `\
HOST   DEVICE  LABEL
alpha  sdb1    backu…2019
beta   nvm…p2  写真 …hive
alpha  sdb1    \\x1b[…202e
`,
  );
});

Deno.test("renderDisks() shows in grey what is not attached now", () => {
  const lines = renderDisks(ROWS, { ...PLAIN, color: true }).split("\n");
  assert.deepEqual(lines.map((line) => line.slice(0, 9)), [
    "\x1b[1mHOST ",
    "alpha  /d",
    "\x1b[90mbeta",
    "\x1b[90malph",
    "",
  ]);
  for (const line of [lines[0], lines[2], lines[3]]) {
    assert.ok(line!.endsWith("\x1b[0m"));
  }
});

Deno.test("renderDisks() shows what is read-only, swap in use, and what a member belongs to", () => {
  const used = (known: Parameters<typeof diskRow>[0]) => {
    const [, line] = renderDisks([diskRow(known)], PLAIN).split("\n");
    return / 3\.6T {2}(.*?) +-$/.exec(line!)?.[1];
  };
  const mounts = ["/a", "/mnt/b", "/c"];
  assert.equal(used({ mounts, mounts_ro: ["/mnt/b"] }), "/a,/mnt/b (ro) +1");
  assert.equal(used({ mounts: ["/a"], binds: 30 }), "/a +30");
  assert.equal(used({ mounts: ["[SWAP]"] }), "[SWAP]");
  const holders = ["/dev/mapper/vg-a", "/dev/mapper/vg-\x1b"];
  assert.equal(
    used({ mounts: [], holders }),
    "-> /dev/mapper/vg-a,/dev/mapper/vg-\\x1b",
  );
  assert.equal(used({ mounts: ["/a"], holders }), "/a");
});

Deno.test("renderDisks() tells an empty label from none", () => {
  const text = renderDisks([diskRow({ label: "" })], PLAIN);
  assert.ok(text.includes(`alpha  /dev/sdb1 ${" ".repeat(8)}8261f666`));
});

Deno.test("renderDisks() draws 10,000 rows quickly", () => {
  const rows = Array.from(
    { length: 10_000 },
    (_, index) => diskRow({ label: `disk ${index}` }),
  );
  inTime(() => renderDisks(rows, { ...PLAIN, columns: 100 }));
});

/** Disks such that no line fits into 80 columns. */
const MANY = [
  ...["a", "b", "d"].map((letter, index) =>
    diskRow({
      host: "bunker",
      device: `/dev/sd${letter}1`,
      label: `backup-201${index}`,
      mounts: [`/mnt/backup-201${index}`],
    })
  ),
  diskRow({
    host: "bunker",
    device: "/dev/sdc1",
    label: "Backup of the old computer, do not delete (really)",
    type: "linux_raid_member",
    mounts: [],
    holders: ["/dev/md0"],
  }),
  ...["1", "2"].map((guest) =>
    diskRow({
      host: `hypervisor-rack3-0${guest}`,
      hostId: guest,
      device: `/dev/mapper/vg0-guest--web--${guest}--disk`,
      label: `web-${guest}-root`,
      mounts: [],
      health: guest === "1" ? "unreadable" : null,
    })
  ),
];

Deno.test("renderDisks() cuts few names, and none so that it looks like another", () => {
  assert.equal(
    renderDisks(MANY, { ...PLAIN, columns: 80 }, { isGrouped: true }),
    `\
HOST                 DEVICE        LABEL        MOUNTED           STATE
bunker               sda1          backup-2010  /mnt/backup-2010
                     sdb1          backup-2011  /mnt/backup-2011
                     sdd1          backup-2012  /mnt/backup-2012
                     sdc1          Backu…ally)  -> md0
hypervisor-rack3-01  vg0-…1--disk  web-1-root   -                 cannot be read
hypervisor-rack3-02  vg0-…2--disk  web-2-root   -
`,
  );
  assert.equal(
    renderDisks(MANY, { ...PLAIN, columns: 60 }, { isGrouped: true }),
    `\
HOST       DEVICE    LABEL        MOUNTED     STATE
bunker     sda1      backup-2010  /mnt/…2010
           sdb1      backup-2011  /mnt/…2011
           sdd1      backup-2012  /mnt/…2012
           sdc1      Backu…ally)  -> md0
hype…3-01  …1--disk  web-1-root   -           cannot be read
hype…3-02  …2--disk  web-2-root   -
`,
  );
});

Deno.test("renderDisks() cuts one long name before a column goes", () => {
  const labels = [...Array(9).keys()].map((number) => `disk-${number}`);
  const rows = [...labels, "a name that is much longer than any of the others"]
    .map((label) => diskRow({ label, state: "attached" }));
  const lines = renderDisks(rows, { ...PLAIN, columns: 60 }).split("\n");
  assert.equal(
    lines[0],
    "HOST   DEVICE  LABEL                     TYPE  SIZE  MOUNTED",
  );
  assert.equal(
    lines[10],
    "alpha  sdb1    a name that … the others  ext4  3.6T  /mnt/b",
  );
});

Deno.test("MOUNTED is empty for a disk that was unmounted before it left", () => {
  const row = (inUse: boolean | null) =>
    diskRow({ state: "detached", unplugged: true, mounts: ["/mnt/b"], inUse });
  for (const inUse of [true, false, null]) {
    const text = renderDisks([row(inUse)], PLAIN);
    assert.equal(text.includes("/mnt/b"), inUse !== false);
  }
});

Deno.test("sayCounts() tells silent hosts, hosts that were shut down, and unplugged disks apart", () => {
  const on = (host: string, known: Partial<DiskRow> = {}) =>
    diskRow({ ...known, host, hostId: host });
  const pulled = on("alpha", { state: "detached", unplugged: true });
  assert.equal(
    sayCounts([
      on("alpha"),
      on("alpha"),
      ...["a", "b", "c", "d\n"].map((host) => on(host, { state: "stale" })),
      on("off", { state: "detached" }),
      pulled,
    ]),
    "7 disks on 6 hosts; 4 silent: a, b, c and 1 more; 1 shut down: off; 1 unplugged",
  );
  assert.equal(sayCounts([pulled, pulled]), "2 disks unplugged");
  assert.equal(sayCounts([on("alpha")]), "1 disk on 1 host");
});

Deno.test("byDevice() counts disks as the kernel does", () => {
  const names = [
    ...["sdaa", "sdb", "sda10", "sda2", "sda", "sdz", "vdb", "vdaa", "sdaa1"],
    ...["nvme10n1", "nvme2n1", "mapper/sdc", "loop10", "loop2"],
  ];
  const sorted = names.map((name) => ({ device: `/dev/${name}` }))
    .sort(byDevice).map(({ device }) => device.slice("/dev/".length));
  assert.deepEqual(sorted, [
    ...["loop2", "loop10", "mapper/sdc", "nvme2n1", "nvme10n1"],
    ...["sda", "sda2", "sda10", "sdb", "sdz", "sdaa", "sdaa1", "vdb", "vdaa"],
  ]);
});
