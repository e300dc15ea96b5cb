import assert from "node:assert/strict";
import type { DoctorRow, DoctorView } from "../../src/control/views.ts";
import { checkCommands } from "../support/check_outcome.ts";
import { Daemon } from "../support/daemon.ts";
import { eventually } from "../support/eventually.ts";
import { Firewall } from "../support/firewall.ts";
import { parseDocument } from "../support/json_contract.ts";
import { configure, shareKey } from "../support/keys.ts";
import { asRoot, type Host } from "../support/host.ts";
import { inSteps, type Lan, lanTest } from "../support/lan.ts";
import { attachNew } from "../support/plug.ts";
import { User } from "../support/user.ts";

const KEY = "/etc/diskd/key";

interface TwoHosts {
  readonly alpha: Host;
  readonly beta: Host;
  readonly lan: Lan;
  readonly user: User;
}

lanTest({
  name: "doctor explains why nobody is seen, and says what to do",
  programs: ["nft", "socat", "ss", "ip", "setpriv"],
  hosts: ["alpha", "beta"],
}, async ({ alpha, beta, lan }, t) => {
  await attachNew(alpha, { type: "swap", label: "near" });
  const user = await User.create(alpha, { uid: 30_033 });
  await inSteps(t, { alpha, beta, lan, user }, {
    "no other host, and no daemon": nobodyIsThere,
    "a firewall that drops what comes in": isDeaf,
    "a firewall that drops what goes out": isMute,
    "no interface, and one that is down": hasNoInterface,
    "another program has the port": hasNoPort,
    "a program is missing": lacksPrograms,
    "another key": hasOtherKey,
    "a wrong configuration": hasWrongConfiguration,
    "a read-only state directory": cannotWrite,
    "all is well, with daemons on both hosts": isWell,
  });
});

type Expected = readonly [
  DoctorRow["check"],
  DoctorRow["result"],
  RegExp,
];

/** Checks that it finds all of these, and gives the rest too. */
async function finds(
  host: Host | User,
  ...expected: readonly Expected[]
): Promise<DoctorView> {
  return await findsWith(host, [], expected);
}

async function findsWith(
  host: Host | User,
  words: readonly string[],
  expected: readonly Expected[],
): Promise<DoctorView> {
  const argv = ["diskd", "doctor", "--json", ...words];
  const { code, stdout, stderr } = await host.run(argv);
  assert.equal(stderr, "");
  const view = parseDocument("doctor", stdout);
  assert.equal(code, view.ok ? 0 : 8, stdout);
  for (const [check, result, text] of expected) {
    const found = view.findings.filter((row) =>
      row.check === check && row.result === result && text.test(row.text)
    );
    assert.equal(found.length, 1, `${check} ${result} ${text}: ${stdout}`);
  }
  return view;
}

function faultsIn({ findings }: DoctorView): DoctorRow["check"][] {
  return findings.filter(({ result }) => result === "fault")
    .map(({ check }) => check);
}

async function nobodyIsThere({ alpha, user }: TwoHosts): Promise<void> {
  const alone = [
    [
      "hosts",
      "warning",
      /^no other host answered\. This host hears itself on eth0/,
    ],
    ["daemon", "warning", /^no daemon runs here/],
  ] as const;
  const views = [
    await finds(alpha, ...alone),
    await finds(
      user,
      ...alone,
      ["permissions", "warning", /^No permission to read/],
      ["firewall", "ok", /only root can read its rules/],
      ["permissions", "ok", /state\/diskd can be written/],
    ),
  ];
  for (const view of views) assert.deepEqual(faultsIn(view), []);
  await checkCommands(alpha, [
    ["doctor", {
      stdout:
        /^ok +programs +lsblk from util-linux .*\n(.*\n)*warning +hosts +no other host answered.*\n +On another host .*\n\nNo fault, \d warnings\n$/,
    }],
  ]);
}

async function isDeaf({ alpha, user }: TwoHosts): Promise<void> {
  const firewall = new Firewall(alpha);
  await firewall.refuse({ drop: "all" });
  const view = await finds(alpha, [
    "firewall",
    "fault",
    /: ip filter input: udp dport 32003 drop$/,
  ]);
  assert.deepEqual(faultsIn(view), ["echo", "firewall"]);
  const { remedies } = view.findings.find(({ check }) => check === "firewall")!;
  assert.ok(remedies.includes("ufw allow 32003/udp"));
  await finds(user, ["firewall", "fault", /only root can read its rules$/]);
  await firewall.open();
}

async function isMute({ alpha }: TwoHosts): Promise<void> {
  const firewall = new Firewall(alpha);
  await firewall.refuseOutgoing();
  await finds(alpha, ["firewall", "fault", /: ip filter output: udp dport/]);
  await firewall.open();
}

async function hasNoInterface({ alpha, lan }: TwoHosts): Promise<void> {
  await findsWith(alpha, ["--interface", "wlan*"], [
    ["interface", "fault", /^No usable .* named wlan\* /],
  ]);
  const { cable } = alpha.ports[0]!;
  await lan.network.ip([`link set ${cable} down`]);
  await finds(alpha, ["interface", "fault", /^eth0 192\.\S+ has no link/]);
  await lan.network.ip([`link set ${cable} up`]);
  await asRoot(alpha, "ip link set eth0 down");
  await finds(alpha, [
    "interface",
    "fault",
    /^eth0 192\.168\.1\.11\/24 is down/,
  ]);
  await asRoot(alpha, "ip link set eth0 up");
  await eventually(() =>
    finds(alpha, ["interface", "ok", /^eth0 192\.168\.1\.11\/24$/])
  );
}

async function hasNoPort({ alpha }: TwoHosts): Promise<void> {
  await using _taken = alpha.spawn([
    "socat",
    "UDP4-RECV:32003,reuseaddr=0",
    "STDOUT",
  ]);
  await eventually(() =>
    finds(alpha, ["port", "fault", /exclusively; .*; it is socat \(pid \d+\)$/])
  );
}

/** They are hidden behind an empty file, which is no program. */
async function lacksPrograms({ alpha }: TwoHosts): Promise<void> {
  const places = ["/usr/bin/lsblk", "/usr/sbin/lsblk", "/bin/lsblk"];
  const there = (await asRoot(
    alpha,
    `for p in ${
      places.join(" ")
    }; do test -e $p && readlink -f $p; done | sort -u`,
  )).trim().split("\n");
  await asRoot(alpha, "mkdir -p /run/lan/none && touch /run/lan/none/lsblk");
  for (const path of there) {
    await asRoot(alpha, `mount --bind /run/lan/none/lsblk ${path}`);
  }
  const view = await finds(alpha, ["programs", "fault", /^lsblk /]);
  assert.ok(faultsIn(view).includes("programs"));
  for (const path of there) await asRoot(alpha, `umount ${path}`);
}

async function hasOtherKey({ alpha, beta }: TwoHosts): Promise<void> {
  await shareKey(KEY, [beta]);
  await configure(
    beta,
    `keys: {mode: require, encrypt: true, files: [${KEY}]}\n`,
  );
  await using _daemon = await Daemon.start(beta, {
    args: ["--announce-interval", "300ms"],
  });
  await eventually(() =>
    finds(alpha, ["hosts", "fault", /^Encrypted datagrams came from 192\./])
  );
  await shareKey(KEY, [alpha]);
  await configure(alpha, `keys: {mode: require, files: [${KEY}]}\n`);
  await eventually(() =>
    finds(alpha, ["hosts", "fault", /^Datagrams made with a key that this/])
  );
  await hasOtherKeyForLong(alpha);
  await configure(alpha, `keys: {mode: require, files: [${KEY}.none]}\n`);
  await finds(alpha, ["keys", "fault", /^\/etc\/diskd\/key\.none /]);
}

/** The other daemon does not speak while doctor listens, but has before. */
async function hasOtherKeyForLong(host: Host): Promise<void> {
  await using daemon = await Daemon.start(host);
  await eventually(async () => {
    const { datagrams } = await daemon.call("status", {});
    assert.ok((datagrams.rejected["unknown-key"] ?? 0) > 0);
  });
  await finds(host, ["hosts", "fault", /has ignored .*: \d+ unknown-key$/]);
}

async function hasWrongConfiguration({ alpha, beta }: TwoHosts): Promise<void> {
  await configure(alpha, "port: many\n");
  await finds(alpha, ["configuration", "fault", /line 1: port is "many"/]);
  await configure(alpha, "");
  await configure(beta, "");
  await finds(alpha, ["configuration", "ok", /is valid$/]);
}

async function cannotWrite({ alpha }: TwoHosts): Promise<void> {
  await asRoot(
    alpha,
    "mkdir -p /var/lib/diskd && mount -t tmpfs -o ro none /var/lib/diskd",
  );
  await finds(alpha, [
    "permissions",
    "fault",
    /^\/var\/lib\/diskd cannot be written/,
  ]);
  await asRoot(alpha, "umount /var/lib/diskd");
}

async function isWell({ alpha, beta, lan }: TwoHosts): Promise<void> {
  await using own = await Daemon.start(alpha);
  await using other = await Daemon.start(beta);
  await eventually(async () => {
    const rows = await own.call("hosts", {});
    assert.equal(rows.length, 2);
  });
  await eventually(async () => {
    const view = await finds(
      alpha,
      ["hosts", "ok", /^1 other host answered: beta 192\.168\.1\.12$/],
      ["daemon", "ok", /^diskd .* has run for/],
      ["port", "ok", /is shared with /],
      ["switch", "ok", /other hosts are heard$/],
    );
    assert.deepEqual(faultsIn(view), []);
  });
  await isPruned({ alpha, lan, other });
}

/** The switch has forgotten both. */
async function isPruned(
  { alpha, lan, other }: Pick<TwoHosts, "alpha" | "lan"> & {
    readonly other: Daemon;
  },
): Promise<void> {
  await lan.network.prune({ forgetAfterMs: 500 });
  await eventually(() =>
    finds(
      alpha,
      ["switch", "warning", /IGMP snooping without a querier/],
      [
        "hosts",
        "warning",
        /^beta 192\..* did not answer; it was heard \d+s ago$/,
      ],
    )
  );
  await other.stop();
}
