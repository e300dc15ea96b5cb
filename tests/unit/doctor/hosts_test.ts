import assert from "node:assert/strict";
import type { HostRow } from "../../../src/control/views.ts";
import type { DaemonAnswer } from "../../../src/doctor/given.ts";
import { checkHosts, checkSwitch } from "../../../src/doctor/hosts.ts";
import { STATUS } from "../render/rows.ts";
import { answered, ETH0, given, linesOf } from "./given.ts";

Deno.test("hosts: it counts and names those that answered, and the known ones that did not", () => {
  const names = ["beta", "gamma", "delta", "epsilon", "zeta", "eta"];
  const others = names.map((name, i) => answered(name, `10.0.0.${i + 2}`));
  const daemon = knows(
    ["beta", "up"],
    ["alpha", "up"],
    ["theta", "stale"],
    ["iota", "gone"],
  );
  const found = checkHosts(given({ daemon }, { lan: { others } }));
  assert.deepEqual(linesOf(found), [
    "ok: 6 other hosts answered: beta 10.0.0.2, gamma 10.0.0.3, " +
    "delta 10.0.0.4, epsilon 10.0.0.5, zeta 10.0.0.6, 1 more",
    "warning: theta did not answer; it was heard 1h ago",
  ]);
});

Deno.test("hosts: those of other sites are not asked, and not missed", () => {
  const daemon = knows(["theta", "stale"], ["b2", "up"]);
  assert.ok(daemon.kind === "answers");
  const [theta, b2] = daemon.hosts;
  const far = {
    ...daemon,
    status: { ...daemon.status, site: "home" },
    hosts: [{ ...theta!, site: "home" }, { ...b2!, site: "away" }],
  };
  const others = [
    answered("beta", "10.0.0.2"),
    answered("b1", "10.0.0.2@away"),
  ];
  assert.deepEqual(
    linesOf(checkHosts(given({ daemon: far }, { lan: { others } }))),
    [
      "ok: 1 other host answered: beta 10.0.0.2",
      "warning: theta did not answer; it was heard 1h ago",
    ],
  );
  const farAlone = checkHosts(given({}, { lan: { others: others.slice(1) } }));
  assert.match(farAlone[0]!.text, /^no other host answered/);
});

Deno.test("hosts: nobody is a warning with the likely causes, unless a fault of this host explains it", () => {
  const [alone] = checkHosts(given());
  assert.equal(alone!.result, "warning");
  assert.match(alone!.text, /^no other host answered\. This host hears itself/);
  const deaf = checkHosts(given({}, { lan: { deaf: ["deaf"] } }));
  assert.deepEqual(linesOf(deaf), ["warning: no other host answered"]);
  const unread = new Map([["sealed", new Set(["10.0.0.9"])]] as const);
  const sealed = checkHosts(given({}, { lan: { unread } }));
  assert.match(sealed[0]!.text, /^Encrypted datagrams came from 10\.0\.0\.9/);
  assert.deepEqual(sealed.map(({ result }) => result), ["fault", "warning"]);
});

Deno.test("hosts: while nobody answers, what the daemon has ignored explains it", () => {
  const rejected = { "unknown-key": 12, "old": 5, "not-diskd": 2 };
  const { datagrams } = STATUS;
  const status = { ...STATUS, datagrams: { ...datagrams, rejected } };
  const daemon = { kind: "answers", status, hosts: [] } as const;
  assert.deepEqual(linesOf(checkHosts(given({ daemon }))), [
    "fault: the daemon here has ignored datagrams of others: 12 unknown-key, 2 not-diskd",
    "warning: no other host answered",
  ]);
  const others = [answered("beta", "10.0.0.2")];
  const [first] = checkHosts(given({ daemon }, { lan: { others } }));
  assert.equal(first!.result, "ok");
});

Deno.test("switch: a known host that is not heard, while this host hears itself, may be behind one that prunes", async () => {
  const daemon = knows(["alpha", "up"], ["beta", "stale"]);
  const [silent] = await checkSwitch(given({ daemon }));
  assert.equal(silent!.result, "warning");
  assert.match(silent!.text, /IGMP snooping without a querier/);
  const old = given({ daemon });
  const wallClock = () => Date.UTC(2026, 11, 28);
  const [gone] = await checkSwitch({
    ...old,
    system: { ...old.system, wallClock },
  });
  assert.equal(gone!.result, "ok", "it may have been taken away long ago");
  const [unknown] = await checkSwitch(given());
  assert.equal(unknown!.result, "ok");
  const others = [answered("beta", "10.0.0.2")];
  const [heard] = await checkSwitch(given({ daemon }, { lan: { others } }));
  assert.match(linesOf([heard!]).join(), /^ok: .*other hosts are heard$/);
});

Deno.test("hosts: one of 0.01 knows no questions", () => {
  const daemon = knows(["alpha", "up"], ["beta", "up"]);
  if (daemon.kind !== "answers") return assert.fail();
  const hosts = daemon.hosts.map((host) => ({ ...host, version: "0.01" }));
  const found = checkHosts(given({ daemon: { ...daemon, hosts } }));
  assert.equal(found.length, 1);
  assert.match(found[0]!.text, /^no other host answered/);
});

Deno.test("switch: a group that the kernel has not joined, and a bridge of this host that prunes, are told", async () => {
  const member = (address: string) =>
    JSON.stringify([{ ifname: "eth0", maddr: [{ link: "x" }, { address }] }]);
  const without = given({ memberships: member("224.0.0.1") });
  assert.deepEqual(linesOf(await checkSwitch(without)), [
    "fault: the kernel is not in the group 230.1.2.3 on eth0",
  ]);
  const printed = {
    "ip -d -j link": JSON.stringify([{
      ifname: "eth0",
      linkinfo: { info_data: { mcast_snooping: 1, mcast_querier: 0 } },
    }]),
  };
  const memberships = member("230.1.2.3");
  const [bridge] = await checkSwitch(given({ memberships }, { printed }));
  assert.match(linesOf([bridge!]).join(), /^warning: eth0 is a bridge/);
  const lan = { interfaces: [{ ...ETH0, isInUse: false, problem: "no" }] };
  assert.deepEqual(await checkSwitch(given({}, { lan })), []);
});

/** Before the time of `given()`. */
function heardAt(state: HostRow["state"]): string {
  return state === "up"
    ? "2026-11-27T23:59:50.000Z"
    : "2026-11-27T23:00:00.000Z";
}

function knows(
  ...hosts: readonly (readonly [host: string, state: HostRow["state"]])[]
): DaemonAnswer {
  return {
    kind: "answers",
    status: STATUS,
    hosts: hosts.map(([host, state]) =>
      ({
        host,
        hostId: host === STATUS.host ? STATUS.hostId : host,
        uniqueHost: host,
        addresses: [],
        heardAt: heardAt(state),
        state,
      }) as unknown as HostRow
    ),
  };
}
