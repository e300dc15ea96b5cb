import assert from "node:assert/strict";
import { chooseDisk } from "../../../src/cli/choose_disk.ts";
import type { DiskRow } from "../../../src/control/views.ts";
import { Refusal } from "../../../src/mount/refusal.ts";
import { findAmong } from "../daemon/find_among.ts";
import { ago, diskRow, NOW } from "../render/rows.ts";

const ALPHA = diskRow();
const BETA = diskRow({ host: "beta", hostId: "b0b0" });

function choose(
  rows: readonly DiskRow[],
  host?: string,
  name = "backup-2019",
) {
  return chooseDisk(findAmong(rows, { name, host }), { name, host, now: NOW });
}

function refusal(rows: readonly DiskRow[], host?: string): Refusal {
  try {
    choose(rows, host);
  } catch (error) {
    assert.ok(error instanceof Refusal, String(error));
    return error;
  }
  assert.fail("one was chosen");
}

Deno.test("chooseDisk() takes the one that is attached", () => {
  assert.deepEqual(choose([ALPHA]), { row: ALPHA, members: [] });
  const gone = { ...BETA, state: "detached" } as const;
  const silent = { ...BETA, hostId: "c0c0", state: "stale" } as const;
  assert.equal(choose([gone, silent, ALPHA]).row, ALPHA);
});

Deno.test("chooseDisk() refuses several hosts, and names the choices", () => {
  const { kind, message, hints } = refusal([BETA, ALPHA]);
  assert.equal(kind, "severalHosts");
  assert.equal(message, "Attached to several hosts at once: alpha, beta");
  assert.match(hints[0]!, /copy/);
  assert.equal(hints.at(-1), "Choose one: --host alpha, or --host beta");
});

Deno.test("chooseDisk() tells hosts of one name apart", () => {
  const { hints } = refusal([
    { ...ALPHA, uniqueHost: "alpha@9f0c" },
    { ...BETA, host: "alpha", uniqueHost: "alpha@b0b0" },
  ]);
  assert.equal(
    hints.at(-1),
    "Choose one: --host alpha@9f0c, or --host alpha@b0b0",
  );
});

Deno.test("chooseDisk() follows --host, by name and by id", () => {
  assert.equal(choose([ALPHA, BETA], "beta").row, BETA);
  assert.equal(choose([ALPHA, BETA], "9f0c").row, ALPHA);
  const { kind, message } = refusal([ALPHA, BETA], "gamma\x1b");
  assert.equal(kind, "notAttached");
  assert.equal(message, "backup-2019 is not on gamma\\x1b, but on alpha, beta");
});

Deno.test("chooseDisk() refuses a silent host, and says for how long it has been", () => {
  const stale = { ...ALPHA, state: "stale", seenAt: ago(180) } as const;
  const { kind, message } = refusal([stale]);
  assert.equal(kind, "notAttached");
  assert.match(message, /in alpha, which has been silent for 3 min$/);
});

Deno.test("chooseDisk() says where it was last seen", () => {
  const was = (host: string, seconds: number): DiskRow =>
    diskRow({ host, hostId: host, state: "detached", seenAt: ago(seconds) });
  const newest = was("beta", 60);
  const pulled = refusal([
    was("alpha", 7_200),
    { ...newest, unplugged: true },
  ]);
  assert.equal(pulled.kind, "notAttached");
  assert.match(
    pulled.message,
    /is unplugged; until 1 min ago it was in beta, \/dev\/sdb1$/,
  );
  assert.match(
    refusal([newest]).message,
    / is in beta, which was shut down 1 min ago \(or only its diskd was stopped\)$/,
  );
});

Deno.test("chooseDisk() refuses two on one host, by UUID where that tells them apart", () => {
  const copy = { ...ALPHA, device: "/dev/sdc1" };
  const same = refusal([ALPHA, copy]);
  assert.equal(same.kind, "severalHosts");
  assert.match(same.message, /alpha has it 2 times: \/dev\/sdb1, \/dev\/sdc1$/);
  assert.match(same.hints[0]!, /Their UUID is the same/);
  const other = refusal([ALPHA, { ...copy, uuid: "AB12-CD34" }]);
  assert.match(other.message, /\/dev\/sdc1 with the UUID AB12-CD34$/);
  assert.equal(other.hints[0], "Use the UUID instead.");
});

Deno.test("chooseDisk() takes any member of one btrfs, and tells the others", () => {
  const members = ["a", "b"].map((uuid_sub) =>
    diskRow({ device: `/dev/sd${uuid_sub}`, type: "btrfs", uuid_sub })
  );
  assert.deepEqual(choose(members), {
    row: members[0],
    members: members.slice(1),
  });
});

Deno.test("chooseDisk() takes what lies on top", () => {
  const path = (name: string) =>
    diskRow({ device: name, holders: ["/dev/mapper/m"] });
  const top = diskRow({ device: "/dev/mapper/m" });
  assert.equal(choose([path("/dev/sda"), path("/dev/sdb"), top]).row, top);
});

Deno.test("chooseDisk() refuses a beginning of several UUIDs", () => {
  const rows = ["8261aaaa-1", "8261bbbb-2"].map((uuid, index) =>
    diskRow({ uuid, device: `/dev/sd${index}`, label: null })
  );
  assert.throws(
    () => choose(rows, undefined, "8261"),
    { kind: "notKnown", message: /8261 is a part of the names of 2 disks/ },
  );
});

Deno.test("chooseDisk() refuses a pattern of several disks, and takes one of a single disk", () => {
  const other = { ...ALPHA, device: "/dev/x", uuid: "x", label: "backup-2020" };
  const rows = [ALPHA, other];
  assert.throws(() => choose(rows, undefined, "backup-*"), {
    kind: "notKnown",
    message: "backup-* fits 2 disks: backup-2019, backup-2020",
  });
  const gone = rows.map((row) => ({ ...row, state: "detached" } as const));
  assert.throws(() => choose(gone, undefined, "backup-*"), {
    kind: "notKnown",
  });
  assert.equal(choose([other], undefined, "*2020").row, other);
});

Deno.test("chooseDisk() refuses a host of the first wire format", () => {
  const { kind, message } = refusal([
    diskRow({ host: "192.168.1.9", hostId: "v1-192.168.1.9" }),
  ]);
  assert.equal(kind, "refused");
  assert.match(message, /192\.168\.1\.9 runs App::Diskd 0\.01/);
});

Deno.test("chooseDisk() takes no disk that is not called so, whatever the daemon says", () => {
  const secret = diskRow({ label: "secret", uuid: "1234-ABCD" });
  for (const name of ["backup-2019", "1234-ABCE", "beta:sdb1", "/dev/sdc1"]) {
    const found = {
      ...findAmong([secret], { name: "secret" }),
      rows: [secret],
    };
    assert.throws(
      () => chooseDisk(found, { name, host: undefined, now: NOW }),
      {
        kind: "refused",
        message: `alpha has secret, which is not called ${name}`,
      },
    );
  }
  for (const name of ["secret", "SECRET", "1234-abcd", "alpha:sdb1"]) {
    assert.equal(choose([secret], undefined, name).row, secret);
  }
});
