import assert from "node:assert/strict";
import { FarSocket } from "../../../src/transport/far_socket.ts";
import { until } from "../../support/eventually.ts";
import { freePort } from "../../support/loopback.ts";

const HERE = "127.0.0.1";
const THERE = "127.0.0.2";
/** There is no such interface. */
const NOWHERE = "fe80::1%nosuch";
const NAT_PORT_MS = 120_000;

/** A far socket on a free port, and a host that has that port and another one. */
class Given implements AsyncDisposable {
  readonly port = freePort();
  readonly socket: FarSocket;
  readonly there = listen(THERE, this.port);
  readonly nat = listen(THERE, 0);
  readonly heard: string[] = [];
  isProven = false;
  now = 0;

  constructor() {
    this.socket = new FarSocket({
      port: this.port,
      now: () => this.now,
      receive: (bytes, address) => {
        this.heard.push(`${new TextDecoder().decode(bytes)} from ${address}`);
        return this.isProven;
      },
    });
  }

  /** Has the other host say something. */
  async say(from: Deno.DatagramConn, text: string): Promise<void> {
    const to = { transport: "udp", hostname: HERE, port: this.port } as const;
    const count = this.heard.length;
    await from.send(new TextEncoder().encode(text), to);
    await until(() => this.heard.length > count);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.socket.close();
    this.there.close();
    this.nat.close();
  }
}

function listen(hostname: string, port: number): Deno.DatagramConn {
  return Deno.listenDatagram({
    transport: "udp",
    hostname,
    port,
    reuseAddress: true,
  });
}

async function next(socket: Deno.DatagramConn): Promise<string> {
  const [bytes] = await socket.receive();
  return new TextDecoder().decode(bytes);
}

function bytesOf(...texts: string[]): Uint8Array[] {
  return texts.map((text) => new TextEncoder().encode(text));
}

Deno.test("FarSocket sends in order to the port that it has itself", async () => {
  await using given = new Given();
  given.socket.send(bytesOf("one", "two"), [THERE]);
  assert.equal(await next(given.there), "one");
  assert.equal(await next(given.there), "two");
  await given.say(given.there, "three");
  assert.deepEqual(given.heard, [`three from ${THERE}`]);
});

Deno.test("FarSocket answers to the port of a NAT once somebody there is proven, for a while", async () => {
  await using given = new Given();
  await given.say(given.nat, "who am I");
  given.socket.send(bytesOf("not proven"), [THERE]);
  assert.equal(await next(given.there), "not proven");
  given.isProven = true;
  await given.say(given.nat, "signed");
  given.socket.send(bytesOf("proven"), [THERE]);
  assert.equal(await next(given.nat), "proven");
  given.now = NAT_PORT_MS;
  given.socket.send(bytesOf("long ago"), [THERE]);
  assert.equal(await next(given.there), "long ago");
});

Deno.test("FarSocket goes on where a port is closed or an address is refused", async () => {
  await using given = new Given();
  given.socket.send(bytesOf("one", "two"), ["127.0.0.3", NOWHERE, THERE]);
  assert.equal(await next(given.there), "one");
  assert.equal(await next(given.there), "two");
  assert.deepEqual([...given.socket.problems.keys()], [NOWHERE]);
  assert.equal(given.socket.errors, 2);
  await until(() => given.socket.sent === 4);
});
