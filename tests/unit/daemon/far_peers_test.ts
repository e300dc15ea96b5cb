import assert from "node:assert/strict";
import { writeEnvelope } from "../../../src/codec/envelope.ts";
import type { Config } from "../../../src/config/settings.ts";
import { Clock } from "../../../src/daemon/clocks.ts";
import { FarPeers } from "../../../src/daemon/far_peers.ts";
import { Log } from "../../../src/daemon/log.ts";
import type { PeerState } from "../../../src/peer/peer_states.ts";
import type { RelaySettings } from "../../../src/peer/relay.ts";
import type { FarSocketOptions } from "../../../src/transport/far_socket.ts";
import { MockedTime } from "../../support/mocked_time.ts";

const FAR = "10.8.0.2";
const OTHER = "10.8.0.3";
const NEAR = "192.168.1.11";

/** Time, names, and what the daemon's side of peers did with them. */
class Given implements AsyncDisposable {
  readonly time = new MockedTime();
  readonly names = new Map<string, string[]>();
  readonly used: RelaySettings[] = [];
  readonly log: string[] = [];
  readonly near = new Set([NEAR]);
  hasOtherNetworks = false;
  readonly socketProblems = new Map<string, string>();
  states: PeerState[] = [];
  lookUps = 0;
  isOpen = false;
  /** Whether the protocol accepts what is received. */
  isAccepted = false;
  receive: FarSocketOptions["receive"] = () => false;
  keysMode: Config["keysMode"] = "require";
  readonly peers: FarPeers;

  constructor(peers: readonly string[], site: string | null = "home") {
    const { now } = this.time;
    this.peers = new FarPeers({
      choice: this.choice(peers, site),
      port: 32_003,
      system: {
        now,
        lookUp: (name) => {
          this.lookUps++;
          return Promise.resolve(this.names.get(name) ?? []);
        },
      },
      clock: new Clock({ now, wallClock: now }),
      hostName: () => "nas.example",
      isNear: (address) => this.near.has(address),
      isInOnlyNetwork: (address) =>
        this.near.has(address) && !this.hasOtherNetworks,
      receive: () => this.isAccepted,
      use: (settings) => this.used.push(settings),
      states: () => this.states,
      openSocket: ({ receive }) => {
        this.isOpen = true;
        this.receive = receive;
        return {
          sent: 0,
          errors: 0,
          problems: this.socketProblems,
          send() {},
          close: () => {
            this.isOpen = false;
            return Promise.resolve();
          },
        };
      },
      log: new Log({ level: "info", format: "text" }, {
        write: (text) => void this.log.push(text),
        timeOfDay: () => new Date(now()),
      }),
    });
  }

  choice(peers: readonly string[], site: string | null = "home") {
    return { peers, site, relay: false, keysMode: this.keysMode };
  }

  get addresses(): readonly string[] {
    return this.used.at(-1)!.peers;
  }

  reaches(address: string, noKey: PeerState["noKey"] = null): void {
    const since = this.time.now();
    this.states = [{ address, site: "cabin", isReached: true, since, noKey }];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.peers.stop();
    this.time[Symbol.dispose]();
  }
}

Deno.test("FarPeers uses addresses at once, and names when they are found", async () => {
  await using given = new Given([FAR, "relay.example"]);
  given.names.set("relay.example", [OTHER]);
  await given.peers.start();
  assert.deepEqual(given.used, [{ isOn: true, site: "home", peers: [FAR] }]);
  await given.time.pass(0);
  assert.deepEqual(given.addresses, [FAR, OTHER]);
});

Deno.test("FarPeers looks a name up again each minute, and sooner if it has no address", async () => {
  await using given = new Given(["relay.example"]);
  await given.peers.start();
  await given.time.pass(11_000, 100);
  assert.deepEqual(given.addresses, []);
  assert.deepEqual(given.peers.problems, [
    "The peer relay.example has no address by name; see: getent ahosts relay.example",
  ]);
  given.names.set("relay.example", [FAR]);
  await given.time.pass(11_000, 100);
  assert.deepEqual(given.addresses, [FAR]);
  given.reaches(FAR);
  const { lookUps } = given;
  given.names.set("relay.example", [OTHER]);
  await given.time.pass(50_000, 100);
  assert.deepEqual([given.lookUps, given.addresses], [lookUps, [FAR]]);
  await given.time.pass(15_000, 100);
  assert.deepEqual(given.addresses, [OTHER]);
});

Deno.test("FarPeers keeps an address that a name server no longer tells", async () => {
  await using given = new Given(["relay.example"]);
  given.names.set("relay.example", [FAR]);
  await given.peers.start();
  given.names.clear();
  await given.time.pass(130_000, 1_000);
  assert.deepEqual(given.addresses, [FAR]);
});

Deno.test("FarPeers tries the addresses of a name in turns until one is heard", async () => {
  await using given = new Given(["relay.example"]);
  given.names.set("relay.example", ["10.8.0.1", FAR, OTHER]);
  await given.peers.start();
  await given.time.pass(75_000, 1_000);
  assert.deepEqual(
    given.used.map(({ peers }) => peers.join()),
    ["", "10.8.0.1", FAR, OTHER, "10.8.0.1"],
  );
  // The problem is one from the beginning, and told once.
  assert.equal(given.log.length, 1, given.log.join());
  given.reaches("10.8.0.1");
  await given.time.pass(200_000, 1_000);
  assert.deepEqual(given.addresses, ["10.8.0.1"]);
  assert.match(given.log.join(), / all peers are reached again\n/);
});

Deno.test("FarPeers says of a peer that is heard and not accepted which key is wrong", async () => {
  await using given = new Given([FAR]);
  await given.peers.start();
  given.reaches(FAR, "unsigned");
  assert.equal(given.peers.view[0]?.reached, true);
  assert.deepEqual(given.peers.problems, [
    `The peer ${FAR} is heard, but what it says is not accepted: it uses no ` +
    "shared key, and keys.mode require here asks for one, see: diskd key " +
    "check, on both hosts",
  ]);
  given.reaches(FAR);
  assert.deepEqual(given.peers.problems, []);
});

Deno.test("FarPeers takes the address of a name from which somebody speaks at once", async () => {
  await using given = new Given(["relay.example"]);
  given.names.set("relay.example", [FAR, OTHER]);
  await given.peers.start();
  await given.time.pass(1_000, 100);
  assert.deepEqual(given.addresses, [FAR]);
  given.receive(said("cabin"), OTHER);
  assert.deepEqual(given.addresses, [OTHER]);
  given.reaches(OTHER);
  await given.time.pass(6_000, 100);
  given.receive(said("cabin"), FAR);
  assert.deepEqual(given.addresses, [OTHER]);
});

Deno.test("FarPeers uses a peer that is near if this host has other networks", async () => {
  await using given = new Given([NEAR]);
  given.hasOtherNetworks = true;
  given.near.add(OTHER);
  given.isAccepted = true;
  await given.peers.start();
  assert.deepEqual(given.addresses, [NEAR]);
  assert.deepEqual(given.peers.problems, []);
  assert.ok(given.receive(said("cabin"), NEAR));
  // The multicast of a relay that is no peer.
  assert.ok(!given.receive(said("cabin"), OTHER));
  assert.ok(!given.receive(said("cabin"), "fe80::2"));
});

Deno.test("FarPeers does not use a peer in the only network of this host", async () => {
  await using given = new Given([NEAR]);
  await given.peers.start();
  assert.deepEqual(given.addresses, []);
  assert.deepEqual(given.peers.problems, [
    `The peer ${NEAR} is in the only network of this host, where hosts ` +
    "hear each other without peers; take it out of peers",
  ]);
  given.near.clear();
  await given.time.pass(6_000, 100);
  assert.deepEqual(given.addresses, [NEAR]);
});

Deno.test("FarPeers says after a while what a silent peer may lack", async () => {
  await using given = new Given([FAR]);
  await given.peers.start();
  await given.time.pass(14_000, 100);
  assert.deepEqual(given.peers.problems, []);
  await given.time.pass(2_000, 100);
  assert.match(
    given.peers.problems.join(),
    /^The peer 10\.8\.0\.2 is not heard since .* both ways\?$/,
  );
  given.receive(said("cabin"), "10.8.0.77");
  assert.match(
    given.peers.problems.join(),
    / both ways\? 10\.8\.0\.77, which is not among the peers here, speaks as a relay: if it is the same host, list that address$/,
  );
  given.socketProblems.set(FAR, "Network is unreachable");
  assert.deepEqual(given.peers.problems, [
    `The peer ${FAR} cannot be sent to: Network is unreachable; see: ip route get ${FAR}`,
  ]);
  given.reaches(FAR);
  assert.deepEqual(given.peers.problems, []);
});

Deno.test("FarPeers says that a peer names its site as this host does", async () => {
  await using given = new Given([FAR], null);
  await given.peers.start();
  assert.equal(given.used[0]!.site, "nas");
  given.receive(said("nas"), FAR);
  assert.deepEqual(given.peers.problems, [
    `The peer ${FAR} calls its site nas, as this host does; set another site on one of them`,
  ]);
});

Deno.test("FarPeers hands on only envelopes from afar", async () => {
  await using given = new Given([FAR]);
  given.isAccepted = true;
  await given.peers.start();
  assert.equal(given.receive(said("cabin"), FAR), true);
  assert.equal(given.receive(said("cabin"), NEAR), false);
  assert.equal(given.receive(new Uint8Array(9), FAR), false);
});

Deno.test("FarPeers closes its socket with the last peer, and opens it with the first", async () => {
  await using given = new Given([]);
  await given.peers.start();
  assert.deepEqual(given.used, [{ isOn: false, site: "home", peers: [] }]);
  assert.equal(given.isOpen, false);
  await given.peers.use(given.choice([FAR]));
  assert.deepEqual([given.isOpen, given.addresses], [true, [FAR]]);
  await given.peers.use(given.choice([]));
  assert.deepEqual([given.isOpen, given.addresses], [false, []]);
});

Deno.test("a relay without a required shared key warns once", async () => {
  await using given = new Given([]);
  const warnings = () =>
    given.log.filter((line) => line.includes("No shared key")).length;
  await given.peers.start();
  await given.peers.use(given.choice([FAR]));
  given.keysMode = "open";
  await given.peers.use(given.choice([]));
  assert.equal(warnings(), 0);
  await given.peers.use(given.choice([FAR]));
  await given.peers.use(given.choice([FAR]));
  assert.equal(warnings(), 1);
});

function said(site: string): Uint8Array {
  return writeEnvelope({ site, from: null }, new Uint8Array());
}
