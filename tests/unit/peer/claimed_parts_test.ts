import assert from "node:assert/strict";
import { readDatagram } from "../../../src/codec/read_datagram.ts";
import { makeDisk } from "../../../src/inventory/disk.ts";
import { madeUpDisks } from "../../bench/made_up_hosts.ts";
import { loneParts } from "../../support/hostile_datagrams.ts";
import { hostKey } from "../../support/host_keys.ts";
import { VirtualLan } from "../../support/virtual_lan.ts";
import { question, start, twoHosts } from "./support.ts";

const LIAR = "10.0.0.66";

/** Hosts that claim lists of thousands of parts and send one of them. */
function claimLongLists(lan: VirtualLan): void {
  for (let i = 0; i < 16; i++) {
    const host = { id: `claims-${i}`, boot: 1, seq: 1 };
    const [part] = loneParts(host, { count: 1, key: hostKey(host.id) });
    lan.inject(part!, LIAR);
  }
}

function everySaid(bytes: Uint8Array | undefined): number | null {
  const read = readDatagram(bytes!);
  return read.format === 2 ? read.header.every : null;
}

Deno.test("hosts that claim long lists and do not send them make nobody speak less often", () => {
  const { lan, alpha } = twoHosts();
  start(lan, alpha, [makeDisk({ device: "/dev/sda1", label: "a" })]);
  lan.run(10_000);
  claimLongLists(lan);
  alpha.sent.length = 0;
  lan.run(40_000);
  assert.ok(alpha.sent.length > 0, "it fell silent");
  assert.equal(everySaid(alpha.sent.at(-1)?.bytes), 30);
});

Deno.test("hosts that claim long lists and do not send them make nobody answer later", () => {
  const { lan, alpha } = twoHosts();
  start(lan, alpha, [makeDisk({ device: "/dev/sda1", label: "a" })]);
  lan.run(10_000);
  claimLongLists(lan);
  lan.run(5_000);
  alpha.sent.length = 0;
  lan.inject(question(), LIAR);
  lan.run(500);
  assert.equal(alpha.sent.length, 1);
});

Deno.test("hosts that do send long lists make everybody speak less often", () => {
  const lan = new VirtualLan();
  const alpha = lan.host("alpha", { announceIntervalMs: 1_000 });
  const beta = lan.host("beta");
  start(lan, alpha, []);
  start(lan, beta, madeUpDisks(4_000));
  lan.run(70_000);
  const parts = beta.peer.announcementDatagrams;
  // 40 datagrams a second, of all hosts together.
  assert.equal(
    everySaid(alpha.sent.at(-1)?.bytes),
    Math.ceil((parts + 1) / 40),
  );
});
