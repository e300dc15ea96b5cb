import assert from "node:assert/strict";
import { readDatagram } from "../../../src/codec/read_datagram.ts";
import { makeDisk } from "../../../src/inventory/disk.ts";
import type { VirtualHost } from "../../support/virtual_lan.ts";
import { datagram } from "../../support/announcements.ts";
import { hostNames, placeOf, start, twoHosts } from "./support.ts";

const backup = makeDisk({ device: "/dev/sdb1", label: "backup-2019" });

Deno.test("a host that was stale and is heard again makes us announce, so that it knows us soon", () => {
  const { lan, alpha, beta } = twoHosts();
  start(lan, alpha, [backup]);
  start(lan, beta, []);
  lan.run(10_000);
  lan.passes = () => false;
  lan.run(200_000);
  assert.equal(placeOf(beta, "backup-2019"), "alpha stale");
  lan.passes = () => true;
  lan.do(beta, beta.peer.announce(lan.now));
  lan.run(1_200);
  assert.equal(placeOf(beta, "backup-2019"), "alpha attached");
});

Deno.test("two hosts that find each other again do not answer each other for ever", () => {
  const { lan, alpha, beta } = twoHosts();
  start(lan, alpha, []);
  start(lan, beta, []);
  lan.run(10_000);
  lan.passes = () => false;
  lan.run(200_000);
  lan.passes = () => true;
  lan.do(beta, beta.peer.announce(lan.now));
  alpha.sent.length = 0;
  beta.sent.length = 0;
  lan.run(20_000);
  assert.ok(alpha.sent.length + beta.sent.length <= 4);
});

Deno.test("a host that was never heard, or has started anew, makes us announce", () => {
  const { lan, alpha } = twoHosts();
  start(lan, alpha, [backup]);
  lan.run(10_000);
  for (const boot of [1, 2]) {
    alpha.sent.length = 0;
    lan.inject(datagram({ id: "new", boot }), "10.0.0.9");
    lan.run(200);
    assert.equal(alpha.sent.length, 1, `boot ${boot}`);
    lan.run(2_000);
  }
  alpha.sent.length = 0;
  lan.inject(datagram({ id: "new", boot: 2, seq: 2 }), "10.0.0.9");
  lan.run(200);
  assert.equal(alpha.sent.length, 0);
});

Deno.test("hosts that come back again and again make us announce at most once a second", () => {
  const { lan, alpha } = twoHosts();
  start(lan, alpha, []);
  lan.run(10_000);
  alpha.sent.length = 0;
  for (let i = 0; i < 500; i++) {
    lan.inject(datagram({ id: "flapping", boot: 2 + i }), "10.0.0.9");
    lan.run(20);
  }
  assert.ok(alpha.sent.length <= 11, `${alpha.sent.length}`);
});

Deno.test("a host of 0.01 that comes up makes us announce, since it does not ask", () => {
  const { lan, alpha } = twoHosts();
  start(lan, alpha, [backup]);
  lan.run(10_000);
  alpha.sent.length = 0;
  const yaml = new TextEncoder().encode("diskd:--- []\n");
  lan.inject(yaml, "10.0.0.7");
  lan.run(200);
  assert.equal(alpha.sent.length, 1);
  lan.inject(yaml, "10.0.0.7");
  lan.run(2_000);
  assert.equal(alpha.sent.length, 1);
});

Deno.test("after an outage announcements ask until somebody is heard, though others are known", () => {
  const { lan, alpha, beta } = twoHosts();
  start(lan, alpha, []);
  start(lan, beta, []);
  lan.run(60_000);
  lan.passes = (_bytes, from, to) => from === to;
  lan.run(200_000);
  assert.deepEqual(hostNames(alpha), ["alpha", "beta"]);
  alpha.sent.length = 0;
  lan.do(alpha, alpha.peer.join(lan.now));
  lan.run(200_000);
  assert.ok(asks(alpha).length >= 5, `${asks(alpha)}`);
  lan.passes = () => true;
  lan.do(beta, beta.peer.announce(lan.now));
  alpha.sent.length = 0;
  lan.run(200_000);
  assert.deepEqual(asks(alpha), []);
});

Deno.test("a host that stays deaf asks ever more rarely", () => {
  const { lan, alpha } = twoHosts();
  start(lan, alpha, []);
  lan.run(3_600_000);
  assert.ok(alpha.sent.length > 100);
  assert.ok(asks(alpha).length <= 16, `${asks(alpha).length}`);
});

Deno.test("a question is asked again while the first scan takes long", () => {
  const { lan, alpha } = twoHosts();
  lan.do(alpha, alpha.peer.join(lan.now));
  lan.run(2_000);
  assert.ok(asks(alpha).length >= 3);
  assert.equal(asks(alpha).length, alpha.sent.length);
});

/** When a host asked. */
function asks({ sent }: VirtualHost): number[] {
  return sent.filter(({ bytes }) => {
    const datagram = readDatagram(bytes);
    return datagram.format === 2 && datagram.header.ask;
  }).map(({ at }) => at);
}
