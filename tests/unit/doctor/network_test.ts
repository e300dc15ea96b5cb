import assert from "node:assert/strict";
import {
  checkEcho,
  checkFirewall,
  checkInterfaces,
  checkPort,
  checkRoute,
} from "../../../src/doctor/network.ts";
import { ETH0, given, linesOf, type Printed } from "./given.ts";

const DEAF = ["Nothing that this host sends comes back"];
const ETH1 = { ...ETH0, name: "eth1", address: "10.0.1.1" };

Deno.test("interface: a link that is up is well; down, without a link, and without a DHCP server are told apart", async () => {
  const cases: readonly (readonly [flags: string[], RegExp])[] = [
    [["UP", "LOWER_UP"], /^ok: eth0 10\.0\.0\.1\/24$/],
    [["BROADCAST"], /^fault: eth0 10\.0\.0\.1\/24 is down$/],
    [["UP", "NO-CARRIER"], /^fault: eth0 .* has no link: check its cable/],
  ];
  for (const [flags, line] of cases) {
    const printed = { "ip -j link": JSON.stringify([{ flags }]) };
    const found = await checkInterfaces(given({}, { printed }));
    assert.match(linesOf(found).join("\n"), line);
  }
  const printed = { "ip -j link": '[{"flags":["UP"]}]' };
  const one = given({}, { printed });
  const address = "169.254.3.4";
  const alone = {
    ...one,
    system: { ...one.system, interfaces: () => [{ ...ETH0, address }] },
  };
  assert.match(
    linesOf(await checkInterfaces(alone)).join("\n"),
    /^warning: eth0 169\.254\.3\.4\/24 .* no DHCP server answered$/,
  );
});

Deno.test("interface: one of several without a link is no fault", async () => {
  const one = given({}, {
    printed: {
      "ip -j link show dev eth0": '[{"flags":["UP"]}]',
      "ip -j link show dev eth1": '[{"flags":["UP","NO-CARRIER"]}]',
    },
  });
  const system = { ...one.system, interfaces: () => [ETH0, ETH1] };
  const found = await checkInterfaces({ ...one, system });
  assert.deepEqual(found.map(({ result }) => result), ["ok", "warning"]);
});

Deno.test("interface: without one, it says why, and which there are; without ip the link is unknown", async () => {
  const one = given();
  const system = {
    ...one.system,
    interfaces: () => [{ ...ETH0, name: "lo" }, { ...ETH0, name: "wg0" }],
  };
  const [none] = await checkInterfaces({ ...one, system });
  assert.match(none!.text, /^No usable network interface: only loopback/);
  assert.match(none!.remedies.join(), /--interface: wg0$/);
  assert.deepEqual(linesOf(await checkInterfaces(one)), [
    "ok: eth0 10.0.0.1/24; without ip of iproute2 its link is not known",
  ]);
});

Deno.test("interface: a problem of sending is a fault", async () => {
  const interfaces = [{
    ...ETH0,
    isInUse: false,
    problem: "Operation not permitted",
  }];
  const found = await checkInterfaces(given({}, { lan: { interfaces } }));
  assert.equal(
    linesOf(found)[0],
    "fault: Cannot use eth0 (10.0.0.1): Operation not permitted",
  );
});

Deno.test("route: the group leaves by the interface of the address, or it is a fault", async () => {
  const by = (dev: string) =>
    given({}, { printed: { "ip -j route get": JSON.stringify([{ dev }]) } });
  assert.deepEqual(linesOf(await checkRoute(by("eth0"))), [
    "ok: 230.1.2.3 leaves by eth0",
  ]);
  assert.deepEqual(linesOf(await checkRoute(by("tun0"))), [
    "fault: 230.1.2.3 leaves by tun0 instead of eth0",
  ]);
  assert.deepEqual(await checkRoute(given()), []);
});

Deno.test("port: it is shared, or somebody has it exclusively, who is named", async () => {
  const printed = {
    "ss -Hulpn sport = :32003":
      'UNCONN 0 0 0.0.0.0:32003 0.0.0.0:* users:(("socat",pid=24,fd=5))\n',
  };
  assert.deepEqual(linesOf(await checkPort(given({}, { printed }))), [
    "ok: UDP port 32003 is shared with socat (pid 24)",
  ]);
  const lan = { portProblem: "The port is taken" };
  assert.deepEqual(linesOf(await checkPort(given({}, { printed, lan }))), [
    "fault: The port is taken; it is socat (pid 24)",
  ]);
  const [unknown] = await checkPort(given({}, { lan }));
  assert.equal(unknown!.text, "The port is taken");
  assert.match(unknown!.remedies.join(), /ss -ulpn/);
  assert.deepEqual(linesOf(await checkPort(given())), [
    "ok: UDP port 32003 can be used",
  ]);
});

Deno.test("echo: what does not come back is a fault; what was not sent is nothing", () => {
  assert.deepEqual(linesOf(checkEcho(given())), [
    "ok: what this host sends to the group comes back on eth0",
  ]);
  assert.deepEqual(linesOf(checkEcho(given({}, { lan: { deaf: DEAF } }))), [
    `fault: ${DEAF[0]}`,
  ]);
  const lan = { portProblem: "taken", interfaces: [] };
  assert.deepEqual(checkEcho(given({}, { lan })), []);
});

Deno.test("firewall: the rule is quoted that drops the port, or else whatever the input drops", async () => {
  const dropping = ruleset("policy accept", "udp dport 32003 drop");
  const closed = ruleset("policy drop", "tcp dport 22 accept");
  const lan = { deaf: DEAF };
  const found = await checkFirewall(given({}, { printed: dropping, lan }));
  assert.deepEqual(linesOf(found), [
    "fault: the likely cause is a firewall of this host: " +
    "inet filter input: udp dport 32003 drop",
  ]);
  assert.ok(found[0]!.remedies.includes("ufw allow 32003/udp"));
  assert.deepEqual(
    linesOf(await checkFirewall(given({}, { printed: closed, lan }))),
    [
      "fault: the likely cause is a firewall of this host: " +
      "inet filter input: policy drop",
    ],
  );
});

Deno.test("firewall: without a rule it is not blamed, and unread it may be", async () => {
  const lan = { deaf: DEAF };
  const open = ruleset("policy accept", "tcp dport 22 accept");
  assert.deepEqual(
    linesOf(await checkFirewall(given({}, { printed: open, lan }))),
    ["warning: no rule of nft drops datagrams of diskd"],
  );
  assert.deepEqual(linesOf(await checkFirewall(given({ uid: 7 }, { lan }))), [
    "fault: the likely cause is a firewall of this host; only root can read its rules",
  ]);
});

Deno.test("firewall: while it lets in what this host sends, a rule for the port may still drop that of others", async () => {
  const printed = ruleset(
    "policy accept",
    "ip saddr 10.0.0.9 udp dport { 32003, 5353 } drop",
  );
  const [found] = await checkFirewall(given({}, { printed }));
  assert.equal(found!.result, "warning");
  assert.match(found!.text, /other hosts: inet filter input: ip saddr 10/);
  const other = ruleset("policy accept", "udp dport 320031 drop");
  const [fine] = await checkFirewall(given({}, { printed: other }));
  assert.equal(fine!.result, "ok");
});

Deno.test("firewall: the output is looked at if nothing may leave", async () => {
  const interfaces = [{
    ...ETH0,
    isInUse: false,
    problem: "a firewall here does not let UDP",
  }];
  const printed = {
    "nft list ruleset":
      `table ip f {\nchain o {\ntype filter hook output priority 0; policy drop;\n}\n}\n`,
  };
  const found = await checkFirewall(
    given({}, { printed, lan: { interfaces } }),
  );
  assert.match(linesOf(found).join(), /^fault: .*: ip f o: policy drop$/);
});

Deno.test("firewall: a table of the other family has no say", async () => {
  const printed = {
    "nft list ruleset":
      "table ip6 f {\nchain i {\nudp dport 32003 drop\n}\n}\n",
  };
  const [ipv4] = await checkFirewall(given({}, { printed }));
  assert.equal(ipv4!.result, "ok");
  const interfaces = [{ ...ETH0, address: "fe80::1%eth0", scopeId: 2 }];
  const [ipv6] = await checkFirewall(
    given({}, { printed, lan: { interfaces } }),
  );
  assert.equal(ipv6!.result, "warning");
  const ipv4Rule = {
    "nft list ruleset": printed["nft list ruleset"].replace("ip6", "ip"),
  };
  const [other] = await checkFirewall(
    given({}, { printed: ipv4Rule, lan: { interfaces } }),
  );
  assert.equal(other!.result, "ok");
});

function ruleset(policy: string, rule: string): Printed {
  return {
    "nft list ruleset":
      `table inet filter {\n\tchain input {\n\t\ttype filter hook input priority 0; ${policy};\n\t\t${rule}\n\t}\n}\n`,
  };
}
