import assert from "node:assert/strict";
import { openMulticast } from "../../../src/transport/multicast.ts";
import type { Transport } from "../../../src/transport/transport.ts";
import { freePort, LOOPBACK } from "../../support/loopback.ts";
import { until } from "../../support/eventually.ts";

const SECOND = { name: "lo", address: "127.0.0.2", prefixLength: 8 };
const NOWHERE = { name: "eth9", address: "192.0.2.77", prefixLength: 24 };

Deno.test("two sockets on one port both hear what either sends, with its address", async () => {
  await using lan = loopbackLan();
  const a = await lan.join();
  const b = await lan.join();
  a.transport.send([bytes("one"), bytes("two")]);
  await until(() => a.heard.length === 2 && b.heard.length === 2);
  assert.deepEqual(b.heard, ["one from 127.0.0.1", "two from 127.0.0.1"]);
  assert.deepEqual(a.heard, b.heard);
  assert.equal(a.transport.sent, 2);
});

Deno.test("an interface that cannot be joined has a problem, and the others work", async () => {
  await using lan = loopbackLan();
  const a = await lan.join();
  await a.transport.use([NOWHERE, LOOPBACK]);
  const [nowhere, loopback] = a.transport.interfaces;
  assert.match(nowhere?.problem ?? "", /./);
  assert.equal(loopback?.problem, null);
  a.transport.send([bytes("still here")]);
  await until(() => a.heard.length === 1);
});

Deno.test("use() says whether an interface was joined that was not before", async () => {
  await using lan = loopbackLan();
  const { transport } = await lan.join();
  assert.equal(await transport.use([LOOPBACK]), false);
  assert.equal(await transport.use([LOOPBACK, NOWHERE]), false);
  assert.equal(await transport.use([]), false);
  assert.deepEqual(transport.interfaces, []);
  assert.equal(await transport.use([LOOPBACK]), true);
});

Deno.test("of two addresses of one interface the first is spoken on, and the other when it goes", async () => {
  await using lan = loopbackLan();
  const { transport, heard } = await lan.join();
  assert.equal(await transport.use([LOOPBACK, SECOND]), false);
  assert.deepEqual(addressesOf(transport), ["127.0.0.1"]);
  transport.send([bytes("one")]);
  await until(() => heard.length === 1);
  assert.equal(await transport.use([SECOND]), true);
  assert.deepEqual(addressesOf(transport), ["127.0.0.2"]);
  transport.send([bytes("two")]);
  await until(() => heard.length === 2);
  assert.deepEqual(heard, ["one from 127.0.0.1", "two from 127.0.0.2"]);
  assert.equal(transport.sent, 2);
});

Deno.test("send() sends only on the interfaces that have the addresses it is given", async () => {
  await using lan = loopbackLan();
  const { transport, heard } = await lan.join();
  transport.send([bytes("nowhere")], []);
  transport.send([bytes("elsewhere")], ["192.0.2.1"]);
  transport.send([bytes("here")], ["192.0.2.1", "127.0.0.1"]);
  await until(() => heard.length === 1);
  assert.deepEqual(heard, ["here from 127.0.0.1"]);
  assert.equal(transport.sent, 1);
});

Deno.test("refresh() loses nothing of what arrives meanwhile", async () => {
  await using lan = loopbackLan();
  const [a, b] = [await lan.join(), await lan.join()];
  for (let i = 0; i < 50; i++) {
    a.transport.send([bytes(`${i}`)]);
    await b.transport.refresh();
  }
  await until(() => b.heard.length === 50);
});

Deno.test("what comes back is told from what does not", async () => {
  await using lan = loopbackLan();
  const a = await lan.join();
  a.transport.send([bytes("one"), bytes("two")]);
  assert.equal(a.transport.interfaces[0]?.problem, null);
  await until(() => a.heard.length === 2);
  assert.equal(a.transport.interfaces[0]?.unreturned, 0);
});

Deno.test("without an interface nothing is sent, and the counters do not forget what was", async () => {
  await using lan = loopbackLan();
  const { transport, heard } = await lan.join();
  transport.send([bytes("before")]);
  await until(() => heard.length === 1);
  await transport.use([]);
  transport.send([bytes("after")]);
  assert.equal(transport.sent, 1);
});

Deno.test("close() lets what was given to send() leave first", async () => {
  await using lan = loopbackLan();
  const a = await lan.join();
  const b = await lan.join();
  a.transport.send([bytes("goodbye")]);
  await a.transport.close();
  await until(() => b.heard.length === 1);
  assert.deepEqual(b.heard, ["goodbye from 127.0.0.1"]);
});

Deno.test("a datagram of 60 KiB, as 0.01 sends them, arrives whole", async () => {
  await using lan = loopbackLan();
  const a = await lan.join();
  a.transport.send([bytes("x".repeat(60_869))]);
  await until(() => a.heard.length === 1);
  assert.equal(a.heard[0]!.length, 60_869 + " from 127.0.0.1".length);
});

/** A group on loopback and a port that nobody else uses now. */
function loopbackLan() {
  const port = freePort();
  const open: ReturnType<typeof openMulticast>[] = [];
  return {
    async join() {
      const heard: string[] = [];
      const transport = openMulticast(
        { group: "230.1.2.3", port, ttl: 1 },
        (data, from) =>
          heard.push(`${new TextDecoder().decode(data)} from ${from}`),
      );
      open.push(transport);
      await transport.use([LOOPBACK]);
      return { transport, heard };
    },
    async [Symbol.asyncDispose]() {
      for (const transport of open) await transport.close();
    },
  };
}

function addressesOf({ interfaces }: Transport): string[] {
  return interfaces.map(({ address }) => address);
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
