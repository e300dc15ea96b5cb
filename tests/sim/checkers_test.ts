import assert from "node:assert/strict";
import { writeRemarks } from "../../src/codec/remark_datagram.ts";
import type { Remark } from "../../src/inventory/remark.ts";
import { hostKey } from "../support/host_keys.ts";
import { madeUpRemark } from "../support/made_up_remarks.ts";
import { checkRemarks } from "./check_remarks.ts";
import { DEFAULT_INVENTORY_LIMITS } from "../../src/inventory/limits.ts";
import { LAN_BURST_PER_SECOND } from "../../src/peer/timing.ts";
import { checkAgreement } from "./check_agreement.ts";
import { checkDatagrams } from "./check_datagrams.ts";
import { checkLies } from "./check_lies.ts";
import { checkLimits } from "./check_limits.ts";
import { checkOrder } from "./check_order.ts";
import { checkRate } from "./check_rate.ts";
import { LIE_STAMP } from "./liars.ts";
import type {
  Checker,
  History,
  ShownDisk,
  ShownHost,
  TrueHost,
} from "./history.ts";

const disk: ShownDisk = {
  device: "/dev/sdb1",
  uuid: "8261f666",
  label: "backup",
  mounts: ["/mnt"],
  size: 1,
};

const alpha = shown("alpha");
const beta = shown("beta");

Deno.test("checkAgreement() lets pass what agrees", () => {
  expectProblems(checkAgreement, moment({}), []);
});

Deno.test("checkAgreement() finds each way in which a view is not the truth", () => {
  const cases: [ShownHost[], RegExp][] = [
    [[alpha], /does not know beta/],
    [[beta, alpha], /not first/],
    [[alpha, { ...beta, liveness: "stale" }], /state stale/],
    [[alpha, { ...beta, name: "former" }], /name former, not beta/],
    [[alpha, { ...beta, disks: [] }], /disks , not/],
    [[alpha, { ...beta, disks: [disk, disk] }], /disks/],
    [[alpha, withDisk({ size: 2 })], /disks/],
    [[alpha, withDisk({ mounts: [] })], /disks/],
    [[alpha, withDisk({ label: null })], /disks/],
    [[{ ...alpha, disks: [] }, beta], /shows alpha with disks/],
  ];
  for (const [hosts, problem] of cases) {
    expectProblems(checkAgreement, moment({ hosts }), [problem]);
  }
});

Deno.test("checkAgreement() finds an address shown of a host that does not have it any more", () => {
  const addresses = ["address of beta", "address of alpha"];
  expectProblems(
    checkAgreement,
    moment({ hosts: [alpha, { ...beta, addresses }], kind: "settled" }),
    [/shows beta with the address of alpha/],
  );
});

Deno.test("checkAgreement() finds a dead host that is taken for up once it should be stale", () => {
  const truth = [trueHost("alpha"), { ...trueHost("beta"), isRunning: false }];
  expectProblems(checkAgreement, moment({ truth }), []);
  expectProblems(
    checkAgreement,
    moment({ truth, kind: "settled" }),
    [/takes beta for up/],
  );
});

Deno.test("checkOrder() finds an old list that replaced a newer one, and a mixture", () => {
  const one = { at: 1, viewer: "alpha life 1", hostId: "beta", stamps: [3, 3] };
  const restarted = { ...one, viewer: "alpha life 2", stamps: [2] };
  const other = { ...one, hostId: "gamma", stamps: [1] };
  const old = { ...one, at: 2, stamps: [2] };
  const mixture = { ...one, at: 3, stamps: [3, 4] };
  expectProblems(checkOrder, history({ shown: [one, restarted, other] }), []);
  expectProblems(checkOrder, history({ shown: [one, old] }), [
    /number 2, after 3/,
  ]);
  expectProblems(checkOrder, history({ shown: [one, mixture] }), [
    /mixture of 3 and 4/,
  ]);
});

Deno.test("checkLimits() finds each limit that is passed, but for this host's share", () => {
  const two = { ...beta, addresses: ["a", "b"], disks: [disk, disk] };
  const crowded = moment({ hosts: [alpha, two] });
  expectProblems(checkLimits, crowded, []);
  const cases: [Partial<History["limits"]>, RegExp][] = [
    [{ hosts: 1 }, /holds 2 hosts, above 1/],
    [{ disksPerHost: 1 }, /holds 2 disksPerHost/],
    [{ bytesPerHost: 100 }, /bytesPerHost/],
    [{ addressesPerHost: 1 }, /holds 2 addressesPerHost/],
    [{ hostsPerAddress: 0 }, /holds 1 hostsPerAddress/],
    [{ disks: 1 }, /holds 2 disks/],
    [{ bytes: 100 }, /bytes/],
  ];
  for (const [limits, problem] of cases) {
    const strict = { ...DEFAULT_INVENTORY_LIMITS, ...limits };
    expectProblems(checkLimits, { ...crowded, limits: strict }, [problem]);
  }
  const strict = { ...DEFAULT_INVENTORY_LIMITS, disks: 0, bytes: 0 };
  expectProblems(
    checkLimits,
    { ...moment({ hosts: [alpha] }), limits: strict },
    [],
  );
});

Deno.test("checkDatagrams() finds what is too long, or is nothing that 0.01 reads", () => {
  const cases: [string | Uint8Array, RegExp | null][] = [
    ['diskd:#{"v":2}\n[["u",null,"/dev/sda",{"type":"ext4"}]]\n', null],
    ["diskd:" + "#".repeat(1_395), /has 1401 bytes/],
    [Uint8Array.of(0x64, 0xff), /not UTF-8/],
    ["disks:[]", /does not begin/],
    ["diskd:[", /not YAML/],
    ["diskd:#\u0001\n[]", /control character/],
    ["diskd:{}", /no list of rows/],
    ["diskd:[[null,null]]", /no list of rows/],
    ["diskd:[[null,null,{}]]", /no list of rows/],
  ];
  for (const [datagram, problem] of cases) {
    const bytes = typeof datagram === "string"
      ? new TextEncoder().encode(datagram)
      : datagram;
    const wire = [{ at: 0, from: "10.0.0.1", by: "", to: "", bytes }];
    expectProblems(
      checkDatagrams,
      history({ wire }),
      problem === null ? [] : [problem],
    );
  }
});

Deno.test("checkLies() finds a liar who was believed", () => {
  const lie = { at: 1, viewer: "alpha life 1", hostId: "beta" };
  expectProblems(checkLies, history({ believed: [] }), []);
  expectProblems(checkLies, history({ believed: [lie] }), [
    /alpha life 1 believed a liar about beta/,
  ]);
});

Deno.test("checkLies() finds a lie that is shown of a host", () => {
  const { moments } = moment({});
  const about = { at: 1, viewer: "alpha life 1", hostId: "beta" };
  const cases: [stamps: number[], problem: RegExp[]][] = [
    [[], []],
    [[3, 3], []],
    [[3, LIE_STAMP], [/showed a lie about beta/]],
  ];
  for (const [stamps, problem] of cases) {
    const shown = [{ ...about, stamps }];
    expectProblems(checkLies, history({ moments, shown }), problem);
    const ofOthers = [{ ...about, hostId: "mallory", stamps }];
    expectProblems(checkLies, history({ moments, shown: ofOthers }), []);
  }
});

Deno.test("checkRate() finds a second with too many datagrams, wherever it begins", () => {
  const most = Array.from({ length: LAN_BURST_PER_SECOND }, () => 500);
  const cases: [number[], RegExp | null][] = [
    [[...most, 1_500], null],
    [[...most, 1_499], /carried 501 datagrams/],
    [[-500, ...most, 1_499, 1_500], /carried 501 datagrams/],
  ];
  for (const [times, problem] of cases) {
    const wire = times.map((at) => ({
      at,
      from: "10.0.0.1",
      by: "",
      to: "",
      bytes: new Uint8Array(),
    }));
    expectProblems(
      checkRate,
      history({ wire }),
      problem === null ? [] : [problem],
    );
  }
});

function expectProblems(
  check: Checker,
  broken: History,
  expected: readonly RegExp[],
): void {
  const problems = check(broken);
  assert.equal(problems.length, expected.length, problems.join("\n"));
  for (const [i, problem] of expected.entries()) {
    assert.match(problems[i]!, problem);
  }
}

function history(known: Partial<History>): History {
  return {
    limits: DEFAULT_INVENTORY_LIMITS,
    wire: [],
    shown: [],
    believed: [],
    remarks: [],
    moments: [],
    ...known,
  };
}

Deno.test("checkRemarks() finds what was lost, forged, different or said to the end", () => {
  const note = madeUpRemark("alpha", { value: "drawer 3", at: 1 });
  const later = madeUpRemark("alpha", { value: "drawer 4", at: 2 });
  const made = [{ remark: note, by: "alpha" }];
  const settled = (...views: (readonly Remark[])[]) =>
    history({
      remarks: made,
      moments: [{
        kind: "settled",
        at: 100_000,
        truth: [trueHost("alpha"), trueHost("beta")],
        views: views.map((remarks, i) => ({
          viewer: `host${i}`,
          hostId: i === 0 ? "alpha" : "beta",
          hosts: [],
          remarks,
        })),
      }],
    });
  const found = (known: History) => checkRemarks(known).join("; ");
  assert.equal(found(settled([note], [note])), "");
  assert.match(found(settled([note], [])), /host1 has lost the note of alpha/);
  assert.match(
    found(settled([note], [])),
    /host1 has other remarks than host0/,
  );
  assert.match(
    found(settled([later], [later])),
    /a note "drawer 4" that alpha never said/,
  );
  const forgotten = {
    ...settled([], []),
    remarks: [...made, { remark: null, by: "alpha" }],
  };
  assert.equal(found(forgotten), "");
  const [bytes] = writeRemarks(
    { id: "beta", key: hostKey("beta").publicKey },
    [{ remark: note, isProven: false }],
    { maxBytes: 1_000 },
  );
  const late = {
    at: 95_000,
    from: "10.0.0.2",
    by: "",
    to: "",
    bytes: bytes!,
  };
  assert.match(
    found({ ...settled([note], [note]), wire: [late] }),
    /10\.0\.0\.2 still said remarks 5000 ms before the end/,
  );
  assert.equal(
    found({ ...settled([note], [note]), wire: [{ ...late, at: 9_000 }] }),
    "",
  );
});

function moment(
  {
    kind = "healed",
    truth = [trueHost("alpha"), trueHost("beta")],
    hosts = [alpha, beta],
  }: {
    kind?: "healed" | "settled";
    truth?: TrueHost[];
    hosts?: ShownHost[];
  },
): History {
  const views = [{
    viewer: "alpha life 1",
    hostId: "alpha",
    hosts,
    remarks: [],
  }];
  return history({ moments: [{ kind, at: 0, truth, views }] });
}

function trueHost(name: string): TrueHost {
  const address = `address of ${name}`;
  return {
    id: name,
    name,
    address,
    ipv6: null,
    isRunning: true,
    disks: [disk],
  };
}

function shown(name: string): ShownHost {
  return {
    id: name,
    name,
    liveness: "up",
    addresses: [`address of ${name}`],
    disks: [disk],
  };
}

function withDisk(known: Partial<ShownDisk>): ShownHost {
  return { ...beta, disks: [{ ...disk, ...known }] };
}
