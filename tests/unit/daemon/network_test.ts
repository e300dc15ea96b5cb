import assert from "node:assert/strict";
import type { OtherHost } from "../../../src/daemon/multicast_health.ts";
import { Log } from "../../../src/daemon/log.ts";
import {
  LOOK_INTERVAL_MS,
  MEMBERSHIP_REFRESH_MS,
  Network,
} from "../../../src/daemon/network.ts";
import type { OwnNetwork } from "../../../src/peer/own_networks.ts";
import type { InterfaceAddress } from "../../../src/system/system.ts";
import { until } from "../../support/eventually.ts";
import type { JoinedInterface } from "../../../src/transport/transport.ts";

const ETH0 = { name: "eth0", address: "10.0.0.1", prefixLength: 24 };
const ETH0_IPV6 = {
  name: "eth0",
  address: "fe80::1%eth0",
  prefixLength: 64,
  scopeId: 2,
};
const ETH1 = { name: "eth1", address: "10.0.1.1", prefixLength: 24 };

const OTHER = {
  everyMs: 1_000,
  liveness: "up",
  isRemembered: false,
  farSite: null,
} as const;

Deno.test("Network asks at the start, and says nothing while nothing changes", async () => {
  await using site = await started();
  assert.deepEqual(site.takeTold(), [{ addresses: ["10.0.0.1"], ask: true }]);
  for (let i = 0; i < 5; i++) await site.look();
  assert.deepEqual(site.takeTold(), []);
  assert.equal(site.woken, 0);
});

Deno.test("Network has memberships reported anew every MEMBERSHIP_REFRESH_MS", async () => {
  await using site = await started();
  const looks = Math.ceil(MEMBERSHIP_REFRESH_MS / LOOK_INTERVAL_MS);
  for (let i = 1; i < looks; i++) await site.look();
  assert.equal(site.transport.refreshed, 0);
  await site.look();
  assert.equal(site.transport.refreshed, 1);
  for (let i = 0; i < looks; i++) await site.look();
  assert.equal(site.transport.refreshed, 2);
});

Deno.test("Network asks when an interface comes, or had to be joined anew, and not when one goes", async () => {
  await using site = await started();
  site.takeTold();
  site.found = [ETH0, ETH1];
  await site.look();
  site.found = [ETH1];
  await site.look();
  site.transport.joinsAnew = true;
  await site.look();
  assert.deepEqual(site.takeTold(), [
    { addresses: ["10.0.0.1", "10.0.1.1"], ask: true },
    { addresses: ["10.0.1.1"], ask: false },
    { addresses: ["10.0.1.1"], ask: true },
  ]);
});

Deno.test("Network tells each address of an interface that is spoken on, and from which one", async () => {
  await using site = await started();
  site.takeTold();
  const alias = { name: "eth0:1", address: "172.16.0.1", prefixLength: 12 };
  site.transport.shared.add(alias.address);
  site.found = [ETH0, alias, ETH1];
  await site.look();
  assert.deepEqual(site.networks, [
    { ...networkOf(ETH0), via: "10.0.0.1" },
    { ...networkOf({ ...alias, name: "eth0" }), via: "10.0.0.1" },
    { ...networkOf(ETH1), via: "10.0.1.1" },
  ]);
  site.found = [ETH0, { ...alias, prefixLength: 16 }, ETH1];
  site.takeTold();
  await site.look();
  assert.equal(site.networks[1]?.prefixLength, 16);
  assert.equal(site.takeTold()[0]?.ask, false);
});

Deno.test("Network does not speak from an interface while sending fails, and asks when it works again", async () => {
  await using site = await started();
  site.takeTold();
  site.transport.state.set("eth0", { problem: "Network is unreachable" });
  await site.look();
  assert.deepEqual(site.network.problems, [
    "Cannot use eth0 (10.0.0.1): Network is unreachable",
  ]);
  site.transport.state.clear();
  await site.look();
  assert.deepEqual(site.takeTold(), [
    { addresses: [], ask: false },
    { addresses: ["10.0.0.1"], ask: true },
  ]);
  assert.deepEqual(site.network.problems, []);
});

Deno.test("Network joins anew, asks, and has the disks looked at when the host wakes", async () => {
  await using site = await started();
  site.takeTold();
  site.wallMs += 3_600_000;
  await site.look();
  assert.equal(site.woken, 1);
  assert.equal(site.transport.refreshed, 1);
  assert.deepEqual(site.takeTold(), [{ addresses: ["10.0.0.1"], ask: true }]);
  assert.match(site.lines.join(), /info this host slept.* seconds=3600/);
});

Deno.test("Network takes the time until its start for no sleep", async () => {
  await using site = await started({ lateMs: 60_000 });
  assert.equal(site.woken, 0);
});

Deno.test("Network is not deaf while a flood goes on", async () => {
  await using site = await started();
  site.transport.state.set("eth0", { unreturned: 9 });
  site.isFlooded = true;
  for (let i = 0; i < 4; i++) await site.look();
  assert.deepEqual(site.network.problems, []);
  site.isFlooded = false;
  for (let i = 0; i < 2; i++) await site.look();
  assert.match(site.network.problems.join(), /^Nothing .* on eth0/);
});

Deno.test("Network reports memberships anew and asks once when all others fall silent", async () => {
  await using site = await started();
  site.takeTold();
  site.others = [
    { ...OTHER, heardAt: 1, liveness: "stale" },
    { ...OTHER, heardAt: 2, liveness: "stale" },
  ];
  for (let i = 0; i < 3; i++) await site.look();
  assert.equal(site.transport.refreshed, 1);
  assert.equal(site.takeTold().length, 1);
  assert.match(site.network.problems.join(), /^All 2 hosts/);
  site.others = [{ ...OTHER, heardAt: 3 }];
  await site.look();
  assert.deepEqual(site.takeTold(), []);
  assert.deepEqual(site.network.problems, []);
});

Deno.test("Network says once that it is deaf, once that it is over, and asks then", async () => {
  await using site = await started();
  site.takeTold();
  site.transport.state.set("eth0", { unreturned: 9 });
  for (let i = 0; i < 4; i++) await site.look();
  assert.match(
    site.network.problems.join(),
    /^Nothing .* to 230\.1\.2\.3:32003 on eth0/,
  );
  assert.deepEqual(site.takeTold(), []);
  site.transport.state.clear();
  for (let i = 0; i < 2; i++) await site.look();
  assert.deepEqual(site.takeTold(), [{ addresses: ["10.0.0.1"], ask: true }]);
  assert.deepEqual(site.lines.map((line) => line.slice(0, 12)), [
    "warn Nothing",
    "info the net",
  ]);
});

Deno.test("Network reports memberships anew and asks as soon as a link of its own returns", async () => {
  await using site = await started();
  site.takeTold();
  site.network.linkReturned("docker0");
  site.network.linkReturned("eth0");
  site.network.linkReturned("eth0");
  await until(() => site.transport.refreshed > 0);
  assert.equal(site.transport.refreshed, 1);
  assert.deepEqual(site.takeTold(), [{ addresses: ["10.0.0.1"], ask: true }]);
});

Deno.test("Network asks when it hears the first host after all were quiet", async () => {
  await using site = await started();
  site.takeTold();
  const host = { ...OTHER, everyMs: 30_000 };
  site.others = [{ ...host, heardAt: 0 }, { ...host, heardAt: 5 }];
  for (let i = 0; i < 20; i++) await site.look();
  assert.deepEqual(site.takeTold(), []);
  site.others = [{ ...host, heardAt: 0 }, { ...host, heardAt: site.nowMs }];
  await site.look();
  assert.equal(site.takeTold().length, 1);
  for (let i = 0; i < 3; i++) await site.look();
  assert.deepEqual(site.takeTold(), []);
});

Deno.test("Network goes on looking when a look fails, and says why", async () => {
  await using site = await started();
  site.takeTold();
  site.transport.failure = new Error("Too many open files");
  await site.look();
  assert.deepEqual(site.network.problems, [
    "Cannot read the network interfaces: Too many open files",
  ]);
  site.transport.failure = null;
  site.found = [ETH0, ETH1];
  await site.look();
  assert.deepEqual(site.network.problems, []);
  assert.equal(site.takeTold().length, 1);
});

Deno.test("Network speaks in each family of an interface, from the address that has joined", async () => {
  await using site = await started();
  const second = { ...ETH0_IPV6, address: "fe80::2%eth0" };
  site.transport.shared.add(second.address);
  site.found = [ETH0, ETH0_IPV6, second];
  await site.look();
  assert.deepEqual(site.networks, [
    { ...networkOf(ETH0), via: "10.0.0.1" },
    { ...networkOf(ETH0_IPV6), via: "fe80::1%eth0" },
    { ...networkOf(second), via: "fe80::1%eth0" },
  ]);
});

Deno.test("Network asks when a new IPv6 address can be used, and has no problem until then", async () => {
  await using site = await started();
  site.takeTold();
  site.found = [ETH0_IPV6];
  site.transport.state.set("eth0", { isInUse: false });
  await site.look();
  assert.deepEqual(site.network.problems, []);
  site.transport.state.clear();
  await site.look();
  assert.deepEqual(site.takeTold(), [
    { addresses: [], ask: false },
    { addresses: ["fe80::1%eth0"], ask: true },
  ]);
});

Deno.test("Network uses IPv6 unless the configuration says not to, and takes a change over", async () => {
  await using site = await started();
  site.found = [ETH0, ETH0_IPV6];
  await site.look();
  site.takeTold();
  await site.network.use({ interfaces: [], ipv6: false });
  await site.network.use({ interfaces: [], ipv6: true });
  assert.deepEqual(site.takeTold(), [
    { addresses: ["10.0.0.1"], ask: false },
    { addresses: ["10.0.0.1", "fe80::1%eth0"], ask: true },
  ]);
});

Deno.test("Network says which addresses an interface lacks", async () => {
  await using site = await started();
  site.found = [];
  const cases = [
    [[], true, /only loopback.* have an IPv4 or link-local IPv6 address; --i/],
    [["eth7"], true, /none is named eth7 and has an IPv4 or link-local IPv6/],
    [["eth7"], false, /none is named eth7 and has an IPv4 address$/],
  ] as const;
  for (const [interfaces, ipv6, pattern] of cases) {
    await site.network.use({ interfaces, ipv6 });
    assert.match(site.network.problems.join(), pattern);
  }
});

interface Told {
  readonly addresses: readonly string[];
  readonly ask: boolean;
}

function networkOf({ name, address, prefixLength }: InterfaceAddress) {
  return { address, prefixLength, device: name };
}

/** A network with clocks and interfaces that a test moves. */
class Site implements AsyncDisposable {
  readonly transport = new ScriptedTransport();
  readonly lines: string[] = [];
  readonly network: Network;
  found: InterfaceAddress[] = [ETH0];
  others: OtherHost[] = [];
  isFlooded = false;
  networks: readonly OwnNetwork[] = [];
  nowMs = 0;
  wallMs = 1_790_000_000_000;
  woken = 0;
  #told: Told[] = [];

  constructor() {
    this.network = new Network({
      open: () => this.transport,
      interfaces: () => this.found,
      choice: { interfaces: [], ipv6: true },
      to: { group: "230.1.2.3", port: 32003 },
      clocks: { now: () => this.nowMs, wallClock: () => this.wallMs },
      others: () => this.others,
      isFlooded: () => this.isFlooded,
      onChange: (networks, ask) => {
        this.networks = networks;
        const addresses = networks.map(({ address }) => address);
        this.#told.push({ addresses, ask });
      },
      onWake: () => this.woken++,
      log: new Log({ level: "info", format: "text" }, {
        write: (line) => this.lines.push(line.replace(/^\S+ (\w+) +/, "$1 ")),
        timeOfDay: () => new Date(0),
      }),
    });
  }

  /** The look that comes after the interval. */
  async look(): Promise<void> {
    this.nowMs += LOOK_INTERVAL_MS;
    this.wallMs += LOOK_INTERVAL_MS;
    await this.network.look();
  }

  takeTold(): Told[] {
    return this.#told.splice(0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.network.stop();
  }
}

async function started({ lateMs = 0 } = {}): Promise<Site> {
  const site = new Site();
  site.nowMs += lateMs;
  site.wallMs += lateMs;
  await site.network.start();
  return site;
}

class ScriptedTransport {
  interfaces: readonly JoinedInterface[] = [];
  readonly state = new Map<string, Partial<JoinedInterface>>();
  /** Addresses of interfaces that have been joined by another one. */
  readonly shared = new Set<string>();
  readonly sent = 0;
  readonly sendErrors = 0;
  refreshed = 0;
  joinsAnew = false;
  failure: Error | null = null;

  use(wanted: readonly InterfaceAddress[]): Promise<boolean> {
    if (this.failure !== null) return Promise.reject(this.failure);
    const known = this.interfaces.map(({ name }) => name);
    const spoken = wanted.filter(({ address }) => !this.shared.has(address));
    this.interfaces = spoken.map((one) => {
      const about = {
        problem: null,
        unreturned: 0,
        ...this.state.get(one.name),
      };
      return { ...one, isInUse: about.problem === null, ...about };
    });
    const joined = spoken.some(({ name }) => !known.includes(name));
    return Promise.resolve(joined || this.joinsAnew);
  }

  refresh(): Promise<void> {
    this.refreshed++;
    return Promise.resolve();
  }

  send(): void {}

  close(): Promise<void> {
    return Promise.resolve();
  }
}
